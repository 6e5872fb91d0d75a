"""record(sightings): classify, group, store, count. One transaction a batch, one sorted statement a table (design.md)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F

from issues import joining, signals, spots
from issues.budget import samples_of, within_budget
from issues.caps import Admission
from issues.fold import IssueKey, Judged, Sighting, Tally, judge_all, networks_of, nonces_of, remember
from issues.models import (
    Correction,
    DailyCount,
    Evidence,
    EvidenceDay,
    Facet,
    HourlyCount,
    Issue,
    ObservedPolicy,
    ProjectHour,
    RuleHit,
    Sample,
)
from issues.nonces import Mark, merged
from issues.rows import Known, Row, aware
from issues.settle import Outcome, settle
from issues.sketch import with_bits
from issues.upsert import select_by_key, update_many, upsert
from issues.weigh import judged_as, strongest
from policies.words import NOISE_SLUGS
from projects.models import Project

__all__ = ["Judged", "Sighting", "Written", "judge", "record", "write"]

SAMPLES = 20
OTHER = "other"
MOST_FACETS = {"page": 500, "source": 100, "": 60}
MOST_EVIDENCE = {"": 200}
MOST_POLICIES = {"": 200}

_facets = Admission(Facet, ("issue_id", "kind"), "value", MOST_FACETS)
_evidence = Admission(Evidence, ("issue_id",), "digest", MOST_EVIDENCE)
_policies = Admission(ObservedPolicy, ("project_id",), "fingerprint", MOST_POLICIES)


@dataclass(frozen=True, slots=True)
class Written:
    """What a batch did: reports counted by project, and the ids of issues that are new, regressed or breaking."""

    counted: Counter[int]
    opened: tuple[int, ...] = ()
    regressed: tuple[int, ...] = ()
    breaking: tuple[int, ...] = ()


def judge(sightings: Iterable[Sighting]) -> Judged:
    """Parse-free thinking, outside any transaction; the only queries are for projects' settings."""
    return judge_all(sightings)


@transaction.atomic
def record(sightings: Iterable[Sighting], now: float | None = None) -> Written:
    """Both halves at once, for demo data, replays and tests."""
    return write(judge(sightings), now)


def write(judged: Judged, now: float | None = None) -> Written:
    """Store a judged batch. The caller's transaction makes it happen wholly or not at all. `now`: see within_budget."""
    if not judged.issues:
        return Written(Counter())
    rows = [Row(key, tallies) for key, tallies in sorted(judged.issues.items())]
    for row in rows:
        row.reports = sum(tally.reports for tally in row.tallies)
        row.enforced = sum(tally.reports for tally in row.tallies if tally.unit.enforced)
        row.unsaid = sum(tally.reports for tally in row.tallies if not tally.unit.violation.disposition)
    _find(rows)
    rows, overflow = within_budget(rows, now)
    _find(overflow)
    rows += overflow
    policies = _write_policies(rows)
    _write_issues(rows)
    _remember_spots(rows)
    _write_hours(rows)
    _write_project_hours(rows)
    _write_days(rows)
    _write_facets(rows)
    _write_evidence(rows, policies)
    _write_samples(rows, judged)
    _write_rule_hits(judged)
    outcome = settle(rows)
    _mark_first_reports(rows)
    counted: Counter[int] = Counter()
    for row in rows:
        counted[row.key[0]] += row.reports
    written = Written(counted, tuple(row.id for row in rows if row.known is None), outcome.regressed, outcome.breaking)
    transaction.on_commit(partial(remember, judged))
    transaction.on_commit(partial(_tell, written, outcome))
    return written


def _tell(written: Written, outcome: Outcome) -> None:
    for signal, issues in (
        (signals.issues_opened, written.opened),
        (signals.issues_regressed, outcome.regressed),
        (signals.issues_breaking, outcome.breaking),
        (signals.issues_suspected, outcome.suspected),
    ):
        if issues:
            signal.send(sender=Issue, issues=list(issues))


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _find(rows: list[Row]) -> None:
    """Lock the issues that exist, in the order of their key, and take their state."""
    if not rows:
        return
    key = ("project_id", "key_version", "key")
    found = select_by_key(Issue, key, [row.key for row in rows], (*key, *Known.COLUMNS), lock=True)
    state = {tuple(values[:3]): Known.of(values[3:]) for values in found}
    for row in rows:
        row.known = state.get(row.key)
        if row.known:
            row.before = row.known.reports


def _numbers(rows: list[Row]) -> dict[IssueKey, int]:
    """SHOP-42: the numbers of the issues that are new, taken from their project's counter."""
    new: dict[int, list[IssueKey]] = {}
    for row in rows:
        if row.known is None:
            new.setdefault(row.key[0], []).append(row.key)
    numbers: dict[IssueKey, int] = {}
    for project_id, keys in sorted(new.items()):
        Project.objects.filter(id=project_id).update(last_number=F("last_number") + len(keys))
        last = Project.objects.values_list("last_number", flat=True).get(id=project_id)
        numbers.update(zip(keys, range(last - len(keys) + 1, last + 1), strict=True))
    return numbers


