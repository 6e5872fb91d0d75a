from __future__ import annotations

import asyncio
import base64
import gzip
import json

import pytest

from ingest import limits
from ingest.address import networks
from ingest.buffer import Buffer, Outcome
from ingest.entry import Reports, Tally
from ingest.keys import Known
from ingest.limits import Buckets
from ingest.spool import Spool
from ingest.wire import Envelope, Weight, read, weigh
from tests.ingest.door import CSP, KEY, QUERY, REPORT, Broken, Door, call, known_only
from tests.ingest.test_malformed import CASES
from tests.recorded import BROWSERS, recorded

ACTIVE = Known(key=5, active=True, project_exists=True)
BATCH = json.dumps(
    [
        {"type": "csp-violation", "age": 5, "url": "https://shop.example", "body": {"blockedURL": "eval", "effectiveDirective": "img-src"}},
        {"type": "deprecation", "age": 5, "url": "https://shop.example/", "body": {"id": "x"}},
    ]
).encode()


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"path": "/api/1/csp-report/"},
        {"path": "/api/1/security"},
        {"query": f"sentry_key={KEY}".encode()},
        {"query": f"glitchtip_key={KEY.upper()}".encode()},
        {"query": b"", "headers": {**CSP, "x-sentry-auth": f"Sentry sentry_version=7, sentry_key={KEY}"}},
        {"body": BATCH, "headers": {"content-type": "application/reports+json; charset=utf-8"}},
        {"headers": {"content-type": "text/plain;charset=UTF-8"}},
        {"headers": {"content-type": "application/json"}},
        {"headers": {}},
        {"body": gzip.compress(REPORT), "headers": {**CSP, "content-encoding": "gzip"}},
        {"body": [REPORT[:20], b"", REPORT[20:]]},
        {"body": b'[{"type":"network-error","body":{}}]'},
    ],
)
def test_what_is_taken(door: Door, change: dict[str, object]) -> None:
    status, headers, body = door.post(**change)  # type: ignore[arg-type]
    assert (status, body, headers["access-control-allow-origin"]) == (204, b"", "*")
    assert [type(entry) for entry in door.entries()] == [Reports]


@pytest.mark.parametrize(
    "change, status, reason",
    [
        ({"method": "GET"}, 405, "method"),
        ({"query": b"glitchtip_key=" + b"f" * 32}, 403, "wrong-key"),
        ({"query": b""}, 403, "wrong-key"),
        ({"path": "/api/2/security/"}, 403, "wrong-key"),
        ({"body": b""}, 400, "empty"),
        ({"body": b"hello"}, 400, "not-json"),
        ({"body": b"[" * 100_000}, 400, "too-deep"),
        ({"body": b"[" + b"0," * 200_000 + b"0]"}, 400, "too-many-values"),
        ({"body": b"{}"}, 400, "not-a-report"),
        ({"body": REPORT, "headers": {**CSP, "content-encoding": "gzip"}}, 400, "not-compressed"),
        ({"body": REPORT, "headers": {**CSP, "content-encoding": "br"}}, 400, "unknown-encoding"),
        ({"body": gzip.compress(b" " * (limits.MAX_BODY + 1)), "headers": {**CSP, "content-encoding": "gzip"}}, 413, "too-big"),
        ({"body": b'{"x":"' + b"a" * limits.MAX_SINGLE + b'"}'}, 413, "too-big"),
        ({"body": b"{" + b" " * (limits.MAX_BODY + 1)}, 413, "too-big"),
        ({"headers": {"content-type": "image/png"}}, 415, "content-type"),
    ],
)
def test_what_is_refused_says_why(door: Door, change: dict[str, object], status: int, reason: str) -> None:
    answered, headers, body = door.post(**change)  # type: ignore[arg-type]
    assert (answered, json.loads(body)["reason"]) == (status, reason)
    assert headers["access-control-allow-origin"] == "*"
    assert all(isinstance(entry, Tally) for entry in door.entries())


