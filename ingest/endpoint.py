"""The door: POST /api/<project>/security/?glitchtip_key=<key>, a small ASGI application with no framework in the way.

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

import msgspec

from ingest import limits
from ingest.address import Network
from ingest.appender import Appender
from ingest.buffer import Buffer, Held, Outcome
from ingest.entry import Reports, pack
from ingest.head import Head, head_of
from ingest.keys import KeyCache, KeysAway, Known
from ingest.limits import Buckets, Budget, OverBudget, Patience, Share
from ingest.salts import Salts
from ingest.wire import inflate, weigh

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = Mapping[bytes, bytes]
Value = TypeVar("Value")

BIG = 64 * 1024
"""Bytes from which a body is read in a thread, so that a batch of a thousand holds nobody else up. In one thread: a body of
values takes many times its size while it is looked at."""
UNLIMITED = Buckets(0, 0)
_CORS = [(b"access-control-allow-origin", b"*"), (b"cache-control", b"no-store")]
_PREFLIGHT = [
    *_CORS,
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
]


class Answer:
    """The two messages that ASGI wants, made once."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
        self.start = {"type": "http.response.start", "status": status, "headers": headers}
        self.rest = {"type": "http.response.body", "body": body}


TAKEN = Answer(204, _CORS[:1])
PREFLIGHT = Answer(204, _PREFLIGHT)


def _refusal(status: int, reason: str, words: str, *more: tuple[bytes, bytes]) -> Answer:
    body = msgspec.json.encode({"reason": reason, "detail": words})
    return Answer(status, [*_CORS, *more, (b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))], body)


WRONG_KEY = _refusal(403, "wrong-key", "No project has this address and this key. Copy the endpoint from the project's set-up page.")
NOT_POST = _refusal(405, "method", "Reports are sent with POST.", (b"allow", b"POST, OPTIONS"))
WRONG_TYPE = _refusal(415, "content-type", "Send application/csp-report, application/reports+json or another JSON type.")
TOO_LARGE = _refusal(413, "too-big", f"One report may have {limits.MAX_SINGLE} bytes, a batch {limits.MAX_BODY}.")
TOO_SLOW = _refusal(408, "too-slow", f"The body did not arrive within {limits.BODY_SECONDS:.0f} seconds.", (b"connection", b"close"))
BROKEN_OFF = _refusal(400, "broken-off", "The body ended before it was whole.", (b"connection", b"close"))
FULL = _refusal(503, "busy", "Too many bytes are in flight. Send it again later.", (b"retry-after", b"5"))
UNKNOWN = _refusal(503, "unknown", "Nobody can tell whether it was kept: the buffer did not answer.", (b"retry-after", b"5"))
NOT_KEPT = _refusal(503, "not-kept", "Nothing durable could take the report. Send it again later.", (b"retry-after", b"5"))
_NO_REPORT = {
    "empty": "The body is empty.",
    "not-json": "The body is not JSON.",
    "too-deep": "The JSON is nested too deeply.",
    "too-many-values": "The JSON holds more values than a thousand reports of any browser.",
    "not-a-report": "No entry of the body is a report: expected an object with csp-report, or type and body.",
    "unknown-encoding": "Send the body plain, gzip or deflate.",
    "not-compressed": "The body is not what its Content-Encoding says.",
}
OUTCOMES = {Outcome.TAKEN: TAKEN, Outcome.REFUSED: NOT_KEPT, Outcome.UNKNOWN: UNKNOWN}
NO_REPORT = {reason: _refusal(400, reason, words) for reason, words in _NO_REPORT.items()}


class Request(NamedTuple):
    """A request whose key is good, before its body has been read."""

    head: Head
    known: Known


class Gone(Exception):
    """The client hung up before its body was whole, or its chunks are none; the server does not say which."""