def _write_issues(rows: list[Row]) -> None:
    numbers = _numbers(rows)
    _take_corrections(rows)
    columns = (
        "project_id", "key_version", "key", "number", "family", "directive", "source", "title", "grouped_by", "verdict", "noise",
        "confidence", "reason", "rules", "tags", "judged", "corrected", "corrected_by_id", "status", "regressed", "breaking",
        "until", "first_seen",
        "last_seen", "reports", "enforced", "unsaid", "pages", "browsers", "visitors", "test",
    )  # fmt: skip
    values: list[tuple[object, ...]] = []
    for row in rows:
        unit = row.tallies[0].unit
        judgement = strongest(tally.unit.judgement for tally in row.tallies)
        correction = row.correction
        verdict = correction.verdict if correction else judgement.verdict
        words = row.words
        values.append((
            *row.key, numbers.get(row.key, 0), words.family, words.directive[:60], words.source[:255], words.title[:300],
            words.grouped_by[:300], verdict, verdict in NOISE_SLUGS, "certain" if correction else judgement.confidence,
            judgement.reason[:500],
            [mark.rule for mark in judgement.marks], list(judgement.tags),
            judged_as(judgement, unit.settings_version),
            correction is not None, correction.corrected_by_id if correction else None, "open", False, False, {},
            _moment(min(tally.first for tally in row.tallies)), _moment(max(tally.last for tally in row.tallies)),
            row.reports, row.enforced, row.unsaid, 0, 0, 0, all(tally.test for tally in row.tallies),
        ))  # fmt: skip
    answers = upsert(
        Issue, columns, values, key=("project_id", "key_version", "key"),
        how={"reports": "add", "enforced": "add", "unsaid": "add", "first_seen": "min", "last_seen": "max", "test": "min"},
        returning=("project_id", "key_version", "key", "id"),
    )  # fmt: skip
    ids = {tuple(answer[:3]): answer[3] for answer in answers}
    for row in rows:
        row.id = ids[row.key]


def _remember_spots(rows: list[Row]) -> None:
    """Where code was seen whose reports may also come without a sample."""
    units = ((row, tally.unit) for row in rows for tally in row.tallies)
    seen = [(row.key[0], row.id, unit.fingerprint) for row, unit in units
            if unit.fingerprint.bare and unit.key == row.key and spots.takes(unit.judgement.verdict)]  # fmt: skip
    if spots.remember(seen):
        transaction.on_commit(joining.settle, robust=True)


def _take_corrections(rows: list[Row]) -> None:
    """What people said of keys whose issue is new (again)."""
    keys = [row.key for row in rows if row.known is None]
    if not keys:
        return
    found = select_by_key(Correction, ("project_id", "key_version", "key"), keys, ("id",))
    held = {(one.project_id, one.key_version, one.key): one for one in Correction.objects.filter(id__in=[one[0] for one in found])}
    for row in rows:
        row.correction = held.get(row.key)


def _write_policies(rows: list[Row]) -> dict[tuple[int, str], int]:
    """The ids of the policies seen. Over the cap of a project a policy stays unnamed: its reports count all the same."""
    seen: dict[tuple[int, str], list[Tally]] = {}
    for row in rows:
        for tally in row.tallies:
            if tally.unit.policy[0]:
                seen.setdefault((row.key[0], tally.unit.policy[0]), []).append(tally)
    admitted, _ = _policies.admit(seen, {key for key, tallies in seen.items() if networks_of(tallies).bit_count() > 1})
    values = []
    for (project_id, fingerprint), tallies in seen.items():
        if (project_id, fingerprint) not in admitted:
            continue
        networks = networks_of(tallies)
        values.append((
            project_id, fingerprint, tallies[0].unit.policy[1], _moment(min(tally.first for tally in tallies)),
            _moment(max(tally.last for tally in tallies)), sum(tally.reports for tally in tallies),
            sum(tally.reports for tally in tallies if tally.unit.enforced), networks,
        ))  # fmt: skip
    answers = upsert(
        ObservedPolicy, ("project_id", "fingerprint", "text", "first_seen", "last_seen", "reports", "enforced", "networks"), values,
        key=("project_id", "fingerprint"),
        how={"reports": "add", "enforced": "add", "first_seen": "min", "last_seen": "max", "networks": "or"},
        returning=("project_id", "fingerprint", "id", "first_seen", "nonces"),
    )  # fmt: skip
    _write_nonces(answers, seen)
    first_seen = {(project_id, fingerprint): aware(first) for project_id, fingerprint, _, first, _ in answers}
    for row in rows:
        for tally in row.tallies:
            fingerprint = tally.unit.policy[0]
            if first := first_seen.get((row.key[0], fingerprint)):
                row.policies[fingerprint] = first
    return {(project_id, fingerprint): policy_id for project_id, fingerprint, policy_id, *_ in answers}


