"""A certificate authority made at run time, and a server certificate for localhost signed by it."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme


class Authority:
    def __init__(self, directory: Path) -> None:
        self._authority = trustme.CA()
        self.ca_file = directory / "ca.pem"
        self._authority.cert_pem.write_to_path(self.ca_file)

    def server_context(self, *names: str) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._authority.issue_cert(*(names or ("localhost", "127.0.0.1"))).configure_cert(context)
        return context

    def server_files(self, directory: Path) -> dict[str, str]:
        """A fresh certificate and its key as files: the `certificate` and `private_key` of a gateway's `server.tls`."""
        issued = self._authority.issue_cert("localhost", "127.0.0.1")
        certificate, key = directory / "cert.pem", directory / "key.pem"
        certificate.write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems))
        key.touch(mode=0o600)
        issued.private_key_pem.write_to_path(key)
        return {"certificate": str(certificate), "private_key": str(key)}

    def client_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca_file))
