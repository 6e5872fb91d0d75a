"""A network of its own for a browser: every host name and port, http and https, is this one proxy, and nothing else is reachable.

It notes which loads asked for something: a browser that blocks a load never asks.
"""

from __future__ import annotations

import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SCRIPT = "/* a script that does nothing */"
BODIES = {
    "image": ("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>"),
    "script": ("text/javascript", SCRIPT),
    "style": ("text/css", "nothing { top: 0 }"),
    "events": ("text/event-stream", "data: 1\n\n"),
    "page": ("text/html", "<!doctype html><title>framed</title>"),
    "text": ("text/plain", "."),
}
"""What each kind of load gets; `as` in the query of its address names it."""
TLS_HANDSHAKE = b"\x16"
Serve = Callable[[str, str], tuple[list[tuple[str, str]], str]]


@dataclass
class Network:
    """`pages` answers for a page of the oracle: headers and HTML, by the origin and what follows /oracle/."""

    port: int
    pages: Serve
    seen: set[int] = field(default_factory=set)
    results: dict[str, Any] = field(default_factory=dict)
    finished: threading.Event = field(default_factory=threading.Event)


@contextmanager
def network(pages: Serve, folder: Path) -> Iterator[Network]:
    """`folder` holds the certificate, made for this run."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.tls = _tls(folder)
    server.network = Network(server.server_port, pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.network
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    tls: ssl.SSLContext
    network: Network

    def handle_error(self, *request: Any) -> None:
        """A browser that goes away in the middle of a request is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    tunnel = ""

    def do_CONNECT(self) -> None:
        """A tunnel to https, ws or wss: the first byte tells whether it speaks TLS; the requests in it are answered here."""
        self.send_response(200)
        self.end_headers()
        if self.connection.recv(1, 2) == TLS_HANDSHAKE:  # 2: MSG_PEEK
            self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.tunnel = "https://" + self.path.removesuffix(":443")
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        with suppress(OSError):
            self.close_connection = False
            while not self.close_connection:
                self.handle_one_request()

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = parse_qs(address.query)
        if address.path.startswith("/oracle/"):
            origin = self.tunnel or f"{address.scheme}://{address.netloc}"
            headers, body = self.server.network.pages(origin, address.path.removeprefix("/oracle/"))
            self._answer(200, "text/html; charset=utf-8", body, headers)
        elif "to" in query:
            self._answer(302, "text/plain", "", [("Location", query["to"][0])])
        elif "load" in query:
            self.server.network.seen.add(int(query["load"][0]))
            self._answer(200, *BODIES[query["as"][0]])
        else:
            self._answer(404, "text/plain", "")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if urlsplit(self.path).path != "/oracle/results":
            self.do_GET()
            return
        self._answer(204, "text/plain", "")
        self.server.network.results.update(json.loads(body))
        self.server.network.finished.set()

    def _answer(self, status: int, kind: str, body: str, headers: list[tuple[str, str]] | None = None) -> None:
        self.send_response(status)
        for name, value in [("Content-Type", kind), ("Access-Control-Allow-Origin", "*"), ("Cache-Control", "no-store"), *(headers or [])]:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


def _tls(folder: Path) -> ssl.SSLContext:
    """A certificate that no one trusts: the browsers are told not to care."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "example")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("*.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1)).add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "certificate.pem"
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
