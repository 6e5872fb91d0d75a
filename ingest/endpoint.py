"""The door: POST /api/<project>/security/?glitchtip_key=<key>, a small ASGI or RSGI application with no framework in the way.

Answers (design.md, "The door"): 204 for what is taken and for what is shed on purpose, since Chromium repeats whatever
is answered otherwise, with all that has queued up behind it; 4xx only for what no browser sends; 503 when nothing
durable took the report or nobody can tell whether it did.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

from granian.rsgi import HTTPProtocol, Scope

from ingest import answers, limits
from ingest.address import Network
from ingest.answers import Answer
from ingest.appender import Appender
from ingest.bodies import Gone, Receive, TooLarge, asgi_body, rsgi_body
from ingest.buffer import Buffer, Held
from ingest.entry import Reports, pack
from ingest.head import Asked, Head, head_of, of_asgi, of_rsgi
from ingest.keys import KeyCache, KeysAway, Known
from ingest.limits import Buckets, Budget, OverBudget, Patience, Share
from ingest.salts import Salts
from ingest.wire import inflate, weigh

Send = Callable[[dict[str, Any]], Awaitable[None]]
Value = TypeVar("Value")
Source = TypeVar("Source")
"""What a body is read from: ASGI's receive, RSGI's protocol."""

BIG = 64 * 1024
"""Bytes from which a body is read in a thread, so that a batch of a thousand holds nobody else up. In one thread: a body of
values takes many times its size while it is looked at."""
UNLIMITED = Buckets(0, 0)


class Request(NamedTuple):
    """A request whose key is good, before its body has been read."""

    head: Head
    known: Known


class Endpoint:
    """One per process and event loop. `trusted` are the networks of our own proxies."""

    def __init__(
        self,
        buffer: Buffer,
        keys: KeyCache,
        appender: Appender,
        salts: Salts,
        *,
        trusted: tuple[Network, ...] = (),
        per_key: Buckets = UNLIMITED,
        per_client: Buckets = UNLIMITED,
    ) -> None:
        self.buffer, self.keys, self.appender, self.salts, self.trusted = buffer, keys, appender, salts, trusted
        self.per_key, self.per_client = per_key, per_client
        self.budget = Budget(limits.INFLIGHT_BYTES)
        self.patience = Patience(limits.BODY_SECONDS)
        self._thread = ThreadPoolExecutor(1, "bodies")

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """ASGI, where the pages are served as well."""
        answer = await self._answer(of_asgi(scope), asgi_body, receive)
        await send(answer.start)
        await send(answer.rest)

    async def rsgi(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """RSGI, where the endpoint is alone: one call answers, and no headers are copied."""
        asked = of_rsgi(scope)
        answer = await self._answer(asked, rsgi_body, protocol) if asked else answers.ODD_ADDRESS
        protocol.response_bytes(answer.status, answer.headers, answer.body)

    async def _answer(self, asked: Asked, read: Callable[[Source, int, Share], Awaitable[bytes]], source: Source) -> Answer:
        if asked.method != "POST":
            return answers.PREFLIGHT if asked.method == "OPTIONS" else answers.NOT_POST
        head = head_of(asked, self.trusted, self.salts.of(_now()))
        try:
            known = self.keys.at_hand(head.wanted) or await self.keys.get(head.wanted)
        except KeysAway:
            return answers.NOT_KEPT
        if not known.key:
            return self._rejected(answers.WRONG_KEY, head, "wrong-key", _described_key(head)) if known.project_exists else answers.WRONG_KEY
        with self.budget.share() as share:
            try:
                with self.patience:
                    body = await read(source, asked.length, share)
                return await self._judged(Request(head, known), body, share)
            except Gone:
                return answers.BROKEN_OFF  # a server that gets no answer from us makes a 500 of a body it could not read
            except TimeoutError:
                return self._rejected(answers.TOO_SLOW, head, "too-slow", "")
            except OverBudget:
                return answers.FULL
            except TooLarge as large:
                return await self._too_big(head, large.beginning)

    async def _judged(self, request: Request, body: bytes, share: Share) -> Answer:
        head = request.head
        if not head.may_hold_report:
            return self._rejected(answers.WRONG_TYPE, head, "content-type", _described(head, body))
        try:
            body = await self._in_thread(inflate, body, head.encoding, limits.MAX_BODY) if head.encoding else body
        except ValueError as problem:
            reason = str(problem)
            if reason == "too-large":
                return await self._too_big(head, body)
            return self._rejected(answers.NO_REPORT[reason], head, reason, _described(head, body))
        share.grow(max(0, len(body) - share.held))  # what was inflated is in flight as well
        if len(body) > limits.MAX_SINGLE and not _is_batch(body):
            return self._rejected(answers.TOO_LARGE, head, "too-big", _described(head, body))
        weight = weigh(body, limits.MAX_REPORTS) if len(body) < BIG else await self._in_thread(weigh, body, limits.MAX_REPORTS)
        if weight.error:
            return self._rejected(answers.NO_REPORT[weight.error], head, weight.error, _described(head, body))
        if reason := self._reason_to_shed(request.known, head.bucket, weight.reports):
            return await self._shed(head, reason, weight.reports)
        held = self._held(request, body, weight.reports + weight.refused)
        return answers.OUTCOMES[await self.appender.append(held)]

    async def _in_thread(self, work: Callable[..., Value], *words: Any) -> Value:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *words)

    async def _too_big(self, head: Head, body: bytes) -> Answer:
        """A batch is shed with thanks, or Chromium would come again with a bigger one."""
        if _is_batch(body):
            return await self._shed(head, "too-big", 1)
        return self._rejected(answers.TOO_LARGE, head, "too-big", _described(head, body))

    def _held(self, request: Request, body: bytes, reports: int) -> Held:
        head, target, project = request.head, request.head.target, request.head.target.project
        now = _now()  # now that it is whole: entries of one process get into the buffer in this order
        entry = Reports(
            project, request.known.key, now, reports, body, head.agent, head.origin, head.visitor, head.network,
            target.environment, target.release, target.test, private=head.client.is_private,
        )  # fmt: skip
        return Held(self.buffer.partition_of(project), project, reports, pack(entry))

    def _reason_to_shed(self, known: Known, client: bytes, reports: int) -> str:
        """Why this request is thanked for and dropped; "" when it is not. Each reason names the setting that changes it (ingest.status)."""
        if not known.active:
            return "disabled-key"
        if known.over_quota:
            return "quota"
        if known.sample_percent < 100 and random.random() * 100 >= known.sample_percent:
            return "sampled"
        if client and not self.per_client.take(client, max(1, reports)):
            return "client-rate"
        return "" if self.per_key.take(known.key, max(1, reports)) else "key-rate"

    async def _shed(self, head: Head, reason: str, reports: int) -> Answer:
        if reports:
            await self.appender.tally(head.target.project, "shed", reason, reports)
        return answers.TAKEN

    def _rejected(self, answer: Answer, head: Head, reason: str, sample: str) -> Answer:
        self.appender.tally(head.target.project, "rejected", reason, 1, sample)
        return answer


def _now() -> int:
    return time.time_ns() // 1_000_000


def _is_batch(body: bytes) -> bool:
    return body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["


def _described_key(head: Head) -> str:
    """Enough to find the header that has it."""
    key = head.wanted.public_key[:6].encode("ascii", "backslashreplace").decode()
    return f"{head.content_type[:60] or 'no content type'}, " + (f"its key begins with {key!r}" if key else "without a key")


def _described(head: Head, body: bytes) -> str:
    """One rejected request in words that hold nothing of a person: its type, its size, its first few characters."""
    kind = head.content_type[:60] or "no content type"
    return f"{kind}, {len(body):,} bytes, begins with {body[:12].decode('ascii', 'backslashreplace')!r}"
