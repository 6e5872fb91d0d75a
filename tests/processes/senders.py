"""Requests to the endpoint as browsers make them, and what became of each."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from tests.factories import report_to_body, report_uri_body
from tests.processes.instance import wait_for
from tests.recorded import Recorded

PATIENCE = 20


def replay(requests: Iterable[Recorded], endpoint: str, at_once: int = 8) -> Counter[int]:
    """Send every request with its own method, headers and bytes; how many got which status."""
    with ThreadPoolExecutor(at_once) as pool:
        return Counter(pool.map(lambda request: send(endpoint, request.method, dict(request.headers), request.body), requests))


def send(endpoint: str, method: str, headers: dict[str, str], body: bytes) -> int:
    address = urlsplit(endpoint)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    try:
        connection.request(method, f"{address.path}?{address.query}", body or None, headers)
        return connection.getresponse().status
    finally:
        connection.close()


class Load:
    """Senders that each keep one request in flight until told to stop; they go on over a restart of the instance.

    All figures are reports. `rejected` sends now and then what is none, which is answered 400.
    """

    def __init__(self, endpoint: str, senders: int = 4, *, rejected: bool = False) -> None:
        self.endpoint = endpoint
        self.answers: Counter[int] = Counter()
        self.unanswered = 0
        """Sent, and nobody can tell what became of it: no answer came, or one that says so."""
        self.host = "cdn"
        self._rejected = rejected
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._go = threading.Event()
        self._go.set()
        self._in_flight = 0
        self._threads = [threading.Thread(target=self._send_until_end, args=(number,)) for number in range(senders)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._end.set()
        self._go.set()
        for thread in self._threads:
            thread.join()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Every request has its answer, or will have none."""
        self._go.clear()
        wait_for(lambda: self._in_flight == 0, "a request is still in flight", 2 * PATIENCE)
        yield
        self._go.set()

    @property
    def accepted(self) -> int:
        return sum(number for status, number in self.answers.items() if 200 <= status < 300)

    def send_one(self, seconds: float = 20) -> None:
        """Until a good report is taken: the instance is well again."""
        wait_for(lambda: self._note(*self._send(1, report_uri_body()), 1) == 204, "no report is taken", seconds)

    def _send_until_end(self, sender: int) -> None:
        number = 0
        while not self._end.is_set():
            with self._lock:
                go = self._go.is_set()
                self._in_flight += go
            if not go:
                self._go.wait()
                continue
            number += 1
            reports, body = self._body(sender, number)
            try:
                self._note(*self._send(reports, body), reports)
            finally:
                with self._lock:
                    self._in_flight -= 1
            self._end.wait(0.002)

    def _body(self, sender: int, number: int) -> tuple[int, bytes]:
        """One report, now and then a batch of three, and nonsense if that is wanted."""
        if self._rejected and number % 20 == 7:
            return 1, b"no JSON"
        if number % 10 == 3:
            return 3, report_to_body(*[f"https://{self.host}{number % 7}.example/{sender}.js"] * 3)
        return 1, report_uri_body(blocked=f"https://{self.host}{number % 7}.example/{sender}.js")

    def _send(self, reports: int, body: bytes) -> tuple[int | None, bytes]:
        """Status and body; 0 if nothing was sent; None if it was sent and no answer came."""
        address = urlsplit(self.endpoint)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE)
        try:
            connection.connect()
        except OSError:
            self._end.wait(0.05)
            return 0, b""
        try:
            kind = "application/csp-report" if reports == 1 else "application/reports+json"
            connection.request("POST", f"{address.path}?{address.query}", body, {"Content-Type": kind})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return None, b""
        finally:
            with suppress(OSError):
                connection.close()

    def _note(self, status: int | None, body: bytes, reports: int) -> int | None:
        with self._lock:
            if status is None or b'"unknown"' in body:
                self.unanswered += reports
            elif status:
                self.answers[status] += reports
        return status


class KeptOpen(Load):
    """Senders that keep their connections as browsers do, and open new ones when they are told to or can't go on."""

    def _send_until_end(self, sender: int) -> None:
        address = urlsplit(self.endpoint)
        while not self._end.is_set():
            connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE)
            try:
                connection.connect()
            except OSError:
                self._end.wait(0.05)
                continue
            with closing(connection):
                while not self._end.is_set() and self._sent_over(connection, f"{address.path}?{address.query}"):
                    pass

    def _sent_over(self, connection: http.client.HTTPConnection, path: str) -> bool:
        """Whether the connection can take another."""
        try:
            connection.request("POST", path, report_uri_body(), {"Content-Type": "application/csp-report"})
            answer = connection.getresponse()
            self._note(answer.status, answer.read(), 1)
        except (OSError, http.client.HTTPException):
            self._note(None, b"", 1)
            return False
        return answer.getheader("connection") != "close"
