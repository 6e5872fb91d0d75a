"""The Observatory's verdict on the policies of one response (its first test of twelve)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policies.observatory.reading import Merged, PolicyInvalid, merge, merge_meta, split_headers

BROAD = frozenset({"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"})
BROAD_OR_INLINE = BROAD | {"'unsafe-inline'", "data:"}
PASSIVE = ("img-src", "media-src")
NONCE_OR_HASH = ("'sha256-", "'sha384-", "'sha512-", "'nonce-")
INSECURE = ("http:", "ftp:")
PASSING = frozenset(
    {
        "csp-implemented-with-no-unsafe",
        "csp-implemented-with-no-unsafe-default-src-none",
        "csp-implemented-with-unsafe-inline-in-style-src-only",
        "csp-implemented-with-insecure-scheme-in-passive-content-only",
    }
)


@dataclass(frozen=True, slots=True)
class CspFlags:
    """What the merged policy allows, flag by flag. Flags do not score by themselves."""

    anti_clickjacking: bool
    default_none: bool
    insecure_base_uri: bool
    insecure_form_action: bool
    insecure_scheme_active: bool
    insecure_scheme_passive: bool
    strict_dynamic: bool
    unsafe_eval: bool
    unsafe_inline: bool
    unsafe_inline_style: bool
    unsafe_objects: bool


@dataclass(frozen=True, slots=True)
class CspResult:
    """`parsed` is the merged policy, sources sorted; `flags` and `parsed` are None where nothing was judged."""

    result: str
    passed: bool = False
    policies: int = 0
    flags: CspFlags | None = None
    parsed: dict[str, list[str]] | None = None


def judge_csp(headers: Sequence[str], meta: Sequence[str] = (), *, report_only: bool = False, https: bool = True) -> CspResult:
    """Judge header fields and the contents of <meta> elements together.

    `report_only` says whether a Content-Security-Policy-Report-Only header was there; `https` whether the page is.
    """
    from_headers, from_meta = split_headers(headers), split_headers(meta)
    count = len(from_headers) + len(from_meta)
    try:
        merged = merge([*from_headers, *from_meta])
    except PolicyInvalid:
        return CspResult("csp-header-invalid", policies=count)
    header_only, meta_only = _or_nothing(from_headers), _or_nothing(from_meta, meta=True)
    if not header_only.directives and not meta_only.directives:
        return CspResult("csp-not-implemented-but-reporting-enabled" if report_only else "csp-not-implemented", policies=count)
    flags, broken = _flags(merged.directives, header_only.directives, https)
    result = _result(flags, broken)
    passed = result in PASSING
    if passed and merged.repeated:
        result = "csp-implemented-but-duplicate-directives"
    return CspResult(result, passed, count, flags, {name: sorted(sources) for name, sources in merged.directives.items()})


def _or_nothing(policies: Sequence[str], *, meta: bool = False) -> Merged:
    try:
        return merge_meta(policies) if meta else merge(policies)
    except PolicyInvalid:
        return Merged()


def _flags(csp: dict[str, set[str]], header_only: dict[str, set[str]], https: bool) -> tuple[CspFlags, bool]:
    """Also says whether 'strict-dynamic' stands without nonce or hash. Empties `csp` of what browsers ignore."""
    script, style, objects = (csp.get(name) or csp.get("default-src") or {"*"} for name in ("script-src", "style-src", "object-src"))
    for sources in (script, style):
        if _has_nonce_or_hash(sources):
            sources.discard("'unsafe-inline'")
    strict = "'strict-dynamic'" in script
    if strict and _has_nonce_or_hash(script):
        script.difference_update([source for source in script if _ignored_under_strict_dynamic(source)])
    active = [source for name, sources in csp.items() if name not in (*PASSIVE, "script-src") for source in sources]
    passive = [source for name in PASSIVE for source in csp.get(name) or csp.get("default-src") or ()]
    flags = CspFlags(
        anti_clickjacking=not BROAD & header_only.get("frame-ancestors", {"*"}),
        default_none=csp.get("default-src") == {"'none'"},
        insecure_base_uri=bool(BROAD_OR_INLINE & csp.get("base-uri", {"*"})),
        insecure_form_action=bool(BROAD & csp.get("form-action", {"*"})),
        insecure_scheme_active=https and _any_insecure([*active, *script]),
        insecure_scheme_passive=https and _any_insecure(passive),
        strict_dynamic=strict and _has_nonce_or_hash(script),
        unsafe_eval="'unsafe-eval'" in script | style,
        unsafe_inline=bool(BROAD_OR_INLINE & script or BROAD & objects),
        unsafe_inline_style=bool(BROAD_OR_INLINE & style),
        unsafe_objects=bool(BROAD & objects),
    )
    return flags, strict and not flags.strict_dynamic


def _result(flags: CspFlags, broken: bool) -> str:
    for hit, result in (
        (broken, "csp-header-invalid"),
        (flags.unsafe_inline, "csp-implemented-with-unsafe-inline"),
        (flags.insecure_scheme_active, "csp-implemented-with-insecure-scheme"),
        (flags.unsafe_eval, "csp-implemented-with-unsafe-eval"),
        (flags.insecure_scheme_passive, "csp-implemented-with-insecure-scheme-in-passive-content-only"),
        (flags.unsafe_inline_style, "csp-implemented-with-unsafe-inline-in-style-src-only"),
        (flags.default_none, "csp-implemented-with-no-unsafe-default-src-none"),
    ):
        if hit:
            return result
    return "csp-implemented-with-no-unsafe"


def _has_nonce_or_hash(sources: Iterable[str]) -> bool:
    return any(source.startswith(NONCE_OR_HASH) for source in sources)


def _ignored_under_strict_dynamic(source: str) -> bool:
    return source.startswith(tuple(BROAD)) or source in ("'self'", "'unsafe-inline'")


def _any_insecure(sources: Iterable[str]) -> bool:
    return any(source.startswith(INSECURE) for source in sources)
