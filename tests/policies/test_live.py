"""policies.live against the text of CSP3 (own cases beside the shared ones)."""

from __future__ import annotations

import time

import pytest

from policies.evaluate import (
    match_eval,
    match_frame_ancestors,
    match_inline,
    match_trusted_types_policy,
    match_trusted_types_sink,
    match_url,
    match_wasm,
)
from policies.live import hash_of
from policies.policy import parse_policy

SELF = "https://shop.test/"
TYPICAL = (
    "default-src 'self'; script-src 'self' 'nonce-abcdefgh12' https://www.googletagmanager.com https://*.google-analytics.com "
    "https://cdn.jsdelivr.net/npm/ https://js.stripe.com; style-src 'self' 'unsafe-inline' https://fonts.googleapis.com; "
    "img-src 'self' data: https:; connect-src 'self' https://*.sentry.io wss://ws.shop.test https://api.stripe.com; "
    "font-src 'self' https://fonts.gstatic.com; frame-src https://js.stripe.com; object-src 'none'; base-uri 'self'; report-uri /csp"
)


@pytest.mark.parametrize(("policy", "directive", "url", "spec", "chromium"), [
    # hosts
    ("img-src *.a.test", "img-src", "https://x.y.a.test/", True, True),
    ("img-src *.a.test", "img-src", "https://xa.test/", False, False),
    ("img-src a.test.", "img-src", "https://a.test./", True, True),
    ("img-src a.test", "img-src", "https://a.test./", False, False),
    ("img-src bücher.test", "img-src", "https://bücher.test/", True, True),  # not ASCII: the directive is gone
    ("img-src xn--bcher-kva.test", "img-src", "https://bücher.test/", True, True),
    ("img-src 127.0.0.1:*", "img-src", "https://127.0.0.1:99/", False, True),
    ("img-src *:99", "img-src", "https://[::1]:99/", False, True),
    ("img-src https://*", "img-src", "https://u:p@a.test/", True, True),
    # schemes and ports
    ("img-src http://a.test:8080", "img-src", "http://a.test:8080/", True, True),
    ("img-src http://a.test:80", "img-src", "https://a.test/", False, True),
    ("img-src http://a.test:443", "img-src", "https://a.test/", True, True),
    ("img-src http://a.test:*", "img-src", "https://a.test:9/", True, True),
    ("img-src https://a.test:80", "img-src", "https://a.test/", False, False),
    ("img-src a.test:0443", "img-src", "https://a.test/", True, True),
    ("img-src a.test:99999999999", "img-src", "https://a.test/", False, False),
    ("connect-src ws://a.test", "connect-src", "wss://a.test/", True, True),
    ("connect-src wss://a.test", "connect-src", "ws://a.test/", False, False),
    ("connect-src https://a.test", "connect-src", "wss://a.test/", False, False),
    ("connect-src *", "connect-src", "wss://a.test/", False, True),
    # paths
    ("img-src a.test/x%2Fy", "img-src", "https://a.test/x%2fy", True, True),
    ("img-src a.test/x%2Fy", "img-src", "https://a.test/x/y", False, False),
    ("img-src a.test/%7Euser/", "img-src", "https://a.test/~user/a", True, True),
    ("img-src a.test/x/../y", "img-src", "https://a.test/y", False, False),
    ("img-src a.test/y", "img-src", "https://a.test/x/../y", True, True),
    ("img-src a.test/a%3Bb", "img-src", "https://a.test/a;b", True, True),
    ("img-src a.test/x", "img-src", "https://a.test/x?q#f", True, True),
    ("img-src a.test/x/", "img-src", "https://a.test/x", False, False),
    # fallbacks
    ("child-src a.test; default-src 'none'", "worker-src", "https://a.test/", True, True),
    ("script-src a.test; default-src 'none'", "worker-src", "https://a.test/", True, True),
    ("script-src-elem a.test; default-src 'none'", "worker-src", "https://a.test/", False, False),
    ("frame-src a.test; default-src 'none'", "fenced-frame-src", "https://a.test/", True, True),
    ("default-src 'none'", "form-action", "https://a.test/", True, True),
    ("form-action 'self'", "form-action", "https://a.test/", False, False),
    ("navigate-to 'none'", "navigate-to", "https://a.test/", True, True),
    # prefetches pass when any fetch directive covers them
    ("default-src 'none'; img-src a.test", "default-src", "https://a.test/", True, True),
    ("default-src 'none'; img-src b.test", "default-src", "https://a.test/", False, False),
    ("img-src 'none'", "prefetch-src", "https://a.test/", True, True),
    # what is no address
    ("img-src *", "img-src", "data:image/png,x", False, False),
    ("img-src data:", "img-src", "DATA:image/png,x", True, True),
    ("img-src 'self'", "img-src", "blob:https://shop.test/1", False, False),
    ("img-src *", "img-src", "not an address", False, False),
    ("img-src *", "img-src", "https://a b/", True, True),  # refused by the URL parser: no request is ever made
])
def test_an_address_against_a_policy(policy: str, directive: str, url: str, spec: bool, chromium: bool) -> None:
    parsed = parse_policy(policy)
    assert (match_url(parsed, directive, url, SELF).verdict == "allowed") is spec
    assert (match_url(parsed, directive, url, SELF, profile="chromium").verdict == "allowed") is chromium


