"""policies.strength against the shared cases (facts from csp-evaluator 1.1.6), and what we look at beyond them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policies.bypasses import FLASH_GADGETS, SCRIPT_GADGETS, UPLOAD_GADGETS, find_reason
from policies.command_line import check_lines
from policies.policy import parse_header
from policies.strength import SEVERITIES, TYPES, evaluate, reused_nonces, weaknesses
from tests.linear import assert_linear

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "csp_strength.json"

def shared(kind: str) -> list[dict[str, Any]]:
    if CASES.exists():
        return [case for case in json.loads(CASES.read_text())["cases"] if case["kind"] == kind]
    if os.environ.get("CI") == "true":
        pytest.fail(f"{CASES.name} is missing: the conformance cases must run in CI")
    pytest.skip(f"../shared/cases/{CASES.name} is not beside this checkout")


def answers(kind: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each shared case of this kind with what the command prints for it."""
    cases = shared(kind)
    for case, (line, _) in zip(cases, check_lines(map(json.dumps, cases), "evaluator"), strict=True):
        yield case, json.loads(line)


@pytest.mark.parametrize("kind", ["check", "full", "lighthouse"])
def test_shared_cases_in_order(kind: str) -> None:
    for case, answer in answers(kind):
        assert (answer["id"], answer["findings"]) == (case["id"], case["expected"])


def test_effective_policy() -> None:
    for case, answer in answers("effective"):
        assert (answer["directives"], answer["findings"]) == (case["expected_directives"], case["expected_ignored"])


def test_bypass_matching() -> None:
    for case, answer in answers("bypass-match"):
        assert (answer["id"], answer["host"]) == (case["id"], case["expected_host"])


def test_every_type_has_words_and_a_fix_and_every_gadget_a_reference() -> None:
    assert [name for name, facts in TYPES.items() if not facts.words or not facts.fix] == []
    gadgets = [*SCRIPT_GADGETS, *FLASH_GADGETS, *UPLOAD_GADGETS]
    assert [gadget for gadget in gadgets if not gadget.reference.startswith("https://") or not gadget.path.startswith("/")] == []
    assert len({(gadget.kind, gadget.host, gadget.path) for gadget in gadgets}) == len(gadgets)


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("cdnjs.cloudflare.com", "angular"),
        ("*.google.com", "jsonp"),
        ("*.github.io", "uploads"),
        ("acme.github.io", None),
        ("cdn.jsdelivr.net/gh/acme/shop/", "uploads"),
        ("cdn.jsdelivr.net/wp/", None),
        ("unpkg.com", "uploads"),
        ("www.google.com/recaptcha/", "angular"),
        ("www.google.com/maps/", None),
        ("notgoogle.com", None),
        ("shop.example", None),
    ],
)
def test_hosts_that_void_an_allow_list(host: str, kind: str | None) -> None:
    gadget = find_reason(host)
    assert (gadget.kind if gadget else None) == kind


def types(text: str) -> dict[str, str]:
    return {finding.type: finding.severity for finding in weaknesses(parse_header(text))}


STRICT = "default-src 'none'; script-src 'nonce-abcdefgh' 'strict-dynamic' 'unsafe-inline' https:; style-src 'self'; base-uri 'none'; "
STRICT += "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"


@pytest.mark.parametrize(
    ("policy", "finding"),
    [
        ("worker-src blob:", "WORKER_SCHEME"),
        ("child-src data:", "WORKER_SCHEME"),
        ("script-src 'self' blob:", "SCRIPT_LOCAL_SCHEME"),
        ("script-src 'self' filesystem:", "SCRIPT_LOCAL_SCHEME"),
        ("script-src 'self' wss:", "SCRIPT_SOCKET_SCHEME"),
        ("img-src htps://foo.example", "SCHEME_MISSPELT"),
        ("img-src htpp://foo.example", "SCHEME_MISSPELT"),
        ("img-src hhttps:", "SCHEME_MISSPELT"),
        ("connect-src wsss://foo.example", "SCHEME_MISSPELT"),
        ("default-src 'none'", "FORM_ACTION_OPEN"),
        ("form-action *", "FORM_ACTION_OPEN"),
        ("frame-ancestors https:", "FRAME_ANCESTORS_OPEN"),
        ("default-src 'none'", "FRAME_ANCESTORS_OPEN"),
        ("style-src 'unsafe-inline'", "STYLE_UNSAFE_INLINE"),
        ("style-src *", "STYLE_WIDE"),
    ],
)
def test_gaps_that_csp_evaluator_leaves(policy: str, finding: str) -> None:
    assert finding in types(policy)
    assert finding not in {found.type for found in evaluate(policy)}


def test_strict_policy_has_nothing_against_it() -> None:
    assert types(STRICT) == {}


def test_what_browsers_know_today_is_no_mistake() -> None:
    assert "INVALID_KEYWORD" not in types("script-src 'self' 'report-sha256' 'trusted-types-eval'")
    assert "UNKNOWN_DIRECTIVE" not in types("fenced-frame-src https:")


def test_style_attributes_alone_are_only_noted() -> None:
    assert types("style-src 'self'; style-src-attr 'unsafe-inline'")["STYLE_UNSAFE_INLINE"] == "INFO"