class TooLarge(Exception):
    """The body is longer than MAX_BODY; the rest is not read."""

    def __init__(self, beginning: bytes) -> None:
        super().__init__()
        self.beginning = beginning


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
        try:
            answer = await self._answer(scope, receive)
        except Gone:
            answer = BROKEN_OFF  # a server that gets no answer from us makes a 500 of a body it could not read
        await send(answer.start)
        await send(answer.rest)

    async def _answer(self, scope: Mapping[str, Any], receive: Receive) -> Answer:
        method = scope["method"]
        if method != "POST":
            return PREFLIGHT if method == "OPTIONS" else NOT_POST
        headers = dict(scope["headers"])
        head = head_of(scope, headers, self.trusted, self.salts.of(_now()))
        try:
            known = self.keys.at_hand(head.wanted) or await self.keys.get(head.wanted)
        except KeysAway:
            return NOT_KEPT
        if not known.key:
            return self._rejected(WRONG_KEY, head, "wrong-key", _described_key(head)) if known.project_exists else WRONG_KEY
        with self.budget.share() as share:
            try:
                with self.patience:
                    body = await _whole_body(receive, headers, share)
                return await self._judged(Request(head, known), body, share)
            except TimeoutError:
                return self._rejected(TOO_SLOW, head, "too-slow", "")
            except OverBudget:
                return FULL
            except TooLarge as large:
                return await self._too_big(head, large.beginning)

    async def _judged(self, request: Request, body: bytes, share: Share) -> Answer:
        head = request.head
        if not head.may_hold_report:
            return self._rejected(WRONG_TYPE, head, "content-type", _described(head, body))
        try:
            body = await self._in_thread(inflate, body, head.encoding, limits.MAX_BODY) if head.encoding else body
        except ValueError as problem:
            reason = str(problem)
            if reason == "too-large":
                return await self._too_big(head, body)
            return self._rejected(NO_REPORT[reason], head, reason, _described(head, body))
        share.grow(max(0, len(body) - share.held))  # what was inflated is in flight as well
        if len(body) > limits.MAX_SINGLE and not _is_batch(body):
            return self._rejected(TOO_LARGE, head, "too-big", _described(head, body))
        weight = weigh(body, limits.MAX_REPORTS) if len(body) < BIG else await self._in_thread(weigh, body, limits.MAX_REPORTS)
        if weight.error:
            return self._rejected(NO_REPORT[weight.error], head, weight.error, _described(head, body))
        if reason := self._reason_to_shed(request.known, head.bucket, weight.reports):
            return await self._shed(head, reason, weight.reports)
        held = self._held(request, body, weight.reports + weight.refused)
        return OUTCOMES[await self.appender.append(held)]

    async def _in_thread(self, work: Callable[..., Value], *words: Any) -> Value:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *words)

    async def _too_big(self, head: Head, body: bytes) -> Answer:
        """A batch is shed with thanks, or Chromium would come again with a bigger one."""
        if _is_batch(body):
            return await self._shed(head, "too-big", 1)
        return self._rejected(TOO_LARGE, head, "too-big", _described(head, body))

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
        return TAKEN

    def _rejected(self, answer: Answer, head: Head, reason: str, sample: str) -> Answer:
        self.appender.tally(head.target.project, "rejected", reason, 1, sample)
        return answer


def _now() -> int:
    return time.time_ns() // 1_000_000


async def _whole_body(receive: Receive, headers: Headers, share: Share) -> bytes:
    """All of it, counted against the budget as it comes: what was only announced holds nothing."""
    message = await receive()
    if not message.get("more_body") and message["type"] == "http.request":
        body: bytes = message.get("body", b"")
        share.grow(len(body))
        if len(body) > limits.MAX_BODY:
            raise TooLarge(body)
        return body
    return await _in_parts(message, receive, _declared_length(headers), share)


async def _in_parts(message: Mapping[str, Any], receive: Receive, declared: int, share: Share) -> bytes:
    parts: list[bytes] = []
    while True:
        if message["type"] == "http.disconnect":
            raise Gone
        part = bytes(message.get("body", b""))
        parts.append(part)
        share.grow(len(part))
        if max(share.held, declared) > limits.MAX_BODY:
            raise TooLarge(b"".join(parts))
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()


def _declared_length(headers: Headers) -> int:
    length = headers.get(b"content-length", b"")
    return int(length) if length.isdigit() and len(length) < 12 else 0


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
