"""Is this policy at least as strict as that one, and what became looser or tighter per directive.

A policy is subsumed by another when everything it allows is allowed by the other (CSP Embedded Enforcement, "subsume", asks
the same of frames). The answer is safe: what can't be shown to be covered counts as looser. WebSockets count as http,
as Fetch has it, and a nonce covers only itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from policies.coverage import URL_KINDS, covers, origins_for
from policies.live import InlineType, allows_all_inline, is_script_like, requires_trusted_types, trusts_worker
from policies.policy import Directive, Policy, PolicyList
from policies.sourcelist import SourceList
from policies.sources import Item
from policies.target import Target

Ability = Literal["everything", "source", "nonce", "hash", "unsafe-inline", "strict-dynamic", "eval", "wasm", "types", "sandbox", "webrtc"]

EFFECTIVE = (
    "script-src-elem", "script-src-attr", "script-src", "style-src-elem", "style-src-attr", "img-src", "font-src", "connect-src",
    "media-src", "object-src", "frame-src", "fenced-frame-src", "worker-src", "manifest-src", "default-src", "base-uri",
    "form-action", "frame-ancestors",
)
"""What a load can be judged by; "script-src" stands for eval and wasm, "default-src" for prefetches."""

_INLINE: dict[str, tuple[InlineType, ...]] = {
    "script-src-elem": ("script", "navigation"), "script-src-attr": ("script attribute",),
    "style-src-elem": ("style",), "style-src-attr": ("style attribute",),
}
MOST_COMPARED = 8
"""Policies of a list that another list's are compared with; more make no header that anybody sends."""
_NO_URLS = frozenset({"script-src", "script-src-attr", "style-src-attr"})


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that one policy allows and the other may not.

    `directive` is the operative directive in the policy that allows it ("" where none governs, and so everything
    passes), `value` the word that allows it, `effective` the kinds of load it is about.
    """

    directive: str
    value: str
    ability: Ability
    effective: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`looser`: what the first policy allows and the second may not; `tighter`: the other way round."""

    looser: tuple[Change, ...]
    tighter: tuple[Change, ...]

    @property
    def at_least_as_strict(self) -> bool:
        """Whether all the first policy allows is allowed by the second."""
        return not self.looser


def compare(policy: Policy, base: Policy, self_url: str | None = None) -> Comparison:
    """Compare a policy with a base. `self_url`, a page's address, says what 'self' and schemeless hosts are."""
    origins = origins_for(self_url)
    return Comparison(_beyond(policy, base, origins), _beyond(base, policy, origins))


def is_subsumed(policy: Policy, by: Policy, self_url: str | None = None) -> bool:
    """Whether everything `policy` allows is allowed by `by` too: `policy` is at least as strict."""
    return not _beyond(policy, by, origins_for(self_url))


def compare_lists(policies: PolicyList, base: PolicyList, self_url: str | None = None) -> Comparison:
    """The same for lists, where a load must pass every policy (CSP3 #parse-response-csp). An empty list allows everything."""
    origins = origins_for(self_url)
    return Comparison(_list_beyond(policies, base, origins), _list_beyond(base, policies, origins))


def list_is_subsumed(policies: PolicyList, by: PolicyList, self_url: str | None = None) -> bool:
    """Whether everything the one list allows is allowed by the other."""
    return not _list_beyond(policies, by, origins_for(self_url))


def _list_beyond(ones: PolicyList, others: PolicyList, origins: tuple[Target, ...]) -> tuple[Change, ...]:
    """For each policy of `others` and each kind of load: what the one of `ones` that comes closest to it allows beyond it.

    A load that one policy refuses is refused, so the closest is enough, and so is looking at the first few.
    """
    mine = list(dict.fromkeys(ones))[:MOST_COMPARED] or [Policy()]
    found: dict[tuple[str, str, Ability], dict[str, None]] = {}
    for other in dict.fromkeys(others):
        if other in mine:
            continue
        beyond = [_by_effective(_beyond(one, other, origins)) for one in mine]
        for effective in dict.fromkeys(name for changes in beyond for name in changes):
            for part in min((changes.get(effective, []) for changes in beyond), key=_width):
                found.setdefault(part, {})[effective] = None
    return tuple(Change(*part, tuple(effective)) for part, effective in found.items())


