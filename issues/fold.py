"""Judge and fold a batch of sightings, outside any transaction: what is left grows with different violations, not with reports."""

from __future__ import annotations

import hashlib
import time
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from issues.facts import ProjectState, states_of
from issues.fingerprint import Fingerprint, fingerprint
from issues.nonces import MOST_SEEN, marks_of
from issues.scrub import page_template, scrub, scrub_policy, scrub_received
from issues.sketch import network_bit
from issues.spots import homes_of
from issues.verdicts import Judgement, judge
from policies.policy import observed
from policies.violation import Violation

HOUR = 3_600_000
IssueKey = tuple[int, int, str]  # project, key version, key
MOST_UNITS = 20_000  # judged violations kept in this process
MOST_SAMPLES = 3  # of one issue in one batch


@dataclass(frozen=True, slots=True)
class Sighting:
    """One violation and what the door knew of its sender.

    `received` is this report's own JSON; `seen_at` is milliseconds since 1970, its age taken off. `visitor` and
    `network` are 64-bit hashes of the day (0: unknown); they are folded into sketches and never stored.
    """

    project_id: int
    violation: Violation
    received: bytes
    seen_at: int
    visitor: int = 0
    network: int = 0
    environment: str = ""
    release: str = ""
    test: bool = False
    private: bool = False
    """It came from a private address: a proxy that nobody declared, perhaps, with the whole site behind it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """All that follows from one violation in one project: judged once, counted as often as it comes."""

    violation: Violation
    judgement: Judgement
    fingerprint: Fingerprint
    key: IssueKey
    evidence: tuple[str, ...]  # the columns after `digest`, policy and disposition apart
    digest: str
    facets: tuple[tuple[str, str], ...]
    policy: tuple[str, str]  # fingerprint and masked text, "" where the report held none
    enforced: bool
    normalised: dict[str, Any]
    settings_version: int
    nonces: tuple[str, ...] = ()  # marks, see issues.nonces


@dataclass(slots=True)
class Tally:
    """How often, when and by whom one unit was seen in this batch."""

    unit: Unit
    received: bytes
    reports: int = 0
    first: int = 1 << 62
    last: int = 0
    hours: Counter[int] = field(default_factory=Counter)
    days: dict[int, DayTally] = field(default_factory=dict)
    labels: Counter[tuple[str, str]] = field(default_factory=Counter)
    test: bool = True
    """All of it; one real report takes the mark off, or anybody could put it on what shall raise no alarm."""
    unmetered: bool = False


@dataclass(slots=True)
class DayTally:
    reports: int = 0
    visitors: set[int] = field(default_factory=set)
    networks: int = 0


@dataclass(frozen=True, slots=True)
class SampleDraft:
    """A sample worth keeping, scrubbed and cut."""

    seen_at: int
    page: str
    browser: str
    disposition: str
    snippet: str
    received: str
    normalised: dict[str, Any]
    rules: tuple[str, ...]


@dataclass(slots=True)
class Judged:
    """A batch ready to be written. `gone` counts the reports of projects that no longer exist."""

    issues: dict[IssueKey, list[Tally]]
    samples: dict[IssueKey, list[SampleDraft]]
    examples: dict[tuple[int, str, int], str]
    gone: Counter[int]
    reports: int


_units: OrderedDict[tuple[int, int, int], Unit] = OrderedDict()
_sampled: OrderedDict[Any, int] = OrderedDict()


def judge_all(sightings: Iterable[Sighting]) -> Judged:
    """Fold by violation, judge each once. The same Violation object is recognised without being compared."""
    batch = list(sightings)
    states = states_of({sighting.project_id for sighting in batch})
    gone: Counter[int] = Counter()
    tallies: dict[tuple[int, int], Tally] = {}
    for sighting in batch:
        place = (sighting.project_id, id(sighting.violation))
        tally = tallies.get(place)
        if tally is None:
            state = states.get(sighting.project_id)
            if state is None:
                gone[sighting.project_id] += 1
                continue
            tally = tallies[place] = Tally(_unit(state, sighting.violation), sighting.received)
        _count(tally, sighting)
    units = [tally.unit for tally in tallies.values()]
    homes = homes_of((unit.key[0], unit.fingerprint, unit.judgement.verdict) for unit in units)
    issues: dict[IssueKey, list[Tally]] = {}
    for tally in tallies.values():
        issues.setdefault(_home_of(tally.unit, homes), []).append(tally)
    return Judged(issues, _samples(issues), _examples(issues), gone, len(batch) - sum(gone.values()))


def _home_of(unit: Unit, homes: Mapping[tuple[int, str], IssueKey]) -> IssueKey:
    return unit.key if unit.fingerprint.bare or not unit.fingerprint.spot else homes.get((unit.key[0], unit.fingerprint.spot), unit.key)


def _count(tally: Tally, sighting: Sighting) -> None:
    at = sighting.seen_at
    tally.reports += 1
    tally.first = min(tally.first, at)
    tally.last = max(tally.last, at)
    hour = at // HOUR
    tally.hours[hour] += 1
    day = tally.days.get(hour // 24)
    if day is None:
        day = tally.days[hour // 24] = DayTally()
    day.reports += 1
    if sighting.visitor:
        day.visitors.add(sighting.visitor)
    day.networks |= network_bit(sighting.network)
    if sighting.environment:
        tally.labels["environment", sighting.environment[:60]] += 1
    if sighting.release:
        tally.labels["release", sighting.release[:100]] += 1
    tally.test = tally.test and sighting.test
    tally.unmetered = tally.unmetered or sighting.private or not sighting.network


def networks_of(tallies: Iterable[Tally]) -> int:
    """The bitmap of the client networks behind them."""
    found = 0
    for tally in tallies:
        for day in tally.days.values():
            found |= day.networks
    return found


def nonces_of(tallies: Iterable[Tally]) -> dict[str, dict[int, int]]:
    """mark -> day -> bits of networks, of as many nonces as are worth a look, the last seen last."""
    found: dict[str, dict[int, int]] = {}
    for tally in sorted(tallies, key=lambda tally: tally.last)[-MOST_SEEN:]:
        for mark in tally.unit.nonces:
            days = found.setdefault(mark, {})
            for day, seen in tally.days.items():
                days[day] = days.get(day, 0) | seen.networks
    return found


def _unit(state: ProjectState, violation: Violation) -> Unit:
    """The judged violation, from the cache where this very object was judged before under the same settings."""
    place = (state.id, state.version, id(violation))
    unit = _units.get(place)
    if unit is not None and unit.violation is violation:
        _units.move_to_end(place)
        return unit
    unit = _units[place] = judge_one(state, violation)
    if len(_units) > MOST_UNITS:
        _units.popitem(last=False)
    return unit


def judge_one(state: ProjectState, violation: Violation) -> Unit:
    """Verdict and key from the whole violation, then everything that is stored from the scrubbed one."""
    judgement = judge(violation, state.facts)
    key = fingerprint(violation, judgement)
    clean = scrub(violation, state.keep_query_hosts)
    page = page_template(clean.document)
    source = clean.source.url
    evidence = (
        clean.directive[:60], clean.blocked_kind, clean.blocked.url[:1024], clean.document.origin[:300],
        page[:512], source[:512], clean.sample[:120],
    )  # fmt: skip
    policy = observed(scrub_policy(violation.policy)) if violation.policy else ("", "")
    digest = hashlib.blake2b("\0".join((*evidence, policy[0], clean.disposition)).encode(), digest_size=16).hexdigest()
    return Unit(
        violation, judgement, key, (state.id, key.version, key.key), evidence, digest,
        tuple(_facets(clean, page, source)), policy, clean.disposition == "enforce", _plain(clean),
        state.version, marks_of(violation.nonces, state.id, settings.SECRET_KEY.encode()) if violation.nonces else (),
    )  # fmt: skip


def _facets(violation: Violation, page: str, source: str) -> Iterator[tuple[str, str]]:
    yield "page", page[:300]
    yield "family", violation.browser or "Unknown"
    yield "browser", f"{violation.browser} {violation.browser_version or ''}".strip() or "Unknown"
    if violation.os:
        yield "os", violation.os
    if source:
        place = f":{violation.line}" if violation.line else ""
        yield "source", source[: 300 - len(place)] + place
    if violation.referrer.host:
        yield "referrer", violation.referrer.host[:300]


def _plain(violation: Violation) -> dict[str, Any]:
    """The scrubbed violation as the sample page and the API show it."""
    return {
        "document": violation.document.url,
        "referrer": violation.referrer.url,
        "directive": violation.directive,
        "blocked": violation.blocked.url,
        "blocked_kind": violation.blocked_kind,
        "source": violation.source.url,
        "line": violation.line,
        "column": violation.column,
        "sample": violation.sample,
        "disposition": violation.disposition,
        "status": violation.status,
        "browser": f"{violation.browser} {violation.browser_version or ''}".strip(),
        "os": violation.os,
    }


def _samples(issues: dict[IssueKey, list[Tally]]) -> dict[IssueKey, list[SampleDraft]]:
    """At most three for an issue this process meets first, then one a minute: scrubbing a sample costs more than counting it."""
    minute = int(time.time() // 60)
    drafts: dict[IssueKey, list[SampleDraft]] = {}
    for key, tallies in issues.items():
        if _is_due(key, minute):
            chosen = sorted(tallies, key=lambda tally: -tally.last)[:MOST_SAMPLES]
            drafts[key] = [_draft(tally) for tally in chosen]
    return drafts


def _draft(tally: Tally) -> SampleDraft:
    unit = tally.unit
    browser = unit.normalised["browser"]
    disposition = "enforce" if unit.enforced else unit.violation.disposition
    rules = tuple(mark.rule for mark in unit.judgement.marks)
    return SampleDraft(
        tally.last, unit.evidence[4], browser[:60], disposition, unit.evidence[6], scrub_received(tally.received), unit.normalised, rules
    )


def _examples(issues: dict[IssueKey, list[Tally]]) -> dict[tuple[int, str, int], str]:
    """One example per rule per day, so that a wrong rule can be seen and undone."""
    examples: dict[tuple[int, str, int], str] = {}
    for (project_id, _, _), tallies in issues.items():
        for tally in tallies:
            for mark in tally.unit.judgement.marks:
                for day in tally.days:
                    place = (project_id, mark.rule, day)
                    if place not in examples and _is_due(place, 0):
                        examples[place] = scrub_received(tally.received)[:2000]
    return examples


def _is_due(place: Any, minute: int) -> bool:
    """Once a minute for each place (once at all where `minute` is 0)."""
    return _sampled.get(place) != minute


def forget() -> None:
    """Let go of what samples and examples were kept (issues.memory); judgements need no database."""
    _sampled.clear()


def remember(judged: Judged) -> None:
    """What was kept of this batch need not be kept again soon. Only after the commit: a batch that rolls back comes again."""
    minute = int(time.time() // 60)
    for key in judged.samples:
        _sampled[key] = minute
    for place in judged.examples:
        _sampled[place] = 0
    while len(_sampled) > MOST_UNITS:
        _sampled.popitem(last=False)
