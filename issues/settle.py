"""The second look at each issue of a batch: how far it reaches now, what its verdict is then, and whether it wakes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from issues.context import contexts_of, reach_of
from issues.models import Activity, Issue
from issues.overflow import is_overflow
from issues.rows import Row
from issues.suspicion import suspects
from issues.upsert import update_many
from issues.verdicts import Context, rejudge
from issues.waking import Seen, Wake, wakes
from issues.weigh import is_mixed, judged_as, rules_of, strength, strongest
from issues.witnesses import Witnessed, witnessed
from policies.words import NOISE_SLUGS, VERDICTS


@dataclass(frozen=True, slots=True)
class Outcome:
    """Ids of the issues that came back, of those that block visitors now, and of corrected ones that begin to look like an attack."""

    regressed: tuple[int, ...]
    breaking: tuple[int, ...]
    suspected: tuple[int, ...]


_COLUMNS = (
    "id", "pages", "browsers", "visitors", "verdict", "noise", "confidence", "reason", "rules", "judged", "status", "regressed",
    "breaking", "until", "suspect", "excused",
)  # fmt: skip


def settle(rows: Sequence[Row]) -> Outcome:
    """Written in one statement; the history says when a verdict changed or an issue woke, and why."""
    judgements = {row.id: _judged(row) for row in rows}
    contexts = contexts_of([row for row in rows if not is_overflow(row.key) and _movable(judgements[row.id][0])])
    seen_by_enough = witnessed(rows)
    changes, history = [], []
    woken: dict[int, Wake] = {}
    suspected: list[int] = []
    for row in rows:
        judged, rules = judgements[row.id]
        reach = reach_of(row)
        verdict, confidence, reason = _verdict(row, judged, rules, contexts.get(row.id))
        suspect = suspects(row)
        if suspect and not (row.known and row.known.suspect):
            suspected.append(row.id)
            history.append((row, "suspect", "Some reports look like an attack, by a rule that had not fired when it was corrected."))
        wake = _wake(row, verdict, bool(suspect), seen_by_enough.get(row.id, Witnessed()))
        if wake:
            woken[row.id] = wake
            history.append((row, "wake", f"Open again: {wake.words}."))
        if row.known and verdict != row.known.verdict:
            history.append((row, "verdict", f"Verdict is now {VERDICTS[verdict].chip}: {reason}"[:300]))
        status, until = ("open", {}) if wake or not row.known else (row.known.status, row.known.until)
        changes.append((
            row.id, reach.pages, reach.browsers, reach.visitors,
            verdict, verdict in NOISE_SLUGS, confidence, reason[:500], rules, judged, status,
            wake.regressed if wake else bool(row.known and row.known.regressed),
            wake.breaking if wake else bool(row.known and row.known.breaking), until,
            suspect + (row.known.suspect if row.known else 0),
            row.known.excused if row.known else row.correction.excused if row.correction else "",
        ))  # fmt: skip
    update_many(Issue, _COLUMNS, changes)
    Activity.objects.bulk_create(
        Activity(project_id=row.key[0], issue_id=row.id, action=uuid.uuid4(), kind=kind, words=words, at=timezone.now())
        for row, kind, words in history
    )
    return Outcome(
        tuple(issue for issue, wake in woken.items() if wake.regressed),
        tuple(issue for issue, wake in woken.items() if wake.breaking),
        tuple(suspected),
    )


def _judged(row: Row) -> tuple[dict[str, Any], list[str]]:
    """What the rules say of all its reports so far: the strongest of what was known and what this batch brings.

    What was judged under other settings of the project no longer counts.
    """
    judgements = [tally.unit.judgement for tally in row.tallies]
    best = strongest(judgements)
    version = row.tallies[0].unit.settings_version
    rules, mixed = rules_of([mark.rule for mark in best.marks], judgements), is_mixed(best.confidence, judgements)
    if not row.known or row.known.judged.get("version") != version:
        return judged_as(best, version, mixed), rules
    held = row.known.judged
    mixed = mixed or held.get("mixed", False) or held["confidence"] != best.confidence
    if strength(held["verdict"], held["confidence"]) >= strength(best.verdict, best.confidence):
        return {**held, "mixed": mixed}, rules_of(row.known.rules, judgements)
    return judged_as(best, version, mixed), rules_of([*rules, *row.known.rules], ())


def _movable(judged: dict[str, Any]) -> bool:
    """Context moves what is uncertain; certain marks and signal stay."""
    return judged["verdict"] == "unsure" or (judged["verdict"] in NOISE_SLUGS and judged["confidence"] != "certain")


def _verdict(row: Row, judged: dict[str, Any], rules: list[str], context: Context | None) -> tuple[str, str, str]:
    if row.known and row.known.corrected:
        return row.known.verdict, row.known.confidence, row.known.reason
    if row.correction:
        return row.correction.verdict, "certain", f"A person said so of this kind of report before. The rules say: {judged['reason']}"
    if context is None:
        return judged["verdict"], judged["confidence"], judged["reason"]
    verdict, confidence, reason = rejudge(tuple(rules), judged["verdict"], judged["confidence"], context)
    return verdict, confidence, reason or judged["reason"]


def _wake(row: Row, verdict: str, suspect: bool, enough: Witnessed) -> Wake | None:
    if not row.known or row.known.status == "open":
        return None
    if suspect or verdict == "attack" != row.known.verdict:
        return Wake(False, False, "it looks like an attack now")
    last = datetime.fromtimestamp(max(tally.last for tally in row.tallies) / 1000, UTC)
    pages = frozenset(row.pages & enough.pages)
    # A resolved issue comes back at the first report under a new policy; an ignored one waits until enough have seen it.
    policies = row.policies if row.known.status == "resolved" else {one: at for one, at in row.policies.items() if one in enough.policies}
    seen = Seen(last, row.enforced, row.known.enforced, row.per_hour, pages, policies)
    return wakes(row.known.status, row.known.until, row.known.status_at, row.known.noise, seen)