def _width(parts: list[tuple[str, str, Ability]]) -> tuple[bool, int]:
    return any(ability == "everything" for _, _, ability in parts), len(parts)


def _by_effective(changes: tuple[Change, ...]) -> dict[str, list[tuple[str, str, Ability]]]:
    sorted_out: dict[str, list[tuple[str, str, Ability]]] = {}
    for change in changes:
        for effective in change.effective:
            sorted_out.setdefault(effective, []).append((change.directive, change.value, change.ability))
    return sorted_out


def _beyond(one: Policy, other: Policy, origins: tuple[Target, ...]) -> tuple[Change, ...]:
    """What `one` allows beyond `other`, each thing once, with the kinds of load it is about."""
    found: dict[tuple[str, str, Ability], list[str]] = {}
    known: dict[tuple[str, str, str], list[tuple[str, str, Ability]]] = {}
    for effective in EFFECTIVE:
        mine, theirs = one.operative(effective), other.operative(effective)
        if theirs is None:
            continue
        if mine is None:
            found.setdefault(("", "", "everything"), []).append(effective)
            continue
        key = (mine.name, theirs.name, _traits(effective))
        if key not in known:
            known[key] = list(_abilities(one, other, mine, theirs, effective, origins))
        for part in known[key]:
            found.setdefault(part, []).append(effective)
    for name, value, ability in (*_types(one, other), *_switches(one, other)):
        found.setdefault((name, value, ability), []).append(name or value)
    return tuple(Change(name, value, ability, tuple(effective)) for (name, value, ability), effective in found.items())


def _traits(effective: str) -> str:
    """Effective directives of equal traits get equal answers from equal operative directives."""
    return effective if effective in _INLINE or effective in ("script-src", "default-src", "worker-src", "script-src-elem") else ""


def _abilities(
    one: Policy, other: Policy, mine: Directive, theirs: Directive, effective: str, origins: tuple[Target, ...]
) -> Iterator[tuple[str, str, Ability]]:
    if effective == "default-src":
        yield from _prefetching(one, other, origins)
    elif effective == "script-src":
        yield from ((mine.name, *part) for part in _compiling(one, other, mine.sources, theirs.sources))
    elif mine != theirs:
        yield from ((mine.name, *part) for part in _differing(mine, theirs, effective, origins))


def _differing(mine: Directive, theirs: Directive, effective: str, origins: tuple[Target, ...]) -> Iterator[tuple[str, Ability]]:
    scripts = is_script_like(effective, mine)
    if trusts_worker(effective, mine) and not trusts_worker(effective, theirs):
        yield "'strict-dynamic'", "strict-dynamic"
    if effective not in _NO_URLS:
        yield from _loading(mine, theirs, scripts, is_script_like(effective, theirs), origins)
    if scripts or effective in _INLINE:
        yield from _carrying(mine.sources, theirs.sources, effective)
    for inline_type in _INLINE.get(effective, ()):
        if allows_all_inline(mine.sources, inline_type) and not allows_all_inline(theirs.sources, inline_type):
            yield "'unsafe-inline'", "unsafe-inline"
            return


def _loading(
    mine: Directive, theirs: Directive, my_scripts: bool, their_scripts: bool, origins: tuple[Target, ...]
) -> Iterator[tuple[str, Ability]]:
    my_dynamic = my_scripts and "strict-dynamic" in mine.sources.keywords
    their_dynamic = their_scripts and "strict-dynamic" in theirs.sources.keywords
    if my_dynamic:
        if not their_dynamic:
            yield "'strict-dynamic'", "strict-dynamic"
        return
    for item in mine.items:
        if item.kind in URL_KINDS and (their_dynamic or not _covered(item, theirs, origins)):
            yield item.raw, "source"


