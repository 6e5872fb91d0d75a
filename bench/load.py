"""A load generator: keep-alive connections that each have one request in flight, and the times of the answers.

Raw sockets on one event loop: on the same machine every microsecond spent here is taken from what is measured.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit


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
    def __init__(self, pick: Callable[[], bytes], result: Result, until: float, done: asyncio.Future[None]) -> None:
        self.pick, self.result, self.until, self.done = pick, result, until, done

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.WriteTransport = transport  # type: ignore[assignment]
        self._send()

    def _send(self) -> None:
        self.sent = time.perf_counter()
        self.transport.write(self.pick())

    def data_received(self, data: bytes) -> None:
        """Answers here are shorter than a segment; the one with a body comes in the same one."""
        now = time.perf_counter()
        self.result.times.append(now - self.sent)
        self.result.statuses[int(data[9:12])] += 1
        if now >= self.until:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
        else:
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def run(url: str, requests: Sequence[bytes], clients: int, seconds: float) -> Result:
    """Each request in turn, over `clients` connections."""
    parts = urlsplit(url)
    result, turn = Result(), iter(_round(requests))
    loop, start = asyncio.get_running_loop(), time.perf_counter()
    waiting = []
    for _ in range(clients):
        done = loop.create_future()
        await loop.create_connection(lambda done=done: _Client(turn.__next__, result, start + seconds, done), parts.hostname, parts.port)
        waiting.append(done)
    await asyncio.wait_for(asyncio.gather(*waiting), seconds + 20)
    result.seconds = time.perf_counter() - start
    return result


def _round(requests: Sequence[bytes]) -> object:
    while True:
        yield from requests
