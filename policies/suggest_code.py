"""Drafts for inline code, eval, wasm and Trusted Types (policy-lab.md 2.3, steps 4 to 6)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.edits import Edit
from policies.live import hash_of
from policies.policy import Policy
from policies.sources import NONCE_PLACEHOLDER
from policies.suggest_groups import Draft, Group
from policies.suggest_sources import MAX_ITEMS

_TYPE_NAME = re.compile(r"[A-Za-z0-9\-#=_/@.%]+")


def drafts(policy: Policy, group: Group) -> Iterator[Draft]:
    """All that may be offered for what is no address."""
    if group.kind == "inline" and group.effective == "base-uri":
        yield Draft(advice=("base-unknown",))
    elif group.effective == "frame-ancestors":
        yield Draft(advice=("ancestor-unknown",))
    elif group.kind == "inline":
        yield from _attributes(group) if any(name.endswith("-attr") for name in group.meant) else _elements(group)
    elif group.kind == "eval":
        yield group.draft("unsafe-eval", ["'unsafe-eval'"], advice=("fix-eval",))
    elif group.kind == "wasm-eval":
        yield group.draft("wasm-unsafe-eval", ["'wasm-unsafe-eval'"])
    elif group.kind == "trusted-types-sink":
        yield Draft(advice=("types-sink",))
    elif group.kind == "trusted-types-policy":
        yield from _type_names(group)
    else:
        yield Draft(advice=("what-unknown",))


def nonce_on_tag(group: Group) -> Draft:
    """No change of the policy where it has a nonce: the template has to write it on the tag."""
    if group.has_nonce:
        return Draft("nonce", condition="nonce-on-tag", advice=("add-nonce",))
    value = f"'nonce-{NONCE_PLACEHOLDER}'"
    return Draft("nonce", (value,), (group.edit(value),), "nonce-on-tag", ("use-nonce",))


def _elements(group: Group) -> Iterator[Draft]:
    """<script> and <style> elements: a file, a nonce, a hash; 'unsafe-inline' last, and only where it does something."""
    yield Draft(advice=("move-to-file",))
    if not _is_open(group):
        yield nonce_on_tag(group)
        yield _hashes(group)
    yield from _unsafe_inline(group)


def _attributes(group: Group) -> Iterator[Draft]:
    yield Draft(advice=("move-handlers",))
    if not _is_open(group):
        hashes = _hashes(group)
        if hashes.values:
            values = ("'unsafe-hashes'", *hashes.values)
            yield Draft("unsafe-hashes", values, tuple(group.edit(value) for value in values))
        else:
            yield hashes
    if len(group.meant) == 1:
        yield Draft("attribute-inline", ("'unsafe-inline'",), (Edit(group.effective, "'unsafe-inline'", bare=True),))
    else:
        yield from _unsafe_inline(group)


def _is_open(group: Group) -> bool:
    """A nonce or hash beside an 'unsafe-inline' that still counts for anything would switch that off."""
    return "unsafe-inline" in group.sources.keywords and not (group.sources.nonces or group.sources.hashes)


def _unsafe_inline(group: Group) -> Iterator[Draft]:
    if group.sources.nonces or group.sources.hashes or group.dynamic:
        yield Draft(advice=("unsafe-inline-useless",))
    else:
        yield group.draft("unsafe-inline", ["'unsafe-inline'"])


def _hashes(group: Group) -> Draft:
    """Only of whole samples, and of none that may have been masked before it was stored ("*")."""
    samples = {piece.sample for piece in group.evidence if piece.sample_complete and "*" not in piece.sample}
    if samples and len(samples) <= MAX_ITEMS:
        return group.draft("hash", sorted(f"'sha256-{hash_of(sample)}'" for sample in samples))
    return Draft(advice=("sample-cut" if any(piece.sample for piece in group.evidence) else "sample-missing",))


def _type_names(group: Group) -> Iterator[Draft]:
    names = {piece.sample for piece in group.evidence}
    known = sorted(name for name in names if _TYPE_NAME.fullmatch(name))
    yield group.draft("name", known[:MAX_ITEMS], advice=() if known else ("name-unknown",))
