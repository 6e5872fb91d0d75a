"""A change for many issues at once: the cheapest set of words that fixes all, and the words a policy could do without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policies.coverage import URL_KINDS, item_covers, origins_for
from policies.edits import Edit, apply_edits, without
from policies.evidence import Evidence
from policies.policy import Directive, Policy
from policies.replay import meant, replay
from policies.sources import Item
from policies.suggest import Option, suggest
from policies.target import Target

MAX_COMPARED = 200
"""Longer source lists are not searched for needless items: the search is quadratic."""


@dataclass(frozen=True, slots=True)
class Needless:
    """An item that can go; `because` is the wider item, or "" where no stored evidence needs it."""

    directive: str
    value: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """`options` were chosen in this order, cheapest per fixed evidence first; `policy` is the result without needless items.

    `left` is the evidence that no change of the policy can be shown to fix.
    """

    policy: Policy
    edits: tuple[Edit, ...]
    options: tuple[Option, ...]
    dropped: tuple[Needless, ...]
    fixed: tuple[Evidence, ...]
    left: tuple[Evidence, ...]


def plan(policy: Policy, issues: Sequence[Sequence[Evidence]], self_url: str | None = None) -> Plan:
    """A greedy hitting set over the options of all accepted issues (policy-lab.md 2.3, step 8).

    Each choice is proved on the policy as changed so far, because two options can spoil each other: a hash switches
    'unsafe-inline' off. The narrower one, chosen first, then stays, and what it does not fix is left.
    """
    evidence = dict.fromkeys(piece for issue in issues for piece in issue)
    left = [piece for piece in evidence if replay(policy, piece).verdict != "allowed"]
    pool = {option: _fixed(option.policy, left) for option in _pool(policy, issues)}
    current, chosen, todo = policy, list[Option](), set(left)
    while useful := [option for option, fixes in pool.items() if fixes & todo]:
        best = min(useful, key=lambda option: _price(option, pool[option] & todo))
        del pool[best]
        changed = apply_edits(current, best.edits)
        fixed = _fixed(changed, left)
        if fixed > frozenset(left) - todo:
            current, todo = changed, set(left) - fixed
            chosen.append(best)
    result, dropped = drop_needless(current, self_url)
    edits = tuple(dict.fromkeys(edit for option in chosen for edit in option.edits))
    return Plan(result, edits, tuple(chosen), dropped, tuple(p for p in left if p not in todo), tuple(p for p in left if p in todo))


def _pool(policy: Policy, issues: Sequence[Sequence[Evidence]]) -> list[Option]:
    """The options of each issue alone and of all together, which finds common directories and wildcards."""
    together = [piece for issue in issues for piece in issue]
    groups = [*issues, together] if len(issues) > 1 else list(issues)
    options = (option for group in groups for option in suggest(policy, group).options)
    return list(dict.fromkeys(option for option in options if option.edits and not option.condition))


def _fixed(policy: Policy, evidence: Iterable[Evidence]) -> frozenset[Evidence]:
    return frozenset(piece for piece in evidence if replay(policy, piece).verdict == "allowed")


def _price(option: Option, fixed: frozenset[Evidence] | set[Evidence]) -> tuple[float, int]:
    return option.cost / len(fixed), option.cost


def drop_needless(policy: Policy, self_url: str | None = None) -> tuple[Policy, tuple[Needless, ...]]:
    """The policy without items that a wider item of the same directive covers, and repeated ones; nothing else changes."""
    origins = origins_for(self_url)
    gone: dict[str, frozenset[int]] = {}
    found: list[Needless] = []
    for directive in policy.directives:
        needless = _needless(directive, origins) if len(directive.items) <= MAX_COMPARED else {}
        if needless:
            gone[directive.name] = frozenset(needless)
            found += [Needless(directive.name, directive.items[at].raw, wide.raw) for at, wide in needless.items()]
    return (without(policy, gone) if gone else policy), tuple(found)


def _needless(directive: Directive, origins: tuple[Target, ...]) -> dict[int, Item]:
    """Place of each needless item and the item that covers it; of two that cover each other the first stays."""
    needless: dict[int, Item] = {}
    for at, item in enumerate(directive.items):
        for other_at, other in enumerate(directive.items):
            if at == other_at or other_at in needless:
                continue
            equal = item.raw == other.raw or (other_at > at and _makes_needless(item, other, origins))
            if (equal and other_at < at) or (not equal and _makes_needless(other, item, origins)):
                needless[at] = other
                break
    return needless


def _makes_needless(wide: Item, narrow: Item, origins: tuple[Target, ...]) -> bool:
    return wide.kind in URL_KINDS and narrow.kind in URL_KINDS and item_covers(wide, narrow, origins)


def unused(policy: Policy, evidence: Iterable[Evidence]) -> tuple[Needless, ...]:
    """Sources that no stored evidence needs. Only a hint: what a policy allows is never reported.

    Keywords, nonces, hashes and 'self' are not judged.
    """
    used: set[tuple[str, str]] = set()
    by_place: dict[str, list[Evidence]] = {}
    for piece in dict.fromkeys(evidence):
        for effective in meant(piece):
            op = policy.operative(effective)
            if op is not None and not piece.noise:
                by_place.setdefault(op.name, []).append(piece)
    for directive in policy.directives:
        used |= {(directive.name, item.raw) for item in _used(directive, by_place.get(directive.name, []))}
    return tuple(
        Needless(directive.name, item.raw)
        for directive in policy.directives for item in directive.items
        if item.kind in ("host", "scheme") and (directive.name, item.raw) not in used
    )


def _used(directive: Directive, evidence: list[Evidence]) -> set[Item]:
    """The items that alone let some evidence pass, or come closest to it (an unknown answer names its item)."""
    candidates = [item for item in directive.items if item.kind in ("host", "scheme")]
    found: set[Item] = set()
    for item in candidates:
        alone = Policy((Directive(directive.name, (item,)),))
        if any(replay(alone, piece).item == item.raw for piece in evidence):
            found.add(item)
    return found


def needed_by(policy: Policy, directive: str, value: str, evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The evidence that would be blocked without this word: what to look at before taking it out."""
    op = policy.get(directive)
    if op is None:
        return ()
    less = without(policy, {directive: frozenset(item.index for item in op.items if item.raw == value)})
    return tuple(
        piece for piece in evidence if replay(policy, piece).verdict == "allowed" and replay(less, piece).verdict != "allowed"
    )
