"""The ground every other test stands on."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection

from issues.models import Issue
from projects.models import Project, User
from tests.factories import make_counts, make_evidence, make_facet, make_issue, make_policy, make_sample, report_to_body, report_uri_body


@pytest.mark.usefixtures("owner", "admin", "member", "viewer")
def test_the_cast_belongs_to_acme_and_the_stranger_does_not(shop: Project, stranger: User) -> None:
    roles = dict(shop.organization.memberships.values_list("user__email", "role"))
    assert roles == {f"{role}@acme.example": role for role in ("owner", "admin", "member", "viewer")}
    assert list(Project.objects.visible_to(stranger)) == []


def test_an_issue_with_all_its_rows(shop: Project) -> None:
    issues = [make_issue(shop), make_issue(shop, "ads.example", "extension")]
    assert [issue.short_id for issue in issues] == ["SHOP-1", "SHOP-2"]
    for make in (make_evidence, make_sample, make_facet):
        make(issues[0])
    make_counts(issues[0], 7)
    make_policy(shop)
    assert list(Issue.objects.needing_decision()) == issues[:1]


def test_bodies_are_json() -> None:
    assert b'"csp-report"' in report_uri_body()
    assert report_to_body("https://a.example/", "https://b.example/").count(b"csp-violation") == 2


@pytest.mark.django_db
def test_the_database_is_the_one_of_this_pair() -> None:
    assert connection.vendor == {"embedded": "sqlite", "full": "postgresql"}[settings.MODE]