def test_an_unknown_project_and_a_wrong_key_answer_the_same(door: Door) -> None:
    assert door.post(path="/api/2/security/")[2] == door.post(query=b"glitchtip_key=" + b"f" * 32)[2]
    rejected = [one for entry in door.entries() if isinstance(entry, Tally) for one in entry.counts]
    assert [(one.project, one.kind, one.reason, one.reports) for one in rejected] == [(1, "rejected", "wrong-key", 1)]
    assert rejected[0].sample == "application/csp-report, its key begins with 'ffffff'"


def test_the_preflight_lets_every_browser_send(door: Door) -> None:
    status, headers, _ = door.post(method="OPTIONS", headers={"origin": "null"})
    assert status == 204
    assert headers["access-control-allow-origin"] == "*"
    assert headers["access-control-allow-methods"] == "POST"
    assert headers["access-control-allow-headers"] == "content-type"
    assert int(headers["access-control-max-age"]) > 0


def test_an_entry_holds_what_the_request_said(door: Door) -> None:
    query = QUERY + b"&sentry_environment=live&sentry_release=1.2%0A&glitchcsp_test=1"
    door.post(BATCH, {**CSP, "user-agent": "Firefox", "origin": "null"}, query=query)
    (entry,) = door.entries()
    assert isinstance(entry, Reports)
    assert (entry.project, entry.key, entry.reports, entry.body) == (1, 5, 1, BATCH)
    assert (entry.user_agent, entry.origin, entry.environment, entry.release, entry.test) == ("Firefox", "null", "live", "1.2", True)


def test_the_address_never_enters_the_buffer(door: Door) -> None:
    door.salts._by_day = dict.fromkeys(range(30000), b"salt")
    door.post(peer="198.51.100.7")
    door.post(peer="198.51.100.9")
    one, other = door.entries()
    assert isinstance(one, Reports)
    assert isinstance(other, Reports)
    assert one.visitor != other.visitor
    assert one.network == other.network != 0
    assert b"198.51" not in repr(door.entries()).encode()


@pytest.mark.parametrize(
    "known, reason",
    [
        (ACTIVE._replace(active=False), "disabled-key"),
        (ACTIVE._replace(over_quota=True), "quota"),
        (ACTIVE._replace(sample_percent=0), "sampled"),
    ],
)
def test_what_is_shed_is_thanked_for_and_counted(buffer: Buffer, known: Known, reason: str) -> None:
    door = Door(buffer, known_only(known))
    assert door.post(BATCH)[0] == 204
    (entry,) = door.entries()
    assert isinstance(entry, Tally)
    assert [(one.kind, one.reason, one.reports) for one in entry.counts] == [("shed", reason, 1)]


def test_one_fast_client_is_shed_and_another_is_not(buffer: Buffer) -> None:
    door = Door(buffer, known_only(ACTIVE), per_client=Buckets(1, 2), trusted=networks(["10.0.0.0/8"]))
    through = [{"peer": "10.0.0.1", "headers": {**CSP, "x-forwarded-for": address}} for address in ["8.8.8.8"] * 3 + ["9.9.9.9"]]
    assert door.post_all(through) == [204] * 4
    assert [type(entry) for entry in door.entries()] == [Reports, Reports, Tally, Reports]


def test_a_private_address_is_a_proxy_that_was_not_named_and_has_no_limit_of_its_own(buffer: Buffer) -> None:
    door = Door(buffer, known_only(ACTIVE), per_client=Buckets(1, 2))
    door.post_all([{"peer": "127.0.0.1"}] * 5)
    assert [type(entry) for entry in door.entries()] == [Reports] * 5


def test_a_batch_that_is_too_big_is_shed_and_not_repeated(door: Door) -> None:
    assert door.post(b"[" + b" " * (limits.MAX_BODY + 1))[0] == 204
    (entry,) = door.entries()
    assert isinstance(entry, Tally)
    assert entry.counts[0].reason == "too-big"


