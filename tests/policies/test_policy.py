"""policies.policy and policies.sources: reading and writing policies."""

from __future__ import annotations

import pytest

from policies.parse_warnings import WARNING_WORDS
from policies.policy import observed, parse_header, parse_policy
from policies.sources import parse_item
from tests.linear import assert_linear

ROUTINE = "default-src 'self'; script-src 'nonce-r4nd0mnonce' https://*.A.com:8443/x/; report-uri /csp; report-to main"


@pytest.mark.parametrize(("raw", "kind", "parts"), [
    ("*", "star", {}),
    ("'self'", "self", {"keyword": "self"}),
    ("'SELF'", "self", {"keyword": "self"}),
    ("'none'", "none", {"keyword": "none"}),
    ("self", "host", {"host": "self", "problem": "missing-quotes"}),
    ("'unsafe-inline'", "keyword", {"keyword": "unsafe-inline"}),
    ("'Strict-Dynamic'", "keyword", {"keyword": "strict-dynamic"}),
    ("'unsafe-everything'", "invalid", {"problem": "invalid-expression"}),
    ("unsafe-inline", "host", {"problem": "missing-quotes"}),
    ("data:", "scheme", {"scheme": "data"}),
    ("HTTPS:", "scheme", {"scheme": "https"}),
    ("localhost:", "scheme", {"scheme": "localhost"}),
    ("localhost:8080", "host", {"host": "localhost", "port": "8080"}),
    ("a.test", "host", {"host": "a.test"}),
    ("https://*.A.test:*/x/y.js", "host", {"scheme": "https", "host": "*.a.test", "port": "*", "path": "/x/y.js"}),
    ("https://a.test.", "host", {"host": "a.test."}),
    ("*:443", "host", {"host": "*", "port": "443"}),
    ("a.test/%41;", "invalid", {"problem": "invalid-expression"}),
    ("a.test/%4", "invalid", {}),
    ("a.test//x", "invalid", {}),
    ("a_b.test", "invalid", {}),
    ("*a.test", "invalid", {}),
    ("a.*.test", "invalid", {}),
    ("https://", "invalid", {}),
    ("https:/a.test", "invalid", {}),
    ("//a.test", "invalid", {}),
    ("a.test:", "scheme", {"scheme": "a.test"}),
    ("a.test:x", "invalid", {}),
    ("a.test/x?y", "invalid", {"problem": "path-with-query"}),
    ("a.test/x#y", "invalid", {"problem": "path-with-query"}),
    ("a.test,", "invalid", {"problem": "comma-in-policy"}),
    ("[::1]", "invalid", {"problem": "ip-host"}),
    ("10.0.0.1", "host", {"problem": "ip-host"}),
    ("'nonce-abcdefgh'", "nonce", {"nonce": "abcdefgh", "problem": ""}),
    ("'NONCE-AbC='", "nonce", {"nonce": "AbC=", "problem": "nonce-too-short"}),
    ("'nonce-{NONCE}'", "nonce", {"nonce": "{NONCE}", "problem": ""}),
    ("'nonce-a$'", "invalid", {}),
    ("'nonce-a==='", "invalid", {}),
    ("'nonce-'", "invalid", {}),
    ("nonce-abcdefgh", "host", {"problem": "missing-quotes"}),
    ("nonce-a+b==", "invalid", {"problem": "missing-quotes"}),
    ("'SHA256-UNhY4JhezH9gQYqvDMWrWH9CwlcKiECVqejMrND2VFw='", "hash", {"hash_alg": "sha256", "problem": ""}),
    ("'sha256-UNhY4JhezH9gQYqvDMWrWH9CwlcKiECVqejMrND2VFw'", "hash", {"problem": ""}),
    ("'sha384-abc'", "hash", {"hash_alg": "sha384", "hash_value": "abc", "problem": "hash-wrong-length"}),
    ("'sha1-abc'", "invalid", {}),
])
def test_an_expression_is_read_by_the_grammar(raw: str, kind: str, parts: dict[str, str]) -> None:
    item = parse_item(raw, 3)
    assert (item.kind, item.raw, item.index) == (kind, raw, 3)
    assert {name: getattr(item, name) for name in parts} == parts


def test_the_first_directive_of_a_name_wins_and_the_rest_is_kept_apart() -> None:
    policy = parse_policy("IMG-SRC a.test; img-src b.test;; \t script-src\n'self' ")
    assert str(policy) == "img-src a.test; script-src 'self'"
    assert [str(directive) for directive in policy.ignored] == ["img-src b.test"]
    assert policy.get("img-src").raw_name == "IMG-SRC"
    assert policy.raw.startswith("IMG-SRC")


def test_only_ascii_white_space_separates() -> None:
    assert parse_policy("img-src\x0c'none'").get("img-src").values == ("'none'",)
    assert parse_policy("img-src\x0b'none'").get("img-src") is None
    dropped = parse_policy("img-src\xa0'none'; font-src ü.test; style-src 'self'")
    assert [directive.name for directive in dropped.directives] == ["style-src"]
    assert [note.code for note in dropped.warnings] == ["non-ascii", "non-ascii", "idn-not-punycode"]
    assert dropped.warnings[-1].value == "ü.test"


