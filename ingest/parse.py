"""From the buffer's entries to sightings. Repetition is recognised twice, so that a report seen before costs a look-up.

First by the whole body as it came, then by the fields of the report without its age (which makes every Reporting API
body different). The same fields give the same Violation object, by which issues.record folds without comparing.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.buffer import Kept
from ingest.entry import Reports, Tally, unpack
from ingest.limits import MAX_REPORTS
from ingest.normalise import MAX_AGE, normalise
from ingest.proxies import place_of
from ingest.wire import RawReport, read
from issues.record import Sighting
from policies.violation import Violation

MOST_BODIES = 4_000
MOST_BODY = 8_192
MOST_VIOLATIONS = 10_000
SHED_AT_DOOR = frozenset({"too-many"})
"""Entries of a batch that were not looked at: shed on purpose, where other entries that are no report are rejected."""

Count = tuple[int, str, str]
"""(project, kind, reason) of ingest.models.IntakeCount."""


@dataclass(frozen=True, slots=True)
class Read:
    """One body, read once: its violations with age and own text, its other types, and what was no report."""

    violations: tuple[tuple[Violation, int, bytes], ...]
    other: tuple[tuple[str, int], ...]
    refused: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class Batch:
    """What some entries hold. `spool` is the highest offset seen of each spool file, `newest` when the last of them came in."""

    sightings: list[Sighting] = field(default_factory=list)
    counts: Counter[Count] = field(default_factory=Counter)
    samples: dict[Count, str] = field(default_factory=dict)
    spool: dict[str, int] = field(default_factory=dict)
    newest: int = 0


_bodies: OrderedDict[tuple[bytes, str, str], Read] = OrderedDict()
_violations: OrderedDict[tuple[Any, ...], Violation] = OrderedDict()


def parse(entries: list[Kept], recorded: dict[str, int]) -> Batch:
    """`recorded` is the highest offset of each spool file that the database has: lower ones are replays, and skipped."""
    batch = Batch(spool=dict(recorded))
    for kept in entries:
        entry = unpack(kept.data)
        batch.newest = max(batch.newest, entry.received_at)
        if entry.spool:
            if entry.offset <= batch.spool.get(entry.spool, 0):
                continue
            batch.spool[entry.spool] = entry.offset
        if isinstance(entry, Tally):
            _add_tally(batch, entry)
        else:
            add_reports(batch, entry)
    return batch


def _add_tally(batch: Batch, entry: Tally) -> None:
    for one in entry.counts:
        batch.counts[one.project, "accepted", ""] += one.reports
        batch.counts[one.project, one.kind, one.reason] += one.reports
        if one.sample:
            batch.samples[one.project, one.kind, one.reason] = one.sample


def add_reports(batch: Batch, entry: Reports) -> None:
    found = _read(entry)
    project, counts = entry.project, batch.counts
    if entry.private:
        counts[project, "private", place_of(entry.network)] += entry.reports
    seen = len(found.violations) + sum(number for _, number in found.refused)
    counts[project, "accepted", ""] += max(entry.reports, seen)
    if entry.reports > seen:
        # The door only weighs a body; what does not hold at a closer look was none, and the sum must hold all the same.
        counts[project, "rejected", "not-a-report"] += entry.reports - seen
    for name, number in found.other:
        counts[project, "type", name] += number
    for reason, number in found.refused:
        counts[project, "shed" if reason in SHED_AT_DOOR else "rejected", reason] += number
    for violation, age, text in found.violations:
        seen_at = entry.received_at - age
        batch.sightings.append(
            Sighting(
                project, violation, text, seen_at, entry.visitor, entry.network, entry.environment, entry.release, entry.test, entry.private
            )
        )  # fmt: skip


def _read(entry: Reports) -> Read:
    key = (entry.body, entry.user_agent, entry.origin)
    found = _bodies.get(key)
    if found is not None:
        _bodies.move_to_end(key)
        return found
    envelope = read(entry.body, MAX_REPORTS)
    violations = tuple((_violation(raw, entry), min(raw.age, MAX_AGE), raw.text) for raw in envelope.reports)
    found = Read(violations, envelope.other, envelope.refused)
    if len(entry.body) <= MOST_BODY:
        _keep(_bodies, key, found, MOST_BODIES)
    return found


def _violation(raw: RawReport, entry: Reports) -> Violation:
    key = (tuple(raw.fields.items()), raw.envelope, raw.url, raw.user_agent or entry.user_agent, entry.origin)
    violation = _violations.get(key)
    if violation is None:
        violation = replace(normalise(raw, user_agent=entry.user_agent, origin=entry.origin), age=0)
        _keep(_violations, key, violation, MOST_VIOLATIONS)
    else:
        _violations.move_to_end(key)
    return violation


def _keep(cache: OrderedDict[Any, Any], key: Any, value: Any, most: int) -> None:
    cache[key] = value
    if len(cache) > most:
        cache.popitem(last=False)
