"""Requests at the edge of HTTP/1.1, each with the rule that decides it (RFC 9112, RFC 9110, or one of our own promises), and what a
client must see of it. What a rule lets a server choose is decided here for good."""

from __future__ import annotations

from dataclasses import dataclass

HOST = b"host: 127.0.0.1\r\n"
JSON = b"content-type: application/json\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n"
BODY = b'{"model":"oai/m","messages":[]}'
LENGTH = b"content-length: %d\r\n" % len(BODY)
END = b"0\r\n\r\n"
MARK = b"smuggled"
SECOND = b'{"model":"oai/smuggled","messages":[]}'
# Follows every request that is the connection's last: it must neither be answered nor reach a provider.
SMUGGLED = (b"POST /v1/chat/completions HTTP/1.1\r\n" + HOST + JSON + b"content-length: %d\r\n\r\n" % len(SECOND)) + SECOND
# Follows every request after which the connection must be in step: answered, and the end of it.
LAST = b"GET /livez HTTP/1.1\r\n" + HOST + b"connection: close\r\n\r\n"
DEEP = b'{"model":"oai/m","messages":[],"x":' + b"[" * 127 + b"]" * 127 + b"}"


def get(fields: bytes = b"", line: bytes = b"GET /livez HTTP/1.1", host: bytes = HOST) -> bytes:
    return line + b"\r\n" + host + fields + b"\r\n"


def post(fields: bytes, body: bytes = BODY, version: bytes = b"1.1", path: bytes = b"/v1/chat/completions") -> bytes:
    return b"POST " + path + b" HTTP/" + version + b"\r\n" + HOST + JSON + fields + b"\r\n" + body


def chunk(data: bytes = BODY, extension: bytes = b"") -> bytes:
    return b"%x%s\r\n%s\r\n" % (len(data), extension, data)


def chunked(body: bytes) -> bytes:
    return post(CHUNKED, body)


def sized(fields: bytes) -> bytes:
    """A body after the given framing fields."""
    return post(fields, BODY)


@dataclass(frozen=True)
class Case:
    name: str
    rule: str  # section of an RFC, or the number of one of our promises
    data: bytes
    statuses: tuple[int, ...]  # of the answers to `data`, in order
    stays: bool  # the connection goes on after them
    reached: int = 0  # requests that get to the provider


def refused(rule: str, name: str, data: bytes, *statuses: int, reached: int = 0) -> Case:
    return Case(name, rule, data, statuses or (400,), False, reached)


def closes(rule: str, name: str, data: bytes, *statuses: int, reached: int = 0) -> Case:
    return Case(name, rule, data, statuses or (200,), False, reached)


def stays(rule: str, name: str, data: bytes, *statuses: int) -> Case:
    statuses = statuses or (200,)
    reaches = data.lstrip(b"\r\n").startswith(b"POST /v1/chat") and statuses == (200,)
    return Case(name, rule, data, statuses, True, 1 if reaches else 0)


P2, P3, DOCUMENTED = "promise 2", "promise 3", "docs/contracts.md 3"

