"""policies.command_line: what `manage.py policy` reads and prints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from policies import command_line
from policies.command_line import BadInput
from policies.importers import read_pasted
from policies.policy import parse_header

REPORT = {"document_url": "https://shop.test/", "effective_directive": "img-src", "blocked": "https://cdn.test/a.png", "sample": ""}


def lines(*objects: Any) -> list[str]:
    return [json.dumps(value) for value in objects]


def test_match_answers_each_case_with_its_item() -> None:
    case = {"id": 7, "kind": "url", "policy": "img-src https://cdn.test", "directive": "img-src", "url": "https://cdn.test/a", "self": "https://shop.test"}
    [line] = command_line.match_lines(lines(case), "spec")
    assert json.loads(line) == {"id": 7, "verdict": "allowed", "reason": "source-match", "item": "https://cdn.test"}


def test_check_gives_the_evaluators_list_and_the_grade() -> None:
    [(line, findings)] = command_line.check_lines(lines({"id": "a", "policy": "default-src 'self'"}), "evaluator")
    shown = json.loads(line)
    assert [finding["type"] for finding in shown["findings"]] == ["REQUIRE_TRUSTED_TYPES_FOR_SCRIPTS", "SCRIPT_ALLOWLIST_BYPASS"]
    assert shown["observatory"] == {"result": "csp-implemented-with-no-unsafe", "modifier": 5, "score": 105, "grade": "A+"}
    assert len(findings) == 2


def test_check_with_our_own_findings() -> None:
    [(line, _)] = command_line.check_lines(lines({"id": "a", "policy": "default-src 'self'"}), "full")
    assert "FORM_ACTION_OPEN" in line


def test_check_reads_header_meta_report_only_and_site() -> None:
    cases = lines(
        {"id": 1, "header": None, "meta": [], "report_only": "default-src 'none'", "site": "https://a.example/"},
        {"id": 2, "header": "default-src http://a.example", "meta": [], "site": "http://a.example/"},
        {"id": 3, "header": ["default-src http:"], "meta": ["default-src https:"]},
    )
    results = [json.loads(line)["observatory"]["result"] for line, _ in command_line.check_lines(cases, "evaluator")]
    assert results == [
        "csp-not-implemented-but-reporting-enabled",
        "csp-implemented-with-no-unsafe",
        "csp-implemented-with-no-unsafe-default-src-none",
    ]


def test_check_of_a_pasted_text_is_for_people() -> None:
    pasted = read_pasted("HTTP/2 200\ncontent-security-policy: script-src 'unsafe-inline' \x1b[31m\n")
    shown, findings = command_line.check_pasted(pasted)
    assert "HIGH          script-src 'unsafe-inline'" in shown
    assert "\x1b" not in "\n".join(shown)
    assert any(line.startswith("Observatory, all headers given: ") for line in shown)
    assert len(command_line.at_least(findings, "HIGH")) == len([f for f in findings if f.severity == "HIGH"]) > 0


def test_report_only_policies_are_judged_when_nothing_is_enforced() -> None:
    shown, _ = command_line.check_pasted(read_pasted("Content-Security-Policy-Report-Only: default-src 'self'"))
    assert shown[0] == "headers: 1 policy, report-only"


def test_check_grades_a_whole_header_set() -> None:
    headers = {"Content-Security-Policy": "default-src 'none'", "X-Frame-Options": "DENY", "Set-Cookie": ["a=1; Secure", "b=2; Secure"]}
    [(line, _)] = command_line.check_lines(lines({"id": 3, "headers": headers}), "evaluator")
    shown = json.loads(line)["observatory"]
    assert (shown["tests"]["x-frame-options"], shown["score"]) == ({"result": "x-frame-options-sameorigin-or-deny", "modifier": 5}, 75)


def test_diff_says_word_by_word_and_what_becomes_looser() -> None:
    shown = command_line.diff_lines(parse_header("img-src 'self'"), parse_header("img-src https:"))
    assert shown[:2] == ["- img-src 'self'", "+ img-src https:"]
    assert any(line.startswith("looser: img-src https:") for line in shown)
    assert command_line.diff_lines(parse_header("img-src *"), parse_header("img-src  *;")) == ["The policies say the same."]


def test_diff_puts_equal_policies_together_wherever_they_stand() -> None:
    old, new = parse_header("img-src 'self', script-src 'self'"), parse_header("script-src 'self' a.test, img-src 'self'")
    assert command_line.diff_lines(old, new) == [
        "policy 2 -> 1", "+ script-src a.test", "looser: script-src a.test (for script-src-elem, worker-src)",
    ]
    assert command_line.diff_lines(old, parse_header("img-src 'self'"))[:2] == ["policy 2 -> none", "- script-src 'self'"]


def test_replay_counts_its_answers() -> None:
    reports = lines(REPORT, {"report": REPORT})
    shown = [json.loads(line) for line in command_line.replay_lines(parse_header("img-src https://cdn.test"), reports, "both")]
    assert shown[-1] == {"total": {"allowed": 2, "blocked": 0, "unknown": 0}}


def test_suggest_offers_from_narrow_to_wide() -> None:
    shown = [json.loads(line) for line in command_line.suggest_lines(parse_header("img-src 'self'"), lines(REPORT))]
    assert shown[0]["fixes"] == shown[0]["of"] == 1
    assert any("https://cdn.test" in option["values"] for option in shown)


def read_all(function: Callable[[Iterable[str]], Iterable[Any]], given: str) -> None:
    list(function(given.split("\n")))


@pytest.mark.parametrize(
    ("function", "given", "sentence"),
    [
        (lambda given: command_line.match_lines(given, "spec"), "{}\nx", "line 2: this is not JSON"),
        (lambda given: command_line.check_lines(given, "evaluator"), '{"kind": "check", "policy": "x"}', "line 1: check must be one of"),
        (lambda given: command_line.check_lines(given, "evaluator"), '{"header": "x-powered-by", "value": "y"}', "has no test for"),
        (lambda given: command_line.check_lines(given, "evaluator"), '{"headers": ["y"]}', "headers must be an object"),
        (lambda given: command_line.check_lines(given, "evaluator"), '{"kind": "lighthouse", "policies": 3}', "policies must be text"),
        (lambda given: command_line.match_lines(given, "spec"), "[]", "line 1: a JSON object"),
        (lambda given: command_line.match_lines(given, "spec"), '{"kind": "guess"}', "line 1: kind must be"),
        (lambda given: command_line.match_lines(given, "spec"), "[" * 100_000, "line 1: this is not JSON"),
        (lambda given: command_line.check_lines(given, "evaluator"), '{"id": 1}', "line 1: policy or header is missing"),
        (lambda given: command_line.check_lines(given, "evaluator"), '{"policy": 3}', "line 1: policy must be text"),
        (lambda given: command_line.check_lines(given, "evaluator"), '{"policy": "", "version": 9}', "line 1: version"),
        (lambda given: command_line.check_lines(given, "evaluator"), '{"policy": "", "site": 9}', "line 1: site"),
        (command_line.evidence_lines, '{"blocked": "x"}', "line 1: effective_directive is missing"),
        (command_line.evidence_lines, '{"effective_directive": 3}', "line 1: effective_directive must be text"),
    ],
)
def test_bad_input_is_one_clear_line(function: Callable[[Iterable[str]], Iterable[Any]], given: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence) as raised:
        read_all(function, given)
    assert "\n" not in str(raised.value)


def test_a_file_without_a_policy_is_named() -> None:
    for text in ("hello", "Server: nginx"):
        with pytest.raises(BadInput, match=r"^x\.txt: "):
            command_line.read_policies(text, "x.txt")


def test_json_lines_are_told_from_policies() -> None:
    assert command_line.looks_like_json_lines('\n{"id": 1}')
    assert not command_line.looks_like_json_lines("default-src 'self'")
    assert not command_line.looks_like_json_lines("{ directives: {} }")
