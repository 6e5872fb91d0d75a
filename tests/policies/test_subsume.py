"""policies.subsume: which of two policies is stricter, and where."""

from __future__ import annotations

import pytest

from policies.policy import Policy, PolicyList, parse_header, parse_policy
from policies.subsume import compare, compare_lists, is_subsumed, list_is_subsumed
from tests.linear import assert_linear

HTTPS, HTTP = "https://shop.test", "http://shop.test"


@pytest.mark.parametrize(("strict", "loose", "self_url", "expected"), [
    ("img-src a.test", "img-src *.test", None, True),
    ("img-src a.test", "img-src *.a.test", None, False),
    ("img-src *.a.test", "img-src *.test", None, True),
    ("img-src *.test", "img-src a.test", None, False),
    ("img-src a.test b.test", "img-src b.test a.test", None, True),
    ("img-src https://a.test", "img-src http://a.test", None, True),
    ("img-src http://a.test", "img-src https://a.test", None, False),
    ("img-src https://a.test:8000", "img-src http://a.test:8000", None, False),  # Chromium does not let it rise
    ("img-src https://a.test:443", "img-src https://a.test", None, True),
    ("img-src https://a.test:*", "img-src https://a.test:443 https://a.test:8443", None, False),
    ("img-src https://a.test/js/app.js", "img-src https://a.test/js/", None, True),
    ("img-src https://a.test/js/", "img-src https://a.test/js/app.js", None, False),
    ("img-src https://a.test/js", "img-src https://a.test/js/", None, False),
    ("img-src https://a.test", "img-src https://a.test/", None, True),
    ("img-src https://a.test", "img-src https:", None, True),
    ("img-src a.test", "img-src https:", None, False),
    ("img-src a.test", "img-src https:", HTTPS, True),
    ("img-src a.test", "img-src https:", HTTP, False),
    ("img-src https:", "img-src https://*:*", None, False),  # by the specification no host source covers an IP address
    ("img-src https:", "img-src *", None, True),
    ("img-src data:", "img-src *", None, False),
    ("img-src *", "img-src http: ws: ftp:", HTTPS, True),
    ("img-src *", "img-src http:", HTTPS, False),
    ("img-src 'self'", "img-src *", None, True),
    ("img-src 'self'", "img-src https:", None, False),
    ("img-src 'self'", "img-src https:", HTTPS, True),
    ("img-src 'self'", "img-src shop.test", HTTPS, True),
    ("img-src shop.test", "img-src 'self'", HTTPS, True),
    ("img-src shop.test", "img-src 'self'", None, False),
    ("img-src 'none'", "img-src", None, True),
    ("img-src", "img-src 'none'", None, True),
    ("default-src 'self'", "img-src 'self'", None, True),
    ("img-src 'self'", "default-src 'self'", None, False),
    ("default-src 'self'; img-src 'none'", "default-src 'self'", None, True),
    ("script-src 'nonce-abc'", "script-src 'nonce-abc' 'self'", None, True),
    ("script-src 'nonce-abc'", "script-src 'nonce-xyz'", None, False),
    ("script-src 'self'", "script-src 'self' 'unsafe-inline'", None, True),
    ("script-src 'unsafe-inline'", "script-src 'unsafe-inline' 'nonce-abc'", None, False),
    ("script-src 'unsafe-inline' 'nonce-abc'", "script-src 'nonce-abc'", None, True),
    ("script-src 'strict-dynamic' 'nonce-abc'", "script-src 'nonce-abc' https: data:", None, False),
    ("script-src 'strict-dynamic' 'nonce-abc' https:", "script-src 'strict-dynamic' 'nonce-abc'", None, True),
    ("script-src 'nonce-abc' a.test", "script-src 'strict-dynamic' 'nonce-abc' a.test", None, False),
    ("worker-src 'strict-dynamic'", "worker-src a.test", None, False),  # Chromium
    ("style-src 'sha256-AAAA'", "style-src 'unsafe-inline'", None, True),
    ("style-src 'unsafe-hashes' 'sha256-AAAA'", "style-src 'sha256-AAAA'", None, False),
    ("script-src 'unsafe-eval'", "script-src 'wasm-unsafe-eval'", None, False),
    ("script-src 'wasm-unsafe-eval'", "script-src 'unsafe-eval'", None, True),
    ("trusted-types foo", "trusted-types foo bar", None, True),
    ("trusted-types foo", "trusted-types *", None, True),
    ("trusted-types foo 'allow-duplicates'", "trusted-types *", None, False),
    ("require-trusted-types-for 'script'", "", None, True),
    ("", "require-trusted-types-for 'script'", None, False),
    ("sandbox", "sandbox allow-scripts", None, True),
    ("sandbox allow-scripts", "sandbox", None, False),
    ("webrtc 'block'", "", None, True),
    ("", "webrtc 'block'", None, False),
    ("frame-ancestors 'self'", "frame-ancestors 'self' https://partner.test", None, True),
    ("default-src 'self'", "default-src 'self'; form-action 'self'", None, False),
    ("img-src 'self'; report-uri /a", "img-src 'self'; report-uri /b", None, True),
])
def test_everything_the_one_allows_the_other_allows(strict: str, loose: str, self_url: str | None, expected: bool) -> None:
    assert is_subsumed(parse_policy(strict), parse_policy(loose), self_url) is expected