def test_second_policy_closes_what_the_first_leaves_open() -> None:
    loose = "script-src * 'unsafe-inline'; object-src *"
    assert types(loose)["SCRIPT_UNSAFE_INLINE"] == "HIGH"
    assert "SCRIPT_UNSAFE_INLINE" not in types(f"{loose}, {STRICT}")
    assert "SCRIPT_UNSAFE_INLINE" in types(f"{loose}, img-src 'self'")
    assert "MISSING_DIRECTIVES" not in types(f"img-src 'self', {STRICT}")


def test_two_policies_that_are_both_loose_stay_loose() -> None:
    assert "PLAIN_WILDCARD" in types("script-src *, script-src *")


def test_no_policy_at_all_is_a_high_finding() -> None:
    assert types("") == {"MISSING_DIRECTIVES": "HIGH"}


def test_nonce_seen_in_two_page_views_is_found_and_fresh_ones_are_not() -> None:
    fixed = [f"script-src 'nonce-static01' 'nonce-fresh{view:04}'" for view in range(3)]
    assert [(f.type, f.severity, f.value, f.words[:20]) for f in reused_nonces(fixed)] == [
        ("STATIC_NONCE", "HIGH", "'nonce-static01'", "Seen in 3 page views")
    ]
    assert reused_nonces(["script-src 'nonce-{NONCE}'"] * 2) == []


def test_worst_comes_first() -> None:
    ranks = [SEVERITIES[finding.severity] for finding in weaknesses(parse_header("script-src 'unsafe-inline' http://a.example; foo bar"))]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    "text",
    [
        "script-src 'strict-dynamic' 'nonce-abcdefgh' " + " ".join(f"https://h{i}.example" for i in range(10_000)),
        ";".join(f"d{i} x" for i in range(10_000)),
        "script-src " + "a" * 200_000,
        "script-src " + "*." * 50_000,
        ",".join(f"script-src http://h{i}.example * 'unsafe-inline'" for i in range(2_000)),
        "script-src\x00\x0b\x85 [" + "[" * 20_000,
    ],
)
def test_hostile_policies_are_judged_in_linear_time(text: str) -> None:
    def judge(text: str) -> None:
        evaluate(text)
        weaknesses(parse_header(text))

    assert_linear(judge, text)


def test_gadgets_that_csp_evaluator_does_not_know_count_in_our_list_alone() -> None:
    text = "script-src https://apis.google.com; object-src 'none'"
    known = {finding.severity for finding in evaluate(text) if finding.type == "SCRIPT_ALLOWLIST_BYPASS"}
    ours = {finding.severity for finding in weaknesses(parse_header(text)) if finding.type == "SCRIPT_ALLOWLIST_BYPASS"}
    assert (known, ours) == ({"MEDIUM_MAYBE"}, {"HIGH"})


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("script-src *.yandex.com", "HIGH"),
        ("script-src yandex.com", "MEDIUM_MAYBE"),
        ("script-src https://clients1.google.com/complete/search", "HIGH"),
        ("script-src https://www.google.com/complete/search", "MEDIUM_MAYBE"),
        ("script-src raw.githubusercontent.com/angular/", "HIGH"),
        ("script-src raw.githubusercontent.com/acme/", "MEDIUM_MAYBE"),
        ("script-src *.twitter.com", "HIGH"),
        ("script-src twitter.com", "MEDIUM_MAYBE"),
        ("script-src *.googletagmanager.com", "MEDIUM_MAYBE"),
        ("script-src *.googletagmanager.com 'unsafe-eval'", "HIGH"),
        ("script-src www.googleadservices.com", "HIGH"),
        ("script-src www.googleadservices.com/pagead/conversion/1070110417/wcm", "MEDIUM_MAYBE"),
        ("object-src vk.com", "HIGH"),
        ("object-src vk.com/swf/", "HIGH"),
        ("object-src www.vk.com", "MEDIUM_MAYBE"),
    ],
)
def test_a_host_is_as_void_as_csp_evaluator_says(text: str, severity: str) -> None:
    """Answers of csp-evaluator 1.1.6 on whole hosts, wildcards, folders and single addresses."""
    value = text.split()[1]
    found = [finding.severity for finding in evaluate(text) if finding.type.endswith("_ALLOWLIST_BYPASS") and finding.value == value]
    assert found == [severity]


def test_a_directive_outside_ascii_is_judged_by_csp_evaluators_list_and_dropped_by_ours() -> None:
    """CSP3 #parse-serialized-policy drops the directive; the evaluator's reader keeps it, and so do its findings."""
    text = "script-src \u2018self\u2019 https:; object-src 'none'"
    assert ("PLAIN_URL_SCHEMES", "https:") in {(f.type, f.value) for f in evaluate(text)}
    assert ("MISSING_DIRECTIVES", "script-src") in {(f.type, f.directive) for f in weaknesses(parse_header(text))}


def test_schemes_of_browsers_and_applications_are_no_misspelling() -> None:
    schemes = "http: https: ws: wss: data: blob: filesystem: mediastream: about: chrome-extension: capacitor: ipfs: ftp: app: webtransport:"
    assert "SCHEME_MISSPELT" not in types(f"img-src {schemes} a.test a.test:8443 https://a.test wss://a.test 'self'")
