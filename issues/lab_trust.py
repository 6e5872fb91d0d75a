"""How much stands behind a row of evidence: reports, days, and whether enough client networks say so. Pure.

A network's hash changes every day (trust.md), so networks can only be told apart within a day: what is asked is on how many
days there were enough of them, never how many there were in all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable

_DAY = 20  # bits of a day's number; a claim's number stands above them
_DAYS = (1 << _DAY) - 1


class Scale:
    """Rows are put on it first, then the days of each; the answers are read afterwards."""

    def __init__(self, networks: int, days: int) -> None:
        self._networks, self._days = networks, days
        self._rows: dict[int, tuple[list[int], list[int], int, int]] = {}
        self._claims: dict[Hashable, int] = {}
        self._claim_days: dict[int, int] = defaultdict(int)
        self._policy_days: dict[int, int] = defaultdict(int)
        self._trusted: frozenset[int] = frozenset()

    def put(self, row: int, claim: Hashable | None, policy: int | None) -> None:
        """A row; without a claim (not of a declared site, or past the limit of detail) it can never be trusted."""
        number = -1 if claim is None else self._claims.setdefault(claim, len(self._claims))
        self._rows[row] = ([0, 0], [], number, policy or 0)

    def weigh(self, days: Iterable[tuple[int, int, int, int]]) -> None:
        """(row, day, reports, bitmap of client networks) for each day of each row."""
        rows, claims, policies = self._rows, self._claim_days, self._policy_days
        for row, day, reports, networks in days:
            held = rows.get(row)
            if held is None:
                continue
            sums, seen, claim, policy = held
            sums[0] += reports
            most = networks.bit_count()
            if most > sums[1]:
                sums[1] = most
            seen.append(day)
            if claim >= 0:
                claims[claim << _DAY | day] |= networks
                if policy:
                    policies[policy << _DAY | day] |= networks
        self._trusted = self._wide(claims)

    def of(self, row: int) -> tuple[int, frozenset[int], int, bool]:
        """(reports, days, most client networks on one day, whether its claim is trusted)."""
        (reports, networks), days, claim, _ = self._rows[row]
        return reports, frozenset(days), networks, claim in self._trusted

    @property
    def policies(self) -> frozenset[int]:
        """Those that enough networks reported on enough days."""
        return self._wide(self._policy_days)

    @property
    def busy_days(self) -> frozenset[int]:
        """Days on which enough networks reported anything at all."""
        everything: dict[int, int] = defaultdict(int)
        for key, networks in self._claim_days.items():
            everything[key & _DAYS] |= networks
        return frozenset(day for day, networks in everything.items() if networks.bit_count() >= self._networks)

    def _wide(self, networks: dict[int, int]) -> frozenset[int]:
        days: dict[int, int] = defaultdict(int)
        for key, bitmap in networks.items():
            if bitmap.bit_count() >= self._networks:
                days[key >> _DAY] += 1
        return frozenset(key for key, number in days.items() if number >= self._days)