def _write_nonces(answers: list[tuple[Any, ...]], seen: dict[tuple[int, str], list[Tally]]) -> None:
    """The policies' rows are locked since they were written, so nobody writes between."""
    values = []
    for project_id, fingerprint, policy_id, _, held in answers:
        found = nonces_of(seen[project_id, fingerprint])
        if found:
            kept = [Mark(*columns) for columns in (json.loads(held) if isinstance(held, str) else held)]
            values.append((policy_id, [mark.columns for mark in merged(kept, found)]))
    update_many(ObservedPolicy, ("id", "nonces"), values)


def _write_hours(rows: list[Row]) -> None:
    counts: Counter[tuple[int, int]] = Counter()
    for row in rows:
        for tally in row.tallies:
            for hour, reports in tally.hours.items():
                counts[row.id, hour] += reports
    answers = upsert(
        HourlyCount, ("issue_id", "hour", "reports"), [(*key, reports) for key, reports in counts.items()], key=("issue_id", "hour"),
        how={"reports": "add"}, returning=("issue_id", "hour", "reports"),
    )  # fmt: skip
    most: dict[int, tuple[int, int]] = {}
    for issue_id, hour, reports in answers:
        most[issue_id] = max(most.get(issue_id, (0, 0)), (hour, reports))
    for row in rows:
        row.per_hour = most[row.id][1]


def _write_project_hours(rows: list[Row]) -> None:
    counts: Counter[tuple[int, int, bool]] = Counter()
    for row in rows:
        for tally in row.tallies:
            noise = row.known.noise if row.known else tally.unit.judgement.verdict in NOISE_SLUGS
            for hour, reports in tally.hours.items():
                counts[row.key[0], hour, noise] += reports
    upsert(
        ProjectHour, ("project_id", "hour", "noise", "reports"), [(*key, reports) for key, reports in counts.items()],
        key=("project_id", "hour", "noise"), how={"reports": "add"},
    )  # fmt: skip


def _write_days(rows: list[Row]) -> None:
    """The visitors' bitmap is read and written back: the issue's row is locked by this transaction, so nobody writes between."""
    folded: dict[tuple[int, int], tuple[int, set[int], int]] = {}
    for row in rows:
        for tally in row.tallies:
            for day, sums in tally.days.items():
                reports, visitors, networks = folded.get((row.id, day), (0, set(), 0))
                folded[row.id, day] = (reports + sums.reports, visitors | sums.visitors, networks | sums.networks)
    held = {(issue_id, day): bytes(sketch) for issue_id, day, sketch in select_by_key(
        DailyCount, ("issue_id", "day"), list(folded), ("issue_id", "day", "visitors"))}  # fmt: skip
    values: list[tuple[object, ...]] = []
    latest: dict[int, tuple[int, bytes]] = {}
    for (issue_id, day), (reports, visitors, networks) in folded.items():
        sketch = with_bits(held.get((issue_id, day), b""), visitors)
        values.append((issue_id, day, reports, sketch, networks))
        latest[issue_id] = max(latest.get(issue_id, (0, b"")), (day, sketch))
    upsert(
        DailyCount, ("issue_id", "day", "reports", "visitors", "networks"), values, key=("issue_id", "day"),
        how={"reports": "add", "visitors": "replace", "networks": "or"},
    )  # fmt: skip
    for row in rows:
        row.visitors = latest[row.id][1]


def _write_facets(rows: list[Row]) -> None:
    counts: Counter[tuple[int, str, str]] = Counter()
    for row in rows:
        for tally in row.tallies:
            for kind, value in tally.unit.facets:
                counts[row.id, kind, value] += tally.reports
                if kind == "page":
                    row.pages.add(value)
            for (kind, value), reports in tally.labels.items():
                counts[row.id, kind, value] += reports
    admitted, new = _facets.admit(counts)
    for row in rows:
        row.new_pages = sum((row.id, "page", page) in new for page in row.pages)
    families = Counter(issue_id for issue_id, kind, _ in new if kind == "family")
    for row in rows:
        row.new_families = families[row.id]
    kept: Counter[tuple[int, str, str]] = Counter()
    for key, reports in counts.items():
        kept[key if key in admitted else (*key[:2], "")] += reports
    upsert(
        Facet, ("issue_id", "kind", "value", "reports"), [(*key, reports) for key, reports in kept.items()],
        key=("issue_id", "kind", "value"), how={"reports": "add"},
    )  # fmt: skip


