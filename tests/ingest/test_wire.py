from __future__ import annotations

import base64
import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.wire import Envelope, inflate, plain_key, read

TESTS = Path(__file__).parent.parent
BROWSERS = ("chromium", "firefox", "webkit")
MALFORMED: list[dict[str, Any]] = json.loads(gzip.decompress((TESTS / "cases" / "malformed.json.gz").read_bytes()))["cases"]
LIMIT = 4 << 20


def recorded(browser: str) -> list[dict[str, Any]]:
    with gzip.open(TESTS / "wire" / f"{browser}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize("browser", BROWSERS)
def test_every_recorded_violation_is_read(browser: str) -> None:
    for request in recorded(browser):
        body = base64.b64decode(request["body_b64"])
        if request["method"] != "POST":
            assert not body
            continue
        found = read(body)
        assert (found.error, found.refused) == ("", ())
        text = body.decode("utf-8", "replace")
        violations = text.count('"csp-report"') or text.replace(" ", "").count('"type":"csp-violation"')
        assert len(found.reports) == violations
        assert found.reports or found.other


def test_the_recordings_hold_what_they_say() -> None:
    kept = {browser: [read(base64.b64decode(r["body_b64"])) for r in recorded(browser) if r["method"] == "POST"] for browser in BROWSERS}
    assert sum(len(requests) for requests in (recorded(browser) for browser in BROWSERS)) == 1020
    assert {browser: sum(len(one.reports) for one in found) for browser, found in kept.items()} == {
        "chromium": 331,
        "firefox": 348,
        "webkit": 310,
    }
    assert {name for found in kept.values() for one in found for name, _ in one.other} == {"integrity-violation", "csp-hash"}


@pytest.mark.parametrize("case", MALFORMED, ids=[case["id"] for case in MALFORMED])
def test_malformed_requests_get_an_allowed_class_of_answer(case: dict[str, Any]) -> None:
    body = base64.b64decode(case["body_base64"])
    try:
        found = read(inflate(body, case["headers"].get("content-encoding", ""), LIMIT))
    except ValueError as reason:
        found = Envelope(error=str(reason))
    answer = "4xx" if found.error else "accepted"
    if case["category"] == "content-type" and case["expect"] == "4xx":
        return  # refused by its content type, which the endpoint looks at
    assert answer in (case["expect"], *case.get("also_acceptable", ()))
    if answer == "accepted" == case["expect"]:
        assert len(found.reports) == case["reports_stored"]
    for report in found.reports:
        assert all(isinstance(value, str | int | float | bool | None) for value in report.fields.values())
        json.dumps(report.fields, allow_nan=False).encode()


REPORT = {"document-uri": "https://a.example/", "effective-directive": "img-src", "blocked-uri": "https://b.example/i.png"}
ENTRY = {
    "type": "csp-violation",
    "age": 12,
    "url": "https://a.example/",
    "user_agent": "UA",
    "body": {"blockedURL": "inline", "effectiveDirective": "script-src"},
}


def test_envelopes_are_told_apart_by_shape() -> None:
    for body, envelope in (
        ({"csp-report": REPORT}, "csp-report"),
        ([ENTRY], "reporting-api"),
        (ENTRY, "reporting-api"),
        (REPORT, "csp-report"),
        ([{"csp-report": REPORT}], "csp-report"),
        ({"type": "csp-violation", "url": "https://a.example/", "csp-report": REPORT}, "csp-report"),
    ):
        found = read(json.dumps(body).encode())
        assert [report.envelope for report in found.reports] == [envelope]
    assert (found.reports[0].url, read(json.dumps([ENTRY]).encode()).reports[0].age) == ("https://a.example/", 12)


def test_each_report_of_a_batch_is_judged_alone_and_keeps_its_own_text() -> None:
    body = [
        ENTRY,
        {"type": "deprecation", "body": {"id": "x"}},
        7,
        None,
        {"type": "csp-violation"},
        {"csp-report": "x"},
        {"csp-report": {}},
        {**ENTRY, "age": 99},
    ]
    found = read(json.dumps(body).encode())
    assert [report.age for report in found.reports] == [12, 99]
    assert [json.loads(report.text)["age"] for report in found.reports] == [12, 99]
    assert found.other == (("deprecation", 1),)
    assert dict(found.refused) == {"not-an-object": 2, "no-body": 2, "no-fields": 1}
    assert found.error == ""


def test_over_the_limit_the_rest_is_counted_and_not_looked_at() -> None:
    found = read(json.dumps([ENTRY] * 7).encode(), limit=5)
    assert len(found.reports) == 5
    assert found.refused == (("too-many", 2),)


def test_names_of_other_types_are_fit_to_be_shown() -> None:
    found = read(
        json.dumps([{"type": "<script>alert(1)</script>\n", "body": {}}, *({"type": f"t{n}", "body": {}} for n in range(50))]).encode()
    )
    assert all(name.isascii() and not set(name) & set("<>\n ()") for name, _ in found.other)
    assert len(found.other) <= 21
    assert sum(count for _, count in found.other) == 51


def test_cut_emoji_are_repaired() -> None:
    raw = b'{"csp-report":{"blocked-uri":"inline","effective-directive":"script-src","script-sample":"a\xed\xa0\xbd"}}'
    escaped = b'{"csp-report":{"blocked-uri":"inline","effective-directive":"script-src","script-sample":"a\\ud83d"}}'
    assert read(raw).reports[0].fields["script-sample"] == "a\ufffd\ufffd\ufffd"
    assert read(escaped).reports[0].fields["script-sample"] == "a\ufffd"
    kept = b'{"csp-report":{"blocked-uri":"inline","effective-directive":"script-src","script-sample":"\\ud83d\\ude00 \\\\ud83d"}}'
    assert read(kept).reports[0].fields["script-sample"] == "\U0001f600 \\ud83d"
    for body in (raw, escaped, kept):
        read(body).reports[0].text.decode("utf-8", "strict") if body != raw else None


def test_numbers_are_bounded() -> None:
    found = read(
        b'{"csp-report":{"blocked-uri":"inline","effective-directive":"script-src","line-number":1e400,"column-number":'
        + b"9" * 5000
        + b"}}"
    )
    assert found.reports[0].fields["line-number"] == 0.0
    assert found.reports[0].fields["column-number"] == 0


def test_spellings_of_names() -> None:
    assert plain_key("blocked-uri") == plain_key("blocked_uri") == plain_key("blockedURI") == "blockeduri"


def test_inflate() -> None:
    plain = json.dumps({"csp-report": REPORT}).encode()
    for encoding, body in (
        ("gzip", gzip.compress(plain)),
        ("deflate", zlib.compress(plain)),
        ("deflate", zlib.compress(plain)[2:-4]),
        ("", plain),
        ("identity", plain),
    ):
        assert inflate(body, encoding, LIMIT) == plain
    for encoding, body, reason in (
        ("br", plain, "unknown-encoding"),
        ("gzip, gzip", plain, "unknown-encoding"),
        ("gzip", plain, "not-compressed"),
        ("deflate", plain, "not-compressed"),
        ("gzip", gzip.compress(plain)[:-9], "not-compressed"),
        ("gzip", gzip.compress(bytes(LIMIT + 1)), "too-large"),
        ("", bytes(9), "too-large"),
        ("gzip", b"", "not-compressed"),
    ):
        with pytest.raises(ValueError, match=reason):
            inflate(body, encoding, 8 if reason == "too-large" and not encoding else LIMIT)


names = st.sampled_from([*REPORT, "csp-report", "type", "body", "age"]) | st.text(max_size=12)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_read_never_raises(body: bytes) -> None:
    found = read(body)
    assert bool(found.error) == (not found.reports and not found.other)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "", "x", "identity"]))
def test_inflate_is_bounded_and_only_raises_reasons(body: bytes, encoding: str) -> None:
    try:
        assert len(inflate(body, encoding, 1000)) <= 1000
    except ValueError as reason:
        said = str(reason)
    else:
        said = ""
    assert said in ("", "unknown-encoding", "not-compressed", "too-large")
