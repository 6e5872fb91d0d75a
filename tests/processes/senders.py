"""Requests to the endpoint as browsers make them, and what became of each."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from tests.factories import report_uri_body
from tests.recorded import Recorded


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
    """Senders that each keep one request in flight until told to stop; they go on over a restart of the instance."""

    def __init__(self, endpoint: str, senders: int = 4) -> None:
        self.endpoint = endpoint
        self.answers: Counter[int] = Counter()
        self.unanswered = 0
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._send_until_end, args=(number,)) for number in range(senders)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    @property
    def accepted(self) -> int:
        return sum(number for status, number in self.answers.items() if 200 <= status < 300)

    def _send_until_end(self, sender: int) -> None:
        number = 0
        while not self._end.is_set():
            number += 1
            body = report_uri_body(blocked=f"https://cdn{number % 7}.example/{sender}.js")
            self._note(self._send(body))
            self._end.wait(0.002)

    def _send(self, body: bytes) -> int | None:
        """The status; 0 if nothing was sent; None if it was sent and no answer came."""
        address = urlsplit(self.endpoint)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=20)
        try:
            connection.connect()
        except OSError:
            self._end.wait(0.05)
            return 0
        try:
            connection.request("POST", f"{address.path}?{address.query}", body, {"Content-Type": "application/csp-report"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            with suppress(OSError):
                connection.close()

    def _note(self, status: int | None) -> None:
        with self._lock:
            if status is None:
                self.unanswered += 1
            elif status:
                self.answers[status] += 1
