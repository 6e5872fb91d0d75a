"""The difference of two policies, directive by directive and word by word, and which policies of two lists belong together.

Nonces count as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from policies.policy import Directive, Policy, PolicyList

State = Literal["added", "removed", "changed", "same"]


@dataclass(frozen=True, slots=True)
class DirectiveDiff:
    """One directive: words only in the new policy, only in the old one, and in both. An absent directive has no words."""

    name: str
    state: State
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyDiff:
    """All directives of both policies, in the order of the new one, removed ones after those."""

    directives: tuple[DirectiveDiff, ...]

    @property
    def changed(self) -> tuple[DirectiveDiff, ...]:
        """Only what differs."""
        return tuple(directive for directive in self.directives if directive.state != "same")

    def __bool__(self) -> bool:
        return bool(self.changed)

    def lines(self) -> list[str]:
        """`+ img-src data:` and `- img-src *`: one line a word, for terminals and plain-text copies."""
        lines = []
        for directive in self.changed:
            lines += [f"- {directive.name} {word}".rstrip() for word in directive.removed or _bare(directive, "removed")]
            lines += [f"+ {directive.name} {word}".rstrip() for word in directive.added or _bare(directive, "added")]
        return lines


def _bare(directive: DirectiveDiff, state: State) -> tuple[str, ...]:
    return ("",) if directive.state == state else ()


def diff(old: Policy, new: Policy) -> PolicyDiff:
    """What changes from `old` to `new`."""
    names = [directive.name for directive in new.directives]
    names += [directive.name for directive in old.directives if new.get(directive.name) is None]
    return PolicyDiff(tuple(_compare(name, old.get(name), new.get(name)) for name in names))


def paired(old: PolicyList, new: PolicyList) -> tuple[tuple[Policy, Policy], ...]:
    """The policies of two lists, each with the one it is to be compared with: equal ones first, wherever they stand, the rest in
    their order. Where one list is longer, its last are compared with an empty policy.
    """
    places: dict[str, list[int]] = {}
    for place, policy in enumerate(new):
        places.setdefault(policy.masked, []).append(place)
    partner: dict[int, int] = {}
    for at, policy in enumerate(old):
        if places.get(policy.masked):
            partner[at] = places[policy.masked].pop(0)
    taken = set(partner.values())
    alone = [policy for at, policy in enumerate(old) if at not in partner]
    others = [policy for place, policy in enumerate(new) if place not in taken]
    same = [(old.policies[at], new.policies[place]) for at, place in partner.items()]
    return (*same, *zip_longest(alone, others, fillvalue=Policy()))


def diff_lists(old: PolicyList, new: PolicyList) -> PolicyDiff:
    """What changes from one list to another, policy after policy: `diff` of each pair."""
    return PolicyDiff(tuple(directive for pair in paired(old, new) for directive in diff(*pair).directives))


def _compare(name: str, old: Directive | None, new: Directive | None) -> DirectiveDiff:
    before, after = _words(old), _words(new)
    added = tuple(word for word in after if word not in before)
    removed = tuple(word for word in before if word not in after)
    state: State = "changed" if added or removed else "same"
    if old is None or new is None:
        state = "added" if old is None else "removed"
    return DirectiveDiff(name, state, added, removed, tuple(word for word in after if word in before))


def _words(directive: Directive | None) -> dict[str, None]:
    """The words in order, each once; a dict, for look-ups in long lists."""
    return dict.fromkeys(item.masked for item in directive.items) if directive else {}
