"""From a parsed search to a page of issues, on any number of them.

Every page reads a bounded number of rows. Status and noise pick ranges of an index that is already in order; whatever else a search
asks for is looked for among the first 3,000 of them, and the page says so and offers to go on from there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from issues.counts import each_of
from issues.models import Issue, Status
from issues.querysets import IssueQuerySet
from issues.search import Search, Term
from issues.search_terms import FACETS, condition_of, conditions_of
from policies.words import VERDICTS
from projects.models import Project

PAGE = 50
SCANNED = 3_000
SCANNED_FACETS = 1_000  # each candidate has up to 500 facets, and noise its evidence


@dataclass(frozen=True, slots=True)
class Sort:
    slug: str
    words: str
    column: str


SORTS = {
    sort.slug: sort
    for sort in (
        Sort("last", "Last seen", "last_seen"), Sort("reports", "Reports", "reports"), Sort("pages", "Pages", "pages"),
        Sort("newest", "Newest", "first_seen"),
    )
}  # fmt: skip
Key = tuple[Any, int]


@dataclass(frozen=True, slots=True)
class Page:
    """`older` and `newer` are cursors, "" at the ends; `scanned` is set when there are more rows than were looked through."""

    issues: list[Issue]
    older: str = ""
    newer: str = ""
    scanned: int = 0


def page_of(project: Project, search: Search, sort: Sort, cursor: str, now: datetime, size: int = PAGE) -> Page:
    """One page of the search, in keyset order; a cursor that can't be read is the first page."""
    back, after = _read_cursor(cursor, sort)
    asked = _Asked(project, search, sort, back, after, now)
    boundary = asked.boundary()
    keys = asked.keys(boundary, size + 1)
    more = len(keys) > size
    keys = keys[:size]
    end = keys[-1] if more and keys else boundary
    if back:
        keys.reverse()
    found = {issue.pk: issue for issue in Issue.objects.filter(pk__in=[pk for _, pk in keys]).defer("rules", "tags", "judged", "until")}
    issues = [found[pk] for _, pk in keys if pk in found]
    for issue in issues:
        issue.project = project
    # From an empty page one goes back to the row that led here, which a cursor at it would leave out.
    start = keys[0] if keys else (after[0], after[1] - 1) if after else None
    if back:
        return Page(issues, _cursor("o", keys[-1], sort) if keys else "", _cursor("n", end, sort) if end else "")
    older = _cursor("o", end, sort) if end else ""
    newer = _cursor("n", start, sort) if after and start else ""
    return Page(issues, older, newer, asked.most if boundary and not more else 0)


def matching(project: Project, search: Search, now: datetime, most: int) -> list[int]:
    """Ids of what a search matches, last seen first, for actions on all of it: at most `most`."""
    asked = _Asked(project, search, SORTS["last"], False, None, now)
    return [pk for _, pk in asked.keys(asked.boundary(), most)]


def neighbours(issue: Issue, search: Search, sort: Sort, now: datetime) -> tuple[int, int]:
    """Numbers of the issues before and after this one in the search's order, whether or not it matches itself; 0 at the ends."""
    here = (getattr(issue, sort.column), issue.pk)
    before, after = (_Asked(issue.project, search, sort, back, here, now).matched(None) for back in (True, False))
    rows = each_of([issues.values_list(sort.column, "id", "number")[:1] for issues in (*before, *after)])
    halves = rows[: len(before)], rows[len(before) :]
    earlier, later = ([(_value(value), pk, number) for part in half for value, pk, number in part] for half in halves)
    return min(earlier)[2] if earlier else 0, max(later)[2] if later else 0


