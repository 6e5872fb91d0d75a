"""What csp-evaluator leaves out: workers, schemes made in the page, forms, framing, styles, hosting, a nonce that stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from policies.bypasses import find_reason
from policies.strength.checks import Check, without_scheme
from policies.strength.findings import Finding
from policies.strength.reading import SCRIPTS, Reading, is_hash, is_scheme, nonce_in

STYLES = ("style-src", "style-src-elem", "style-src-attr")
LOCAL_SCHEMES = ("blob:", "filesystem:")
SOCKET_SCHEMES = ("ws:", "wss:")
WIDE = frozenset({"*", "http:", "https:", "data:"})
SEEN_IN_SEVERAL = 2
NETWORK_SCHEMES = ("https", "http", "wss", "ws")
CLOSE = 0.75  # of difflib: one letter missing, added, or two swapped


def worker_sources(policy: Reading) -> list[Finding]:
    """worker-src falls to child-src, then script-src, then default-src (CSP3 6.8.3); only its own words are judged here."""
    name = next((name for name in ("worker-src", "child-src") if name in policy.directives), "")
    found = (value for value in policy.values(name) if value in ("data:", *LOCAL_SCHEMES))
    wide = (value for value in policy.values(name) if without_scheme(value) == "*" or value in ("http:", "https:"))
    return [
        *(Finding("WORKER_SCHEME", "MEDIUM_MAYBE", name, value) for value in found),
        *(Finding("PLAIN_WILDCARD", "MEDIUM", name, value, "Workers may be made from any host.") for value in wide),
    ]


def script_schemes(policy: Reading) -> list[Finding]:
    """blob: and filesystem: are written by the page itself; ws: carries no script."""
    findings = []
    for name in policy.operatives(SCRIPTS):
        for value in policy.values(name):
            if value in LOCAL_SCHEMES:
                findings.append(Finding("SCRIPT_LOCAL_SCHEME", "MEDIUM", name, value))
            elif value in SOCKET_SCHEMES and name != "default-src":
                findings.append(Finding("SCRIPT_SOCKET_SCHEME", "INFO", name, value))
    return findings


def script_hosting(policy: Reading) -> list[Finding]:
    """Hosts where anybody can put a script, and gadgets that csp-evaluator does not know."""
    findings = []
    for name in policy.operatives(("script-src", "script-src-elem")):
        with_eval = "'unsafe-eval'" in policy.values(name)
        for value in policy.values(name):
            if "." in value and not value.startswith("'") and not is_scheme(value):
                source = without_scheme(value)
                gadget = find_reason(source, with_eval=with_eval)
                if gadget:
                    detail = f"{gadget.host} serves {gadget.what}: {gadget.reference}"
                    findings.append(Finding("SCRIPT_ALLOWLIST_BYPASS", "HIGH", name, value, detail))
    return findings


def misspelt_schemes(policy: Reading) -> list[Finding]:
    """`htps://a.test`: a scheme that nobody has, a letter from one that everybody uses."""
    findings = []
    for name in policy.directives:
        for value in policy.values(name):
            scheme = value.partition(":")[0] if "://" in value or is_scheme(value) else ""
            close = get_close_matches(scheme, NETWORK_SCHEMES, n=1, cutoff=CLOSE) if scheme and scheme not in NETWORK_SCHEMES else []
            if close:
                findings.append(Finding("SCHEME_MISSPELT", "SYNTAX", name, value, f"Is {close[0]}: meant?"))
    return findings


def form_action(policy: Reading) -> list[Finding]:
    """form-action has no fallback: missing means open."""
    if "form-action" not in policy.directives:
        return [Finding("FORM_ACTION_OPEN", "MEDIUM", "form-action")]
    return [Finding("FORM_ACTION_OPEN", "MEDIUM", "form-action", value) for value in _wide(policy, "form-action")]


def frame_ancestors(policy: Reading) -> list[Finding]:
    """frame-ancestors has no fallback either."""
    if "frame-ancestors" not in policy.directives:
        return [Finding("FRAME_ANCESTORS_OPEN", "MEDIUM", "frame-ancestors")]
    return [Finding("FRAME_ANCESTORS_OPEN", "MEDIUM", "frame-ancestors", value) for value in _wide(policy, "frame-ancestors")]


def styles(policy: Reading) -> list[Finding]:
    """Inline and far-reaching styles. For style= attributes alone inline is the usual, small step, so it is only noted."""
    if policy.operative("style-src") not in policy.directives:
        return [Finding("MISSING_DIRECTIVES", "MEDIUM", "style-src", detail="Styles are not restricted.")]
    findings = []
    for name in policy.operatives(STYLES):
        if "'unsafe-inline'" in policy.values(name) and not _has_nonce_or_hash(policy.values(name)):
            severity = "INFO" if name == "style-src-attr" else "MEDIUM_MAYBE"
            findings.append(Finding("STYLE_UNSAFE_INLINE", severity, name, "'unsafe-inline'"))
        findings.extend(Finding("STYLE_WIDE", "MEDIUM_MAYBE", name, value) for value in _wide(policy, name))
    return findings


BEYOND_CHECKS: tuple[Check, ...] = (worker_sources, script_schemes, script_hosting, misspelt_schemes, form_action, frame_ancestors, styles)


def static_nonces(seen: Iterable[Reading]) -> list[Finding]:
    """The same nonce in several policies, each as one page view's report gave it.

    Pass one policy for each page view (not for each report: one view sends several).
    """
    counts = Counter(pair for policy in seen for pair in set(_nonces(policy)))
    return [
        Finding("STATIC_NONCE", "HIGH", name, value, f"Seen in {times} page views: a nonce must be new in every response.")
        for (name, value), times in counts.items()
        if times >= SEEN_IN_SEVERAL
    ]


def shared_nonce(policy: Reading, networks: int) -> list[Finding]:
    """The same from what is stored, where nonces are masked: how many client networks got one and the same on one day."""
    detail = f"{networks} client networks got one and the same nonce on one day: a nonce must be new in every response."
    masked = ((name, value) for name, values in policy.directives.items() for value in values if nonce_in(value))
    return [Finding("STATIC_NONCE", "HIGH", name, value, detail) for name, value in masked]


def _nonces(policy: Reading) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, values in policy.directives.items() for value in values if nonce_in(value) not in ("", "{NONCE}"))


def _wide(policy: Reading, name: str) -> list[str]:
    return [value for value in policy.values(name) if value in WIDE or without_scheme(value) == "*"]


def _has_nonce_or_hash(values: Iterable[str]) -> bool:
    return any(nonce_in(value) or is_hash(value) for value in values)
