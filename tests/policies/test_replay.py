"""policies.replay: three answers from what a report holds (policy-lab.md 2.2)."""

from __future__ import annotations

import pytest

from policies.address import parse_address
from policies.evaluate import deciding
from policies.evidence import Evidence
from policies.live import hash_of
from policies.policy import parse_header, parse_policy
from policies.replay import replay
from policies.replay_rows import Row, replay_rows, totals
from policies.violation import Violation

PAGE = "https://shop.test"


def evidence(directive: str, blocked: str, kind: str = "", **more: object) -> Evidence:
    address = parse_address(blocked)
    found = kind or {"url": "url", "origin": "origin", "scheme": "scheme"}.get(address.kind, blocked)
    return Evidence.stored(directive=directive, blocked_kind=found, blocked=blocked, origin=PAGE, **more)


@pytest.mark.parametrize(("policy", "piece", "verdict", "reason"), [
    ("default-src 'self'", evidence("img-src", "https://cdn.test/a.png"), "blocked", "no-match"),
    ("script-src 'self'", evidence("img-src", "https://cdn.test/a.png"), "allowed", "no-directive"),
    ("img-src cdn.test/i/", evidence("img-src", "https://cdn.test/i/a.png"), "allowed", "source-match"),
    ("img-src cdn.test/i/", evidence("img-src", "https://cdn.test"), "unknown", "path-needed"),
    ("img-src cdn.test/i/", evidence("img-src", "https://cdn.test/i/*/a.png"), "allowed", "source-match"),
    ("img-src cdn.test/i/9/a.png", evidence("img-src", "https://cdn.test/i/*/a.png"), "unknown", "path-needed"),
    ("frame-src pay.test/widget/", evidence("frame-src", "https://pay.test/"), "unknown", "path-needed"),
    ("img-src 10.0.0.1", evidence("img-src", "https://10.0.0.1/a.png"), "unknown", "browser-divergence"),
    ("connect-src *", evidence("connect-src", "wss://ws.test/s"), "allowed", "source-match"),
    ("connect-src https://ws.test", evidence("connect-src", "wss://ws.test/s"), "unknown", "browser-divergence"),
    ("script-src 'nonce-{NONCE}'", evidence("script-src-elem", "https://cdn.test/a.js"), "unknown", "needs-nonce-or-integrity"),
    ("style-src 'nonce-{NONCE}'", evidence("style-src-elem", "https://cdn.test/a.css"), "unknown", "needs-nonce-or-integrity"),
    ("style-src 'sha256-AAAA'", evidence("style-src-elem", "https://cdn.test/a.css"), "blocked", "no-match"),
    ("script-src 'strict-dynamic' cdn.test", evidence("script-src-elem", "https://cdn.test/a.js"), "unknown", "strict-dynamic"),
    ("img-src 'strict-dynamic' cdn.test", evidence("img-src", "https://cdn.test/a.png"), "allowed", "source-match"),
    ("frame-src 'self'", evidence("frame-src", "about"), "unknown", "about-not-fetched"),
    ("worker-src blob:", evidence("worker-src", "blob"), "allowed", "source-match"),
    ("img-src 'self'", evidence("img-src", "data"), "blocked", "no-match"),
    ("script-src 'unsafe-inline'", evidence("script-src-elem", "inline"), "allowed", "unsafe-inline"),
    ("script-src 'unsafe-inline' 'nonce-{NONCE}'", evidence("script-src-elem", "inline"), "unknown", "needs-nonce-or-hash"),
    ("script-src 'strict-dynamic'", evidence("script-src-elem", "inline"), "unknown", "strict-dynamic"),
    ("script-src 'strict-dynamic'", evidence("script-src-attr", "inline"), "blocked", "no-opener"),
    (f"script-src 'sha256-{hash_of('go()')}'", evidence("script-src-elem", "inline", sample="go()"), "allowed", "hash-likely"),
    (f"script-src 'sha256-{hash_of('x' * 40)}'", evidence("script-src-elem", "inline", sample="x" * 40), "unknown", "needs-nonce-or-hash"),
    ("script-src 'sha256-AAAA'", evidence("script-src-elem", "inline", sample="go()"), "unknown", "needs-nonce-or-hash"),
    ("style-src 'nonce-{NONCE}'", evidence("style-src-attr", "inline"), "blocked", "no-opener"),
    ("style-src 'unsafe-hashes' 'sha256-AAAA'", evidence("style-src-attr", "inline"), "unknown", "needs-nonce-or-hash"),
    ("default-src 'unsafe-eval'", evidence("script-src", "eval"), "allowed", "keyword-match"),
    ("script-src 'trusted-types-eval'", evidence("script-src", "eval"), "unknown", "keyword-conditional"),
    ("script-src 'wasm-unsafe-eval'", evidence("script-src", "wasm-eval"), "allowed", "keyword-match"),
    ("script-src 'self'", evidence("script-src", "wasm-eval"), "blocked", "keyword-missing"),
    ("frame-ancestors *", evidence("frame-ancestors", PAGE), "allowed", "source-match"),
    ("frame-ancestors 'none'", evidence("frame-ancestors", PAGE), "blocked", "no-match"),
    ("frame-ancestors 'self'", evidence("frame-ancestors", PAGE), "unknown", "ancestor-unknown"),
    ("base-uri 'self'", evidence("base-uri", "inline"), "unknown", "base-unknown"),
    ("base-uri 'self'", evidence("base-uri", "https://evil.test/"), "blocked", "no-match"),
    ("form-action https://pay.test", evidence("form-action", "https://pay.test/x"), "allowed", "source-match"),
    ("require-trusted-types-for 'script'", evidence("require-trusted-types-for", "trusted-types-sink"), "blocked", "sink-guarded"),
    ("trusted-types foo", evidence("trusted-types", "trusted-types-policy", sample="foo"), "allowed", "name-match"),
    ("trusted-types foo", evidence("trusted-types", "trusted-types-policy"), "unknown", "name-unknown"),
    ("trusted-types *", evidence("trusted-types", "trusted-types-policy"), "allowed", "name-match"),
    ("sandbox", evidence("sandbox", "https://a.test/"), "unknown", "not-replayable"),
    ("img-src *", evidence("sandbox", "https://a.test/"), "allowed", "no-directive"),
    ("img-src 'none'", evidence("img-src", "", other=True), "unknown", "other-row"),
    ("img-src 'none'", evidence("img-src", "<something>", "unknown"), "unknown", "what-unknown"),
    ("img-src 'none'", evidence("", "https://a.test/"), "unknown", "what-unknown"),
    # a fallback named by an old browser stands for all it governs
    ("script-src-attr 'unsafe-inline'; script-src 'self'", evidence("script-src", "inline"), "unknown", "several-directives"),
    ("script-src 'unsafe-inline'", evidence("script-src", "inline"), "allowed", "unsafe-inline"),
    ("default-src a.test", evidence("default-src", "https://a.test/x"), "allowed", "source-match"),
    ("default-src a.test; img-src 'none'", evidence("default-src", "https://a.test/x"), "unknown", "several-directives"),
    ("script-src 'self'", evidence("script-src-elem", "self", "unknown"), "unknown", "legacy-self"),
    ("script-src 'none'", evidence("script-src-elem", "self", "unknown"), "blocked", "no-opener"),
])
def test_one_answer(policy: str, piece: Evidence, verdict: str, reason: str) -> None:
    decision = replay(parse_policy(policy), piece)
    assert (decision.verdict, decision.reason) == (verdict, reason)
    assert decision.words


