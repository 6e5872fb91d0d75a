"""The list of a project's issues: its home. Search, tabs, one page in order, sparklines, and the line about noise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from issues import actions, counts, matching
from issues.models import Issue, LastVisit, SavedView
from issues.search import DEFAULT, Search, Term, keys, parse
from issues.search_terms import NEW
from issues.views.rows import Line, lines_of
from projects.access import get_project, may, user_of
from projects.models import Project, Role, User

VISIT = timedelta(minutes=30)  # a pause this long ends a visit
FIRST_DAY = timedelta(days=1)
FIRST_ISSUES = 3  # shown on a project's first day even if they are noise
VIEWS = 12


@dataclass(frozen=True, slots=True)
class Tab:
    words: str
    query: str
    count: int
    current: bool
    sort: str = ""

    @property
    def link(self) -> str:
        return "?" + urlencode({"q": self.query, **({"sort": self.sort} if self.sort else {})})


@dataclass(frozen=True, slots=True)
class ChipLink:
    """A term of the search, and the search without it."""

    term: Term
    link: str


ATTACKS = "is:open verdict:attack"
SUSPECTS = "is:suspect"
TABS = (
    ("Needs a decision", DEFAULT, ""),
    ("New today", f"{DEFAULT} is:new", "newest"),
    ("Ignored", "is:ignored", ""),
    ("Resolved", "is:resolved", ""),
    ("Noise", "is:open is:noise", ""),
)


@require_GET
def issue_list(request: HttpRequest, org: str, project: str) -> HttpResponse:
    shop = get_project(request, org, project)
    now = timezone.now()
    search = parse(request.GET.get("q", DEFAULT))
    if named := _named(shop, search):
        return redirect(named)
    sort = matching.SORTS.get(request.GET.get("sort", ""), matching.SORTS["last"])
    page = matching.Page([]) if search.problems else matching.page_of(shop, search, sort, request.GET.get("cursor", ""), now)
    tabs, attacks, suspects = _tabs(shop, user_of(request), search, now)
    since = _since(shop, user_of(request), now)
    lines = _lines(page.issues, sort, since)
    first = [] if "cursor" in request.GET or search.text != DEFAULT else _first_day(shop, now)
    context = {
        "project": shop, "organization": shop.organization, "tab": "issues", "search": search, "sort": sort,
        "sorts": [(each, each.slug == sort.slug) for each in matching.SORTS.values()], "page": page, "lines": first + lines, "tabs": tabs,
        "since": since, "chips": _chips(search), "keys": keys(), "is_default": search.text == DEFAULT,
        "noise_issues": tabs[4].count, "noise_reports": counts.noise_today(shop.pk), "may_act": may(shop.role, Role.MEMBER),
        "attack": attacks, "attacks_query": ATTACKS, "suspects": suspects, "suspects_query": SUSPECTS, "until": actions.until_choices(),
        "older": _page_link(request, page.older), "newer": _page_link(request, page.newer),
        "parameters": _parameters(request), "newest": shop.last_number, "most": actions.MOST_ISSUES,
        "meant": "" if lines or first or search.problems else _subdomains(shop, search, sort, now),
        "saved": any(tab.current for tab in tabs), "matching": next((tab.count for tab in tabs if tab.current and tab.count >= 0), 0),
    }  # fmt: skip
    return render(request, "issues/list.html", context)


@require_GET
def news(request: HttpRequest, org: str, project: str) -> JsonResponse:
    """How many issues need a decision that did not exist when the page was made: what the list asks every 30 seconds."""
    shop = get_project(request, org, project)
    seen = request.GET.get("after", "")
    newer = Issue.objects.needing_decision().filter(project=shop, number__gt=int(seen)) if seen.isdecimal() and len(seen) < 18 else None
    return JsonResponse({"new": 0 if newer is None else counts.capped([newer])[0]})


def _tabs(project: Project, user: User, search: Search, now: datetime) -> tuple[list[Tab], int, int]:
    """The five built-in ones with bounded counts in one query, then the person's own without; and how many open attacks there are,
    and how many corrected issues look like one since."""
    issues = Issue.objects.filter(project=project)
    sizes = counts.capped([
        issues.needing_decision(),
        issues.needing_decision().filter(first_seen__gte=now - NEW),
        issues.filter(status="ignored"),
        issues.filter(status="resolved"),
        issues.open().judged_noise(True),
        issues.open().filter(verdict="attack"),
        issues.filter(suspect__gt=0),
    ])  # fmt: skip
    suspects, attacks = sizes.pop(), sizes.pop()
    tabs = [Tab(name, query, size, search.text == query, sort) for (name, query, sort), size in zip(TABS, sizes, strict=True)]
    views = SavedView.objects.filter(project=project, user=user).order_by("id")[:VIEWS]
    return tabs + [Tab(view.name, view.query, -1, search.text == view.query, view.sort) for view in views], attacks, suspects


def _lines(issues: list[Issue], sort: matching.Sort, since: datetime | None) -> list[Line]:
    """With the thin rule above the first issue that was not seen since the last visit, if anything above it is new."""
    lines, above, drawn = [], 0, since is None or sort.slug not in ("last", "newest")
    for line in lines_of(issues):
        new = since is not None and line.issue.first_seen > since
        old = since is not None and getattr(line.issue, sort.column if sort.slug in ("last", "newest") else "last_seen") <= since
        rule = above if old and not drawn and above else 0
        drawn = drawn or old
        above += new
        lines.append(Line(line.issue, line.chart, new, False, rule))
    return lines


def _first_day(project: Project, now: datetime) -> list[Line]:
    """The first issues of a project less than a day old show in the default list whatever their verdict, so that it is not empty."""
    if not project.first_report_at or project.first_report_at < now - FIRST_DAY:
        return []
    noise = Issue.objects.filter(project=project, number__lte=FIRST_ISSUES, status="open", noise=True).order_by("number")
    issues = list(noise)
    for issue in issues:
        issue.project = project
    return [Line(line.issue, line.chart, first_day=True) for line in lines_of(issues)]


def _since(project: Project, user: User, now: datetime) -> datetime | None:
    """When the person's visit before this one ended; None on the first."""
    visit, made = LastVisit.objects.get_or_create(project=project, user=user, defaults={"at": now})
    if made:
        return None
    if now - visit.at > VISIT:
        visit.since = visit.at
    if now - visit.at > timedelta(minutes=1):
        visit.at = now
        visit.save(update_fields=["at", "since"])
    return visit.since