def _covered(item: Item, theirs: Directive, origins: tuple[Target, ...]) -> bool:
    return item.raw in theirs.raws or covers(theirs.sources, item, origins)


def _carrying(mine: SourceList, theirs: SourceList, effective: str) -> Iterator[tuple[str, Ability]]:
    """Nonces and hashes, where they count."""
    element = not effective.endswith("-attr")
    if element:
        yield from ((item.raw, "nonce") for nonce, item in mine.nonces.items() if nonce not in theirs.nonces)
    elif "unsafe-hashes" not in mine.keywords:
        return
    every = _INLINE.get(effective, ())
    if effective != "script-src-elem" and every and all(allows_all_inline(theirs, inline_type) for inline_type in every):
        return
    listed = {(item.hash_alg, item.hash_value) for item in theirs.hashes}
    usable = element or "unsafe-hashes" in theirs.keywords
    for item in mine.hashes:
        if not usable or (item.hash_alg, item.hash_value) not in listed:
            yield item.raw, "hash"
    if effective == "script-src-elem" and mine.hashes and "unsafe-hashes" in mine.keywords and "unsafe-hashes" not in theirs.keywords:
        yield "'unsafe-hashes'", "hash"


def _compiling(one: Policy, other: Policy, mine: SourceList, theirs: SourceList) -> Iterator[tuple[str, Ability]]:
    my, their = mine.keywords, theirs.keywords
    if "unsafe-eval" in my and "unsafe-eval" not in their:
        yield "'unsafe-eval'", "eval"
    elif _conditional_eval(one, mine) and "unsafe-eval" not in their and not _conditional_eval(other, theirs):
        yield "'trusted-types-eval'", "eval"
    if "wasm-unsafe-eval" in my and not ("wasm-unsafe-eval" in their or "unsafe-eval" in their):
        yield "'wasm-unsafe-eval'", "wasm"


def _conditional_eval(policy: Policy, sources: SourceList) -> bool:
    return "trusted-types-eval" in sources.keywords and requires_trusted_types(policy)


def _prefetching(one: Policy, other: Policy, origins: tuple[Target, ...]) -> Iterator[tuple[str, str, Ability]]:
    """A prefetch passes when any fetch directive covers it."""
    merged = SourceList(item for directive in _fetching(other) for item in directive.items)
    raws = {item.raw for directive in _fetching(other) for item in directive.items}
    for directive in _fetching(one):
        for item in directive.items:
            if item.kind in URL_KINDS and item.raw not in raws and not covers(merged, item, origins):
                yield directive.name, item.raw, "source"


def _fetching(policy: Policy) -> Iterator[Directive]:
    return (directive for directive in policy.directives if directive.name.endswith(("-src", "-src-elem", "-src-attr")))


def _types(one: Policy, other: Policy) -> Iterator[tuple[str, str, Ability]]:
    """Trusted Types: names of policies, duplicates, and the sinks."""
    if requires_trusted_types(other) and not requires_trusted_types(one):
        yield "", "require-trusted-types-for", "types"
    theirs, mine = other.get("trusted-types"), one.get("trusted-types")
    if theirs is None:
        return
    if mine is None:
        yield "", "trusted-types", "types"
        return
    for word in mine.values:
        if word not in theirs.values and word != "'none'" and ("*" not in theirs.values or word.startswith("'")):
            yield mine.name, word, "types"


def _switches(one: Policy, other: Policy) -> Iterator[tuple[str, str, Ability]]:
    """sandbox, where each word is a permission, and webrtc."""
    theirs, mine = other.get("sandbox"), one.get("sandbox")
    if theirs is not None:
        if mine is None:
            yield "", "sandbox", "sandbox"
        else:
            allowed = {word.lower() for word in theirs.values}
            yield from ((mine.name, word, "sandbox") for word in mine.values if word.lower() not in allowed)
    if _blocks_webrtc(other) and not _blocks_webrtc(one):
        yield "", "webrtc", "webrtc"


def _blocks_webrtc(policy: Policy) -> bool:
    directive = policy.get("webrtc")
    return directive is not None and directive.values[:1] == ("'block'",)
