"""policies.optimise, policies.diff and policies.edits: changing a whole policy."""

from __future__ import annotations

import pytest

from policies.diff import diff
from policies.edits import Edit, apply_edits
from policies.evidence import Evidence
from policies.optimise import Needless, drop_needless, needed_by, plan, unused
from policies.policy import parse_policy

PAGE = "https://shop.test"


def evidence(directive: str, blocked: str, kind: str = "url", **more: object) -> Evidence:
    return Evidence.stored(directive=directive, blocked_kind=kind, blocked=blocked, origin=PAGE, **more)


def test_a_plan_fixes_all_issues_with_the_least() -> None:
    issues = [[evidence("img-src", f"https://cdn.example.com/img/{number}.png")] for number in range(4)]
    issues += [[evidence("script-src", "eval", "eval")], [evidence("frame-ancestors", PAGE)]]
    found = plan(parse_policy("default-src 'self'"), issues)
    assert str(found.policy) == "default-src 'self'; img-src 'self' https://cdn.example.com/img/; script-src 'self' 'unsafe-eval'"
    assert (len(found.fixed), len(found.left)) == (5, 0)  # frame-ancestors is not in the policy: allowed


def test_options_that_spoil_each_other_are_not_joined() -> None:
    """A hash would switch 'unsafe-inline' off; the narrow one stays and the rest is left, said so."""
    issues = [[evidence("style-src-elem", "inline", "inline", sample="p{}")], [evidence("style-src-elem", "inline", "inline")]]
    found = plan(parse_policy("style-src 'self'"), issues)
    assert [option.code for option in found.options] == ["hash"]
    assert (len(found.fixed), len(found.left)) == (1, 1)


@pytest.mark.parametrize(("before", "after", "dropped"), [
    ("img-src https://a.b.test https://*.b.test", "img-src https://*.b.test", [("https://a.b.test", "https://*.b.test")]),
    ("img-src https://a.test/x/ https://a.test", "img-src https://a.test", [("https://a.test/x/", "https://a.test")]),
    ("img-src https: https://a.test data:", "img-src https: data:", [("https://a.test", "https:")]),
    ("img-src a.test a.test", "img-src a.test", [("a.test", "a.test")]),
    ("img-src a.test A.test", "img-src a.test", [("A.test", "a.test")]),
    ("img-src https://a.test http://a.test", "img-src http://a.test", [("https://a.test", "http://a.test")]),
    ("img-src 'self' https://a.test", "img-src 'self' https://a.test", []),
    ("script-src 'self' 'unsafe-inline' 'nonce-abc'", "script-src 'self' 'unsafe-inline' 'nonce-abc'", []),
])
def test_needless_items_go(before: str, after: str, dropped: list[tuple[str, str]]) -> None:
    thin, found = drop_needless(parse_policy(before))
    assert str(thin) == after
    assert [(item.value, item.because) for item in found] == dropped


def test_unused_sources_are_a_hint_and_keywords_are_not_judged() -> None:
    policy = parse_policy("img-src 'self' https://a.test https://b.test data:; script-src 'unsafe-inline' https://c.test/js/")
    seen = [evidence("img-src", "https://a.test/x.png"), evidence("script-src-elem", "https://c.test")]
    assert unused(policy, seen) == (Needless("img-src", "https://b.test"), Needless("img-src", "data:"))


def test_what_a_source_is_needed_by() -> None:
    policy = parse_policy("img-src https://a.test https://b.test")
    pieces = [evidence("img-src", "https://a.test/x.png"), evidence("img-src", "https://b.test/x.png")]
    assert needed_by(policy, "img-src", "https://a.test", pieces) == (pieces[0],)
    assert needed_by(policy, "font-src", "https://a.test", pieces) == ()


def test_edits_take_none_away_and_add_nothing_twice() -> None:
    policy = parse_policy("default-src 'none'; img-src a.test")
    edits = (Edit("img-src", "a.test"), Edit("font-src", "'self'", "default-src"), Edit("font-src", "data:", "default-src"))
    assert str(apply_edits(policy, edits)) == "default-src 'none'; img-src a.test; font-src 'self' data:"


def test_a_difference_word_by_word() -> None:
    old = parse_policy("default-src 'self'; script-src 'nonce-abc' a.test; font-src data:; block-all-mixed-content")
    new = parse_policy("script-src 'nonce-xyz' b.test; default-src 'self'; upgrade-insecure-requests; font-src data:")
    found = diff(old, new)
    assert [(part.name, part.state) for part in found.changed] == [
        ("script-src", "changed"), ("upgrade-insecure-requests", "added"), ("block-all-mixed-content", "removed")]
    assert found.lines() == [
        "- script-src a.test", "+ script-src b.test", "+ upgrade-insecure-requests", "- block-all-mixed-content"]
    assert found.directives[0].kept == ("'nonce-{NONCE}'",)
    assert not diff(old, old)
