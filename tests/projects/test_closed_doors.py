"""What stays closed on pages that are about no single project, and what strangers can't fill up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from projects.models import Organization, Project, User
from projects.tasks import delete_marked
from projects.views import account
from tests.factories import make_issue
from tests.projects.signing import fresh_client


@pytest.fixture
def strict(acme: Organization, shop: Project) -> Project:
    acme.requires_two_factor = True
    acme.save()
    make_issue(shop, "secret.example")
    return shop


def test_an_organization_that_wants_two_factor_shows_nothing_on_the_overview(strict: Project, member_client: Client) -> None:
    page = member_client.get("/")
    assert [*page.context["cards"], *page.context["waiting"]] == []
    assert strict.get_absolute_url() not in page.content.decode()


@pytest.mark.parametrize("query", ["secret.example", "SHOP-1"])
def test_nor_in_the_search_over_all_projects(strict: Project, member_client: Client, query: str) -> None:
    page = member_client.get("/", {"q": query})
    assert page.status_code == 200
    assert "Script from secret.example" not in page.content.decode()


def test_with_a_second_factor_it_does(strict: Project, member: User, member_client: Client) -> None:
    Authenticator.objects.create(user=member, type="recovery_codes", data={})
    assert not Project.objects.visible_to(member).exists()
    Authenticator.objects.create(user=member, type="totp", data={})
    assert list(Project.objects.visible_to(member)) == [strict]
    assert "secret.example" in member_client.get("/", {"q": "secret.example"}).content.decode()


def test_a_made_up_invitation_makes_no_session(client: Client, owner: User) -> None:
    assert client.get("/invite/made-up/").headers["Location"] == "/invite/"
    assert client.get("/invite/").status_code == 410
    assert not Session.objects.exists()


def test_sessions_that_ended_go(owner: User) -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - timedelta(days=1))
    Session.objects.create(session_key="new", session_data="", expire_date=timezone.now() + timedelta(days=1))
    delete_marked()
    assert [session.pk for session in Session.objects.all()] == ["new"]


def test_there_is_an_end_to_tokens(member: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "MOST_TOKENS", 1)
    client = fresh_client(member)
    assert client.post("/account/tokens/", {"name": "one", "scopes": ["read"]}).status_code == 200
    assert client.post("/account/tokens/", {"name": "two", "scopes": ["read"]}).status_code == 422
    assert member.tokens.count() == 1
