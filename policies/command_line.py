"""The lines that `manage.py policy` reads and prints: texts in, texts out, one sentence for each mistake."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from policies.cases import evidence_of, match_case
from policies.check_cases import KINDS, answer_headers, answer_strength, as_json, texts_of
from policies.diff import diff, paired
from policies.evidence import Evidence
from policies.importers import NotRecognised, Pasted, read_pasted
from policies.observatory import CspResult, Response, grade_csp, judge_csp, observe
from policies.policy import Policy, PolicyList, parse_header
from policies.replay import replay
from policies.sourcelist import Profile
from policies.strength import SEVERITIES, Finding, evaluate, weaknesses
from policies.subsume import Change, compare_lists
from policies.suggest import suggest

CheckProfile = Literal["evaluator", "full"]


class BadInput(ValueError):
    """What is wrong with the input, in one line."""


def json_objects(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, object) of each line that is not blank."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"line {number}: this is not JSON.") from error
        if not isinstance(value, dict):
            raise BadInput(f"line {number}: a JSON object is needed.")
        yield number, value


def looks_like_json_lines(text: str) -> bool:
    """JSON lines begin with an object; no policy and no configuration begins so."""
    return text.lstrip().startswith(('{"', "{ \""))


def read_policies(text: str, name: str) -> Pasted:
    """Whatever holds policies: a header, a configuration, curl -sI output; see policies.importers."""
    try:
        pasted = read_pasted(text)
    except NotRecognised as error:
        raise BadInput(f"{name}: {error}") from error
    if not pasted.policies:
        raise BadInput(f"{name}: there is no policy in it.")
    return pasted


def match_lines(lines: Iterable[str], profile: Profile) -> Iterator[str]:
    """`{"id", "verdict", "reason", "item"}` for each case in the shape of csp_match.json."""
    for number, case in json_objects(lines):
        try:
            decision = match_case(case, profile)
        except (ValueError, TypeError, AttributeError) as error:
            raise BadInput(f"line {number}: {error}") from error
        yield json.dumps({"id": case.get("id"), "verdict": decision.verdict, "reason": decision.reason, "item": decision.item})


def check_lines(lines: Iterable[str], profile: CheckProfile) -> Iterator[tuple[str, list[Finding]]]:
    """(the line to print, its findings) for each `{"id", "policy"}` or `{"id", "header", "meta", "report_only", "site"}`.

    The other shapes of csp_strength.json and observatory.json are answered too, see policies.check_cases.
    """
    for number, case in json_objects(lines):
        try:
            if case.get("kind") in KINDS:
                yield json.dumps({"id": case.get("id"), **answer_strength(case)}), []
            elif "headers" in case or "value" in case:
                yield json.dumps({"id": case.get("id"), **answer_headers(case)}), []
            else:
                yield _check_policies(case, profile)
        except (ValueError, TypeError) as error:
            raise BadInput(f"line {number}: {error}.") from error


def _check_policies(case: dict[str, Any], profile: CheckProfile) -> tuple[str, list[Finding]]:
    if not {"policy", "policies", "header", "meta"} & case.keys():
        raise ValueError("policy or header is missing")
    headers, meta = [text for key in ("policy", "policies", "header") for text in texts_of(case, key)], texts_of(case, "meta")
    findings = _findings_of(case, [*headers, *meta], profile)
    site = case.get("site") or "https://"
    if not isinstance(site, str):
        raise ValueError("site must be text")
    result = judge_csp(headers, meta, report_only=bool(case.get("report_only")), https=not site.lower().startswith("http://"))
    return json.dumps({"id": case.get("id"), "findings": as_json(findings), "observatory": _observatory(result)}), findings


def _findings_of(case: dict[str, Any], texts: Sequence[str], profile: CheckProfile) -> list[Finding]:
    if profile == "full":
        return weaknesses([policy for text in texts for policy in parse_header(text)])
    version = case.get("version") or 3
    if version not in (1, 2, 3):
        raise ValueError("version must be 1, 2 or 3")
    split = texts if "policy" in case else [part for text in texts for part in text.split(",")]
    return [finding for text in split for finding in evaluate(text, version)]


def _observatory(result: CspResult) -> dict[str, str | int]:
    modifier, score, grade = grade_csp(result)
    return {"result": result.result, "modifier": modifier, "score": score, "grade": grade}


def at_least(findings: Iterable[Finding], severity: str) -> list[Finding]:
    """The findings that are as bad as `severity`, or worse."""
    return [finding for finding in findings if finding.rank <= SEVERITIES[severity]]


def check_pasted(pasted: Pasted) -> tuple[list[str], list[Finding]]:
    """Lines a person can read, and the findings. Report-only policies are judged only where nothing is enforced."""
    enforced = pasted.of("enforce")
    judged = enforced or pasted.policies
    findings = weaknesses(judged)
    lines = [f"{pasted.format}: {len(judged)} {'policy' if len(judged) == 1 else 'policies'}{'' if enforced else ', report-only'}"]
    lines += [f"note: {note}" for note in pasted.notes]
    lines += [line for finding in findings for line in _finding_lines(finding)] or ["No finding."]
    headers = [found.text for found in pasted.found if found.delivery == "header" and (found.disposition == "enforce" or not enforced)]
    result = judge_csp(headers, [found.text for found in pasted.found if found.delivery == "meta"])
    modifier, score, grade = grade_csp(result)
    lines.append(f"Observatory: {result.result} ({modifier:+}), {score} = {grade} if all else is neutral.")
    if pasted.headers:
        report = observe(Response(pasted.headers))
        lines.append(f"Observatory, all headers given: {report.score} = {report.grade}; not seen: {', '.join(report.not_seen)}.")
    return lines, findings


def _finding_lines(finding: Finding) -> list[str]:
    about = f"{finding.directive} {finding.value}" if finding.value else finding.directive
    return [f"{finding.severity:<12}  {_visible(about)}", f"{'':<12}  {_visible(finding.words)} {finding.fix}"]


def _visible(text: str) -> str:
    """Control and bidi characters as escapes: a policy must not write to the terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def diff_lines(old: PolicyList, new: PolicyList) -> list[str]:
    """Word by word, then what the new policies together allow more, and less."""
    lines: list[str] = []
    for before, after in paired(old, new):
        changed = diff(before, after).lines()
        if changed and (len(old) > 1 or len(new) > 1):
            lines.append(f"policy {_place(before, old)} -> {_place(after, new)}")
        lines += changed
    comparison = compare_lists(new, old)
    lines += [f"looser: {_change(change)}" for change in comparison.looser]
    lines += [f"tighter: {_change(change)}" for change in comparison.tighter]
    return [_visible(line) for line in lines] or ["The policies say the same."]


