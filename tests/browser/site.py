"""A site with pages that break their own policy. It hears every report as well, so the tests know what the browser sent."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

STRICT = "default-src 'none'; script-src 'self' 'nonce-known'; img-src data:; base-uri 'none'"
PAGES = {
    "script": "<script src='https://cdn.third.example/a.js'></script>",
    "picture": "<img src='https://img.third.example/a.png' alt=''>",
    "inline": "<script>window.ran = true</script>",
    "style": "<p style='color: red'>red</p>",
    "eval": "<script nonce='known'>try { eval('1') } catch (error) {}</script>",
    "fetch": "<script nonce='known'>fetch('https://api.third.example/').catch(() => {})</script>",
    "frame": "<iframe src='https://video.third.example/player'></iframe>",
}
"""What each page does that its policy forbids."""


@dataclass
class Site:
    url: str
    endpoint: str = ""
    project: str = ""
    bodies: list[bytes] = field(default_factory=list)
    last_at: float = 0.0

    def address(self, page: str, mode: str = "enforce") -> str:
        return f"{self.url}/{mode}/{page}"

    def policy(self) -> str:
        """Every address of a report-uri gets the report: the instance's endpoint, and ours."""
        return f"{STRICT}; report-uri {self.endpoint} {self.url}/heard"

    def hear(self, body: bytes) -> None:
        self.bodies.append(body)
        self.last_at = time.monotonic()

    def heard(self) -> Counter[tuple[str, str]]:
        """(family of the directive, host or keyword) of every report a browser has sent."""
        return Counter(_grouped(json.loads(body)["csp-report"]) for body in self.bodies)

    def wait_for_more(self, than: int, at_most: float = 2.0) -> None:
        """Stay on the page: leaving it can stop a report that is being sent, and not every engine reports everything."""
        end = time.monotonic() + at_most
        while time.monotonic() < end and len(self.bodies) <= than:
            time.sleep(0.02)

    def wait_for_quiet(self, seconds: float = 1.0, at_most: float = 15.0) -> None:
        """Until reports have come and no other has come for a while."""
        end = time.monotonic() + at_most
        while time.monotonic() < end and not (self.bodies and time.monotonic() - self.last_at > seconds):
            time.sleep(0.05)


def _grouped(report: dict[str, Any]) -> tuple[str, str]:
    directive = report.get("effective-directive") or report["violated-directive"]
    blocked = report["blocked-uri"]
    return directive.split()[0].removesuffix("-elem").removesuffix("-attr"), urlsplit(blocked).hostname or blocked


@contextmanager
def site() -> Iterator[Site]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.site = Site(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.site  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        mode, _, page = self.path.lstrip("/").partition("/")
        if page not in PAGES:
            self.send_error(404)
            return
        site: Site = self.server.site  # type: ignore[attr-defined]
        body = f"<!doctype html><title>{page}</title><link rel=icon href='data:,'>{PAGES[page]}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy" + ("" if mode == "enforce" else "-Report-Only"), site.policy())
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        self.server.site.hear(body)  # type: ignore[attr-defined]

    def log_message(self, *words: Any) -> None:
        """Say nothing."""