CASES = [
    # The request line
    stays("9112 2.2", "empty line before", b"\r\n" + get()),
    stays("9112 2.2", "two empty lines before", b"\r\n\r\n" + get()),
    refused(P2, "three empty lines before", b"\r\n" * 3 + get()),
    refused("9112 2.2", "LF before", b"\n" + get()),
    refused("9112 3", "space before the method", get(line=b" GET /livez HTTP/1.1")),
    refused("9112 3", "tab before the method", get(line=b"\tGET /livez HTTP/1.1")),
    refused("9110 9.1", "parenthesis in the method", get(line=b"G(T /livez HTTP/1.1")),
    refused("9110 9.1", "high byte in the method", get(line=b"G\xc3\x89T /livez HTTP/1.1")),
    refused("9110 9.1", "NUL in the method", get(line=b"G\0T /livez HTTP/1.1")),
    stays("9110 9.1", "method in lower case", get(line=b"get /livez HTTP/1.1"), 405),
    stays("9110 9.1", "method that nobody knows", get(line=b"BREW /livez HTTP/1.1"), 405),
    refused("9110 9.1", "method of 33 letters", get(line=b"M" * 33 + b" /livez HTTP/1.1")),
    refused("9112 2.3", "version in lower case", get(line=b"GET /livez http/1.1")),
    refused("9112 2.3", "version of two digits", get(line=b"GET /livez HTTP/1.10")),
    refused("9112 2.3", "version without point", get(line=b"GET /livez HTTP/11")),
    refused("9112 2.3", "version without minor", get(line=b"GET /livez HTTP/1.")),
    refused("9112 2.3", "space in the version", get(line=b"GET /livez HTTP/ 1.1")),
    refused("9112 2.3", "another protocol", get(line=b"GET /livez ICY/1.1")),
    refused("9112 3", "no version (HTTP/0.9)", b"GET /livez\r\n"),
    refused("9110 15.6.6", "version 0.9", get(line=b"GET /livez HTTP/0.9"), 505),
    refused("9110 15.6.6", "version 1.2", get(line=b"GET /livez HTTP/1.2"), 505),
    refused("9110 15.6.6", "version 2.0", get(line=b"GET /livez HTTP/2.0"), 505),
    refused("9112 3", "two spaces before the target", get(line=b"GET  /livez HTTP/1.1")),
    refused("9112 3", "two spaces before the version", get(line=b"GET /livez  HTTP/1.1")),
    refused("9112 3", "space after the version", get(line=b"GET /livez HTTP/1.1 ")),
    refused("9112 3", "tabs for spaces", get(line=b"GET\t/livez\tHTTP/1.1")),
    refused("9112 3", "space in the target", get(line=b"GET /li vez HTTP/1.1")),
    refused("9112 2.2", "bare CR in the target", get(line=b"GET /li\rvez HTTP/1.1")),
    refused("9112 2.2", "bare CR after the version", get(line=b"GET /livez HTTP/1.1\r")),
    refused("9112 2.2", "bare CR for the line's end", b"GET /livez HTTP/1.1\r" + HOST + b"\r\n"),
    refused(P2, "bare LF after the request line", b"GET /livez HTTP/1.1\n" + HOST + b"\r\n"),
    refused("9112 3.2", "NUL in the target", get(line=b"GET /li\0vez HTTP/1.1")),
    refused("9112 3.2", "non-ASCII target", get(line=b"GET /\xc3\xbc HTTP/1.1")),
    refused("9112 3.2", "fragment in the target", get(line=b"GET /livez#x HTTP/1.1")),
    refused("9112 3.2", "relative target", get(line=b"GET livez HTTP/1.1")),
    refused("9112 3", "not HTTP at all", b"hello\r\n\r\n"),
    refused("9112 3", "a TLS record on a plain stream", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    stays("9112 3.2.2", "absolute-form", get(line=b"GET http://127.0.0.1/livez HTTP/1.1")),
    stays("9112 3.2.2", "absolute-form wins over Host", get(line=b"GET http://127.0.0.1/livez HTTP/1.1", host=b"host: evil.example\r\n")),
    stays("9112 3.2.2", "foreign absolute-form", get(line=b"GET http://evil.example/livez HTTP/1.1"), 403),
    refused("9112 3.2", "absolute-form without Host", get(line=b"GET http://127.0.0.1/livez HTTP/1.1", host=b"")),
    refused("9110 4.2.4", "absolute-form with user", get(line=b"GET http://u@127.0.0.1/livez HTTP/1.1")),
    refused("9110 4.2.1", "absolute-form without host", get(line=b"GET http:///livez HTTP/1.1")),
    refused("9110 7.4", "absolute-form of another scheme", get(line=b"GET ftp://127.0.0.1/livez HTTP/1.1")),
    refused("9112 3.2.3", "authority-form with GET", get(line=b"GET 127.0.0.1:80 HTTP/1.1")),
    refused("9110 9.3.6", "CONNECT", get(line=b"CONNECT 127.0.0.1:80 HTTP/1.1"), 501),
    refused("9112 3.2.3", "CONNECT to a path", get(line=b"CONNECT /livez HTTP/1.1")),
    refused("9112 3.2.3", "CONNECT without port", get(line=b"CONNECT 127.0.0.1 HTTP/1.1")),
    stays("9112 3.2.4", "asterisk-form with OPTIONS", get(line=b"OPTIONS * HTTP/1.1"), 404),
    refused("9112 3.2.4", "asterisk-form with GET", get(line=b"GET * HTTP/1.1")),
    stays("9110 9.3.8", "TRACE", get(line=b"TRACE /livez HTTP/1.1"), 405),
    refused("9110 9.3.8", "TRACE with content", get(LENGTH, line=b"TRACE /livez HTTP/1.1") + BODY),
    stays(P3, "target of 16 KiB", get(line=b"GET /" + b"a" * 16383 + b" HTTP/1.1"), 404),
    refused(P3, "target of 16 KiB and a byte", get(line=b"GET /" + b"a" * 16384 + b" HTTP/1.1"), 414),
    # Host
    refused("9112 3.2", "no Host", get(host=b"")),
    closes("9112 3.2", "no Host in HTTP/1.0", get(line=b"GET /livez HTTP/1.0", host=b"")),
    refused("9112 3.2", "two Hosts", get(host=HOST + b"host: evil.example\r\n")),
    refused("9112 3.2", "two equal Hosts", get(host=HOST + HOST)),
    refused("9112 3.2", "two Hosts in HTTP/1.0", get(line=b"GET /livez HTTP/1.0", host=HOST + HOST)),
    refused("9112 3.2", "list in Host", get(host=b"host: 127.0.0.1, evil.example\r\n")),
    refused("9110 4.2.4", "user in Host", get(host=b"host: u@127.0.0.1\r\n")),
    refused("9110 7.2", "path in Host", get(host=b"host: 127.0.0.1/x\r\n")),
    refused("9110 7.2", "space in Host", get(host=b"host: 127.0.0.1 x\r\n")),
    refused("9110 7.2", "letter in Host's port", get(host=b"host: 127.0.0.1:8x\r\n")),
    refused("9110 7.2", "Host's port too large", get(host=b"host: 127.0.0.1:65536\r\n")),
    refused("9110 7.2", "sign in Host's port", get(host=b"host: 127.0.0.1:+80\r\n")),
    refused("9110 7.2", "open bracket in Host", get(host=b"host: [::1\r\n")),
    stays("9110 7.2", "empty Host", get(host=b"host:\r\n")),
    stays("9110 7.2", "IPv6 Host", get(host=b"host: [::1]:80\r\n")),
    stays("9112 5.1", "Host in white space and other case", get(host=b"HoSt:\t 127.0.0.1 \t\r\n")),
    stays("promise 21", "foreign Host", get(host=b"host: evil.example\r\n"), 403),
    # Fields
    refused("9112 5.1", "space before the colon", get(b"x : 1\r\n")),
    refused("9112 5.1", "tab before the colon", get(b"x\t: 1\r\n")),
    refused("9112 5.2", "folded with space", get(b"x: 1\r\n 2\r\n")),
    refused("9112 5.2", "folded with tab", get(b"x: 1\r\n\t2\r\n")),
    refused("9112 2.2", "white space before the first field", get(host=b" " + HOST)),
    refused("9112 2.2", "bare LF after a field", get(b"x: 1\n")),
    refused("9112 2.2", "bare LF ends the head", b"GET /livez HTTP/1.1\r\n" + HOST + b"\n"),
    refused("9112 2.2", "bare CR in a value", get(b"x: a\rb\r\n")),
    refused("9112 2.2", "CR CR LF", get(b"x: a\r\r\n")),
    refused("9110 5.5", "NUL in a value", get(b"x: a\0b\r\n")),
    refused("9110 5.5", "control character in a value", get(b"x: a\x01b\r\n")),
    refused("9110 5.5", "DEL in a value", get(b"x: a\x7fb\r\n")),
    refused("9110 5.1", "empty name", get(b": 1\r\n")),
    refused("9112 5", "no colon", get(b"x 1\r\n")),
    refused("9110 5.1", "NUL in a name", get(b"x\0y: 1\r\n")),
    refused("9110 5.1", "space in a name", get(b"x y: 1\r\n")),
    refused("9110 5.1", "parenthesis in a name", get(b"x(y): 1\r\n")),
    refused("9110 5.1", "high byte in a name", get(b"x\xe9: 1\r\n")),
    refused("9110 5.1", "quotes around a name", get(b'"x": 1\r\n')),
    stays("9110 5.5", "high bytes in a value", get(b"x: \xc3\xbc\xff\r\n")),
    stays("9110 5.5", "tab in a value, and an empty one", get(b"x: a\tb\r\ny:\r\n")),
    stays(P3, "100 fields", get(b"x: 1\r\n" * 99)),
    refused(P3, "101 fields", get(b"x: 1\r\n" * 100), 431),
    stays(P3, "head of 64 KiB", get(b"x: " + b"a" * (65536 - len(get(b"x: \r\n"))) + b"\r\n")),
    refused(P3, "head of 64 KiB and a byte", get(b"x: " + b"a" * (65537 - len(get(b"x: \r\n"))) + b"\r\n"), 431),
    refused(P3, "name without end", b"GET /livez HTTP/1.1\r\n" + b"a" * 66000, 431),
    # Content-Length
    refused("9112 6.3", "two lengths", sized(LENGTH + b"content-length: 5\r\n")),
    refused("9112 6.3", "two equal lengths", sized(LENGTH + LENGTH)),
    refused("9112 6.3", "list of equal lengths", sized(b"content-length: 31, 31\r\n")),
    refused("9112 6.3", "list of lengths", sized(b"content-length: 31, 5\r\n")),
    refused("9110 8.6", "length with plus", sized(b"content-length: +31\r\n")),
    refused("9110 8.6", "negative length", sized(b"content-length: -1\r\n")),
    refused("9110 8.6", "hexadecimal length", sized(b"content-length: 0x1f\r\n")),
    refused("9110 8.6", "length with point", sized(b"content-length: 31.0\r\n")),
    refused("9110 8.6", "length with exponent", sized(b"content-length: 3e1\r\n")),
    refused("9110 8.6", "two numbers in a length", sized(b"content-length: 3 1\r\n")),
    refused("9110 8.6", "empty length", sized(b"content-length:\r\n")),
    refused("9110 8.6", "comma after a length", sized(b"content-length: 31,\r\n")),
    refused("9110 8.6", "superscript length", sized(b"content-length: \xb2\r\n")),
    refused("9110 8.6", "length of 2^63", sized(b"content-length: 9223372036854775808\r\n")),
    refused("9110 8.6", "length of 2^64 and 31", sized(b"content-length: 18446744073709551647\r\n")),
    refused("9110 8.6", "zeros beyond 19 digits", sized(b"content-length: " + b"0" * 18 + b"31\r\n")),
    stays("9110 8.6", "length with leading zeros", sized(b"content-length: 0000031\r\n")),
    stays("9112 5.1", "length in white space", sized(b"content-length: \t31 \t\r\n")),
    stays("9112 6.3", "length 0", post(b"content-length: 0\r\n", b""), 400),
    stays("9110 9.3.1", "GET with content", get(b"content-length: %d\r\n" % len(SMUGGLED)) + SMUGGLED),
    refused("9112 6.3", "content without framing", post(b""), 400, 400),
    stays(P3, "length of 32 MiB", get(b"content-length: 4\r\n") + b"abcd"),
    refused(P3, "length of 32 MiB and a byte", post(b"content-length: 33554433\r\n", b""), 413),
    # Transfer-Encoding
    refused("9112 6.1", "length, then chunked", sized(LENGTH + CHUNKED)),
    refused("9112 6.1", "chunked, then length", post(CHUNKED + b"content-length: 5\r\n", END)),
    refused(P2, "chunked twice", post(CHUNKED + CHUNKED, chunk() + END)),
    refused("9112 6.1", "chunked, chunked", post(b"transfer-encoding: chunked, chunked\r\n", chunk() + END)),
    refused(P2, "gzip, chunked", post(b"transfer-encoding: gzip, chunked\r\n", chunk() + END)),
    refused("9112 6.3", "chunked, gzip", post(b"transfer-encoding: chunked, gzip\r\n", chunk() + END)),
    refused("9112 7", "identity", post(b"transfer-encoding: identity\r\n", chunk() + END)),
    refused("9112 7", "chunked, identity", post(b"transfer-encoding: chunked, identity\r\n", chunk() + END)),
    refused("9112 7", "chunked in one field, identity in another", post(CHUNKED + b"transfer-encoding: identity\r\n", chunk() + END)),
    refused("9112 7", "xchunked", post(b"transfer-encoding: xchunked\r\n", chunk() + END)),
    refused("9112 7", "empty coding", post(b"transfer-encoding:\r\n", chunk() + END)),
    refused(P2, "comma before chunked", post(b"transfer-encoding: , chunked\r\n", chunk() + END)),
    refused(P2, "comma after chunked", post(b"transfer-encoding: chunked,\r\n", chunk() + END)),
    refused("9112 7.1", "parameter of chunked", post(b"transfer-encoding: chunked;q=1\r\n", chunk() + END)),
    refused("9112 7", "chunked in quotes", post(b'transfer-encoding: "chunked"\r\n', chunk() + END)),
    refused("9110 5.5", "vertical tab before chunked", post(b"transfer-encoding: \x0bchunked\r\n", chunk() + END)),
    refused("9112 5.2", "chunked on a folded line", post(b"transfer-encoding:\r\n chunked\r\n", chunk() + END)),
    refused("9112 5.1", "chunked after space and colon", post(b"transfer-encoding : chunked\r\n", chunk() + END)),
    refused("9112 6.1", "chunked in HTTP/1.0", post(CHUNKED, chunk() + END, version=b"1.0")),
    refused("9112 6.3", "underscore in transfer_encoding", post(b"transfer_encoding: chunked\r\n", chunk() + END), 400, 400),
    stays("9112 7", "CHUNKED", post(b"Transfer-Encoding: CHUNKED\r\n", chunk() + END)),
    stays("9112 5.1", "chunked between tabs", post(b"transfer-encoding:\t chunked\t \r\n", chunk() + END)),
    stays("9112 6.3", "GET with chunks", get(CHUNKED) + chunk(SMUGGLED) + END),
    # Chunks
    stays("9112 7.1", "a byte a chunk", chunked(b"".join(chunk(bytes([byte])) for byte in BODY) + END)),
    stays("9112 7.1", "size in upper case with leading zeros", chunked(b"00001F\r\n" + BODY + b"\r\n000\r\n\r\n")),
    stays("9112 7.1.1", "extensions", chunked(chunk(extension=b";a;b=c") + END)),
    stays("9112 7.1.1", "quoted extension", chunked(chunk(extension=b';a="b; \\"c\\" \xc3\xbc"') + END)),
    stays(P3, "extension of 256 bytes", chunked(chunk(extension=b";" + b"a" * 255) + END)),
    refused(P3, "extension of 257 bytes", chunked(chunk(extension=b";" + b"a" * 256) + END)),
    refused(P3, "many extensions", chunked(chunk(b" ", b";" + b"a" * 255) * 65 + chunk() + END)),
    refused("9112 7.1.1", "LF in an extension", chunked(b"1f;a\n" + BODY + b"\r\n" + END)),
    refused("9112 7.1.1", "bare CR in an extension", chunked(chunk(extension=b";a\rb") + END)),
    refused("9112 7.1.1", "NUL in an extension", chunked(chunk(extension=b";a\0b") + END)),
    refused("9112 7.1", "no size", chunked(b"\r\n" + BODY + b"\r\n" + END)),
    refused("9112 7.1", "size that is no number", chunked(b"g\r\n" + BODY + b"\r\n" + END)),
    refused("9112 7.1", "negative size", chunked(b"-1\r\n" + BODY + b"\r\n" + END)),
    refused("9112 7.1", "size with plus", chunked(b"+1f\r\n" + BODY + b"\r\n" + END)),
    refused("9112 7.1", "size with 0x", chunked(b"0x1f\r\n" + BODY + b"\r\n" + END)),
    refused("9112 7.1", "space before a size", chunked(b" 1f\r\n" + BODY + b"\r\n" + END)),
    refused("9112 7.1", "space after a size", chunked(b"1f \r\n" + BODY + b"\r\n" + END)),
    refused("9112 7.1", "size of 2^63", chunked(b"8000000000000000\r\n" + BODY)),
    refused("9112 7.1", "size of 2^64 and 31", chunked(b"1000000000000001f\r\n" + BODY + b"\r\n" + END)),
    refused("9112 7.1", "LF after a size", chunked(b"1f\n" + BODY + b"\r\n" + END)),
    refused("9112 7.1", "LF after the data", chunked(b"1f\r\n" + BODY + b"\n" + END)),
    refused("9112 7.1", "nothing after the data", chunked(b"1f\r\n" + BODY + END)),
    refused("9112 7.1", "more data than the size", chunked(b"1e\r\n" + BODY + b"\r\n" + END)),
    refused("9112 7.1", "LF ends the body", chunked(chunk() + b"0\n\n")),
    refused("9112 7.1", "chunk after the last one", chunked(chunk() + END + chunk()), 200, 400, reached=1),
    stays("9112 7.1.2", "trailers", chunked(chunk() + b"0\r\nx-a: 1\r\nx-b:\r\n\r\n")),
    stays("9110 6.5.1", "framing in trailers", chunked(chunk() + b"0\r\ncontent-length: 9\r\ntransfer-encoding: x\r\nhost: evil\r\n\r\n")),
    refused("9112 7.1.2", "request in the trailers", chunked(chunk() + b"0\r\n" + SMUGGLED)),
    refused("9112 5.1", "space before a trailer's colon", chunked(chunk() + b"0\r\nx : 1\r\n\r\n")),
    refused("9112 5.2", "folded trailer", chunked(chunk() + b"0\r\nx: 1\r\n 2\r\n\r\n")),
    refused("9112 7.1.2", "LF after a trailer", chunked(chunk() + b"0\r\nx: 1\n\r\n")),
    stays(P3, "trailers of 8 KiB", chunked(chunk() + b"0\r\nx: " + b"a" * 8185 + b"\r\n\r\n")),
    refused(P3, "trailers of 8 KiB and a byte", chunked(chunk() + b"0\r\nx: " + b"a" * 8186 + b"\r\n\r\n")),
    # Expect
    stays("9110 10.1.1", "100-continue, body at once", post(LENGTH + b"expect: 100-continue\r\n")),
    stays("9110 10.1.1", "100-Continue in other case", post(LENGTH + b"expect: 100-Continue\r\n")),
    stays("9110 10.1.1", "100-continue without content", get(b"expect: 100-continue\r\n")),
    closes("9110 10.1.1", "100-continue from HTTP/1.0", post(LENGTH + b"expect: 100-continue\r\n", version=b"1.0"), reached=1),
    refused("9110 10.1.1", "another expectation", post(LENGTH + b"expect: 200-ok\r\n"), 417),
    refused("9110 10.1.1", "two expectations", post(LENGTH + b"expect: 100-continue, x\r\n"), 417),
    # Connections
    closes("9112 9.6", "close", get(b"connection: close\r\n")),
    closes("9112 9.6", "Close among others", get(b"connection: x-a , Close\r\n")),
    closes("9112 9.6", "close in a second field", get(b"connection: keep-alive\r\nconnection: close\r\n")),
    closes("9112 9.3", "HTTP/1.0", get(line=b"GET /livez HTTP/1.0")),
    stays("9112 9.3", "HTTP/1.0 with keep-alive", get(b"connection: keep-alive\r\n", line=b"GET /livez HTTP/1.0")),
    stays("9112 9.3", "keep-alive, and an option that is not close", get(b"connection: keep-alive, closed\r\n")),
    stays("9112 C.2.2", "Proxy-Connection", get(b"proxy-connection: close\r\n")),
    stays("9112 9.3.2", "twenty at once", get() * 20, *[200] * 20),
    refused("9112 9.3.2", "two, the second refused", get() + get(b"x : 1\r\n"), 200, 400),
    refused("9112 9.3.2", "a model's answer, then a refusal", sized(LENGTH) + sized(LENGTH + LENGTH), 200, 400, reached=1),
    refused("9112 9.3.2", "a client's error, then a refusal", get(line=b"GET /nope HTTP/1.1") + b"\0", 404, 400),
    stays("9110 9.3.2", "HEAD", get(line=b"HEAD /livez HTTP/1.1")),
    stays("9110 9.3.2", "HEAD of nothing", get(line=b"HEAD /nope HTTP/1.1"), 404),
    stays("9110 9.3.2", "HEAD of a POST's path", get(line=b"HEAD /v1/messages HTTP/1.1"), 405),
    stays("9110 7.8", "upgrade to h2c", get(b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n")),
    stays(DOCUMENTED, "upgrade to websocket", get(b"connection: upgrade\r\nupgrade: websocket\r\n", b"GET /v1/responses HTTP/1.1"), 426),
    refused(DOCUMENTED, "HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    refused("9113 3.4", "HTTP/2 preface after a request", get() + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 200, 505),
    stays("9110 10.1.4", "TE", get(b"te: trailers, gzip\r\nconnection: te\r\n")),
    # Content
    stays(DOCUMENTED, "content in gzip", post(LENGTH + b"content-encoding: gzip\r\n"), 415),
    stays("9110 8.4.1", "content in identity", post(LENGTH + b"content-encoding: identity\r\n")),
    stays("9110 8.3", "two content types", post(LENGTH, BODY).replace(JSON, b"content-type: text/plain\r\n" + JSON), 415),
    stays(P3, "JSON of depth 128", post(b"content-length: %d\r\n" % len(DEEP), DEEP)),
    stays(P3, "JSON of depth 129", post(b"content-length: %d\r\n" % (len(DEEP) + 2), DEEP.replace(b"[]]", b"[[]]]")), 400),
]
