"""Verbs on projects: what changes a verdict is known to have changed, and deletion leaves nothing behind."""

from __future__ import annotations

from datetime import date

import pytest
from django.apps import apps

from ingest.models import IntakeCount
from issues.facts import states_of
from issues.models import Issue
from projects import actions, erasing, tasks
from projects.models import Organization, Project, User
from tests.factories import make_counts, make_evidence, make_facet, make_issue, make_policy, make_project, make_sample


def test_two_projects_of_one_name(acme: Organization) -> None:
    first, second = actions.create_project(acme, "Web shop", ["a.example", "a.example"]), actions.create_project(acme, "Web shop")
    assert (first.slug, second.slug, first.prefix) == ("web-shop", "web-shop-2", "WEBSHOP")
    assert first.sites.count() == 1
    assert first.key is not None


def test_reserved_words_are_no_addresses(owner: User, acme: Organization) -> None:
    assert actions.create_organization(owner, "Login").slug == "login-2"
    assert actions.create_project(acme, "Members").slug == "members-2"


@pytest.mark.parametrize(
    "changes, sites, judged",
    [
        ({"name": "New name"}, None, False),
        ({"sample_percent": 50}, ["shop.example"], False),
        ({"own_schemes": ["myapp"]}, None, True),
        ({"own_extensions": ["abc"], "name": "X"}, None, True),
        ({"sensitive_pages": ["/pay"]}, None, True),
        ({}, ["shop.example", "new.example"], True),
        ({}, [], True),
    ],
)
def test_settings_version_follows_what_verdicts_depend_on(
    shop: Project, changes: dict[str, object], sites: list[str] | None, judged: bool
) -> None:
    assert actions.change_project(shop, changes, sites) is judged
    fresh = Project.objects.get(pk=shop.pk)
    assert fresh.settings_version == (2 if judged else 1)
    assert all(getattr(fresh, name) == value for name, value in changes.items())


def test_what_an_organization_declares_counts_in_its_projects(shop: Project) -> None:
    actions.change_organization(shop.organization, {"own_extensions": ["aapbdbdomjkkjkaonfhkkikfgjllcleb"], "name": "Acme Ltd"})
    fresh = Project.objects.select_related("organization").get(pk=shop.pk)
    assert fresh.settings_version == 2
    assert fresh.organization.own_extensions == ["aapbdbdomjkkjkaonfhkkikfgjllcleb"]
    assert states_of([shop.pk])[shop.pk].facts.own_extensions == ("aapbdbdomjkkjkaonfhkkikfgjllcleb",)
    actions.change_organization(fresh.organization, {"name": "Acme"})
    assert Project.objects.get(pk=shop.pk).settings_version == 2


def test_a_revoked_key_can_come_back(shop: Project) -> None:
    key = shop.key
    assert key is not None
    actions.set_key_active(key, False)
    assert shop.key is None
    actions.set_key_active(key, True)
    assert shop.key == key


def fill(project: Project) -> None:
    for host in ("a.example", "b.example"):
        issue = make_issue(project, host)
        make_counts(issue, 3)
        policy = make_policy(project, f"default-src {host}")
        make_evidence(issue, policy=policy)
        make_sample(issue)
        make_facet(issue)
    IntakeCount.objects.create(project_id=project.pk, kind="accepted", day=date(2026, 11, 1), reports=3)


def rows() -> int:
    """Of every table below projects; the cast and content types stay out of it."""
    return sum(model._base_manager.count() for model in apps.get_models() if model._meta.app_label in ("issues", "ingest"))


def test_deletion_takes_everything_of_one_project_and_nothing_of_another(
    acme: Organization, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog = make_project(acme, "blog")
    fill(blog)
    kept = rows()
    fill(shop)
    monkeypatch.setattr(erasing, "STEP", 1)
    actions.delete_project(shop)
    assert not Project.objects.live().filter(pk=shop.pk).exists()
    for _ in range(3):  # interrupted after three small steps
        assert erasing.erase_next()
    tasks.delete_marked()
    assert not Project.objects.filter(pk=shop.pk).exists()
    assert rows() == kept
    assert Issue.objects.filter(project=blog).count() == 2


def test_deleting_an_organization(acme: Organization, shop: Project, owner: User) -> None:
    fill(shop)
    actions.delete_organization(acme)
    assert not Organization.objects.visible_to(owner).exists()
    tasks.delete_marked()
    assert not Organization.objects.filter(pk=acme.pk).exists()
    assert rows() == 0