def _write_evidence(rows: list[Row], policies: dict[tuple[int, str], int]) -> None:
    wanted: dict[tuple[int, str], list[Tally]] = {}
    for row in rows:
        for tally in row.tallies:
            wanted.setdefault((row.id, tally.unit.digest), []).append(tally)
    admitted, _ = _evidence.admit(wanted, {key for key, tallies in wanted.items() if networks_of(tallies).bit_count() > 1})
    folded: dict[tuple[int, str], list[Tally]] = {}
    project_of: dict[int, int] = {}
    for row in rows:
        project_of[row.id] = row.key[0]
        for tally in row.tallies:
            digest = tally.unit.digest
            folded.setdefault((row.id, digest if (row.id, digest) in admitted else OTHER), []).append(tally)
    values = []
    for (issue_id, digest), tallies in folded.items():
        unit = tallies[0].unit
        columns = unit.evidence if digest != OTHER else ("",) * len(unit.evidence)
        policy = policies.get((project_of[issue_id], unit.policy[0])) if digest != OTHER else None
        disposition = ("enforce" if unit.enforced else unit.violation.disposition) if digest != OTHER else ""
        values.append((
            issue_id, digest, *columns, policy, disposition, _moment(min(tally.first for tally in tallies)),
            _moment(max(tally.last for tally in tallies)), sum(tally.reports for tally in tallies),
        ))  # fmt: skip
    answers = upsert(
        Evidence,
        ("issue_id", "digest", "directive", "blocked_kind", "blocked", "origin", "page", "source", "sample", "policy_id", "disposition",
         "first_seen", "last_seen", "reports"),
        values, key=("issue_id", "digest"), how={"reports": "add", "first_seen": "min", "last_seen": "max"},
        returning=("issue_id", "digest", "id"),
    )  # fmt: skip
    _write_evidence_days({(issue_id, digest): evidence_id for issue_id, digest, evidence_id in answers}, folded)


def _write_evidence_days(ids: dict[tuple[int, str], int], folded: dict[tuple[int, str], list[Tally]]) -> None:
    days: dict[tuple[int, int], list[int]] = {}
    for key, tallies in folded.items():
        for tally in tallies:
            for day, sums in tally.days.items():
                held = days.setdefault((ids[key], day), [0, 0])
                held[0] += sums.reports
                held[1] |= sums.networks
    upsert(
        EvidenceDay, ("evidence_id", "day", "reports", "networks"), [(*key, *sums) for key, sums in days.items()],
        key=("evidence_id", "day"), how={"reports": "add", "networks": "or"},
    )  # fmt: skip


def _write_samples(rows: list[Row], judged: Judged) -> None:
    """The first twenty, then one a minute over the oldest: a slot is overwritten, so nothing has to be deleted."""
    values = []
    for row in rows:
        for place, draft in enumerate(samples_of(row, judged)):
            slot = row.before + place if row.before + place < SAMPLES else (draft.seen_at // 60_000 + place) % SAMPLES
            values.append((
                row.id, slot, _moment(draft.seen_at), draft.page[:512], draft.browser, draft.disposition, draft.snippet[:120],
                draft.received, draft.normalised, list(draft.rules),
            ))  # fmt: skip
    columns = ("issue_id", "slot", "seen_at", "page", "browser", "disposition", "snippet", "received", "normalised", "rules")
    unique = {value[:2]: value for value in values}
    upsert(Sample, columns, list(unique.values()), key=("issue_id", "slot"), how=dict.fromkeys(columns[2:], "replace"))


def _write_rule_hits(judged: Judged) -> None:
    counts: Counter[tuple[int, str, int]] = Counter()
    for (project_id, _, _), tallies in judged.issues.items():
        for tally in tallies:
            for mark in tally.unit.judgement.marks:
                for hour, reports in tally.hours.items():
                    counts[project_id, mark.rule[:60], hour // 24] += reports
    values = [(*key, reports, judged.examples.get(key, "")) for key, reports in counts.items()]
    upsert(
        RuleHit, ("project_id", "rule", "day", "reports", "example"), values, key=("project_id", "rule", "day"),
        how={"reports": "add", "example": "first"},
    )  # fmt: skip


def _mark_first_reports(rows: list[Row]) -> None:
    """Project.first_report_at is what the set-up page waits for; only a project with a new issue can be at its first report.

    The set-up page's own test report is not the one that is waited for.
    """
    firsts: dict[int, int] = {}
    for row in rows:
        if row.known is None and not all(tally.test for tally in row.tallies):
            firsts[row.key[0]] = min(firsts.get(row.key[0], 1 << 62), *(tally.last for tally in row.tallies))
    for project_id, first in sorted(firsts.items()):
        Project.objects.filter(id=project_id, first_report_at=None).update(first_report_at=_moment(first))
