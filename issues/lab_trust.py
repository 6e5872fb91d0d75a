"""How much stands behind a row of evidence: reports, days, and whether enough client networks say so. Pure.

A network's hash changes every day (trust.md), so networks can only be told apart within a day: what is asked is on how many
days there were enough of them, never how many there were in all. Days are bits of a whole number, the first day read is bit 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass


@dataclass(slots=True)
class Weight:
    """One row: its reports, most client networks on one day, days with a report, and days on which it alone had enough networks."""

    reports: int = 0
    networks: int = 0
    days: int = 0
    wide: int = 0
    claim: int = -1
    policy: int = 0


class Scale:
    """Rows are put on it with their sums. Only those that `unsure` names need their single days: whatever one row shows alone,
    its claim, its policy and its days have shown as well."""

    def __init__(self, networks: int, days: int) -> None:
        self._networks, self._days = networks, days
        self._rows: dict[int, Weight] = {}
        self._claims: dict[Hashable, int] = {}
        self._wide: dict[tuple[str, int], int] = defaultdict(int)
        self._members: dict[tuple[str, int], int] = defaultdict(int)

    def put(self, row: int, claim: Hashable | None, policy: int | None, sums: tuple[int, int, int, int]) -> None:
        """A row and its (reports, networks, days, wide days); without a claim (not of a declared site, or past the limit of
        detail) it can never be trusted."""
        number = -1 if claim is None else self._claims.setdefault(claim, len(self._claims))
        weight = self._rows[row] = Weight(*sums, number, policy or 0)
        for name in self._names(weight):
            self._wide[name] |= weight.wide
            self._members[name] += 1

    def unsure(self) -> list[int]:
        """Rows that may say together what none of them says alone."""
        return [row for row, weight in self._rows.items() if any(self._open(name, weight) for name in self._names(weight))]

    def weigh(self, days: Iterable[tuple[int, int, int]]) -> None:
        """(row, day counted from the first one, bitmap of client networks) of the rows that are unsure."""
        together: dict[tuple[tuple[str, int], int], int] = defaultdict(int)
        for row, day, networks in days:
            for name in self._names(self._rows[row]):
                together[name, day] |= networks
        for (name, day), networks in together.items():
            if networks.bit_count() >= self._networks:
                self._wide[name] |= 1 << day

    def of(self, row: int) -> tuple[int, int, int, bool]:
        """(reports, days, most client networks on one day, whether its claim is trusted)."""
        weight = self._rows[row]
        return weight.reports, weight.days, weight.networks, weight.claim >= 0 and self._enough(("claim", weight.claim))

    @property
    def policies(self) -> frozenset[int]:
        """Those that enough networks reported on enough days."""
        return frozenset(number for kind, number in self._wide if kind == "policy" and self._enough((kind, number)))

    @property
    def busy_days(self) -> int:
        """Days on which enough networks reported anything at all."""
        return self._wide["any", 0]

    @staticmethod
    def _names(weight: Weight) -> list[tuple[str, int]]:
        """What the row speaks for: its claim, the policy it came from, and that something was reported at all."""
        if weight.claim < 0:
            return []
        return [("claim", weight.claim), ("any", 0), *([("policy", weight.policy)] if weight.policy else [])]

    def _open(self, name: tuple[str, int], weight: Weight) -> bool:
        if name[0] == "any":
            return bool(weight.days & ~self._wide[name])
        return self._members[name] > 1 and not self._enough(name)

    def _enough(self, name: tuple[str, int]) -> bool:
        return self._wide[name].bit_count() >= self._days