@pytest.mark.parametrize(("self_url", "url", "spec", "chromium"), [
    ("https://shop.test:8443", "https://shop.test:8443/x", True, True),
    ("https://shop.test:8443", "https://shop.test/x", False, False),
    ("http://shop.test:8080", "https://shop.test:8080/x", True, True),
    ("http://shop.test", "https://shop.test/x", True, True),
    ("http://shop.test", "https://shop.test:80/x", False, True),  # the one origin has no port, the other has
    ("https://shop.test", "http://shop.test/x", False, False),
    ("https://shop.test", "wss://shop.test/x", True, False),
    ("about:blank", "https://shop.test/", False, False),
    (None, "https://shop.test/", False, False),
])
def test_self_is_the_origin_or_its_secure_sister(self_url: str | None, url: str, spec: bool, chromium: bool) -> None:
    policy = parse_policy("connect-src 'self'")
    assert (match_url(policy, "connect-src", url, self_url).verdict == "allowed") is spec
    assert (match_url(policy, "connect-src", url, self_url, profile="chromium").verdict == "allowed") is chromium


def test_a_decision_names_directive_and_item() -> None:
    policy = parse_policy("default-src 'none'; img-src b.test *.a.test")
    found = match_url(policy, "img-src", "https://x.a.test/", SELF)
    assert (found.verdict, found.reason, found.directive, found.item) == ("allowed", "source-match", "img-src", "*.a.test")
    refused = match_url(policy, "font-src", "https://x.a.test/", SELF)
    assert (refused.verdict, refused.reason, refused.directive, refused.item) == ("blocked", "no-match", "default-src", "")
    assert "covers" in refused.words


@pytest.mark.parametrize(("policy", "nonce", "integrity", "inserted", "reason"), [
    ("script-src 'nonce-abc'", "abc", "", True, "nonce-match"),
    ("script-src 'nonce-abc'", "ABC", "", True, "no-match"),
    ("script-src 'sha256-AAAA'", "", "sha256-AAAA md5-x", True, "integrity-match"),
    ("script-src 'sha256-AAAA'", "", "sha256-AAAA sha512-BBBB", True, "no-match"),
    ("script-src 'sha256-AAAA'", "", "nonsense", True, "no-match"),
    ("script-src 'strict-dynamic' https:", "", "", False, "not-parser-inserted"),
    ("script-src 'strict-dynamic' https:", "", "", True, "parser-inserted"),
    ("default-src 'strict-dynamic' 'nonce-abc' https:", "abc", "", True, "nonce-match"),
])
def test_what_a_script_element_carries(policy: str, nonce: str, integrity: str, inserted: bool, reason: str) -> None:
    decision = match_url(parse_policy(policy), "script-src-elem", "https://cdn.test/a.js", SELF, nonce=nonce, integrity=integrity,
                         parser_inserted=inserted)
    assert decision.reason == reason


def test_strict_dynamic_rules_workers_only_through_script_src_but_in_chromium() -> None:
    worker = "https://a.test/w.js"
    assert match_url(parse_policy("worker-src 'strict-dynamic' a.test"), "worker-src", worker, SELF).verdict == "allowed"
    assert match_url(parse_policy("script-src 'strict-dynamic' a.test"), "worker-src", worker, SELF).verdict == "blocked"
    assert match_url(parse_policy("default-src 'strict-dynamic' a.test"), "worker-src", worker, SELF).verdict == "allowed"
    elsewhere = parse_policy("worker-src 'strict-dynamic' b.test")
    assert match_url(elsewhere, "worker-src", worker, SELF, parser_inserted=False).verdict == "blocked"
    assert match_url(elsewhere, "worker-src", worker, SELF, parser_inserted=False, profile="chromium").verdict == "allowed"


