"""policies.observatory against the shared cases, and what the cases leave open."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from policies.command_line import check_lines
from policies.observatory import PolicyInvalid, Response, grade_csp, grade_of, judge_csp, merge, observe, scan_link
from policies.observatory import headers as judged
from policies.observatory.scores import SCORES, total
from tests.linear import assert_linear

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "observatory.json"


def shared() -> dict[str, Any]:
    if CASES.exists():
        return json.loads(CASES.read_text())
    if os.environ.get("CI") == "true":
        pytest.fail(f"{CASES.name} is missing: the conformance cases must run in CI")
    pytest.skip(f"../shared/cases/{CASES.name} is not beside this checkout")


def snake(name: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)


def test_csp_cases() -> None:
    for case in shared()["csp_cases"]:
        headers = [] if case["header"] is None else [case["header"]]
        result = judge_csp(headers, case["meta"], report_only=bool(case["report_only"]), https=case["site"].startswith("https:"))
        assert (case["id"], result.result) == (case["id"], case["expected_result"])
        assert grade_csp(result)[0] == case["expected_modifier"]
        assert (case["id"], result.passed, result.policies) == (case["id"], case["expected_pass"], case["num_policies"])
        if case["policy_flags"]:
            assert asdict(result.flags) == {snake(name): value for name, value in case["policy_flags"].items()}, case["id"]
        if case["parsed"]:
            assert result.parsed == case["parsed"], case["id"]


def test_parser_cases() -> None:
    for case in shared()["parser_cases"]:
        if case["expected"] == {"error": True}:
            with pytest.raises(PolicyInvalid):
                merge(case["policies"])
            continue
        merged = merge(case["policies"])
        expected = dict(case["expected"])
        assert list(merged.repeated) == expected.pop("_observatory_duplicate_key_warnings", [])
        assert merged.directives == {name: set(sources) for name, sources in expected.items()}, case["id"]


def test_other_header_cases() -> None:
    """Through the command; the two values of one case stand joined in it and have to be taken apart."""
    cases = shared()["other_header_cases"]
    asked = [{**case, "value": case["value"].removesuffix(" (two headers)").split(" + ")} if "(two headers)" in str(case["value"]) else case
             for case in cases]
    for case, (line, _) in zip(cases, check_lines(map(json.dumps, asked), "evaluator"), strict=True):
        answer = json.loads(line)
        assert answer == {"id": case["id"], "observatory": {"result": case["expected_result"], "modifier": case["expected_modifier"]}}


def test_scores_and_grades() -> None:
    cases = shared()
    assert {name: score.modifier for name, score in SCORES.items()} == cases["score_table"]
    assert {str(score): grade_of(score) for score in range(0, 101, 5)} == cases["grade_chart"]
    for case in cases["grade_cases"]:
        assert (grade_of(case["score"]), max(case["score"], 0)) == (case["expected_grade"], case["expected_score"])


def test_every_loss_names_its_fix() -> None:
    assert [name for name, score in SCORES.items() if score.modifier < 0 and not score.fix] == []


@pytest.mark.parametrize(
    ("modifiers", "score"),
    [([], 100), ([10, 5], 115), ([-10, 10], 100), ([-20, 10], 80), ([-10, -5, 30], 85), ([-25, -50, -50], 0)],
)
def test_extra_credit_counts_from_ninety(modifiers: list[int], score: int) -> None:
    assert total(modifiers) == score


def test_three_policies_keep_what_two_had_in_common() -> None:
    """Whatever two policies shared stays, even when the third does not name it: a quirk that decides grades there."""
    assert merge(["img-src https://a.example", "img-src https://a.example", "img-src https://b.example"]).directives == {
        "img-src": {"https://a.example"}
    }


def test_broken_percent_escape_is_invalid_when_two_policies_meet_on_it() -> None:
    with pytest.raises(PolicyInvalid):
        merge(["img-src https://a.example/%zz", "img-src https://a.example/%zz"])
    assert judge_csp(["img-src https://a.example/%zz"]).result == "csp-implemented-with-unsafe-inline"


def test_strict_policy_and_headers_earn_a_plus() -> None:
    report = observe(
        Response(
            (
                ("Content-Security-Policy", "default-src 'none'; script-src 'nonce-abcdefgh'; frame-ancestors 'none'"),
                ("Strict-Transport-Security", "max-age=31536000"),
                ("X-Content-Type-Options", "nosniff"),
                ("Referrer-Policy", "same-origin"),
                ("Cross-Origin-Opener-Policy", "same-origin"),
                ("Set-Cookie", "sessionid=x; Secure; HttpOnly; SameSite=Lax"),
            )
        )
    )
    assert (report.score, report.grade) == (135, "A+")


def test_bare_header_set_fails_with_a_fix_for_every_loss() -> None:
    report = observe(Response((("Server", "nginx"),), site="http://example.com/"))
    assert (report.score, report.grade) == (30, "D")
    assert all(test.score.fix for test in report.tests if test.score.modifier < 0)


def test_numbers_that_are_no_numbers_pass_as_they_do_there() -> None:
    assert judged.hsts(["max-age=soon"]) == "hsts-implemented-max-age-at-least-six-months"
    assert judged.hsts(["max-age=31536000, max-age=31536000"]) == "hsts-header-invalid"


def test_cors_echo_with_credentials_is_universal() -> None:
    evil = ["https://evil.example"]
    assert judged.cross_origin_resource_sharing(evil, ["true"], asked_origin=evil[0]).endswith("universal-access")
    assert judged.cross_origin_resource_sharing(evil, ["true"]).endswith("restricted-access")


@pytest.mark.parametrize(("values", "result"), [
    (["sessionid=old; Path=/", "sessionid=new; Path=/; Secure; HttpOnly"], "cookies-secure-with-httponly-sessions"),
    (["sessionid=old; Path=/shop", "sessionid=new; Path=/; Secure; HttpOnly"], "cookies-session-without-secure-flag"),
    (["a=1; Domain=.Shop.example", "a=2; Secure"], "cookies-secure-with-httponly-sessions"),
    (["__Host-session=1; Path=/"], "cookies-not-found"),
    (["__Secure-id=1"], "cookies-not-found"),
    (["__Host-id=1; Path=/; Secure; SameSite=Lax"], "cookies-secure-with-httponly-sessions-and-samesite"),
])
def test_the_jar_is_a_browsers(values: list[str], result: str) -> None:
    """RFC 6265 5.3: the last cookie of a name, domain and path stays; RFC 6265bis 4.1.3: prefixes are promises."""
    assert judged.cookies(values, host="shop.example") == result


def test_scan_link_quotes_the_host() -> None:
    assert scan_link("a.example&x=1").endswith("host=a.example%26x%3D1")


@pytest.mark.parametrize(
    "text",
    [
        "img-src " + " ".join(f"https://h{i}.example/p" for i in range(10_000)),
        ";".join(f"x{i} a" for i in range(5_000)),
        ", ".join(["img-src a"] * 240),
        "img-src a," * 20_000,
        "img-src" + " " * 20_000 + "a",
    ],
)
def test_hostile_size_is_judged_in_linear_time(text: str) -> None:
    assert_linear(lambda text: judge_csp([text, text]), text)
