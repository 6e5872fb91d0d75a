"""policies.suggest: the smallest change that fixes reported violations (policy-lab.md 2.3)."""

from __future__ import annotations

import pytest

from policies.evidence import Evidence
from policies.live import hash_of
from policies.policy import parse_policy
from policies.suggest import Option, Suggestions, suggest
from policies.suggest_sources import registrable

PAGE = "https://shop.test"


def evidence(directive: str, kind: str, blocked: str, **more: object) -> Evidence:
    return Evidence.stored(directive=directive, blocked_kind=kind, blocked=blocked, origin=PAGE, **more)


def ask(policy: str, *pieces: Evidence) -> Suggestions:
    return suggest(parse_policy(policy), pieces)


def codes(found: Suggestions) -> list[str]:
    return [option.code for option in found.options]


def option(found: Suggestions, code: str) -> Option:
    return next(option for option in found.options if option.code == code)


def test_a_new_directive_begins_as_a_copy_of_its_fallback() -> None:
    found = ask("default-src 'self'", evidence("img-src", "url", "https://cdn.example.com/a/b.png"))
    assert codes(found) == ["exact", "directory", "host", "scheme"]
    host = option(found, "host")
    assert host.header == "default-src 'self'; img-src 'self' https://cdn.example.com"
    assert (host.fixes, host.of, host.default, host.risk) == (1, 1, True, "low")


@pytest.mark.parametrize(("policy", "directive", "header"), [
    ("script-src 'self'", "script-src-elem", "script-src 'self' https://a.test"),
    ("script-src 'self'; script-src-elem 'none'", "script-src-elem", "script-src 'self'; script-src-elem https://a.test"),
    ("default-src 'none'", "style-src-elem", "default-src 'none'; style-src https://a.test"),
    ("child-src 'self'", "frame-src", "child-src 'self'; frame-src 'self' https://a.test"),
    ("script-src 'self'", "worker-src", "script-src 'self'; worker-src 'self' https://a.test"),
    ("script-src 'self' 'nonce-{NONCE}'", "worker-src", "script-src 'self' 'nonce-{NONCE}' https://a.test"),
    ("form-action 'self'", "form-action", "form-action 'self' https://a.test"),
])
def test_where_a_source_goes(policy: str, directive: str, header: str) -> None:
    assert option(ask(policy, evidence(directive, "url", "https://a.test/x/y")), "host").header == header


def test_a_script_from_a_directory_and_the_warning_for_hosts_that_void_allow_lists() -> None:
    found = ask("script-src 'self'", evidence("script-src-elem", "url", "https://cdnjs.cloudflare.com/ajax/libs/jquery/3.1.1/jquery.js"))
    assert option(found, "directory").values == ("https://cdnjs.cloudflare.com/ajax/libs/jquery/",)
    assert option(found, "directory").default
    assert option(found, "host").risk == "high"
    assert "https://" in option(found, "host").warnings[0]
    assert "scheme" not in codes(found)


def test_three_names_make_a_wildcard_but_never_of_a_shared_host() -> None:
    own = [evidence("connect-src", "url", f"https://r{number}.example.com/c") for number in range(3)]
    found = ask("default-src 'self'", *own)
    assert option(found, "wildcard").values == ("https://*.example.com",)
    assert codes(found).index("host") < codes(found).index("wildcard")
    shared = [evidence("connect-src", "url", f"https://r{number}.github.io/c") for number in range(3)]
    assert "wildcard" not in codes(ask("default-src 'self'", *shared))
    assert "wildcard" not in codes(ask("default-src 'self'", *own[:2]))


@pytest.mark.parametrize(("host", "domain"), [
    ("a.b.example.co.uk", "example.co.uk"), ("x.github.io", "x.github.io"), ("github.io", ""), ("localhost", ""), ("10.0.0.1", ""),
    ("[::1]", ""),
])
def test_registrable_domains(host: str, domain: str) -> None:
    assert registrable(host) == domain


def test_paths_are_written_as_the_grammar_has_them() -> None:
    found = ask("img-src 'self'", evidence("img-src", "url", "https://a.test/x;y,z/%zz/[1].png?q"))
    assert option(found, "exact").values == ("https://a.test/x%3By%2Cz/%25zz/%5B1%5D.png",)
    assert option(found, "exact").fixes == 1


def test_the_pages_own_origin_is_self_and_a_socket_is_named() -> None:
    assert option(ask("img-src data:", evidence("img-src", "url", f"{PAGE}/a.png")), "self").header == "img-src data: 'self'"
    socket = ask("connect-src 'self'", evidence("connect-src", "url", "wss://shop.test/live"))
    assert option(socket, "host").values == ("wss://shop.test",)


def test_data_only_where_it_holds_no_code() -> None:
    assert option(ask("img-src 'self'", evidence("img-src", "scheme", "data")), "data").header == "img-src 'self' data:"
    found = ask("script-src 'self'", evidence("script-src-elem", "scheme", "data"))
    assert (found.options, found.advice) == ((), ("attack-surface",))
    assert ask("worker-src 'self'", evidence("worker-src", "scheme", "blob")).options[0].risk == "high"
    assert ask("frame-src 'self'", evidence("frame-src", "scheme", "intent")).advice == ("odd-scheme",)