def _place(policy: Policy, policies: PolicyList) -> str:
    """Its number, "none" for one that stands for a missing policy."""
    return next((str(number) for number, one in enumerate(policies, 1) if one is policy), "none")


def _change(change: Change) -> str:
    where = ", ".join(change.effective)
    return f"everything for {where}" if change.ability == "everything" else f"{change.directive} {change.value} (for {where})"


def evidence_lines(lines: Iterable[str]) -> Iterator[tuple[dict[str, Any], Evidence]]:
    """Reports as JSON lines: `{"document_url", "effective_directive", "blocked", "sample"}`, or a case that holds one as `report`."""
    for number, case in json_objects(lines):
        report = case.get("report", case)
        if not isinstance(report, dict) or not report.get("effective_directive"):
            raise BadInput(f"line {number}: effective_directive is missing.")
        try:
            yield case, evidence_of(report, noise=bool(case.get("noise")))
        except (ValueError, TypeError, AttributeError) as error:
            raise BadInput(f"line {number}: {error}") from error


def replay_lines(candidate: PolicyList, lines: Iterable[str], profile: Profile | Literal["both"]) -> Iterator[str]:
    """A JSON line for each report, and at the end one with the sums."""
    sums = {"allowed": 0, "blocked": 0, "unknown": 0}
    for case, evidence in evidence_lines(lines):
        decision = replay(candidate, evidence, profile)
        sums[decision.verdict] += 1
        yield json.dumps({"id": case.get("id"), "verdict": decision.verdict, "reason": decision.reason, "item": decision.item})
    yield json.dumps({"total": sums})


def suggest_lines(policies: PolicyList, lines: Iterable[str]) -> Iterator[str]:
    """For each policy, each option as a JSON line from narrow to wide, then the advice that is no edit."""
    evidence = [piece for _, piece in evidence_lines(lines)]
    for number, policy in enumerate(policies, 1):
        suggestions = suggest(policy, evidence)
        for option in suggestions.options:
            shown = {
                "policy": number, "change": option.code, "values": option.values, "header": option.header, "opens": option.opens,
                "risk": option.risk, "fixes": option.fixes, "of": option.of, "warnings": option.warnings, "default": option.default,
            }
            yield json.dumps(shown)
        for code, words in zip(suggestions.advice, suggestions.advice_words, strict=True):
            yield json.dumps({"policy": number, "advice": code, "words": words})