@pytest.mark.parametrize(("policy", "inline_type", "code", "verdict"), [
    ("script-src 'unsafe-inline'", "script", None, "allowed"),
    ("script-src 'unsafe-inline' 'nonce-abc'", "script", None, "blocked"),
    ("script-src 'unsafe-inline' 'nonce-a$'", "script", None, "allowed"),
    ("script-src 'unsafe-inline' 'strict-dynamic'", "navigation", None, "blocked"),
    ("style-src 'unsafe-inline' 'strict-dynamic'", "style", None, "allowed"),
    (f"script-src 'sha256-{hash_of('go()')}'", "script", "go()", "allowed"),
    (f"script-src 'sha256-{hash_of('go()')}'", "script attribute", "go()", "blocked"),
    (f"script-src 'unsafe-hashes' 'sha256-{hash_of('go()')}'", "script attribute", "go()", "allowed"),
    (f"script-src 'unsafe-hashes' 'sha256-{hash_of('javascript:go()')}'", "navigation", "javascript:go()", "allowed"),
    (f"script-src-attr 'sha384-{hash_of('go()', 'sha384')}' 'unsafe-hashes'; script-src 'none'", "script attribute", "go()", "allowed"),
    ("script-src-attr 'none'; script-src 'unsafe-inline'", "navigation", None, "allowed"),
])
def test_inline_code(policy: str, inline_type: str, code: str | None, verdict: str) -> None:
    assert match_inline(parse_policy(policy), inline_type, code).verdict == verdict


def test_a_hash_without_its_padding_counts_in_chromium_only() -> None:
    policy = parse_policy(f"script-src 'sha256-{hash_of('go()').rstrip('=')}'")
    assert match_inline(policy, "script", "go()").verdict == "blocked"
    assert match_inline(policy, "script", "go()", profile="chromium").verdict == "allowed"


def test_eval_and_wasm() -> None:
    conditional = parse_policy("script-src 'trusted-types-eval'; require-trusted-types-for 'script'")
    assert match_eval(conditional).verdict == "blocked"
    assert match_eval(conditional, trusted_script=True).verdict == "allowed"
    assert match_eval(parse_policy("script-src 'trusted-types-eval'"), trusted_script=True).verdict == "blocked"
    assert match_wasm(parse_policy("default-src 'wasm-unsafe-eval'")).item == "'wasm-unsafe-eval'"
    assert match_wasm(parse_policy("script-src 'self'")).verdict == "blocked"


@pytest.mark.parametrize(("policy", "name", "exists", "verdict"), [
    ("trusted-types foo", "foo", False, "allowed"),
    ("trusted-types foo", "Foo", False, "blocked"),
    ("trusted-types *", "any", False, "allowed"),
    ("trusted-types *", "any", True, "blocked"),
    ("trusted-types * 'allow-duplicates'", "any", True, "allowed"),
    ("trusted-types 'none'", "'none'", False, "blocked"),
    ("trusted-types", "foo", False, "blocked"),
    ("default-src 'none'", "foo", True, "allowed"),
])
def test_trusted_types_policies(policy: str, name: str, exists: bool, verdict: str) -> None:
    assert match_trusted_types_policy(parse_policy(policy), name, exists=exists).verdict == verdict


def test_trusted_types_sinks() -> None:
    assert match_trusted_types_sink(parse_policy("require-trusted-types-for 'script'")).verdict == "blocked"
    assert match_trusted_types_sink(parse_policy("require-trusted-types-for script")).verdict == "allowed"


def test_every_ancestor_has_to_be_covered_by_its_origin() -> None:
    policy = parse_policy("frame-ancestors 'self' https://partner.test")
    assert match_frame_ancestors(policy, ["https://partner.test/some/page", SELF], SELF).verdict == "allowed"
    assert match_frame_ancestors(policy, ["https://partner.test/", "https://evil.test/"], SELF).verdict == "blocked"
    assert match_frame_ancestors(policy, ["data:text/html,x"], SELF).verdict == "blocked"
    assert match_frame_ancestors(policy, [], SELF).verdict == "allowed"


def test_ten_thousand_sources_are_nearly_as_quick_as_ten() -> None:
    """Hosts are looked up, not tried one by one: a thousand times the sources may not even take twenty times as long."""

    def seconds(sources: int) -> float:
        policy = parse_policy("img-src " + " ".join(f"https://h{number}.test" for number in range(sources)))
        match_url(policy, "img-src", "https://x.test/", SELF)
        begin = time.process_time()
        for number in range(2000):
            match_url(policy, "img-src", f"https://h{number}.test/{sources}", SELF)
        return time.process_time() - begin

    assert min(seconds(10_000) for _ in range(3)) < 20 * min(seconds(10) for _ in range(3))
