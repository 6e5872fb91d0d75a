"""The difference of two policies, directive by directive and word by word. Nonces count as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from policies.policy import Directive, Policy

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
