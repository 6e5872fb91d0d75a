"""How strong a policy is: everything csp-evaluator 1.1.6 reports, exactly, and apart from it what it does not look at.

`evaluate` is csp-evaluator's list, in its order, for one policy; `weaknesses` is ours, for all policies of a response,
worst first, each once. Facts from google/csp-evaluator d5cddb9; the words are our own, and so are the tables of gadgets, each
with its reference (policies/bypasses).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from policies.policy import Policy, PolicyList
from policies.strength import checks, lighthouse
from policies.strength.beyond import BEYOND_CHECKS, shared_nonce, static_nonces
from policies.strength.closing import OtherPolicies
from policies.strength.findings import SEVERITIES, TYPES, Finding, worst_first
from policies.strength.reading import Reading, read

__all__ = [
    "SEVERITIES", "TYPES", "Finding", "Reading", "checks", "evaluate", "lighthouse", "read", "reused_nonces", "weaknesses", "worst_first",
]

# Findings about the text of one policy; all others are about what a page is open to, which any policy can close.
ABOUT_TEXT = frozenset(
    """MISSING_SEMICOLON UNKNOWN_DIRECTIVE INVALID_KEYWORD NONCE_CHARSET NONCE_LENGTH DEPRECATED_DIRECTIVE IP_SOURCE
    STATIC_NONCE STRICT_DYNAMIC_NOT_STANDALONE UNSAFE_INLINE_FALLBACK ALLOWLIST_FALLBACK SCRIPT_SOCKET_SCHEME SCHEME_MISSPELT""".split()
)
# Client networks that got one nonce: one visitor may have two networks on a day, three is no chance.
SEEN_BY_SEVERAL = 3
# Values the older list calls mistakes and current browsers know.
KNOWN_SINCE = frozenset(
    "'trusted-types-eval' 'report-sha256' 'report-sha384' 'report-sha512' 'unsafe-webtransport-hashes' 'unsafe-allow-redirects'".split()
)


def evaluate(text: str, version: int = 3) -> list[Finding]:
    """csp-evaluator's findings on one policy for a browser of CSP level `version`, in its order, repetitions included."""
    written = read(text)
    effective = written.effective(version)
    return [
        *(Finding("IGNORED", "NONE", name, value) for name, value in effective.ignored),
        *(finding for check in checks.STRICT_CHECKS for finding in check(written)),
        *(finding for check in checks.DEFAULT_CHECKS for finding in check(effective)),
    ]


def weaknesses(policies: PolicyList | Sequence[Policy], *, same_nonce_networks: int = 0) -> list[Finding]:
    """What all policies of a response leave open, with our own checks, the worst first.

    A load must pass every policy, so a hole in one counts only while no other policy closes it. `same_nonce_networks` says how
    many client networks reported one and the same nonce on one day: from SEEN_BY_SEVERAL on it is not new in every response.
    """
    given = list(policies)
    if not given:
        return [Finding("MISSING_DIRECTIVES", "HIGH", "script-src", detail="There is no policy.")]
    readings = [read(str(policy)) for policy in given]
    lists = [_all_findings(reading) for reading in readings]
    if same_nonce_networks >= SEEN_BY_SEVERAL:
        lists = [[*findings, *shared_nonce(reading, same_nonce_networks)] for reading, findings in zip(readings, lists, strict=True)]
    others = OtherPolicies(readings, lists)
    return worst_first(
        finding
        for index, findings in enumerate(lists)
        for finding in findings
        if finding.type in ABOUT_TEXT or not others.close(finding, index)
    )


def reused_nonces(texts: Iterable[str]) -> list[Finding]:
    """STATIC_NONCE findings for policies as reported, one text for each page view."""
    return static_nonces(map(read, texts))


def _all_findings(reading: Reading) -> list[Finding]:
    effective = reading.effective(3)
    found = [
        *(finding for check in checks.STRICT_CHECKS for finding in check(reading)),
        *(finding for check in checks.DEFAULT_CHECKS for finding in check(effective)),
        *(finding for check in BEYOND_CHECKS for finding in check(effective)),
    ]
    return _without_doubles([finding for finding in found if not _is_outdated(finding)])


def _is_outdated(finding: Finding) -> bool:
    if finding.type == "UNKNOWN_DIRECTIVE":
        return finding.directive == "fenced-frame-src"
    return finding.type == "INVALID_KEYWORD" and (finding.value or "").lower() in KNOWN_SINCE


def _without_doubles(findings: list[Finding]) -> list[Finding]:
    """The worst of several findings of one type on one value."""
    kept: dict[tuple[str, str, str | None], Finding] = {}
    for finding in findings:
        key = (finding.type, finding.directive, finding.value)
        if key not in kept or finding.rank < kept[key].rank:
            kept[key] = finding
    return list(kept.values())
