"""How many issues may begin in an hour: what anybody can post must not fill the list (trust.md, "Forged reports").

A project may begin NEW_ISSUES_PER_HOUR, and as many again of likely attacks on the pages it declared sensitive, so that a
flood of anything else does not use up theirs. Of each, one client network gets at most a tenth. Networks are told apart by
the bits of issues.sketch: no hash is kept. What is over is counted all the same, in one issue for noise and one for signal.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings

from issues.facts import ProjectState, states_of
from issues.fold import IssueKey, Judged, SampleDraft, networks_of
from issues.models import NewIssueCount
from issues.overflow import key_of_overflow
from issues.rows import Row
from issues.sketch import NETWORK_BITS
from issues.upsert import upsert
from issues.verdicts.attacks import page_pattern
from issues.weigh import strongest
from policies.words import NOISE_SLUGS

ORDINARY, SENSITIVE = "ordinary", "sensitive"
SHARE = 10
"""One network gets at most one part in so many."""
NOBODY = -1
"""Whom an issue is charged to whose sender's network is unknown, or a private address that a whole site may stand behind."""
Place = tuple[int, str, int]
"""(project, lane, network): what is counted."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An issue that would be new. `networks` is a bitmap of who reported it; `unmetered`: also somebody without a network."""

    key: IssueKey
    lane: str
    networks: int
    unmetered: bool
    reports: int


def charge(wanted: Iterable[Wanted], made: Counter[Place], most: int) -> dict[IssueKey, Place]:
    """The issues that may begin, and whom each is charged to. What most networks saw goes first, then what came most often."""
    made = made.copy()
    admitted: dict[IssueKey, Place] = {}
    for one in sorted(wanted, key=lambda one: (-one.networks.bit_count(), -one.reports, one.key)):
        project = one.key[0]
        whole = sum(made[project, one.lane, network] for network in range(NOBODY, NETWORK_BITS))
        network = _payer(one, made, max(1, most // SHARE))
        if whole < most and network is not None:
            place = admitted[one.key] = (project, one.lane, network)
            made[place] += 1
    return admitted


def _payer(one: Wanted, made: Counter[Place], share: int) -> int | None:
    """The network with most left of its share; None when none has any."""
    if one.unmetered:
        return NOBODY
    senders = [network for network in range(NETWORK_BITS) if one.networks >> network & 1]
    least = min(senders, key=lambda network: made[one.key[0], one.lane, network])
    return least if made[one.key[0], one.lane, least] < share else None


def within_budget(rows: Sequence[Row], now: float | None = None) -> tuple[list[Row], list[Row]]:
    """(rows as they came, rows of overflow issues made of the ones that are over). In the caller's transaction.

    The hour is ours (`now` is for tests that run a month): by what reports say of their age, anybody could have all hours.
    """
    new = [row for row in rows if row.known is None]
    most = settings.NEW_ISSUES_PER_HOUR
    if not new or not most:
        return list(rows), []
    hour = int(time.time() if now is None else now) // 3600
    states = states_of({row.key[0] for row in new})
    admitted = charge([_wanted(row, states) for row in new], _made(states, hour), most)
    counts = Counter(admitted.values())
    upsert(
        NewIssueCount, ("project_id", "hour", "lane", "network", "made"),
        [(project, hour, lane, network, made) for (project, lane, network), made in counts.items()],
        key=("project_id", "hour", "lane", "network"), how={"made": "add"},
    )  # fmt: skip
    over = [row for row in new if row.key not in admitted]
    return [row for row in rows if row.known or row.key in admitted], list(_gathered(over))


def _made(projects: Iterable[int], hour: int) -> Counter[Place]:
    rows = NewIssueCount.objects.filter(project_id__in=projects, hour=hour).values_list("project_id", "lane", "network", "made")
    return Counter({(project, lane, network): made for project, lane, network, made in rows})


def _wanted(row: Row, states: dict[int, ProjectState]) -> Wanted:
    networks = networks_of(row.tallies)
    unmetered = not networks or any(tally.unmetered for tally in row.tallies)
    state = states.get(row.key[0])
    lane = SENSITIVE if state and _is_attack_on_sensitive(row, state.facts.sensitive) else ORDINARY
    return Wanted(row.key, lane, networks, unmetered, row.reports)


def _is_attack_on_sensitive(row: Row, sensitive: Sequence[str]) -> bool:
    """By what the project declared alone; which pages look like payment is the sender's word."""
    paths = {tally.unit.violation.document.path for tally in row.tallies if tally.unit.judgement.verdict == "attack"}
    return any(page_pattern(pattern).fullmatch(path) for pattern in sensitive for path in paths)


def _gathered(over: Sequence[Row]) -> Iterator[Row]:
    rows: dict[IssueKey, Row] = {}
    for row in over:
        noise = strongest(tally.unit.judgement for tally in row.tallies).verdict in NOISE_SLUGS
        key = key_of_overflow(row.key[0], noise)
        gathered = rows.setdefault(key, Row(key, [], stands_for=[]))
        gathered.tallies.extend(row.tallies)
        gathered.stands_for.append(row.key)
        gathered.reports += row.reports
        gathered.enforced += row.enforced
        gathered.unsaid += row.unsaid
    yield from (rows[key] for key in sorted(rows))


def samples_of(row: Row, judged: Judged, most: int = 3) -> list[SampleDraft]:
    """The samples that came with what the row stands for."""
    return [draft for key in row.stands_for or (row.key,) for draft in judged.samples.get(key, ())][:most]