def _named(project: Project, search: Search) -> Issue | None:
    """SHOP-42 is that issue, whatever its state, as in the search over all projects."""
    words = [term for term in search.terms if term.key != "is"]
    if len(words) != 1 or words[0].key or words[0].negated:
        return None
    prefix, _, number = words[0].value.rpartition("-")
    if prefix.upper() != project.prefix.upper() or not (number.isascii() and number.isdigit() and len(number) < 18):
        return None
    found = Issue.objects.filter(project=project, number=int(number)).first()
    if found:
        found.project = project
    return found


def _subdomains(project: Project, search: Search, sort: matching.Sort, now: datetime) -> str:
    """The search for the hosts under the one that was asked for, where that finds something."""
    plain = [term for term in search.of("host") if not term.negated and "*" not in term.value]
    meant = " ".join(f"host:*.{term.value}" if term in plain else term.text for term in search.terms)
    found = plain and matching.page_of(project, parse(meant), sort, "", now, 1).issues
    return meant if found else ""


def _chips(search: Search) -> list[ChipLink]:
    return [ChipLink(term, "?" + urlencode({"q": search.without(term)})) for term in search.terms]


def _parameters(request: HttpRequest, **more: str) -> str:
    """The search as the end of a link, so that an issue knows its neighbours."""
    kept = {name: request.GET[name] for name in ("q", "sort") if name in request.GET} | more
    return "?" + urlencode(kept) if kept else ""


def _page_link(request: HttpRequest, cursor: str) -> str:
    return _parameters(request, cursor=cursor) if cursor else ""