def test_a_header_is_a_list_and_empty_policies_are_no_members() -> None:
    policies = parse_header("img-src a.test,, ; ,script-src 'none'", "report")
    assert [str(policy) for policy in policies] == ["img-src a.test", "script-src 'none'"]
    assert {policy.disposition for policy in policies} == {"report"}
    assert str(policies) == "img-src a.test, script-src 'none'"
    assert len(parse_header("")) == 0


def test_meta_has_no_report_uri_frame_ancestors_or_sandbox() -> None:
    policy = parse_policy("default-src 'self'; frame-ancestors 'none'; sandbox; report-uri /x", delivery="meta")
    assert str(policy) == "default-src 'self'"
    assert [(note.code, note.directive) for note in policy.warnings] == [
        ("ignored-in-meta", "frame-ancestors"), ("ignored-in-meta", "sandbox"), ("ignored-in-meta", "report-uri")]


@pytest.mark.parametrize(("text", "code", "value"), [
    ("img-src a; img-src b", "dup-directive", ""),
    ("image-src a.test", "unknown-directive", ""),
    ("block-all-mixed-content", "deprecated-directive", ""),
    ("img-src self", "missing-quotes", "self"),
    ("img-src a.test script-src b.test", "missing-semicolon", "script-src"),
    ("img-src a.test, b.test", "comma-in-policy", "a.test,"),
    ("img-src 'none' a.test", "none-with-others", "'none'"),
    ("script-src 'unsafe-inline' 'nonce-abcdefgh'", "unsafe-inline-ignored", "'unsafe-inline'"),
    ("script-src 'strict-dynamic' https: 'nonce-abcdefgh'", "hosts-ignored-strict-dynamic", "https:"),
    ("script-src 'nonce-abc'", "nonce-too-short", "'nonce-abc'"),
    ("script-src 'sha256-abc'", "hash-wrong-length", "'sha256-abc'"),
    ("img-src a.test/x?y", "path-with-query", "a.test/x?y"),
    ("img-src http://10.0.0.1", "ip-host", "http://10.0.0.1"),
    ("img-src a.test/js", "trailing-path-exact", "a.test/js"),
    ("img-src a_b", "invalid-expression", "a_b"),
])
def test_what_the_author_is_told(text: str, code: str, value: str) -> None:
    warnings = parse_policy(text).warnings
    assert (code, value) in [(warning.code, warning.value) for warning in warnings]
    assert all(warning.words == WARNING_WORDS[warning.code] for warning in warnings)


@pytest.mark.parametrize("text", [
    "default-src 'self'; script-src 'strict-dynamic' 'nonce-abcdefgh'; img-src https://a.test/js/ a.test/x.js data:; report-uri /x",
    "require-trusted-types-for 'script'; trusted-types foo 'allow-duplicates'; sandbox allow-scripts; upgrade-insecure-requests",
    "default-src 'strict-dynamic' https:",
])
def test_a_sound_policy_gets_no_warning(text: str) -> None:
    assert parse_policy(text).warnings == ()


def test_a_report_only_policy_is_told_what_does_nothing() -> None:
    warnings = parse_policy("sandbox; upgrade-insecure-requests", disposition="report").warnings
    assert [warning.code for warning in warnings] == ["ignored-in-report-only", "ignored-in-report-only"]


def test_nonces_and_report_addresses_do_not_make_another_version() -> None:
    policy = parse_policy(ROUTINE)
    other = parse_policy(ROUTINE.replace("r4nd0mnonce", "0therN0nce==").replace("/csp", "/elsewhere"))
    assert policy.masked == "default-src 'self'; script-src 'nonce-{NONCE}' https://*.A.com:8443/x/"
    assert policy.fingerprint == other.fingerprint
    assert len(policy.fingerprint) == 64
    assert policy.fingerprint != parse_policy(ROUTINE + "; img-src *").fingerprint
    assert parse_policy("script-src 'nonce-$bad$'").fingerprint == parse_policy("script-src 'nonce-#bad#'").fingerprint
    assert parse_policy("script-src nonce-abcdefgh").fingerprint == parse_policy("script-src nonce-hgfedcba").fingerprint


def test_a_reported_policy_with_commas_is_a_list() -> None:
    fingerprint, masked = observed("img-src 'nonce-abc', script-src 'self'; report-uri /x")
    assert masked == "img-src 'nonce-{NONCE}', script-src 'self'"
    assert fingerprint == observed("img-src 'nonce-xyz',script-src  'self'")[0]


@pytest.mark.parametrize("text", [
    "img-src " + "a " * 9996,
    "img-src " + " ".join(f"{number:x}" for number in range(10_000)),
    ";".join(f"d{number}" for number in range(4_000)),
    "img-src " + "'nonce-" * 2_800,
    "img-src " + "a." * 9_990 + "?",
    "img-src a/" + "%41/" * 4_990 + ",",
    "img-src " + "https://" * 2_400,
    "\x00\x01\x7f\x1b[31m" * 2_500,
    "img-src " + "\xa0" * 19_000,
    ";" * 20_000,
])
def test_hostile_policies_are_read_in_linear_time(text: str) -> None:
    """Warnings and fingerprint included."""

    def read(text: str) -> None:
        policy = parse_policy(text)
        assert policy.warnings is not None
        assert policy.fingerprint

    assert_linear(read, text)