@dataclass(frozen=True, slots=True)
class _Asked:
    project: Project
    search: Search
    sort: Sort
    back: bool
    after: Key | None
    now: datetime

    @property
    def order(self) -> tuple[str, str]:
        return (self.sort.column, "id") if self.back else (f"-{self.sort.column}", "-id")

    @property
    def most(self) -> int:
        looks_inside = any(term.key in FACETS or (not term.key and True in _noises(self.search)) for term in self.search.terms)
        return SCANNED_FACETS if looks_inside else SCANNED

    def ranges(self) -> list[IssueQuerySet]:
        """The index ranges to read, each in order: status and noise are always given."""
        issues = Issue.objects.filter(project=self.project)
        if self.after:
            issues = issues.filter(_beyond(self.sort.column, self.after, self.back))
        issues = issues.filter(_indexed(self.search, self.sort, self.now))
        hosts = _hosts(self.search)
        if hosts is not None:
            # Few rows: found by their source, then sorted. An order here would make SQLite walk the whole list instead.
            found = Issue.objects.filter(hosts, project=self.project).order_by().values_list("pk", flat=True)[:SCANNED]
            issues = issues.filter(pk__in=list(found), status__in=_statuses(self.search), noise__in=_noises(self.search))
            return [issues.order_by(*self.order)]
        issues = issues.order_by(*self.order)
        if self.verdicts:
            return [issues.filter(verdict=verdict, status=status) for verdict in self.verdicts for status in _statuses(self.search)]
        return [issues.filter(status=status).judged_noise(noise) for status in _statuses(self.search) for noise in _noises(self.search)]

    @property
    def verdicts(self) -> list[str]:
        """The verdicts asked for, where an index has them in this order."""
        if self.sort.slug != "last":
            return []
        named = dict.fromkeys(term.value for term in self.search.of("verdict") if not term.negated)
        return [verdict for verdict in named if VERDICTS[verdict].noise in _noises(self.search)]

    def conditions(self) -> Q | None:
        """What no index answers; None when there is nothing of it."""
        rest = [term for term in self.search.terms if not _is_indexed(term, self.sort) and not (term.key == "verdict" and self.verdicts)]
        return conditions_of(rest, self.now) if rest else None

    def boundary(self) -> Key | None:
        """Where the first of the ranges runs out of rows to look through; nothing beyond it may be shown yet."""
        if self.conditions() is None or _hosts(self.search) is not None:
            return None
        ranges = self.ranges()
        each = max(1, self.most // max(1, len(ranges)))
        rows = each_of([issues.values_list(self.sort.column, "id")[each - 1 : each] for issues in ranges])
        ends = [(_value(value), pk) for part in rows for value, pk in part]
        return (max(ends) if not self.back else min(ends)) if ends else None

    def matched(self, boundary: Key | None) -> list[IssueQuerySet]:
        """What matches in each range, in order."""
        ranges, conditions = self.ranges(), self.conditions()
        if conditions is not None:
            each = max(1, self.most // max(1, len(ranges)))
            if _hosts(self.search) is None:
                ranges = [Issue.objects.filter(pk__in=issues.values("pk")[:each]).order_by(*self.order) for issues in ranges]
            ranges = [issues.filter(conditions) for issues in ranges]
        if boundary:
            ranges = [issues.exclude(_beyond(self.sort.column, boundary, self.back)) for issues in ranges]
        return ranges

    def keys(self, boundary: Key | None, most: int) -> list[Key]:
        """(sort value, id) of the first rows that match, in order."""
        rows = each_of([issues.values_list(self.sort.column, "id")[:most] for issues in self.matched(boundary)])
        return sorted(((_value(value), pk) for part in rows for value, pk in part), reverse=not self.back)[:most]


def _hosts(search: Search) -> Q | None:
    """Whole hosts are found by an index of their own, so the whole project is searched for them."""
    terms = [term for term in search.of("host") if not term.negated]
    if not terms or any("*" in term.value for term in terms):
        return None
    return reduce(or_, (condition_of(term, datetime.now(UTC)) for term in terms))


def _is_indexed(term: Term, sort: Sort) -> bool:
    if term.key == "is":
        return term.value in Status.values or term.value == "noise" or (term.value == "new" and not term.negated and sort.slug == "newest")
    return not term.negated and (term.key, sort.slug) in (("first", "newest"), ("last", "last"), ("reports", "reports"), ("pages", "pages"))


def _indexed(search: Search, sort: Sort, now: datetime) -> Q:
    terms = [term for term in search.terms if _is_indexed(term, sort) and not (term.key == "is" and term.value != "new")]
    return conditions_of(terms, now)


def _statuses(search: Search) -> list[str]:
    """Two states widen (is:open is:ignored), a negated one narrows."""
    named = {term.value for term in search.of("is") if term.value in Status.values and not term.negated}
    denied = {term.value for term in search.of("is") if term.value in Status.values and term.negated}
    return [status for status in Status.values if (not named or status in named) and status not in denied]


def _noises(search: Search) -> list[bool]:
    terms = [term for term in search.of("is") if term.value == "noise"]
    return [noise for noise in (False, True) if all(term.negated != noise for term in terms)]


def _beyond(column: str, key: Key, back: bool) -> Q:
    """Strictly after `key` in order. The first condition alone lets an index start there."""
    side = "gt" if back else "lt"
    value, pk = key
    return Q(**{f"{column}__{side}e": value}) & (Q(**{f"{column}__{side}": value}) | Q(**{f"id__{side}": pk}))


def _value(value: Any) -> Any:
    """Raw rows of SQLite hold times as text."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def _cursor(direction: str, key: Key, sort: Sort) -> str:
    value, pk = key
    number = (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) if isinstance(value, datetime) else value
    return f"{direction}{number}_{pk}"


def _read_cursor(cursor: str, sort: Sort) -> tuple[bool, Key | None]:
    match = re.fullmatch(r"([on])(\d{1,18})_(\d{1,18})", cursor)
    if not match:
        return False, None
    number: Any = int(match[2])
    if sort.column.endswith("_seen"):
        if number > 4_102_444_800_000_000:
            return False, None
        number = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number)
    return match[1] == "n", (number, int(match[3]))
