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
from typing import Any, NamedTuple

import msgspec

from ingest import limits
from ingest.address import Client, Network, client_of, day_hash
from ingest.appender import Appender
from ingest.buffer import Buffer, Held, Outcome
from ingest.entry import Reports, pack
from ingest.keys import KeyCache, KeysAway, Known, Wanted
from ingest.limits import Buckets, Budget, OverBudget, Patience, Share
from ingest.request import Target, key_of_header, may_hold_report, target_of
from ingest.salts import Salts
from ingest.wire import Weight, inflate, weigh

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = Mapping[bytes, bytes]

BIG = 64 * 1024
"""Bytes from which a body is read in a thread, so that a batch of a thousand holds nobody else up."""
MAX_AGENT = 512
UNLIMITED = Buckets(0, 0)
_CORS = [(b"access-control-allow-origin", b"*"), (b"cache-control", b"no-store")]
_PREFLIGHT = [
    *_CORS,
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
]


class Answer(NamedTuple):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""


TAKEN = Answer(204, _CORS)
PREFLIGHT = Answer(204, _PREFLIGHT)


def _refusal(status: int, reason: str, words: str, *more: tuple[bytes, bytes]) -> Answer:
    body = msgspec.json.encode({"reason": reason, "detail": words})
    return Answer(status, [*_CORS, *more, (b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))], body)


WRONG_KEY = _refusal(403, "wrong-key", "No project has this address and this key. Copy the endpoint from the project's set-up page.")
NOT_POST = _refusal(405, "method", "Reports are sent with POST.", (b"allow", b"POST, OPTIONS"))
WRONG_TYPE = _refusal(415, "content-type", "Send application/csp-report, application/reports+json or another JSON type.")
TOO_LARGE = _refusal(413, "too-big", f"One report may have {limits.MAX_SINGLE} bytes, a batch {limits.MAX_BODY}.")
TOO_SLOW = _refusal(408, "too-slow", f"The body did not arrive within {limits.BODY_SECONDS:.0f} seconds.", (b"connection", b"close"))
FULL = _refusal(503, "busy", "Too many bytes are in flight. Send it again later.", (b"retry-after", b"5"))
UNKNOWN = _refusal(503, "unknown", "Nobody can tell whether it was kept: the buffer did not answer.", (b"retry-after", b"5"))
NOT_KEPT = _refusal(503, "not-kept", "Nothing durable could take the report. Send it again later.", (b"retry-after", b"5"))
_NO_REPORT = {
    "empty": "The body is empty.",
    "not-json": "The body is not JSON.",
    "too-deep": "The JSON is nested too deeply.",
    "not-a-report": "No entry of the body is a report: expected an object with csp-report, or type and body.",
    "unknown-encoding": "Send the body plain, gzip or deflate.",
    "not-compressed": "The body is not what its Content-Encoding says.",
}
OUTCOMES = {Outcome.TAKEN: TAKEN, Outcome.REFUSED: NOT_KEPT, Outcome.UNKNOWN: UNKNOWN}
NO_REPORT = {reason: _refusal(400, reason, words) for reason, words in _NO_REPORT.items()}


class Request(NamedTuple):
    """A request whose key is good, before its body has been read."""

    target: Target
    known: Known
    headers: Headers
    peer: str


