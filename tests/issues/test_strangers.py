"""Hosts nobody declared are listed once, with "this is ours" where enough client networks on enough days say so."""

from __future__ import annotations

import time

import pytest
from django.urls import reverse

from issues.models import Issue
from issues.record import record
from issues.rejudging import rejudge_changed
from issues.strangers import strangers
from policies.address import parse_address
from projects.actions import bump_settings_version
from projects.models import Site
from tests.factories import client_of
from tests.issues.test_record import sightings, violation

pytestmark = pytest.mark.django_db
DAY = 86_400_000


def declare_another(shop):
    """The project has one site, and it is not the one that reports."""
    shop.sites.all().delete()
    Site.objects.create(project=shop, host="www.acme.example")
    bump_settings_version(shop)


@pytest.fixture
def seen(shop):
    """www.acme.example is declared; shop.example reports widely for two days, copy.example from one network."""
    declare_another(shop)
    now = int(time.time() * 1000)
    for at in (now, now - DAY):
        record(sightings(shop, violation(page="/news"), 9, at=at))
    copy = violation("cdn.other.example", page="/news")
    record(sightings(shop, copy, 1, at=now))
    return shop


def post(person, shop, host):
    return client_of(person).post(reverse("issues:declare", args=["acme", "shop"]), {"host": host}, follow=True)


def test_they_are_listed_with_how_far_they_are_to_be_trusted(seen):
    (one,) = strangers(seen)
    assert (one.host, one.trusted, one.reports, len(one.days)) == ("shop.example", True, 19, 2)


def test_an_archive_is_nobodys_site(shop):
    now = int(time.time() * 1000)
    for at in (now, now - DAY):
        record(sightings(shop, violation(document=parse_address("https://web.archive.org/web/2026/https://shop.example/")), 9, at=at))
    assert Issue.objects.get().verdict == "foreign"
    assert strangers(shop) == []


def test_one_click_declares_the_host_and_its_issues_come_back(seen, member):
    assert set(Issue.objects.values_list("verdict", flat=True)) == {"foreign"}
    assert "This is ours" in client_of(member).get(reverse("issues:noise", args=["acme", "shop"])).content.decode()
    post(member, seen, "shop.example")
    assert Site.objects.filter(project=seen, host="shop.example").exists()
    assert rejudge_changed() == 2
    assert set(Issue.objects.values_list("verdict", flat=True)) == {"third-party"}


def test_one_network_cannot_make_itself_ours(shop, member):
    declare_another(shop)
    record(sightings(shop, violation(page="/news"), 1, at=int(time.time() * 1000)))
    assert strangers(shop)[0].trusted is False
    post(member, shop, "shop.example")
    assert not Site.objects.filter(host="shop.example").exists()


def test_a_viewer_may_not_and_a_stranger_finds_nothing(seen, viewer, stranger):
    assert post(viewer, seen, "shop.example").status_code == 403
    assert post(stranger, seen, "shop.example").status_code == 404
    assert not Site.objects.filter(host="shop.example").exists()
