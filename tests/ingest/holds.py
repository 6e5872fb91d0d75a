"""What holds of any bytes that reach the endpoint, on their way from the wire to what is stored.

One list for hypothesis (test_holds.py), which tries what we thought of, and for the fuzzer (fuzz.py), which looks for new ways
through the code. Nothing here needs a database.
"""

from __future__ import annotations

import json
import re

from ingest.limits import MAX_BODY
from ingest.normalise import MAX_AGE, MAX_COUNT, MAX_POLICY, MAX_SAMPLE, MAX_USER_AGENT, MAX_VIOLATED, normalise
from ingest.wire import MAX_FIELD_TEXT, MAX_FIELDS, MAX_OTHER_TYPES, MAX_REPORT_TEXT, Envelope, RawReport, inflate, read, weigh
from issues.fingerprint import fingerprint
from issues.scrub import MAX_RECEIVED, page_template, scrub, scrub_received
from issues.scrub import MAX_SAMPLE as STORED_SAMPLE
from issues.verdicts import ProjectFacts, judge
from policies.address import MAX_TEXT
from policies.violation import Address, Violation
from policies.words import VERDICTS

LIMIT = 20
DECLARED = (ProjectFacts(), ProjectFacts(sites=("shop.example", "*.acme.example"), own_schemes=("acme-app",), sensitive=("/checkout*",)))
ENCODINGS = ("", "gzip", "deflate", "gzip, gzip")
REASONS = {"unknown-encoding", "not-compressed", "too-large"}
SURROGATE = re.compile("[\ud800-\udfff]")


def check(body: bytes, encoding: str = "", user_agent: str = "", origin: str = "") -> None:
    """The whole road of one request; AssertionError where something does not hold."""
    plain = _inflated(body, encoding)
    envelope = read(plain, LIMIT)
    _door_and_drain_agree(plain, envelope)
    for report in envelope.reports:
        _raw_is_bounded(report)
        _report(report, user_agent, origin)
    _received(plain[:MAX_REPORT_TEXT])


def _inflated(body: bytes, encoding: str) -> bytes:
    """What can't be inflated is turned away with a reason, and goes on as it is here."""
    try:
        plain = inflate(body, encoding, MAX_BODY)
    except ValueError as problem:
        if str(problem) not in REASONS:
            raise
        return body
    assert len(plain) <= MAX_BODY
    return plain


def _door_and_drain_agree(plain: bytes, envelope: Envelope) -> None:
    """The door only weighs: it may take what the drain then finds to be none, but turns away nothing that holds a report."""
    weight = weigh(plain, LIMIT)
    found = len(envelope.reports) + sum(number for _, number in envelope.refused)
    assert len(envelope.reports) <= LIMIT
    assert len(envelope.other) <= MAX_OTHER_TYPES + 1
    if envelope.reports or envelope.other:
        assert not weight.error, weight
        assert (weight.reports, weight.reports + weight.refused) == (len(envelope.reports), found), (weight, envelope.refused)
    assert not weight.error or weight.error == envelope.error, (weight, envelope.error)


def _raw_is_bounded(report: RawReport) -> None:
    assert len(report.fields) <= MAX_FIELDS
    assert len(report.text) <= MAX_REPORT_TEXT
    for key, value in report.fields.items():
        assert len(key) <= 64
        assert value is None or isinstance(value, str | int | float)
        assert not isinstance(value, str) or len(value) <= MAX_FIELD_TEXT
        assert not SURROGATE.search(f"{key}{value}")
    assert not SURROGATE.search(report.url + report.user_agent)


def _report(report: RawReport, user_agent: str, origin: str) -> None:
    violation = normalise(report, user_agent=user_agent, origin=origin)
    assert violation == normalise(report, user_agent=user_agent, origin=origin)
    _violation_is_bounded(violation)
    clean = scrub(violation)
    _is_clean(clean)
    again = scrub(clean)
    assert again == clean, [(getattr(clean, name), getattr(again, name)) for name in clean.__slots__]
    for facts in DECLARED:
        judgement = judge(violation, facts)
        assert judgement.verdict in VERDICTS
        assert judgement.noise_class in VERDICTS or not judgement.noise_class
        assert judgement.marks[0].reason == judgement.reason
        found = fingerprint(violation, judgement)
        assert len(found.key) == 32
        assert found.title
        stored = fingerprint(clean, judgement)
        assert stored.key == found.key, f"stored under {stored.grouped_by!r}, reported {found.grouped_by!r}"
        json.dumps([found.title, found.grouped_by, judgement.reason], ensure_ascii=False).encode()
    page_template(clean.document).encode()


def _violation_is_bounded(violation: Violation) -> None:
    assert len(violation.sample) <= MAX_SAMPLE
    assert len(violation.policy) <= MAX_POLICY * 2  # a masked nonce may be longer than the nonce
    assert len(violation.violated) <= MAX_VIOLATED
    assert len(violation.user_agent) <= MAX_USER_AGENT
    assert len(violation.directive) <= 64
    assert 0 <= violation.age <= MAX_AGE
    assert 0 <= violation.line <= MAX_COUNT
    assert 0 <= violation.column <= MAX_COUNT
    assert 0 <= violation.status < 1000
    assert violation.disposition in ("enforce", "report", "")
    for address in _addresses(violation):
        assert len(address.text) <= MAX_TEXT
        assert 0 <= address.port < 65536
    repr(violation).encode()  # no surrogate: a database refuses those
    assert not [one for one in _texts(violation) if "\x00" in one], "a database refuses NUL"


def _is_clean(clean: Violation) -> None:
    """No query, fragment or userinfo, and of a sample 40 characters at most."""
    for address in _addresses(clean):
        assert not address.query
        if address.host:
            authority = address.text.partition("://")[2].partition("/")[0]
            assert not set("?#") & set(address.text), address
            assert "@" not in authority, address
        elif address.kind == "broken":
            assert not set("?#@") & set(address.text), address
    assert len(clean.sample) <= STORED_SAMPLE
    assert clean.user_agent == ""
    assert "\x00" not in clean.origin
    for policy in (clean.policy, clean.violated):
        for word in re.split(r"[\s;,]+", policy):
            if "://" in word:
                assert not set("?#") & set(word), word
                assert "@" not in word.partition("://")[2].partition("/")[0], word


def _received(text: bytes) -> None:
    shown = scrub_received(text)
    assert len(shown) <= MAX_RECEIVED
    assert "\x00" not in shown
    shown.encode()


def _addresses(violation: Violation) -> tuple[Address, ...]:
    return violation.document, violation.referrer, violation.blocked, violation.source


def _texts(violation: Violation) -> list[str]:
    texts = [violation.directive, violation.sample, violation.policy, violation.violated]
    for address in _addresses(violation):
        texts += [address.text, address.host, address.path, address.query, address.scheme]
    return texts
