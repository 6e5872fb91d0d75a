"""The overview: what is urgent first, in a number of queries that does not grow."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from issues.models import ProjectHour
from issues.views import overview
from projects.models import Organization, Project
from tests.factories import make_issue, make_project


def running(organization: Organization, slug: str, **fields: object) -> Project:
    return make_project(organization, slug, first_report_at=timezone.now() - timedelta(days=3), **fields)


def test_attacks_then_decisions_then_quiet_and_this_app_last(acme: Organization, viewer_client: Client) -> None:
    own = running(acme, "app", label="This app")
    make_issue(own, verdict="attack")
    running(acme, "quiet")
    make_issue(running(acme, "decide"))
    make_issue(running(acme, "attacked"), verdict="attack")
    make_project(acme, "waiting")
    page = viewer_client.get("/")
    assert [card.project.slug for card in page.context["cards"]] == ["attacked", "decide", "quiet", "app"]
    assert [card.project.slug for card in page.context["waiting"]] == ["waiting"]
    text = page.content.decode()
    assert "1 likely attack" in text
    assert "Waiting for the first report" in text


def test_a_card_counts_the_day_with_its_noise(shop: Project, viewer_client: Client) -> None:
    hour = int(timezone.now().timestamp()) // 3600
    ProjectHour.objects.create(project=shop, hour=hour, noise=True, reports=7)
    ProjectHour.objects.create(project=shop, hour=hour, noise=False, reports=5)
    ProjectHour.objects.create(project=shop, hour=hour - 24, noise=False, reports=1000)
    (card,) = viewer_client.get("/").context["cards"]
    assert card.reports == 12


def test_nobody_sees_another_organization(shop: Project, stranger_client: Client) -> None:
    page = stranger_client.get("/")
    assert (page.context["cards"], page.context["waiting"]) == ([], [])
    assert "No project yet" in page.content.decode()


def test_queries_do_not_grow_with_projects(acme: Organization, viewer_client: Client, django_assert_max_num_queries: object) -> None:
    for place in range(overview.CARDS + 3):
        make_issue(running(acme, f"p{place:02d}"))
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        page = viewer_client.get("/")
    assert len(page.context["cards"]) == overview.CARDS
    assert len(viewer_client.get(page.context["older"]).context["cards"]) == 3


def test_search_over_all_projects(acme: Organization, viewer_client: Client, stranger_client: Client) -> None:
    make_issue(running(acme, "shop"), "cdn.widgets.example")
    make_issue(running(acme, "blog"), "cdn.widgets.example")
    make_issue(running(acme, "api"), "other.example")
    assert viewer_client.get("/?q=blog-1").headers["Location"] == "/acme/blog/issues/1/"
    assert {line.issue.project.slug for line in viewer_client.get("/?q=CDN.widgets").context["lines"]} == {"shop", "blog"}
    assert "Nothing found" in viewer_client.get("/?q=nothing-9").content.decode()
    assert stranger_client.get("/?q=cdn").context["lines"] == []
    assert stranger_client.get("/?q=shop-1").status_code == 200
