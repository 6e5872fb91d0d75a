"""Edits of a policy: add a word where it has to stand, never losing what was allowed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from policies.policy import Directive, Policy, directive_of

_BASES = {"script-src-elem": "script-src", "script-src-attr": "script-src", "style-src-elem": "style-src", "style-src-attr": "style-src"}


@dataclass(frozen=True, slots=True)
class Edit:
    """Add `value` to `directive`. Where `copied_from` is set, the directive is new and begins as a copy of that one:
    a new directive inherits nothing from its fallback (policy-lab.md 2.3). `bare`: it begins empty instead.
    """

    directive: str
    value: str
    copied_from: str = ""
    bare: bool = False


def place_of(policy: Policy, effective: str) -> tuple[str, str]:
    """(directive to edit, directive it begins as a copy of or ""): where a source for `effective` has to be added.

    An existing specific directive is edited; a fallback is copied into a new directive first, so that nothing else
    is opened. `script-src` is preferred to `script-src-elem`, which Safari before 15.4 ignores. Exceptions keep what
    works working: 'strict-dynamic', nonces and hashes count for a worker only in script-src.
    """
    op = policy.operative(effective)
    if op is None or op.name == effective or op.name == _BASES.get(effective):
        return (op.name if op else effective), ""
    if effective == "worker-src" and op.name == "script-src" and (op.sources.nonces or op.sources.hashes):
        return "script-src", ""
    base = _BASES.get(effective, effective)
    if base == "script-src" and _moves_workers(policy, op):
        return (op.name, "") if effective == "script-src" else (effective, op.name)
    return base, op.name


def _moves_workers(policy: Policy, op: Directive) -> bool:
    """A new script-src would govern workers too, and by other rules than default-src does."""
    special = "strict-dynamic" in op.sources.keywords
    worker = policy.operative("worker-src")
    return special and worker is not None and worker.name == op.name


def apply_edits(policy: Policy, edits: tuple[Edit, ...]) -> Policy:
    """The policy with the edits made, in order; `'none'` goes where something is added, nothing is added twice."""
    directives = dict(policy.by_name)
    for edit in edits:
        current = directives.get(edit.directive)
        if current is None and edit.copied_from:
            current = directives[edit.copied_from]
        values = list(current.values) if current is not None and not edit.bare else []
        kept = [value for value in values if value.lower() != "'none'"]
        if edit.value not in kept:
            kept.append(edit.value)
        directives[edit.directive] = directive_of(edit.directive, kept)
    return with_directives(policy, tuple(directives.values()))


def with_directives(policy: Policy, directives: tuple[Directive, ...]) -> Policy:
    """The same policy with other directives; its raw text and notes, being of the old one, go."""
    return replace(policy, directives=directives, raw="", ignored=(), parse_notes=())


def without(policy: Policy, dropped: dict[str, frozenset[int]]) -> Policy:
    """The policy without the items of these indexes, by directive; a directive left empty says 'none'."""
    directives = []
    for directive in policy.directives:
        gone = dropped.get(directive.name)
        if gone:
            values = [item.raw for item in directive.items if item.index not in gone]
            directive = directive_of(directive.name, values or ["'none'"])
        directives.append(directive)
    return with_directives(policy, tuple(directives))
