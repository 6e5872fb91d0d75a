"""What an issue's counters know of it, for the verdicts that breadth may move."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from issues.facts import states_of
from issues.models import DailyCount, Facet, ObservedPolicy
from issues.rows import Row
from issues.sketch import networks, visitors
from issues.verdicts import Context
from issues.verdicts.evidence import covers, declared_hosts
from policies.address import parse_address

CONTEXT_DAYS = 14  # how far back the context of a verdict looks


@dataclass(frozen=True, slots=True)
class Reach:
    """Pages, browser families, and visitors on the last day."""

    pages: int
    browsers: int
    visitors: int


def reach_of(row: Row) -> Reach:
    pages, browsers = (row.known.pages, row.known.browsers) if row.known else (0, 0)
    return Reach(pages + row.new_pages, browsers + row.new_families, visitors(row.visitors))


def contexts_of(rows: Sequence[Row]) -> dict[int, Context]:
    """By issue id, for the rows given, in a fixed number of queries."""
    if not rows:
        return {}
    ids = [row.id for row in rows]
    days, sources = _days_seen(ids), _sources(ids)
    states = states_of({row.key[0] for row in rows})
    confirmed = _confirmed({row.key[0] for row in rows})
    contexts: dict[int, Context] = {}
    for row in rows:
        reach, (seen, wide) = reach_of(row), days.get(row.id, (1, 0))
        state = states.get(row.key[0])
        sites = declared_hosts(state.facts.sites) if state else frozenset()
        places = sources.get(row.id, [])
        contexts[row.id] = Context(
            reports=row.before + row.reports,
            visitors=reach.visitors,
            days=seen,
            browsers=reach.browsers,
            pages=reach.pages,
            networks=wide,
            first_party_source=bool(sites and places) and all(covers(sites, parse_address(place).host) for place in places),
            constant_line=len(places) == 1 and places[0].rpartition(":")[2].isdecimal(),
            policy_known=_is_known(row, confirmed.get(row.key[0], frozenset())),
        )
    return contexts


def _days_seen(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(days seen, most client networks on one day) within the last CONTEXT_DAYS."""
    seen: dict[int, tuple[int, int]] = {}
    since = int(time.time() // 86_400) - CONTEXT_DAYS
    for issue_id, bitmap in DailyCount.objects.filter(issue_id__in=ids, day__gte=since).values_list("issue_id", "networks"):
        count, held = seen.get(issue_id, (0, 0))
        seen[issue_id] = (count + 1, max(held, networks(bitmap)))
    return seen


def _sources(ids: Sequence[int]) -> dict[int, list[str]]:
    """The places (file:line) each issue was seen at; facets are capped, so this is bounded."""
    places: dict[int, list[str]] = {}
    for issue_id, value in Facet.objects.filter(issue_id__in=ids, kind="source").values_list("issue_id", "value"):
        places.setdefault(issue_id, []).append(value)
    return places


def _confirmed(projects: set[int]) -> Mapping[int, frozenset[str]]:
    """Fingerprints of the policies that people said are theirs."""
    known: dict[int, set[str]] = {}
    rows = ObservedPolicy.objects.filter(project_id__in=projects, confirmed_at__isnull=False).values_list("project_id", "fingerprint")
    for project_id, fingerprint in rows:
        known.setdefault(project_id, set()).add(fingerprint)
    return {project_id: frozenset(fingerprints) for project_id, fingerprints in known.items()}


def _is_known(row: Row, confirmed: frozenset[str]) -> bool | None:
    """None while nobody confirmed a policy or the reports name none."""
    if not confirmed or not row.policies:
        return None
    return bool(confirmed & set(row.policies))