def test_inline_script_gets_a_nonce_or_a_hash_of_a_whole_sample() -> None:
    found = ask("script-src 'self'", evidence("script-src-elem", "inline", "inline", sample="go()"))
    assert codes(found) == ["nonce", "hash", "unsafe-inline"]
    assert option(found, "nonce").condition == "nonce-on-tag"
    assert option(found, "nonce").header == "script-src 'self' 'nonce-{NONCE}'"
    assert option(found, "hash").values == (f"'sha256-{hash_of('go()')}'",)
    assert option(found, "unsafe-inline").risk == "high"


def test_no_hash_from_a_cut_or_masked_sample() -> None:
    for sample, note in (("x" * 40, "sample-cut"), ("mail(*)", "sample-cut"), ("", "sample-missing")):
        found = ask("script-src 'self'", evidence("script-src-elem", "inline", "inline", sample=sample))
        assert "hash" not in codes(found)
        assert note in found.advice


def test_beside_a_nonce_the_template_changes_and_unsafe_inline_is_useless() -> None:
    found = ask("script-src 'nonce-{NONCE}'", evidence("script-src-elem", "inline", "inline"))
    assert codes(found) == ["nonce"]
    assert found.options[0].edits == ()
    assert {"add-nonce", "unsafe-inline-useless"} <= set(found.advice)


def test_under_strict_dynamic_hosts_are_useless() -> None:
    found = ask("script-src 'strict-dynamic' 'nonce-{NONCE}'", evidence("script-src-elem", "url", "https://a.test/x.js"))
    assert codes(found) == ["nonce"]
    assert "hosts-useless" in found.advice


def test_style_attributes_take_the_low_risk_step() -> None:
    found = ask("style-src 'self'", evidence("style-src-attr", "inline", "inline", sample="color:red"))
    assert codes(found) == ["unsafe-hashes", "attribute-inline"]
    attribute = option(found, "attribute-inline")
    assert (attribute.header, attribute.risk, attribute.default) == ("style-src 'self'; style-src-attr 'unsafe-inline'", "low", True)


def test_eval_wasm_and_types() -> None:
    strings = ask("script-src 'self'", evidence("script-src", "eval", "eval"))
    assert option(strings, "unsafe-eval").header == "script-src 'self' 'unsafe-eval'"
    wasm = ask("default-src 'self'", evidence("script-src", "wasm-eval", "wasm-eval"))
    assert option(wasm, "wasm-unsafe-eval").header == "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
    types = ask("trusted-types foo", evidence("trusted-types", "trusted-types-policy", "trusted-types-policy", sample="bar"))
    assert option(types, "name").header == "trusted-types foo bar"
    sink = ask("require-trusted-types-for 'script'", evidence("require-trusted-types-for", "trusted-types-sink", "trusted-types-sink"))
    assert (sink.options, sink.advice) == ((), ("types-sink",))


@pytest.mark.parametrize(("policy", "piece", "advice"), [
    ("img-src 'self'", evidence("img-src", "scheme", "moz-extension"), "noise"),
    ("img-src 'self'", evidence("img-src", "url", "https://a.test/x", noise=True), "noise"),
    ("img-src a.test", evidence("img-src", "url", "https://a.test/x"), "already-allowed"),
    ("img-src 'self'", evidence("img-src", "url", "http://shop.test/x"), "upgrade"),
    ("img-src 'self'", evidence("img-src", "url", "http://static.shop.test/x"), "upgrade"),
    ("script-src 'self'", evidence("trusted-types", "trusted-types-policy", ""), "types-elsewhere"),
    ("script-src 'self'", evidence("require-trusted-types-for", "trusted-types-sink", ""), "types-elsewhere"),
    ("default-src 'self'; img-src 'self'", evidence("default-src", "origin", "https://a.test/"), "default-only"),
    ("img-src a.test", evidence("img-src", "url", "https://a.test/x", policy="img-src a.test"), "redirect-suspected"),
    ("img-src b.test", evidence("img-src", "url", "https://a.test/x", policy="img-src a.test"), "redirect-suspected"),
    ("frame-ancestors 'self'", evidence("frame-ancestors", "url", f"{PAGE}/x"), "ancestor-unknown"),
    ("base-uri 'self'", evidence("base-uri", "inline", "inline"), "base-unknown"),
    ("img-src 'self'", evidence("img-src", "url", "https://10.0.0.1:8000/x"), "ip-host"),
    ("img-src 'self'", evidence("img-src", "unknown", "<odd>"), "what-unknown"),
])
def test_what_is_no_edit(policy: str, piece: Evidence, advice: str) -> None:
    found = ask(policy, piece)
    assert advice in found.advice
    assert len(found.advice_words) == len(found.advice)


def test_an_option_says_how_many_it_fixes_and_what_else_it_opens() -> None:
    pieces = [evidence("script-src-elem", "url", "https://a.test/x.js"), evidence("script-src-elem", "inline", "inline")]
    host = option(ask("script-src 'self'", *pieces), "host")
    assert (host.fixes, host.of) == (1, 2)
    assert host.also == ("worker-src",)
    assert host.opens
