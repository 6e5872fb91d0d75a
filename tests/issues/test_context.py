"""A verdict is judged again as an issue grows, the history says when and why, and a person's word ends that for good."""

from __future__ import annotations

from typing import Any

import pytest

from issues import actions
from issues.models import Activity, Issue
from issues.record import Sighting, record
from policies.address import parse_address
from projects.models import Project, User
from tests.issues.test_record import NOON, hashed, violation

pytestmark = pytest.mark.django_db

DAY = 86_400_000


def seen(project: Project, visitors: int, day: int = 0, **changes: Any) -> None:
    """An image under a scheme that nobody knows, by so many visitors of two kinds of browser."""
    image = {"directive": "img-src", "directives": ("img-src",), "blocked": parse_address("acmetool:"), "blocked_kind": "scheme", **changes}
    both = [violation(**image), violation(**image, browser="Firefox", browser_version=153)]
    record(Sighting(project.pk, both[n % 2], b"{}", NOON + day * DAY, hashed(n), hashed(n)) for n in range(visitors))


def told(issue: Issue) -> list[str]:
    return list(Activity.objects.filter(issue=issue, kind="verdict").order_by("id").values_list("words", flat=True))


def test_likely_noise_that_spreads_is_not_sure_any_more_and_comes_back_when_it_was_a_burst(shop: Project) -> None:
    seen(shop, 1)
    issue = Issue.objects.get()
    assert (issue.noise, issue.confidence) == (True, "likely")
    key = issue.key
    seen(shop, 60)
    issue.refresh_from_db()
    assert (issue.verdict, issue.noise) == ("unsure", False)
    seen(shop, 1, day=1)
    issue.refresh_from_db()
    assert (issue.noise, issue.key, issue.reports) == (True, key, 62)
    first, second = told(issue)
    assert first.startswith("Verdict is now Not sure yet: It looked like noise, but it reached")
    assert "visitors with 2 kinds of browser" in first
    assert second.startswith("Verdict is now Browser itself:")


@pytest.mark.parametrize("verdict", ["own", "adware"])
def test_a_persons_word_stands_before_and_after_whatever_comes(shop: Project, member: User, verdict: str) -> None:
    seen(shop, 1)
    issue = Issue.objects.get()
    actions.correct(shop, member, [issue.pk], verdict, shop.organization.memberships.get(user=member).role)
    for visitors, day in ((60, 0), (1, 1), (90, 2)):
        seen(shop, visitors, day)
        issue.refresh_from_db()
        assert (issue.verdict, issue.corrected) == (verdict, True)
    assert told(issue) == []
    issue.delete()
    seen(shop, 60, day=3)
    assert Issue.objects.get().verdict == verdict, "also where the issue had gone meanwhile"


def test_the_reports_before_and_after_are_counted_together(shop: Project, member: User) -> None:
    seen(shop, 5)
    issue = Issue.objects.get()
    actions.correct(shop, member, [issue.pk], "own", shop.organization.memberships.get(user=member).role)
    seen(shop, 7)
    issue.refresh_from_db()
    assert (issue.reports, issue.noise) == (12, False)


def test_a_certain_mark_is_certain_however_far_it_reaches(shop: Project) -> None:
    seen(shop, 90, blocked=parse_address("chrome-extension:"))
    issue = Issue.objects.get()
    assert (issue.verdict, issue.noise, issue.confidence) == ("extension", True, "certain")
