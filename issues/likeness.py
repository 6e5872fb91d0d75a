"""The narrowest rule that covers an issue: what all of its evidence has in common. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from issues.conditions import Condition, Facts
from policies.directives import family_of
from policies.suggest_sources import registrable

SHORTEST = 6  # characters that a `contains` takes from what differs otherwise


def alike(rows: Sequence[Facts]) -> list[Condition]:
    """By the host; where that is not one thing, by the code, the file or the page. Nothing where only kind and directive are
    shared: such a rule would hide what has nothing to do with the issue."""
    host, sample = _host([row.host for row in rows]), _text("sample", [row.sample for row in rows])
    known = [host] if host else [sample] if sample else _same(rows, "source") or _same(rows, "page")
    if not known:
        return []
    kind = [] if host else _same(rows, "kind")
    return [*kind, *known, _directive(rows[0].directive, {row.directive for row in rows})]


def _same(rows: Sequence[Facts], field: str) -> list[Condition]:
    values = {getattr(row, field) for row in rows}
    return [Condition(field, "is", values.pop())] if len(values) == 1 and "" not in values else []


def _host(hosts: Sequence[str]) -> Condition | None:
    """One host, one domain, or what is in all their names: `-extension:`."""
    if len(set(hosts)) == 1:
        return Condition("host", "is", hosts[0]) if hosts[0] else None
    names = [host.split(":")[0].split(".")[::-1] if not host.endswith(":") else [] for host in hosts]
    shared = 0
    while all(len(name) > shared for name in names) and len({name[shared] for name in names}) == 1:
        shared += 1
    domain = ".".join(reversed(names[0][:shared]))
    if domain.count(".") and registrable(domain) and domain.endswith(registrable(domain)):
        return Condition("host", "under", domain)
    return _text("host", hosts) if all(host.endswith(":") for host in hosts) else None


def _text(field: str, texts: Sequence[str]) -> Condition | None:
    """The same text, or the longest piece that all of them hold."""
    if len(set(texts)) == 1:
        return Condition(field, "is", texts[0]) if texts[0] else None
    short = min(texts, key=len)
    pieces = (short[start : start + size] for size in range(len(short), SHORTEST - 1, -1) for start in range(len(short) - size + 1))
    common = next((piece for piece in pieces if piece == piece.strip() and all(piece in text for text in texts)), "")
    return Condition(field, "contains", common) if common else None


def _directive(first: str, directives: set[str]) -> Condition:
    if len(directives) == 1:
        return Condition("directive", "is", first)
    base = first.removesuffix("-elem").removesuffix("-attr")
    alone = all(each == base or each.startswith(f"{base}-") for each in directives)
    return Condition("directive", "under", base if alone else family_of(first))
