"""Live matching: what a browser does, knowing all of a load (CSP3, "Directives" and "Integrations")."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from typing import Literal

from policies.decision import Decision, allowed, blocked
from policies.policy import Directive, Policy
from policies.sourcelist import Profile, SourceList
from policies.sources import Item
from policies.target import Target, self_of, target_of

InlineType = Literal["script", "script attribute", "style", "style attribute", "navigation"]

INLINE_DIRECTIVE: dict[InlineType, str] = {
    "script": "script-src-elem",
    "navigation": "script-src-elem",
    "script attribute": "script-src-attr",
    "style": "style-src-elem",
    "style attribute": "style-src-attr",
}
GONE = frozenset({"navigate-to", "plugin-types", "require-sri-for", "referrer", "reflected-xss", "disown-opener"})
PREFETCH = frozenset({"default-src", "prefetch-src"})
_FETCH_SUFFIXES = ("-src", "-src-elem", "-src-attr")
_SCRIPT_ELEMENTS = frozenset({"script-src-elem", "script-src"})
_STYLE_ELEMENTS = frozenset({"style-src-elem", "style-src"})
_SCRIPT_TYPES = frozenset({"script", "script attribute", "navigation"})
_INTEGRITY = re.compile(r"(sha256|sha384|sha512)-([A-Za-z0-9+/\-_]+={0,2})(?:\?\S*)?", re.IGNORECASE)
_URL_SAFE = str.maketrans("-_", "+/")


def match_url(
    policy: Policy, directive: str, url: str | Target, self_url: str | None, *, redirected: bool = False,
    nonce: str = "", integrity: str = "", parser_inserted: bool = True, profile: Profile = "spec",
) -> Decision:
    """A request, a form target, a base address or an ancestor against one policy (CSP3 #script-pre-request and its sisters).

    `directive` is the effective directive; `self_url` the page's address (None: an opaque origin); `redirected`
    that the request was redirected at least once (then paths do not count); `nonce`, `integrity` and
    `parser_inserted` are the element's.
    """
    target = url if type(url) is Target else target_of(str(url))
    if directive in PREFETCH:
        return _match_prefetch(policy, target, self_of(self_url), redirected, profile)
    op = None if directive in GONE else policy.operative(directive)
    if op is None:
        return Decision("allowed", "no-directive")
    if is_script_like(directive, op):
        early = _script_shortcut(op, nonce, integrity, parser_inserted, profile)
        if early:
            return early
    elif directive in _STYLE_ELEMENTS and nonce and nonce in op.sources.nonces:
        return allowed("nonce-match", op.name, op.sources.nonces[nonce].raw)
    elif profile == "chromium" and not parser_inserted and trusts_worker(directive, op):
        return allowed("not-parser-inserted", op.name, op.sources.keywords["strict-dynamic"].raw)
    item = op.sources.match(target, self_of(self_url), redirected, profile)
    if item is None:
        return Decision("blocked", "no-match", op.name)
    return Decision("allowed", "source-match", op.name, item.raw)


def is_script_like(directive: str, op: Directive) -> bool:
    """Whether nonce, integrity and 'strict-dynamic' count: scripts, and workers that fall back to script-src (CSP3 #script-pre-request)."""
    return directive in _SCRIPT_ELEMENTS or (directive == "worker-src" and op.name == "script-src")


def trusts_worker(directive: str, op: Directive) -> bool:
    """Chromium heeds 'strict-dynamic' for workers in whatever directive governs them, and then asks for no address."""
    return directive == "worker-src" and "strict-dynamic" in op.sources.keywords


def _script_shortcut(op: Directive, nonce: str, integrity: str, parser_inserted: bool, profile: Profile) -> Decision | None:
    """CSP3 #script-pre-request, all but its last step."""
    sources = op.sources
    if nonce and nonce in sources.nonces:
        return allowed("nonce-match", op.name, sources.nonces[nonce].raw)
    if integrity and sources.hashes:
        item = _integrity_match(sources.hashes, integrity, profile)
        if item:
            return allowed("integrity-match", op.name, item.raw)
    dynamic = sources.keywords.get("strict-dynamic")
    if dynamic:
        return blocked("parser-inserted", op.name) if parser_inserted else allowed("not-parser-inserted", op.name, dynamic.raw)
    return None


def _integrity_match(hashes: list[Item], integrity: str, profile: Profile) -> Item | None:
    """Every known hash of the element must be listed; one that is not leaves the address to decide."""
    found: Item | None = None
    for word in integrity.split():
        match = _INTEGRITY.fullmatch(word)
        if match:
            found = _listed(hashes, match[1].lower(), match[2], profile, url_safe=False)
            if not found:
                return None
    return found


def _listed(hashes: list[Item], algorithm: str, digest: str, profile: Profile, url_safe: bool = True) -> Item | None:
    loose = profile == "chromium"
    for item in hashes:
        written = item.hash_value
        if url_safe or loose:
            written, digest = written.translate(_URL_SAFE), digest.translate(_URL_SAFE)
        if loose:
            written, digest = written.rstrip("="), digest.rstrip("=")
        if item.hash_alg == algorithm and written == digest:
            return item
    return None


def hash_of(text: str, algorithm: str = "sha256") -> str:
    """The base64 digest of inline text, as a hash-source holds it (CSP3 #match-element-to-source-list, UTF-8)."""
    return base64.b64encode(hashlib.new(algorithm, text.encode("utf-8", "replace")).digest()).decode()


def hash_match(sources: SourceList, text: str, profile: Profile = "spec") -> Item | None:
    """The hash-source that names this very text."""
    digests = {algorithm: hash_of(text, algorithm) for algorithm in {item.hash_alg for item in sources.hashes}}
    return next((item for name, digest in digests.items() if (item := _listed(sources.hashes, name, digest, profile))), None)


def allows_all_inline(sources: SourceList, inline_type: InlineType) -> bool:
    """CSP3 #allow-all-inline."""
    if "unsafe-inline" not in sources.keywords or sources.nonces or sources.hashes:
        return False
    return not (inline_type in _SCRIPT_TYPES and "strict-dynamic" in sources.keywords)


def match_inline(
    policy: Policy, inline_type: InlineType, source_text: str | None = None, *, directive: str = "", nonce: str = "",
    parser_inserted: bool = True, profile: Profile = "spec",
) -> Decision:
    """Inline code or style (CSP3 #match-element-to-source-list). `source_text` None: not known, so no hash matches it.

    For `navigation` the text is the whole `javascript:` address. `nonce` is the element's, if it is nonceable.
    """
    op = policy.operative(directive or INLINE_DIRECTIVE[inline_type])
    if op is None:
        return allowed("no-directive")
    sources = op.sources
    if allows_all_inline(sources, inline_type):
        return allowed("unsafe-inline", op.name, sources.keywords["unsafe-inline"].raw)
    element = inline_type in ("script", "style")
    if element and nonce and nonce in sources.nonces:
        return allowed("nonce-match", op.name, sources.nonces[nonce].raw)
    if source_text is not None and (element or "unsafe-hashes" in sources.keywords):
        item = hash_match(sources, source_text, profile)
        if item:
            return allowed("hash-match", op.name, item.raw)
    if inline_type == "script" and not parser_inserted and "strict-dynamic" in sources.keywords:
        return allowed("not-parser-inserted", op.name, sources.keywords["strict-dynamic"].raw)
    return blocked("no-opener", op.name)


def match_eval(policy: Policy, *, trusted_script: bool = False) -> Decision:
    """eval, Function and string timers (CSP3 #can-compile-strings): only script-src and default-src are asked.

    `trusted_script`: the string was a TrustedScript, which 'trusted-types-eval' lets pass where types are required.
    """
    op = policy.operative("script-src")
    if op is None:
        return allowed("no-directive")
    keywords = op.sources.keywords
    if "unsafe-eval" in keywords:
        return allowed("keyword-match", op.name, keywords["unsafe-eval"].raw)
    if trusted_script and "trusted-types-eval" in keywords and requires_trusted_types(policy):
        return allowed("keyword-match", op.name, keywords["trusted-types-eval"].raw)
    return blocked("keyword-missing", op.name)


def match_wasm(policy: Policy) -> Decision:
    """Compiling WebAssembly (CSP3 #can-compile-wasm-bytes)."""
    op = policy.operative("script-src")
    if op is None:
        return allowed("no-directive")
    for keyword in ("wasm-unsafe-eval", "unsafe-eval"):
        if keyword in op.sources.keywords:
            return allowed("keyword-match", op.name, op.sources.keywords[keyword].raw)
    return blocked("keyword-missing", op.name)


def requires_trusted_types(policy: Policy) -> bool:
    """Whether require-trusted-types-for 'script' is set (Trusted Types, "require-trusted-types-for directive")."""
    directive = policy.get("require-trusted-types-for")
    return directive is not None and any(word.lower() == "'script'" for word in directive.values)


def match_trusted_types_sink(policy: Policy) -> Decision:
    """A plain string at a dangerous sink (Trusted Types, "Should sink type mismatch violation be blocked")."""
    if not requires_trusted_types(policy):
        return allowed("no-directive")
    return blocked("sink-guarded", "require-trusted-types-for", "'script'")


def match_trusted_types_policy(policy: Policy, name: str, *, exists: bool = False) -> Decision:
    """Making a Trusted Types policy (Trusted Types, "Should policy creation be blocked"); `exists`: one of this name was made before."""
    directive = policy.get("trusted-types")
    if directive is None:
        return allowed("no-directive")
    if exists and "'allow-duplicates'" not in directive.values:
        return blocked("duplicate-name", directive.name)
    for word in ("*", name):
        if word in directive.values and (word == "*" or not word.startswith("'")):
            return allowed("name-match", directive.name, word)
    return blocked("name-missing", directive.name)


def match_frame_ancestors(policy: Policy, ancestors: Iterable[str], self_url: str | None, profile: Profile = "spec") -> Decision:
    """The pages that frame this one, by their origins (CSP3 #directive-frame-ancestors); all must be covered."""
    decision = allowed("no-directive")
    for ancestor in ancestors:
        target = target_of(ancestor)
        decision = match_url(policy, "frame-ancestors", target.origin or target, self_url, profile=profile)
        if decision.verdict == "blocked":
            break
    return decision


def _match_prefetch(policy: Policy, url: Target, origin: Target | None, redirected: bool, profile: Profile) -> Decision:
    """CSP3 "Does resource hint request violate policy?": blocked only if every fetch directive present refuses."""
    default = policy.get("default-src")
    if default is None:
        return allowed("no-directive")
    for directive in policy.directives:
        if directive.name.endswith(_FETCH_SUFFIXES):
            item = directive.sources.match(url, origin, redirected, profile)
            if item:
                return allowed("source-match", directive.name, item.raw)
    return blocked("no-match", default.name)
