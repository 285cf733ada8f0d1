import HTTP
import Testing

/// RFC 9112 section 6 as tables: every way in which two implementations could see different bodies is refused.
@Suite struct MessageFramingTests {
    enum Verdict: Equatable, Sendable {
        case framing(MessageFraming)
        case refused(HTTPRefusal)
        case badHead
    }

    @Test(arguments: [
        ("", .framing(.none)),
        ("Content-Length: 0\r\n", .framing(.length(0))),
        ("Content-Length: 42\r\n", .framing(.length(42))),
        ("Content-Length: \t42 \r\n", .framing(.length(42))),
        ("Content-Length: 0042\r\n", .framing(.length(42))),
        ("Content-Length: 9223372036854775807\r\n", .framing(.length(9_223_372_036_854_775_807))),
        ("Transfer-Encoding: chunked\r\n", .framing(.chunked)),
        ("tRANSFER-eNCODING: CHUNKED\r\n", .framing(.chunked)),
        // Both, in any order and any spelling.
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", .refused(.lengthWithTransferCoding)),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", .refused(.lengthWithTransferCoding)),
        ("Transfer-Encoding: identity\r\nContent-Length: 5\r\n", .refused(.lengthWithTransferCoding)),
        ("Transfer-Encoding:\r\nContent-Length: 5\r\n", .refused(.lengthWithTransferCoding)),
        ("Content-Length:\r\nTransfer-Encoding: chunked\r\n", .refused(.lengthWithTransferCoding)),
        // Two lengths, also equal ones.
        ("Content-Length: 5\r\nContent-Length: 6\r\n", .refused(.duplicateLength)),
        ("Content-Length: 5\r\nContent-Length: 5\r\n", .refused(.duplicateLength)),
        ("Content-Length: 5, 5\r\n", .refused(.invalidLength)),
        ("Content-Length: 5,\r\n", .refused(.invalidLength)),
        // No plain decimal.
        ("Content-Length:\r\n", .refused(.invalidLength)),
        ("Content-Length: +5\r\n", .refused(.invalidLength)),
        ("Content-Length: -5\r\n", .refused(.invalidLength)),
        ("Content-Length: 0x5\r\n", .refused(.invalidLength)),
        ("Content-Length: 5 5\r\n", .refused(.invalidLength)),
        ("Content-Length: 5;\r\n", .refused(.invalidLength)),
        ("Content-Length: 5.0\r\n", .refused(.invalidLength)),
        ("Content-Length: 1e3\r\n", .refused(.invalidLength)),
        ("Content-Length: 1_000\r\n", .refused(.invalidLength)),
        ("Content-Length: \u{0665}\r\n", .refused(.invalidLength)),
        ("Content-Length: 9223372036854775808\r\n", .refused(.invalidLength)),
        ("Content-Length: 18446744073709551621\r\n", .refused(.invalidLength)),
        ("Content-Length: 00000000000000000005\r\n", .refused(.invalidLength)),
        // Anything but exactly one chunked.
        ("Transfer-Encoding:\r\n", .refused(.unsupportedTransferCoding)),
        ("Transfer-Encoding: identity\r\n", .refused(.unsupportedTransferCoding)),
        ("Transfer-Encoding: gzip, chunked\r\n", .refused(.unsupportedTransferCoding)),
        ("Transfer-Encoding: chunked, gzip\r\n", .refused(.unsupportedTransferCoding)),
        ("Transfer-Encoding: chunked, chunked\r\n", .refused(.unsupportedTransferCoding)),
        ("Transfer-Encoding: chunked,\r\n", .refused(.unsupportedTransferCoding)),
        ("Transfer-Encoding: ,chunked\r\n", .refused(.unsupportedTransferCoding)),
        ("Transfer-Encoding: chunked;q=1\r\n", .refused(.unsupportedTransferCoding)),
        ("Transfer-Encoding: \"chunked\"\r\n", .refused(.unsupportedTransferCoding)),
        ("Transfer-Encoding: xchunked\r\n", .refused(.unsupportedTransferCoding)),
        ("Transfer-Encoding: chunke\u{212a}\r\n", .refused(.unsupportedTransferCoding)),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", .refused(.duplicateTransferCoding)),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", .refused(.duplicateTransferCoding)),
        ("Transfer-Encoding: \u{b}chunked\r\n", .badHead),
        ("Transfer-Encoding : chunked\r\n", .badHead),
        ("Transfer-Encoding\r\n : chunked\r\n", .badHead),
        ("Transfer-Encoding:\r\n chunked\r\n", .badHead),
        ("X: y\nTransfer-Encoding: chunked\r\n", .badHead),
        ("X: y\rTransfer-Encoding: chunked\r\n", .badHead),
        ("Content-Length: 5\0\r\n", .badHead),
        // Names that only look alike frame nothing.
        ("Content_Length: 5\r\n", .framing(.none)),
        ("X-Transfer-Encoding: chunked\r\n", .framing(.none)),
    ] as [(String, Verdict)])
    func requests(_ fields: String, _ expected: Verdict) {
        #expect(requestVerdict(request(fields)) == expected, "\(fields.debugDescription)")
    }

    @Test(arguments: [
        ("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n", .refused(.transferCodingOnHTTP10)),
        ("POST / HTTP/1.0", "Content-Length: 5\r\n", .framing(.length(5))),
        ("GET / HTTP/1.1", "Content-Length: 5\r\n", .framing(.length(5))),
        ("CONNECT a:1 HTTP/1.1", "Content-Length: 5\r\n", .refused(.contentNotAllowed)),
        ("CONNECT a:1 HTTP/1.1", "Transfer-Encoding: chunked\r\n", .refused(.contentNotAllowed)),
        ("CONNECT a:1 HTTP/1.1", "", .framing(.none)),
        ("TRACE / HTTP/1.1", "Transfer-Encoding: chunked\r\n", .refused(.contentNotAllowed)),
    ] as [(String, String, Verdict)])
    func requestsByLine(_ line: String, _ fields: String, _ expected: Verdict) {
        #expect(requestVerdict(request(fields, line: line)) == expected)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK", "", .post, .framing(.untilClose)),
        ("HTTP/1.1 200 OK", "Content-Length: 5\r\n", .post, .framing(.length(5))),
        ("HTTP/1.1 200 OK", "Transfer-Encoding: chunked\r\n", .post, .framing(.chunked)),
        ("HTTP/1.0 200 OK", "", .post, .framing(.untilClose)),
        ("HTTP/1.0 200 OK", "Transfer-Encoding: chunked\r\n", .post, .refused(.transferCodingOnHTTP10)),
        // Section 6.3, rule 1: no body whatever the fields say.
        ("HTTP/1.1 200 OK", "Content-Length: 5\r\n", .head, .framing(.none)),
        ("HTTP/1.1 200 OK", "Transfer-Encoding: chunked\r\n", .head, .framing(.none)),
        ("HTTP/1.1 200 OK", "", .head, .framing(.none)),
        ("HTTP/1.1 100 Continue", "", .post, .framing(.none)),
        ("HTTP/1.1 204 No Content", "", .post, .framing(.none)),
        ("HTTP/1.1 304 Not Modified", "Content-Length: 5\r\n", .get, .framing(.none)),
        // Rule 2.
        ("HTTP/1.1 200 OK", "", .connect, .framing(.none)),
        ("HTTP/1.1 407 x", "Content-Length: 5\r\n", .connect, .framing(.length(5))),
        // Ambiguity is refused on this side too, even where there is no body: the sender is not to be trusted.
        ("HTTP/1.1 200 OK", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", .post, .refused(.lengthWithTransferCoding)),
        ("HTTP/1.1 200 OK", "Content-Length: 5\r\nContent-Length: 5\r\n", .post, .refused(.duplicateLength)),
        ("HTTP/1.1 200 OK", "Content-Length: 5, 5\r\n", .post, .refused(.invalidLength)),
        ("HTTP/1.1 200 OK", "Transfer-Encoding: gzip\r\n", .post, .refused(.unsupportedTransferCoding)),
        ("HTTP/1.1 200 OK", "Content-Length: -1\r\n", .head, .refused(.invalidLength)),
    ] as [(String, String, HTTPMethod, Verdict)])
    func responses(_ line: String, _ fields: String, _ method: HTTPMethod, _ expected: Verdict) {
        let (outcome, head) = parse("\(line)\r\n\(fields)\r\n", as: .response)
        guard case .head = outcome else {
            Issue.record("\(outcome)")
            return
        }
        let verdict: Verdict
        do throws(HTTPRefusal) {
            verdict = .framing(try MessageFraming.ofResponse(head, to: method))
        } catch {
            verdict = .refused(error)
        }
        #expect(verdict == expected)
    }

    private func requestVerdict(_ message: String) -> Verdict {
        let (outcome, head) = parse(message)
        guard case .head = outcome else { return .badHead }
        do throws(HTTPRefusal) {
            return .framing(try MessageFraming.ofRequest(head))
        } catch {
            return .refused(error)
        }
    }
}