def test_what_is_only_announced_is_not_waited_for(door: Door) -> None:
    headers = {**CSP, "content-length": str(limits.MAX_BODY + 1)}
    assert door.post([b"[", b"never asked for"], headers)[0] == 204
    assert door.post([b"{", b"never asked for"], headers)[0] == 413


def test_bytes_in_flight_are_bounded(door: Door) -> None:
    endpoint = door.endpoint()
    endpoint.budget.most = 10
    assert asyncio.run(call(endpoint))[0] == 503
    assert endpoint.budget.held == 0


def test_what_is_inflated_counts_against_the_budget(door: Door) -> None:
    endpoint = door.endpoint()
    endpoint.budget.most = 10_000
    blanks = gzip.compress(b" " * 100_000)
    assert len(blanks) < 1000
    assert asyncio.run(call(endpoint, blanks, {**CSP, "content-encoding": "gzip"}))[0] == 503
    assert endpoint.budget.held == 0


@pytest.mark.parametrize("outcome, status", [(Outcome.REFUSED, 503), (Outcome.UNKNOWN, 503)])
def test_nothing_durable_is_503(buffer: Buffer, outcome: Outcome, status: int) -> None:
    assert Door(Broken(buffer, outcome), known_only(ACTIVE)).post()[0] == status  # type: ignore[arg-type]


def test_what_was_refused_is_spooled_and_what_is_unknown_is_not(buffer: Buffer, tmp_path: object) -> None:
    for outcome, status, spooled in ((Outcome.REFUSED, 204, 1), (Outcome.UNKNOWN, 503, 0)):
        broken = Broken(buffer, outcome)
        spool = Spool(tmp_path / outcome.value, buffer, 1_000_000)  # type: ignore[operator]
        assert Door(broken, known_only(ACTIVE), spool).post()[0] == status  # type: ignore[arg-type]
        assert len(list(spool.folder.glob("*.spool"))) == spooled


def test_requests_that_wait_together_are_appended_together(door: Door) -> None:
    sizes: list[int] = []

    class Counting(Broken):
        def append(self, held):  # type: ignore[no-untyped-def]
            sizes.append(len(held))
            return self.inner.append(held)

    endpoint = Door(Counting(door.buffer, Outcome.TAKEN), known_only(ACTIVE)).endpoint()  # type: ignore[arg-type]

    async def many() -> list[int]:
        await call(endpoint)
        return [status for status, _, _ in await asyncio.gather(*[call(endpoint) for _ in range(200)])]

    assert asyncio.run(many()) == [204] * 200
    assert sum(sizes) == 201
    assert len(sizes) < 20


def test_a_body_that_breaks_off_leaves_nothing_behind(door: Door) -> None:
    """Its answer is for chunks that are none: without one the server would answer 500."""
    endpoint = door.endpoint()
    sent: list[object] = []

    async def hang_up() -> None:
        async def receive() -> dict[str, object]:
            return {"type": "http.disconnect"}

        async def send(message: dict[str, object]) -> None:
            sent.append(message.get("status"))

        headers = [(b"content-length", b"500")]
        scope = {"method": "POST", "path": "/api/1/security/", "query_string": QUERY, "headers": headers, "client": None}
        await endpoint(scope, receive, send)

    asyncio.run(hang_up())
    assert sent == [400, None]
    assert endpoint.budget.held == 0
    assert door.entries() == []


def weight_of(found: Envelope) -> Weight:
    return Weight(len(found.reports), sum(number for _, number in found.refused), found.error)


@pytest.mark.parametrize("browser", BROWSERS)
def test_weighing_finds_what_reading_finds(browser: str) -> None:
    for request in recorded(browser):
        assert weigh(request.body) == weight_of(read(request.body))


def test_weighing_finds_what_reading_finds_in_bad_input_too() -> None:
    for case in CASES:
        body = base64.b64decode(case["body_base64"])
        assert weigh(body) == weight_of(read(body)), case["id"]
