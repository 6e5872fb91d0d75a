"""Lighthouse's reading of csp-evaluator: several policies together, and three lists instead of one."""

from __future__ import annotations

from collections.abc import Sequence

from policies.strength import checks
from policies.strength.checks import Check
from policies.strength.findings import Finding
from policies.strength.reading import Reading


def failures(policies: Sequence[Reading]) -> list[Finding]:
    """What makes Lighthouse fail a page: one policy that passes a check is enough, as a load must pass them all."""
    effective = [policy.effective(3) for policy in policies]
    with_scripts = [policy for policy in effective if policy.operative("script-src") in policy.directives]
    return [
        *_in_all(policies, checks.missing_script_src),
        *_in_all(policies, checks.missing_object_src),
        *checks.missing_base_uri(policies),
        *_in_all(with_scripts, checks.strict_dynamic),
        *_in_all(with_scripts, checks.script_unsafe_inline),
        *_in_all(effective, checks.wildcards),
        *_in_all(effective, checks.plain_url_schemes),
    ]


def warnings(policies: Sequence[Reading]) -> list[Finding]:
    """What Lighthouse warns of: fallbacks for older browsers that any policy lacks."""
    return [
        *_in_any(policies, checks.unsafe_inline_fallback),
        *_in_any(policies, checks.allowlist_fallback),
    ]


def syntax_errors(policies: Sequence[Reading]) -> list[list[Finding]]:
    """A list for each policy."""
    order = (checks.nonce_quality, checks.unknown_directive, checks.deprecated_directive, checks.missing_semicolon, checks.invalid_keyword)
    return [[finding for check in order for finding in check(policy)] for policy in policies]


def _in_all(policies: Sequence[Reading], check: Check) -> list[Finding]:
    if not policies:
        return []
    first, *others = [check(policy) for policy in policies]
    common = set(first).intersection(*others)
    return [finding for finding in first if finding in common]


def _in_any(policies: Sequence[Reading], check: Check) -> list[Finding]:
    return list(dict.fromkeys(finding for policy in policies for finding in check(policy)))
