"""csp-evaluator's checks of one policy, each a function from a Reading to findings, under their names there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from ada_url import URL

from policies.bypasses import find_flash, find_gadgets
from policies.strength.findings import Finding
from policies.strength.reading import KEYWORDS, KNOWN, SCRIPTS, Reading, is_base64_nonce, is_hash, is_scheme, nonce_in

Check = Callable[[Reading], list[Finding]]

XSS = (*SCRIPTS, "object-src", "base-uri")
DEPRECATED = ("reflected-xss", "referrer", "disown-opener", "prefetch-src")

_SCHEME_PREFIX = re.compile(r"\w[+\w.\-]*://", re.ASCII)
_IPV4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_UNQUOTED = frozenset(word.strip("'") for word in KEYWORDS)
_UNQUOTED_PREFIX = ("nonce-", "sha256-", "sha384-", "sha512-")
_QUOTED_IN = {
    "require-trusted-types-for": frozenset({"'script'"}),
    "trusted-types": frozenset({"'allow-duplicates'", "'none'"}),
}


def without_scheme(value: str) -> str:
    """`host/path` of `https://host/path` and of `//host/path`."""
    scheme = _SCHEME_PREFIX.match(value)
    return value[scheme.end() :].removeprefix("//") if scheme else value.removeprefix("//")


def missing_semicolon(policy: Reading) -> list[Finding]:
    return [Finding("MISSING_SEMICOLON", "SYNTAX", name, value) for name, value in _all(policy) if value in KNOWN]


def unknown_directive(policy: Reading) -> list[Finding]:
    return [
        Finding("UNKNOWN_DIRECTIVE", "SYNTAX", name, detail="Directives don't end with a colon." if name.endswith(":") else "")
        for name in policy.directives
        if name not in KNOWN
    ]


def invalid_keyword(policy: Reading) -> list[Finding]:
    return [Finding("INVALID_KEYWORD", "SYNTAX", name, value) for name, value in _all(policy) if _is_misspelt(name, value)]


def _is_misspelt(directive: str, value: str) -> bool:
    if value in _UNQUOTED or value.startswith(_UNQUOTED_PREFIX):
        return True
    if not value.startswith("'"):
        return False
    allowed = _QUOTED_IN.get(directive)
    if allowed is not None:
        return value not in allowed
    return not (value in KEYWORDS or is_hash(value) or is_base64_nonce(value))


def missing_object_src(policy: Reading) -> list[Finding]:
    missing = not policy.values(policy.operative("object-src"))
    return [Finding("MISSING_DIRECTIVES", "HIGH", "object-src")] if missing else []


def missing_script_src(policy: Reading) -> list[Finding]:
    missing = policy.operative("script-src") not in policy.directives
    return [Finding("MISSING_DIRECTIVES", "HIGH", "script-src")] if missing else []


def missing_base_uri(policies: Iterable[Reading]) -> list[Finding]:
    """Of several policies together: one base-uri guards them all."""
    given = list(policies)
    needed = any(policy.has_script_nonce or (policy.has_script_hash and policy.is_strict_dynamic) for policy in given)
    there = any("base-uri" in policy.directives for policy in given)
    return [Finding("MISSING_DIRECTIVES", "HIGH", "base-uri")] if needed and not there else []


def missing_directives(policy: Reading) -> list[Finding]:
    return [*missing_object_src(policy), *missing_script_src(policy), *missing_base_uri([policy])]


def script_unsafe_inline(policy: Reading) -> list[Finding]:
    findings = []
    for name in policy.operatives(SCRIPTS):
        if "'unsafe-inline'" in policy.values(name):
            findings.append(Finding("SCRIPT_UNSAFE_INLINE", "HIGH", name, "'unsafe-inline'"))
        if "'unsafe-hashes'" in policy.values(name):
            findings.append(Finding("SCRIPT_UNSAFE_HASHES", "MEDIUM_MAYBE", name, "'unsafe-hashes'"))
    return findings


def script_unsafe_eval(policy: Reading) -> list[Finding]:
    names = [name for name in policy.operatives(SCRIPTS) if "'unsafe-eval'" in policy.values(name)]
    return [Finding("SCRIPT_UNSAFE_EVAL", "MEDIUM_MAYBE", name, "'unsafe-eval'") for name in names]


def plain_url_schemes(policy: Reading) -> list[Finding]:
    found = ((name, value) for name in policy.operatives(XSS) for value in policy.values(name) if value in ("data:", "http:", "https:"))
    return [Finding("PLAIN_URL_SCHEMES", "HIGH", name, value) for name, value in found]


def wildcards(policy: Reading) -> list[Finding]:
    found = ((name, value) for name in policy.operatives(XSS) for value in policy.values(name) if without_scheme(value) == "*")
    return [Finding("PLAIN_WILDCARD", "HIGH", name, value) for name, value in found]


def script_allowlist_bypass(policy: Reading) -> list[Finding]:
    findings: list[Finding] = []
    for name in policy.operatives(("script-src", "script-src-elem")):
        values = policy.values(name)
        if "'none'" not in values:
            findings.extend(_bypasses_in(name, values))
    return findings


def _bypasses_in(name: str, values: tuple[str, ...]) -> Iterator[Finding]:
    with_eval = "'unsafe-eval'" in values
    for value in values:
        if value == "'self'":
            detail = "'self' is a risk where your own hosts serve JSONP, AngularJS or uploaded files."
            yield Finding("SCRIPT_ALLOWLIST_BYPASS", "MEDIUM_MAYBE", name, value, detail)
        elif not value.startswith("'") and "." in value and not is_scheme(value):
            source = without_scheme(value)
            gadgets = [gadget for gadget in find_gadgets(source, with_eval=with_eval) if not gadget.only_here]
            if gadgets:
                detail = f"{gadgets[0].host} serves {gadgets[0].what}, which makes this entry void: {gadgets[0].reference}"
                yield Finding("SCRIPT_ALLOWLIST_BYPASS", "HIGH", name, value, detail)
            else:
                yield Finding("SCRIPT_ALLOWLIST_BYPASS", "MEDIUM_MAYBE", name, value)


def object_allowlist_bypass(policy: Reading) -> list[Finding]:
    name = policy.operative("object-src")
    values, types = policy.values(name), policy.directives.get("plugin-types")
    if "'none'" in values or (types is not None and "application/x-shockwave-flash" not in types):
        return []
    severities = ((value, _object_severity(name, value)) for value in values)
    return [Finding("OBJECT_ALLOWLIST_BYPASS", severity, name, value) for value, severity in severities if severity]


def _object_severity(name: str, value: str) -> str:
    if find_flash(without_scheme(value)):
        return "HIGH"
    return "MEDIUM_MAYBE" if name == "object-src" else ""


def ip_source(policy: Reading) -> list[Finding]:
    return [Finding("IP_SOURCE", "INFO", name, value) for name, value in _all(policy) if _is_ip(value)]


def _is_ip(value: str) -> bool:
    bare = without_scheme(value).replace(":*", "", 1).replace("*", "wildcard-placeholder", 1)
    if not bare[:1].isalnum() and bare[:1] != "[":
        return False
    try:
        host = URL(f"https://{bare}").hostname
    except ValueError:
        return False
    return (host.startswith("[") and host.endswith("]")) or _IPV4.fullmatch(host) is not None


def nonce_quality(policy: Reading) -> list[Finding]:
    findings = []
    for name, value in _all(policy):
        nonce = nonce_in(value)
        if nonce and len(nonce) < 8:
            findings.append(Finding("NONCE_LENGTH", "MEDIUM", name, value))
        if nonce and not is_base64_nonce(value):
            findings.append(Finding("NONCE_CHARSET", "INFO", name, value))
    return findings


def src_http(policy: Reading) -> list[Finding]:
    return [Finding("SRC_HTTP", "MEDIUM", name, value) for name, value in _all(policy) if value.startswith("http://")]


def deprecated_directive(policy: Reading) -> list[Finding]:
    return [Finding("DEPRECATED_DIRECTIVE", "INFO", name) for name in DEPRECATED if name in policy.directives]


def configured_reporting(policy: Reading) -> list[Finding]:
    if policy.values("report-uri"):
        return []
    if policy.values("report-to"):
        return [Finding("REPORT_TO_ONLY", "INFO", "report-to")]
    return [Finding("REPORTING_DESTINATION_MISSING", "INFO", "report-uri")]


def strict_dynamic(policy: Reading) -> list[Finding]:
    name = policy.operative("script-src")
    values = policy.values(name)
    listed = any(not value.startswith("'") for value in values)
    return [Finding("STRICT_DYNAMIC", "STRICT_CSP", name)] if listed and "'strict-dynamic'" not in values else []


def strict_dynamic_not_standalone(policy: Reading) -> list[Finding]:
    alone = policy.is_strict_dynamic and not policy.has_script_nonce and not policy.has_script_hash
    return [Finding("STRICT_DYNAMIC_NOT_STANDALONE", "INFO", policy.operative("script-src"))] if alone else []


def unsafe_inline_fallback(policy: Reading) -> list[Finding]:
    name = policy.operative("script-src")
    needed = policy.has_script_nonce or policy.has_script_hash
    return [Finding("UNSAFE_INLINE_FALLBACK", "STRICT_CSP", name)] if needed and "'unsafe-inline'" not in policy.values(name) else []


def allowlist_fallback(policy: Reading) -> list[Finding]:
    name = policy.operative("script-src")
    there = any(value in ("http:", "https:", "*") or "." in value for value in policy.values(name))
    return [Finding("ALLOWLIST_FALLBACK", "STRICT_CSP", name)] if policy.is_strict_dynamic and not there else []


def requires_trusted_types(policy: Reading) -> list[Finding]:
    there = "'script'" in policy.values("require-trusted-types-for")
    return [] if there else [Finding("REQUIRE_TRUSTED_TYPES_FOR_SCRIPTS", "INFO", "require-trusted-types-for")]


def _all(policy: Reading) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, values in policy.directives.items() for value in values)


# The order is csp-evaluator's: the strict checks on the policy as written, the others on the effective policy.
STRICT_CHECKS: tuple[Check, ...] = (
    strict_dynamic,
    strict_dynamic_not_standalone,
    unsafe_inline_fallback,
    allowlist_fallback,
    requires_trusted_types,
)
DEFAULT_CHECKS: tuple[Check, ...] = (
    script_unsafe_inline,
    script_unsafe_eval,
    plain_url_schemes,
    wildcards,
    missing_directives,
    script_allowlist_bypass,
    object_allowlist_bypass,
    ip_source,
    nonce_quality,
    src_http,
    deprecated_directive,
    unknown_directive,
    missing_semicolon,
    invalid_keyword,
)