def test_the_profile_decides_where_browsers_differ() -> None:
    policy, piece = parse_policy("connect-src 'self'"), evidence("connect-src", "wss://shop.test/s")
    assert [replay(policy, piece, profile).verdict for profile in ("spec", "chromium", "both")] == ["allowed", "blocked", "unknown"]


def test_an_address_that_the_reporting_policy_allows_was_a_redirect() -> None:
    piece = evidence("img-src", "https://cdn.test/a.png", policy="img-src https://cdn.test")
    assert replay(parse_policy("img-src https://cdn.test"), piece).reason == "redirect-suspected"
    assert replay(parse_policy("img-src https:"), piece).verdict == "unknown"
    assert replay(parse_policy("img-src 'self'"), piece).verdict == "blocked"
    direct = evidence("img-src", "https://cdn.test/a.png", policy="img-src 'self'")
    assert replay(parse_policy("img-src https:"), direct).verdict == "allowed"


def test_of_several_policies_the_strictest_answers() -> None:
    piece = evidence("script-src-elem", "https://cdn.test/a.js")
    assert replay(parse_header("script-src cdn.test, default-src 'self'"), piece).directive == "default-src"
    assert replay(parse_header("script-src cdn.test, script-src 'nonce-{NONCE}'"), piece).verdict == "unknown"
    assert replay(parse_header("script-src cdn.test, img-src 'none'"), piece).verdict == "allowed"
    assert replay(parse_header(""), piece).reason == "no-policy"


