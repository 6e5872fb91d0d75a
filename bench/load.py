"""A load generator: keep-alive connections that each have one request in flight, and the times of the answers.

Raw sockets on one event loop: on the same machine every microsecond spent here is taken from what is measured.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Hold = Callable[[], float]
"""Seconds for which a client waits before its next request."""


@dataclass(slots=True)
class Result:
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return sum(self.statuses.values()) / self.seconds

    def quantile(self, share: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0


def request(url: str, body: bytes, content_type: str = "application/csp-report") -> bytes:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    head = f"POST {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: {content_type}\r\nOrigin: https://shop.example\r\n"
    agent = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36\r\n"
    return (head + agent + f"Content-Length: {len(body)}\r\n\r\n").encode() + body


class _Client(asyncio.Protocol):
    def __init__(self, pick: Callable[[], bytes], result: Result, until: float, done: asyncio.Future[None], hold: Hold) -> None:
        self.pick, self.result, self.until, self.done, self.hold = pick, result, until, done, hold

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.WriteTransport = transport  # type: ignore[assignment]
        self._send()

    def _send(self) -> None:
        self.sent = time.perf_counter()
        self.transport.write(self.pick())

    def data_received(self, data: bytes) -> None:
        """Answers here are shorter than a segment; the one with a body comes in the same one."""
        self.result.times.append(time.perf_counter() - self.sent)
        self.result.statuses[int(data[9:12])] += 1
        self._next()

    def _next(self) -> None:
        if time.perf_counter() >= self.until:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
        elif wait := self.hold():
            asyncio.get_running_loop().call_later(wait, self._next)
        else:
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def run(url: str, requests: Iterable[bytes], clients: int, seconds: float, hold: Hold = lambda: 0.0) -> Result:
    """Each request in turn, over `clients` connections, again from the first after the last."""
    parts = urlsplit(url)
    result, pick = Result(), itertools.cycle(requests).__next__
    loop, start = asyncio.get_running_loop(), time.perf_counter()
    waiting = []
    for _ in range(clients):
        done = loop.create_future()
        await loop.create_connection(lambda done=done: _Client(pick, result, start + seconds, done, hold), parts.hostname, parts.port)
        waiting.append(done)
    await asyncio.wait_for(asyncio.gather(*waiting), seconds + 20)
    result.seconds = time.perf_counter() - start
    return result


async def read_pages(url: str, token: str, readers: int, seconds: float) -> int:
    """How many pages `readers` got, each one after the other, each over a connection of its own."""
    parts, until = urlsplit(url), time.perf_counter() + seconds
    head = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"

    async def reader() -> int:
        pages = 0
        while time.perf_counter() < until:
            answers, writer = await asyncio.open_connection(parts.hostname, parts.port)
            writer.write(head.encode())
            answer = await asyncio.wait_for(answers.read(), 20)
            writer.close()
            if not answer.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"a page was not served: {answer[:200]!r}")
            pages += 1
        return pages

    return sum(await asyncio.gather(*[reader() for _ in range(readers)]))
