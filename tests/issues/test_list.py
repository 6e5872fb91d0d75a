"""The list of issues: tabs, rows, the line about noise, what is new, what an empty one says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from issues.models import Issue, LastVisit, ProjectHour, SavedView
from projects.models import Project, User
from tests.factories import make_counts, make_issue, make_project

HOSTILE = "<script>alert(1)</script>\u202eevil"


def numbers(client: Client, query: str = "") -> list[int]:
    return [line.issue.number for line in client.get(f"/acme/shop/{query}").context["lines"]]


def test_the_default_shows_what_needs_a_decision(shop: Project, viewer_client: Client) -> None:
    make_issue(shop, "cdn.example.net")
    make_issue(shop, "moz-extension:", "extension")
    make_issue(shop, status="ignored")
    page = viewer_client.get("/acme/shop/")
    assert [line.issue.number for line in page.context["lines"]] == [1]
    assert [(tab.words, tab.count) for tab in page.context["tabs"]] == [
        ("Needs a decision", 1), ("New today", 0), ("Ignored", 1), ("Resolved", 0), ("Noise", 1),
    ]  # fmt: skip


def test_blocked_is_said_only_under_enforce(shop: Project, viewer_client: Client) -> None:
    make_issue(shop, "a.example", enforced=0)
    make_issue(shop, "b.example", enforced=10)
    text = viewer_client.get("/acme/shop/").content.decode()
    assert "Script from <code>a.example</code> would be blocked" in text
    assert "Script from <code>b.example</code> blocked" in text


def test_nothing_from_a_report_is_markup(shop: Project, viewer_client: Client) -> None:
    make_issue(shop, HOSTILE, title=f"Script from {HOSTILE}", directive=HOSTILE[:60], reason=HOSTILE)
    for address in ("/acme/shop/", "/acme/shop/issues/1/", f"/acme/shop/?q={HOSTILE}"):
        text = viewer_client.get(address).content.decode()
        assert "<script>alert" not in text
        assert "\u202e" not in text.replace('value="&lt;script&gt;alert(1)&lt;/script&gt;\u202eevil"', "")
    assert "\\u202eevil" in viewer_client.get("/acme/shop/").content.decode()


def test_a_host_that_imitates_another_is_marked(shop: Project, viewer_client: Client) -> None:
    make_issue(shop, "xn--pypal-4ve.com")
    assert "looks like paypal.com" in viewer_client.get("/acme/shop/").content.decode()


def test_the_sparkline_says_its_numbers(shop: Project, viewer_client: Client) -> None:
    make_counts(make_issue(shop), 7)
    assert 'aria-label="7 reports in 24 hours, peak 7 this hour"' in viewer_client.get("/acme/shop/").content.decode()


def test_the_line_about_noise(shop: Project, viewer_client: Client) -> None:
    make_issue(shop, "moz-extension:", "extension")
    hour = int(timezone.now().timestamp()) // 3600
    ProjectHour.objects.create(project=shop, hour=hour, noise=True, reports=1210)
    ProjectHour.objects.create(project=shop, hour=hour, noise=False, reports=5)
    text = viewer_client.get("/acme/shop/").content.decode()
    assert "Noise: 1 issue, 1,210 reports in 24 hours." in text
    assert "All quiet" in text
    assert "1,210 reports in the last 24 hours were noise" in text


def test_the_first_issues_of_a_new_project_show_whatever_they_are(shop: Project, viewer_client: Client) -> None:
    make_issue(shop, "moz-extension:", "extension")
    assert numbers(viewer_client) == []
    Project.objects.update(first_report_at=timezone.now() - timedelta(hours=1))
    assert numbers(viewer_client) == [1]
    assert numbers(viewer_client, "?q=is:ignored") == []
    Project.objects.update(first_report_at=timezone.now() - timedelta(hours=25))
    assert numbers(viewer_client) == []


def test_what_came_since_the_last_visit_stands_above_a_line(shop: Project, viewer: User, viewer_client: Client) -> None:
    now = timezone.now()
    make_issue(shop, first_seen=now - timedelta(days=9), last_seen=now - timedelta(days=2))
    make_issue(shop, first_seen=now - timedelta(minutes=5), last_seen=now - timedelta(minutes=4))
    LastVisit.objects.create(project=shop, user=viewer, at=now - timedelta(hours=3))
    lines = viewer_client.get("/acme/shop/").context["lines"]
    assert [(line.issue.number, line.new, line.line) for line in lines] == [(2, True, 0), (1, False, 1)]
    assert [line.new for line in viewer_client.get("/acme/shop/").context["lines"]] == [True, False], "a reload is the same visit"


def test_a_query_not_understood_lists_nothing_and_helps(shop: Project, viewer_client: Client) -> None:
    make_issue(shop)
    page = viewer_client.get("/acme/shop/?q=directve:script-src+is:open")
    assert page.context["lines"] == []
    assert 'href="?q=directive%3Ascript-src+is%3Aopen"' in page.content.decode()


def test_chips_take_terms_out_by_link(shop: Project, viewer_client: Client) -> None:
    page = viewer_client.get("/acme/shop/?q=is:open+host:x.io")
    assert [chip.link for chip in page.context["chips"]] == ["?q=host%3Ax.io", "?q=is%3Aopen"]


@pytest.mark.parametrize(
    "query, words",
    [
        ("", "No report has arrived yet"),
        ("?q=is:open+host:x.io", "search more widely"),
        ("?q=cart", "Look at all issues"),
    ],
)
def test_an_empty_list_says_why(shop: Project, viewer_client: Client, query: str, words: str) -> None:
    if query:
        Project.objects.update(first_report_at=timezone.now() - timedelta(days=9), last_number=1)
    assert words in viewer_client.get(f"/acme/shop/{query}").content.decode()


def test_views_are_saved_replaced_and_forgotten(shop: Project, viewer: User, viewer_client: Client) -> None:
    viewer_client.post("/acme/shop/views/", {"name": "Checkout", "q": "page:/checkout", "sort": "reports"})
    viewer_client.post("/acme/shop/views/", {"name": "Checkout", "q": "page:/checkout is:open", "sort": "nonsense"})
    view = SavedView.objects.get()
    assert (view.user, view.query, view.sort) == (viewer, "page:/checkout is:open", "")
    assert viewer_client.get("/acme/shop/").context["tabs"][-1].words == "Checkout"
    viewer_client.post("/acme/shop/views/", {"delete": "1", "q": "page:/checkout is:open"})
    assert not SavedView.objects.exists()


def test_news_counts_what_came_after_the_page(shop: Project, viewer_client: Client) -> None:
    make_issue(shop)
    assert viewer_client.get("/acme/shop/news/?after=0").json() == {"new": 1}
    assert viewer_client.get("/acme/shop/news/?after=1").json() == {"new": 0}
    assert viewer_client.get("/acme/shop/news/?after=x").json() == {"new": 0}


def test_only_who_may_act_sees_boxes(shop: Project, viewer_client: Client, member_client: Client) -> None:
    make_issue(shop)
    assert 'name="issue"' not in viewer_client.get("/acme/shop/").content.decode()
    assert 'name="issue"' in member_client.get("/acme/shop/").content.decode()


def test_the_favicon_is_red_while_an_attack_is_listed(shop: Project, viewer_client: Client) -> None:
    assert "favicon-attack" not in viewer_client.get("/acme/shop/").content.decode()
    make_issue(shop, verdict="attack")
    assert "favicon-attack" in viewer_client.get("/acme/shop/").content.decode()


def test_a_stranger_finds_nothing(shop: Project, stranger_client: Client) -> None:
    for address in ("/acme/shop/", "/acme/shop/news/", "/acme/shop/noise/", "/acme/shop/rules/", "/acme/shop/issues/1/"):
        assert stranger_client.get(address).status_code == 404


def test_queries_do_not_grow_with_the_rows(shop: Project, viewer_client: Client, django_assert_max_num_queries: object) -> None:
    for place in range(60):
        make_counts(make_issue(shop, f"h{place}.example"), 3)
    viewer_client.get("/acme/shop/")
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        page = viewer_client.get("/acme/shop/?q=is:open+example")
    assert len(page.context["lines"]) == 50
    assert Issue.objects.count() == 60


def test_two_inline_scripts_can_be_told_apart(shop: Project, viewer_client: Client) -> None:
    make_issue(shop, "inline", "own", title="Inline script", grouped_by="inline script, “window.dataLayer”")
    make_issue(shop, "cdn.example", grouped_by="script from cdn.example, the page's own host")
    text = viewer_client.get("/acme/shop/").content.decode()
    assert "“window.dataLayer”" in text
    assert text.count("aside") == 1


@pytest.mark.parametrize("query", ["SHOP-2", "shop-2", "is:open -is:noise SHOP-2"])
def test_the_id_of_an_issue_leads_to_it_whatever_its_state(shop: Project, viewer_client: Client, query: str) -> None:
    make_issue(shop)
    ignored = make_issue(shop, status="ignored")
    assert viewer_client.get("/acme/shop/", {"q": query}).headers["Location"] == ignored.get_absolute_url()


@pytest.mark.parametrize("query", ["SHOP-9", "OTHER-1", "-SHOP-1", "SHOP-1 SHOP-2", "host:SHOP-1", "SHOP-1²"])
def test_what_is_no_id_of_an_issue_here_is_searched_for(shop: Project, viewer_client: Client, query: str) -> None:
    make_issue(make_project(shop.organization, "other"))
    make_issue(shop)
    assert viewer_client.get("/acme/shop/", {"q": query}).status_code == 200


def test_a_host_without_a_match_suggests_the_hosts_under_it(shop: Project, viewer_client: Client) -> None:
    make_issue(shop, "cdn.reviews.example")
    text = viewer_client.get("/acme/shop/", {"q": "is:open host:reviews.example"}).content.decode()
    assert "Did you mean" in text
    assert "<code>is:open host:*.reviews.example</code>" in text
    for query in ("host:elsewhere.example", "is:ignored host:reviews.example", "host:cdn.reviews.example", "nothing"):
        assert "Did you mean" not in viewer_client.get("/acme/shop/", {"q": query}).content.decode()
