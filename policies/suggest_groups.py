"""Reported violations grouped by the place of the policy that has to change, and drafts of a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from policies.edits import Edit, place_of
from policies.evidence import Evidence
from policies.live import is_script_like
from policies.policy import Policy
from policies.replay import meant
from policies.sourcelist import SourceList
from policies.violation import BlockedKind


@dataclass(frozen=True, slots=True)
class Draft:
    """An option not yet proved; without a code it is only advice."""

    code: str = ""
    values: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    condition: str = ""
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Evidence of one kind that one directive has to let pass.

    `effective` is what the loads are judged by (the first, where a report may mean several: `meant` has all),
    `directive` the one to edit, `copied_from` the fallback it begins as a copy of, if it is new.
    """

    kind: BlockedKind
    effective: str
    meant: tuple[str, ...]
    directive: str
    copied_from: str
    sources: SourceList
    dynamic: bool
    evidence: tuple[Evidence, ...]

    @property
    def has_nonce(self) -> bool:
        """Whether the operative directive holds a nonce."""
        return bool(self.sources.nonces)

    @property
    def has_eval(self) -> bool:
        """Whether the operative directive allows eval."""
        return "unsafe-eval" in self.sources.keywords

    def edit(self, value: str) -> Edit:
        """Add a word at the group's place."""
        return Edit(self.directive, value, self.copied_from)

    def draft(self, code: str, values: Iterable[str], advice: tuple[str, ...] = ()) -> Draft:
        """A draft that adds words at the group's place; without words it is only advice."""
        words = tuple(values)
        return Draft(code if words else "", words, tuple(self.edit(word) for word in words), advice=advice)


def is_suggestible(piece: Evidence) -> bool:
    """Never suggest for noise, for what was counted together, or for what belongs to an extension or the browser."""
    scheme = piece.blocked.scheme
    return not (piece.noise or piece.other or "extension" in scheme or scheme in ("about", "chrome", "resource"))


def groups_of(policy: Policy, evidence: Sequence[Evidence]) -> Iterator[Group]:
    """The evidence by kind, effective directive and place; what has no clear place is left out."""
    found: dict[tuple[BlockedKind, tuple[str, ...], str, str], list[Evidence]] = {}
    for piece in evidence:
        names = meant(piece)
        place = _place(policy, names)
        if place:
            kind: BlockedKind = "url" if piece.blocked_kind == "origin" else piece.blocked_kind
            found.setdefault((kind, names, *place), []).append(piece)
    for (kind, names, directive, copied_from), pieces in found.items():
        op = policy.operative(names[0])
        dynamic = op is not None and is_script_like(names[0], op) and "strict-dynamic" in op.sources.keywords
        sources = op.sources if op else SourceList(())
        yield Group(kind, names[0], names, directive, copied_from, sources, dynamic, tuple(pieces))


def _place(policy: Policy, names: tuple[str, ...]) -> tuple[str, str] | None:
    """Where several directives may be meant, only a directive that governs them all will do."""
    if len(names) == 1:
        return place_of(policy, names[0])
    governing = {op.name if op else "" for op in map(policy.operative, names)}
    return (governing.pop(), "") if len(governing) == 1 and "" not in governing else None
