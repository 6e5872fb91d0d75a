"""Which new pages and policies of a sleeping issue enough client networks have seen to wake it (trust.md, "Forged reports").

Anybody can name a page that does not exist or send a policy that nobody has. What wakes an issue that is ignored until a new
page, or until the policy changes, has to come from as many networks on one day as the project's Policy Lab asks of evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from issues.lab_models import LabSettings
from issues.models import EvidenceDay
from issues.rows import Row
from issues.sketch import networks

DEFAULT = 3
WAIT_FOR = ("page", "policy")


@dataclass(slots=True)
class Witnessed:
    """Pages (as facets have them) and fingerprints of policies."""

    pages: set[str] = field(default_factory=set)
    policies: set[str] = field(default_factory=set)


def witnessed(rows: Sequence[Row]) -> Mapping[int, Witnessed]:
    """By issue id, of the ignored issues of a batch that wait for a page or a policy and were seen with a new one.

    Asked after the evidence of the batch is written; two queries where any is asked about.
    """
    asked = {row.id: row for row in rows if _is_new(row)}
    if not asked:
        return {}
    least = dict(LabSettings.objects.filter(project__in={row.key[0] for row in asked.values()}).values_list("project", "networks"))
    days = EvidenceDay.objects.filter(evidence__issue__in=list(asked), day__gte=_first_day(asked.values()))
    seen: dict[tuple[int, str, str, int], int] = {}
    for issue_id, page, policy, day, bitmap in days.values_list(
        "evidence__issue", "evidence__page", "evidence__policy__fingerprint", "day", "networks"
    ):
        for kind, value in (("page", page[:300]), ("policy", policy or "")):
            place = (issue_id, kind, value, day)
            seen[place] = seen.get(place, 0) | bitmap
    found: dict[int, Witnessed] = {}
    for (issue_id, kind, value, _), bitmap in seen.items():
        if networks(bitmap) >= least.get(asked[issue_id].key[0], DEFAULT):
            held = found.setdefault(issue_id, Witnessed())
            (held.pages if kind == "page" else held.policies).add(value)
    return found


def _is_new(row: Row) -> bool:
    if row.known is None or row.known.status != "ignored" or row.known.until.get("kind") not in WAIT_FOR:
        return False
    seen = row.pages if row.known.until["kind"] == "page" else set(row.policies)
    return bool(seen - set(row.known.until.get("known", ())))


def _first_day(rows: Iterable[Row]) -> int:
    return min(day for row in rows for tally in row.tallies for day in tally.days)
