"""Run one conformance case on strength or on headers, a JSON object, for `manage.py policy check`: each kind to what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from policies.bypasses import Gadget, Gadgets
from policies.observatory import Response, observe
from policies.strength import Finding, checks, lighthouse, read
from policies.strength.checks import Check

CHECKS: dict[str, Check] = {
    "checkScriptUnsafeInline": checks.script_unsafe_inline,
    "checkScriptUnsafeEval": checks.script_unsafe_eval,
    "checkPlainUrlSchemes": checks.plain_url_schemes,
    "checkWildcards": checks.wildcards,
    "checkMissingObjectSrcDirective": checks.missing_object_src,
    "checkMissingScriptSrcDirective": checks.missing_script_src,
    "checkMissingBaseUriDirective": lambda policy: checks.missing_base_uri([policy]),
    "checkMissingDirectives": checks.missing_directives,
    "checkScriptAllowlistBypass": checks.script_allowlist_bypass,
    "checkFlashObjectAllowlistBypass": checks.object_allowlist_bypass,
    "checkIpSource": checks.ip_source,
    "checkDeprecatedDirective": checks.deprecated_directive,
    "checkNonceLength": checks.nonce_quality,
    "checkSrcHttp": checks.src_http,
    "checkHasConfiguredReporting": checks.configured_reporting,
    "checkUnknownDirective": checks.unknown_directive,
    "checkMissingSemicolon": checks.missing_semicolon,
    "checkInvalidKeyword": checks.invalid_keyword,
    "checkStrictDynamic": checks.strict_dynamic,
    "checkStrictDynamicNotStandalone": checks.strict_dynamic_not_standalone,
    "checkUnsafeInlineFallback": checks.unsafe_inline_fallback,
    "checkAllowlistFallback": checks.allowlist_fallback,
    "checkRequiresTrustedTypesForScripts": checks.requires_trusted_types,
}
"""csp-evaluator's checks under its names."""

KINDS = ("check", "lighthouse", "effective", "bypass-match")
"""Kinds of csp_strength.json that are more than one whole run, which `full` is."""

HEADER_NAMES = {"cookies": "set-cookie"}


def answer_strength(case: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a case of one of KINDS; ValueError says what is wrong with it."""
    kind = case["kind"]
    if kind == "lighthouse":
        return {"findings": _lighthouse(case)}
    if kind == "bypass-match":
        return {"host": _bypass(case)}
    policy, version = read(_text(case, "policy")), case.get("effective_version" if kind == "check" else "version")
    if version is not None and version not in (1, 2, 3):
        raise ValueError("version must be 1, 2 or 3")
    if kind == "effective":
        effective = policy.effective(version or 3)
        ignored = [Finding("IGNORED", "NONE", *struck) for struck in effective.ignored]
        return {"directives": {name: list(values) for name, values in effective.directives.items()}, "findings": as_json(ignored)}
    check = CHECKS.get(case.get("check", ""))
    if check is None:
        raise ValueError(f"check must be one of {', '.join(CHECKS)}")
    return {"findings": as_json(check(policy.effective(version) if version else policy))}


def _lighthouse(case: Mapping[str, Any]) -> list[Any]:
    policies = [read(text) for text in texts_of(case, "policies")]
    if case.get("check") == "evaluateForSyntaxErrors":
        return [as_json(findings) for findings in lighthouse.syntax_errors(policies)]
    judges = {"evaluateForFailure": lighthouse.failures, "evaluateForWarnings": lighthouse.warnings}
    judge = judges.get(case.get("check", ""))
    if judge is None:
        raise ValueError(f"check must be one of {', '.join([*judges, 'evaluateForSyntaxErrors'])}")
    return as_json(judge(policies))


def _bypass(case: Mapping[str, Any]) -> str | None:
    addresses = [address.partition("://")[2].partition("/") for address in texts_of(case, "bypass_urls")]
    found = Gadgets(Gadget("jsonp", host, "/" + path, "") for host, _, path in addresses).find(_text(case, "expression"))
    return found[0].host if found else None


def answer_headers(case: Mapping[str, Any]) -> dict[str, Any]:
    """The Observatory on `{"headers": {name: value or values}}`, or on one header, `{"header": name, "value": value or values}`."""
    site = case.get("site") or "https://"
    if not isinstance(site, str):
        raise ValueError("site must be text")
    if "headers" in case:
        given = case["headers"]
        if not isinstance(given, dict):
            raise ValueError("headers must be an object of names and values")
        report = observe(Response(tuple((name, value) for name in given for value in texts_of(given, name)), site=site))
        tests = {test.name: {"result": test.result, "modifier": test.score.modifier} for test in report.tests}
        return {"observatory": {"score": report.score, "grade": report.grade, "tests": tests, "not_seen": list(report.not_seen)}}
    name = _text(case, "header").lower()
    fields = [(HEADER_NAMES.get(name, name), value) for value in texts_of(case, "value")]
    fields += [("strict-transport-security", value) for value in texts_of(case, "hsts")]
    fields += [("content-security-policy", value) for value in texts_of(case, "csp")]
    found = next((test for test in observe(Response(tuple(fields), site=site)).tests if test.name == name), None)
    if found is None:
        raise ValueError(f"the Observatory has no test for {name}")
    return {"observatory": {"result": found.result, "modifier": found.score.modifier}}


def as_json(findings: Sequence[Finding]) -> list[dict[str, str | None]]:
    """As csp_strength.json writes them."""
    return [{"type": one.type, "severity": one.severity, "directive": one.directive, "value": one.value} for one in findings]


def _text(case: Mapping[str, Any], key: str) -> str:
    value = case.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{key} must be text")
    return value


def texts_of(case: Mapping[str, Any], key: str) -> list[str]:
    """None, a text or a list of texts, as a list."""
    value = case.get(key)
    texts = [] if value is None else value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError(f"{key} must be text or a list of texts")
    return texts
