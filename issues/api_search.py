"""A page of issues over one or several projects, asked for in GlitchTip's or Sentry's words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import ValidationError

from issues.matching import SORTS, Sort, matching, page_of
from issues.matching import Page as ProjectPage
from issues.models import Issue
from issues.search import DEFAULT, Search, parse
from projects.models import Project

MOST_HITS = 1000
SORT_WORDS = {
    "date": "last", "last_seen": "last", "inbox": "last", "trends": "last", "priority": "last", "recommended": "last",
    "new": "newest", "first_seen": "newest", "freq": "reports", "count": "reports", "user": "pages", "pages": "pages",
}  # fmt: skip
_PERIOD = re.compile(r"\d{1,5}[mhdw]")
_CURSOR = re.compile(r"([on])(\d{1,18})_(\d{1,18})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEWEST = "n4102444800000000_999999999999999999"
Place = tuple[int, int]
"""A row's sort value (times in microseconds) and its id."""


@dataclass(frozen=True, slots=True)
class IssuePage:
    issues: Sequence[Issue]
    previous: str
    next: str
    has_previous: bool
    has_next: bool


def search_of(params: Mapping[str, str], environments: Sequence[str] = ()) -> Search:
    """No query is what the list shows by default, an empty one is everything. What can't be understood is said, never ignored."""
    query = params.get("query", DEFAULT)
    terms = [query, *_times(params), *(f'environment:"{name}"' for name in environments if '"' not in name)]
    search = parse(" ".join(terms))
    if search.problems:
        problem = search.problems[0]
        raise ValidationError({"detail": problem.words, "meant": problem.meant or None})
    return search


def sort_of(params: Mapping[str, str]) -> Sort:
    """Always the most or the newest first, with or without the minus that GlitchTip's clients write."""
    asked = params.get("sort", "date").removeprefix("-")
    if asked not in SORT_WORDS:
        raise ValidationError({"detail": f"sort is one of {', '.join(SORT_WORDS)}."})
    return SORTS[SORT_WORDS[asked]]


def _times(params: Mapping[str, str]) -> list[str]:
    """statsPeriod, start and end as ages: seen within, seen since, first seen before."""
    terms = []
    if period := params.get("statsPeriod"):
        if not _PERIOD.fullmatch(period):
            raise ValidationError({"detail": "statsPeriod is a number with m, h, d or w, such as 24h."})
        terms.append(f"last:<{period}")
    for name, term in (("start", "last:<"), ("end", "first:>")):
        if text := params.get(name):
            terms.append(term + _age(name, text))
    return terms


def _age(name: str, text: str) -> str:
    if relative := re.fullmatch(r"now-(\d{1,5}[mhdw])", text):
        return relative[1]
    try:
        moment = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None:
        raise ValidationError({"detail": f"{name} is a time such as 2026-11-23T04:00:00Z, or now-24h."})
    minutes = max(0, int((timezone.now() - (moment if moment.tzinfo else moment.replace(tzinfo=UTC))) / timedelta(minutes=1)))
    return f"{minutes}m" if minutes < 100_000 else f"{minutes // 1440}d"


def page_over(projects: Sequence[Project], search: Search, sort: Sort, cursor: str, size: int) -> IssuePage:
    """Each project gives a page by its own index; they are merged here, no further than the shortest of them reached."""
    cursor = "" if cursor == "0:0:0" else cursor
    if cursor and not _CURSOR.fullmatch(cursor):
        raise ValidationError({"detail": "This cursor was not made here; take it from the Link header."})
    back = cursor.startswith("n")
    now = timezone.now()
    pages = [page_of(project, search, sort, cursor, now, size) for project in projects]
    issues = sorted((issue for page in pages for issue in page.issues), key=lambda one: _place(one, sort), reverse=not back)
    reached = _reached(pages, back)
    safe = [issue for issue in issues if reached is None or (_place(issue, sort) <= reached if back else _place(issue, sort) >= reached)]
    shown = safe[:size]
    more = reached is not None or len(issues) > len(shown)
    end = _place(shown[-1], sort) if len(safe) > size else reached
    if back:
        shown.reverse()
    return _between(_whole(shown), sort, cursor, back, more, end)


def _whole(issues: Sequence[Issue]) -> list[Issue]:
    """With the columns that the list leaves out."""
    found = Issue.objects.in_bulk([issue.pk for issue in issues])
    for issue in issues:
        if issue.pk in found:
            found[issue.pk].project = issue.project
    return [found[issue.pk] for issue in issues if issue.pk in found]


def _between(shown: Sequence[Issue], sort: Sort, cursor: str, back: bool, more: bool, end: Place | None) -> IssuePage:
    """With a cursor on either side. At an end it is one beyond which there is nothing."""
    first = _cursor("n", _place(shown[0], sort)) if shown else "n" + cursor[1:] if cursor else _NEWEST
    last = _cursor("o", _place(shown[-1], sort)) if shown else "o" + cursor[1:] if cursor else "o0_0"
    if back:
        return IssuePage(shown, _cursor("n", end) if more and end else first, last, more, True)
    return IssuePage(shown, first, _cursor("o", end) if more and end else last, bool(cursor), more)


def _reached(pages: Sequence[ProjectPage], back: bool) -> Place | None:
    """Where the first of the projects that hold more stopped; beyond it a row of theirs might be missing."""
    ends = [_read(page.newer if back else page.older) for page in pages if (page.newer if back else page.older)]
    return (min(ends) if back else max(ends)) if ends else None


def _place(issue: Issue, sort: Sort) -> Place:
    value = getattr(issue, sort.column)
    return ((value - _EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else value), issue.pk


def _read(cursor: str) -> Place:
    found = _CURSOR.fullmatch(cursor)
    return (int(found[2]), int(found[3])) if found else (0, 0)


def _cursor(direction: str, place: Place) -> str:
    return f"{direction}{place[0]}_{place[1]}"


def hits(project: Project, search: Search) -> int:
    """How many match, counted no further than MOST_HITS."""
    return len(matching(project, search, timezone.now(), MOST_HITS))