def test_a_framing_page_may_be_known_by_the_referrer() -> None:
    piece = Evidence(document=PAGE, directives=("frame-ancestors",), blocked_kind="origin", blocked=parse_address(PAGE),
                     referrer="https://partner.test")
    assert replay(parse_policy("frame-ancestors https://partner.test"), piece).reason == "ancestor-likely"


def test_deciding_names_the_directive_that_blocked() -> None:
    violation = Violation(document=parse_address("https://shop.test/cart"), directive="img-src", directives=("img-src",),
                          blocked=parse_address("https://cdn.test/a.png"), blocked_kind="url")
    decision = deciding(parse_policy("default-src 'self'"), violation)
    assert (decision.verdict, decision.directive, decision.effective) == ("blocked", "default-src", "img-src")
    assert deciding(parse_policy("img-src *.test"), violation).item == "*.test"


def test_deciding_does_not_suspect_its_own_policy() -> None:
    """A report that its own policy allows is what the stale and forged verdicts look for."""
    violation = Violation(document=parse_address("https://shop.test/"), directive="img-src", blocked=parse_address("https://cdn.test/a.png"),
                          blocked_kind="url", policy="img-src https:")
    assert deciding(parse_policy("img-src https:"), violation).verdict == "allowed"


def test_evidence_of_a_violation() -> None:
    violation = Violation(document=parse_address("https://shop.test/cart?x=1"), directive="script-src-elem", blocked_kind="inline",
                          sample="x" * 39 + "💥", referrer=parse_address("https://partner.test/page"), disposition="report")
    piece = Evidence.from_violation(violation, noise=True)
    assert (piece.document, piece.directives, piece.referrer, piece.noise) == (PAGE, ("script-src-elem",), "https://partner.test", True)
    assert not piece.sample_complete  # 41 code units


def test_weights_are_summed_per_answer() -> None:
    rows = [
        Row(evidence("img-src", "https://a.test/x.png"), reports=10, visitors=3, days=2, key=1),
        Row(evidence("img-src", "https://a.test/x.png"), reports=5, visitors=1, days=4, key=1),
        Row(evidence("img-src", "https://b.test/x.png"), reports=7, key=2),
    ]
    outcomes = replay_rows(parse_policy("img-src a.test"), rows)
    assert [outcome.decision.verdict for outcome in outcomes] == ["allowed", "allowed", "blocked"]
    sums = totals(outcomes)
    assert (sums["allowed"].rows, sums["allowed"].reports, sums["allowed"].visitors, sums["allowed"].days) == (2, 15, 4, 4)
    assert sums["blocked"].reports == 7
    assert sums["unknown"].rows == 0


def test_ten_thousand_rows_are_answered_one_by_one() -> None:
    rows = [
        Row(evidence("img-src" if number % 2 else "script-src-elem", f"https://h{number % 3000}.test/{number}.js", policy="img-src 'self'"))
        for number in range(10_000)
    ]
    policy = parse_header("default-src 'self'; script-src 'self' https://*.h1.test; img-src 'self' https://h2.test, object-src 'none'")
    assert len(replay_rows(policy, rows)) == 10_000