def test_what_became_looser_and_tighter_per_directive() -> None:
    base = parse_policy("default-src 'self'; script-src 'self' https://old.test; style-src 'self' 'unsafe-inline'")
    new = parse_policy("default-src 'self'; script-src 'self' https://new.test 'unsafe-eval'; style-src 'self'; img-src 'self' data:")
    found = compare(new, base, HTTPS)
    assert {(change.directive, change.value, change.ability) for change in found.looser} == {
        ("script-src", "https://new.test", "source"), ("script-src", "'unsafe-eval'", "eval"), ("img-src", "data:", "source"),
    }
    assert ("style-src", "'unsafe-inline'", "unsafe-inline") in {(c.directive, c.value, c.ability) for c in found.tighter}
    assert ("script-src", "https://old.test", "source") in {(c.directive, c.value, c.ability) for c in found.tighter}
    assert not found.at_least_as_strict
    assert next(c for c in found.looser if c.value == "https://new.test").effective[:1] == ("script-src-elem",)


def test_a_missing_directive_allows_everything() -> None:
    found = compare(Policy(), parse_policy("form-action 'self'"))
    assert [(change.directive, change.ability, change.effective) for change in found.looser] == [("", "everything", ("form-action",))]


def test_lists_are_judged_together() -> None:
    both = parse_header("img-src 'self', script-src 'self'")
    assert list_is_subsumed(both, parse_header("img-src 'self' data:"))
    assert not list_is_subsumed(parse_header("img-src 'self' data:"), both)
    assert list_is_subsumed(both, parse_header(""))


def test_what_one_policy_of_a_list_refuses_is_refused() -> None:
    """Two policies that each guard one thing say the same as one that guards both."""
    apart, together = parse_header("img-src 'none', script-src 'self'"), parse_header("img-src 'none'; script-src 'self'")
    assert list_is_subsumed(apart, together)
    assert list_is_subsumed(together, apart)
    assert not compare_lists(parse_header("img-src *, img-src 'self'"), parse_header("img-src 'self'")).looser


def test_a_policy_less_in_the_list_is_looser_wherever_it_stood() -> None:
    old = parse_header("default-src https:, script-src 'self', img-src 'self'")
    found = compare_lists(parse_header("img-src 'self', default-src https:"), old, HTTPS)
    assert {(change.value, change.ability) for change in found.looser} == {("https:", "source")}
    assert "script-src-elem" in found.looser[0].effective
    assert not found.tighter


def test_very_many_policies_in_one_header_are_compared_in_linear_time() -> None:
    def header(letter: str, size: int) -> PolicyList:
        return parse_header(",".join(f"img-src {letter}{number}.test" for number in range(size)))

    assert_linear(lambda text: compare_lists(header("g", len(text)), header("h", len(text))), "x" * 100)


def test_long_lists_are_compared() -> None:
    many = parse_policy("img-src " + " ".join(f"https://h{number}.test" for number in range(1500)))
    more = parse_policy("img-src " + " ".join(f"https://h{number}.test" for number in range(700, 2200)))
    assert len(compare(many, more).looser) == 700