class Gone(Exception):
    """The client hung up before its body was whole."""


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

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope, receive)
        except Gone:
            return
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Mapping[str, Any], receive: Receive) -> Answer:
        method = scope["method"]
        if method != "POST":
            return PREFLIGHT if method == "OPTIONS" else NOT_POST
        headers = dict(scope["headers"])
        target = target_of(scope["path"], scope["query_string"])
        key = target.public_key or key_of_header(headers.get(b"x-sentry-auth", b"").decode("latin-1"))
        wanted = Wanted(target.project, key)
        try:
            known = self.keys.at_hand(wanted) or await self.keys.get(wanted)
        except KeysAway:
            return NOT_KEPT
        if not known.key:
            return self._rejected(WRONG_KEY, target, "wrong-key", "") if known.project_exists else WRONG_KEY
        client = scope.get("client")
        return await self._with_body(Request(target, known, headers, client[0] if client else ""), receive)

    async def _with_body(self, request: Request, receive: Receive) -> Answer:
        with self.budget.share() as share:
            try:
                body = await self.patience.wait_for(_whole_body(receive, _declared_length(request.headers), share))
            except TimeoutError:
                return self._rejected(TOO_SLOW, request.target, "too-slow", "")
            except OverBudget:
                return FULL
            except TooLarge as large:
                return await self._too_big(request, large.beginning)
            return await self._judged(request, body)

    async def _judged(self, request: Request, body: bytes) -> Answer:
        target = request.target
        if not may_hold_report(_text(request.headers, b"content-type")):
            return self._rejected(WRONG_TYPE, target, "content-type", _described(request, body))
        try:
            body = inflate(body, _text(request.headers, b"content-encoding"), limits.MAX_BODY)
        except ValueError as problem:
            reason = str(problem)
            if reason == "too-large":
                return await self._too_big(request, body)
            return self._rejected(NO_REPORT[reason], target, reason, _described(request, body))
        if len(body) > limits.MAX_SINGLE and not _is_batch(body):
            return self._rejected(TOO_LARGE, target, "too-big", _described(request, body))
        weight = weigh(body, limits.MAX_REPORTS) if len(body) < BIG else await asyncio.to_thread(weigh, body, limits.MAX_REPORTS)
        if weight.error:
            return self._rejected(NO_REPORT[weight.error], target, weight.error, _described(request, body))
        return await self._shed_or_taken(request, body, weight)

    async def _too_big(self, request: Request, body: bytes) -> Answer:
        """A batch is shed with thanks, or Chromium would come again with a bigger one."""
        if _is_batch(body):
            return await self._shed(request, "too-big", 1)
        return self._rejected(TOO_LARGE, request.target, "too-big", _described(request, body))

    async def _shed_or_taken(self, request: Request, body: bytes, weight: Weight) -> Answer:
        headers = request.headers
        client = client_of(request.peer, _text(headers, b"forwarded"), _text(headers, b"x-forwarded-for"), self.trusted)
        reason = self._reason_to_shed(request.known, b"" if client.is_private else client.key, weight.reports)
        if reason:
            return await self._shed(request, reason, weight.reports)
        entry = self._entry(request, body, weight.reports + weight.refused, client)
        held = Held(self.buffer.partition_of(entry.project), entry.project, entry.reports, pack(entry))
        return OUTCOMES[await self.appender.append(held)]

    def _entry(self, request: Request, body: bytes, reports: int, client: Client) -> Reports:
        target, agent = request.target, request.headers.get(b"user-agent", b"")[:MAX_AGENT]
        now = time.time_ns() // 1_000_000  # now that it is whole: entries of one process get into the buffer in this order
        salt, project = self.salts.of(now), b"%d" % target.project
        known = bool(salt and client.key)
        return Reports(
            target.project,
            request.known.key,
            now,
            reports,
            body,
            agent.decode("utf-8", "replace"),
            _text(request.headers, b"origin")[:256],
            day_hash(salt, client.key, agent, project) if known else 0,
            day_hash(salt, client.network, project) if known else 0,
            target.environment,
            target.release,
            target.test,
            private=client.is_private,
        )

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

    async def _shed(self, request: Request, reason: str, reports: int) -> Answer:
        if reports:
            await self.appender.tally(request.target.project, "shed", reason, reports)
        return TAKEN

    def _rejected(self, answer: Answer, target: Target, reason: str, sample: str) -> Answer:
        self.appender.tally(target.project, "rejected", reason, 1, sample)
        return answer


async def _whole_body(receive: Receive, declared: int, share: Share) -> bytes:
    """All of it, counted against the budget as it comes: what was only announced holds nothing."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        part = bytes(message.get("body", b""))
        parts.append(part)
        share.grow(len(part))
        if max(share.held, declared) > limits.MAX_BODY:
            raise TooLarge(b"".join(parts))
        more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _declared_length(headers: Headers) -> int:
    length = headers.get(b"content-length", b"")
    return int(length) if length.isdigit() and len(length) < 12 else 0


def _is_batch(body: bytes) -> bool:
    return body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["


def _text(headers: Headers, name: bytes) -> str:
    value = headers.get(name)
    return value.decode("latin-1") if value else ""


def _described(request: Request, body: bytes) -> str:
    """One rejected request in words that hold nothing of a person: its type, its size, its first few characters."""
    kind = _text(request.headers, b"content-type")[:60] or "no content type"
    return f"{kind}, {len(body):,} bytes, begins with {body[:12].decode('ascii', 'backslashreplace')!r}"
