"""An endpoint in this process, called as a server would call it, over the buffer of the pair the tests run on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from ingest.appender import Appender
from ingest.buffer import Buffer, Held, Outcome
from ingest.buffer.redis_streams import RedisStreams
from ingest.buffer.sqlite_file import SqliteFile
from ingest.endpoint import Endpoint
from ingest.entry import Reports, Tally, unpack
from ingest.keys import KeyCache, Known, Wanted
from ingest.salts import Salts

KEY = "0123456789abcdef0123456789abcdef"
PATH = "/api/1/security/"
QUERY = f"glitchtip_key={KEY}".encode()
REPORT = (
    b'{"csp-report":{"document-uri":"https://shop.example/a","blocked-uri":"https://evil.example/x.js",'
    b'"effective-directive":"script-src-elem","disposition":"enforce"}}'
)
CSP = {"content-type": "application/csp-report"}


def make_buffer(folder: Path) -> Buffer:
    """Ready to be appended to, as after the first drain."""
    buffer: Buffer = RedisStreams(settings.REDIS_URL, 2) if settings.MODE == "full" else SqliteFile(folder / "buffer.sqlite3")
    for partition in buffer.partitions():
        buffer.prepare(partition, buffer.START)
    return buffer


def known_only(key: Known) -> Callable[[list[Wanted]], dict[Wanted, Known]]:
    """A lookup that knows one key, KEY of project 1."""

    def look_up(batch: list[Wanted]) -> dict[Wanted, Known]:
        return {wanted: key if wanted == (1, KEY) else Known(project_exists=wanted.project == 1) for wanted in batch}

    return look_up


class Door:
    """Every call has an event loop of its own, so one test may call many times."""

    def __init__(self, buffer: Buffer, lookup: Callable[[list[Wanted]], dict[Wanted, Known]], spool: Any = None, **limits: Any) -> None:
        self.buffer, self.lookup, self.spool, self.limits = buffer, lookup, spool, limits
        self.salts = Salts()

    def endpoint(self) -> Endpoint:
        return Endpoint(self.buffer, KeyCache(self.lookup), Appender(self.buffer, self.spool, lambda: None), self.salts, **self.limits)

    def post(self, body: bytes = REPORT, headers: Mapping[str, str] = CSP, **more: Any) -> tuple[int, dict[str, str], bytes]:
        return asyncio.run(call(self.endpoint(), body=body, headers=headers, **more))

    def post_all(self, requests: Sequence[Mapping[str, Any]]) -> list[int]:
        """One after the other over one endpoint."""

        async def all_of_them() -> list[int]:
            endpoint = self.endpoint()
            answers = [(await call(endpoint, **request))[0] for request in requests]
            await asyncio.sleep(0.01)
            return answers

        return asyncio.run(all_of_them())

    def entries(self) -> list[Reports | Tally]:
        return [unpack(kept.data) for one in self.buffer.partitions() for kept in self.buffer.read(one, self.buffer.START, 10_000)]


async def call(
    endpoint: Endpoint,
    body: bytes | Sequence[bytes] = REPORT,
    headers: Mapping[str, str] = CSP,
    method: str = "POST",
    path: str = PATH,
    query: bytes = QUERY,
    peer: str = "198.51.100.7",
) -> tuple[int, dict[str, str], bytes]:
    scope = {
        "type": "http", "method": method, "path": path, "query_string": query, "client": (peer, 5555),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await endpoint(scope, _receiver([body] if isinstance(body, bytes) else body), send)
    # Rejections are appended behind the answer's back.
    while endpoint.appender._busy:
        await asyncio.sleep(0.001)
    head = {name.decode(): value.decode() for name, value in sent[0]["headers"]} if sent else {}
    return (sent[0]["status"], head, sent[1]["body"]) if sent else (0, {}, b"")


def _receiver(parts: Sequence[bytes]) -> Callable[[], Awaitable[dict[str, Any]]]:
    left = list(parts)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)} if left else {"type": "http.disconnect"}

    return receive


class Broken:
    """A buffer whose appends all end the same way."""

    def __init__(self, inner: Buffer, outcome: Outcome) -> None:
        self.inner, self.outcome = inner, outcome

    def append(self, held: Sequence[Held]) -> list[Outcome]:
        return [self.outcome] * len(held)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)
