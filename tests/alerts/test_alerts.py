"""Owners and admins hear of attacks and of what breaks, once an hour."""

from __future__ import annotations

import pytest
from django.conf import settings as django_settings

from alerts.message import Line, compose, defanged
from alerts.tasks import tell
from tests.factories import make_issue

pytestmark = pytest.mark.django_db


def test_owner_and_admin_hear_of_an_attack_once_an_hour(shop, owner, admin, member, mailoutbox):
    issue = make_issue(shop, "cdn.evil-widgets.example", verdict="attack")
    assert tell("attack", [issue.id]) == 2
    assert tell("attack", [issue.id]) == 0
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([owner.email, admin.email])
    assert "Likely attack" in mailoutbox[0].subject
    assert django_settings.PUBLIC_URL + issue.get_absolute_url() in mailoutbox[0].body


def test_a_third_party_is_no_attack(shop, owner, mailoutbox):
    assert tell("attack", [make_issue(shop).id]) == 0
    assert mailoutbox == []


def test_what_breaks_now_is_told(shop, owner, mailoutbox):
    assert tell("breaking", [make_issue(shop).id]) == 1
    assert "Breaking now" in mailoutbox[0].subject


def test_a_report_can_write_neither_header_nor_link():
    subject, body = compose("attack", "acme / shop\r\nBcc: x@evil.example", [Line("SHOP-1", "Script from https://evil.example/\r\nx", "http://x/1")])
    assert "\n" not in subject
    assert "https://evil.example" not in body
    assert defanged("https://evil.example/") == "https[://]evil[.]example/"


def test_hiding_an_attack_is_told_though_it_is_no_longer_open(shop, owner, mailoutbox):
    hidden = make_issue(shop, "cdn.evil-widgets.example", verdict="attack", status="ignored")
    assert tell("attack", [hidden.id]) == 0
    assert tell("hidden", [hidden.id]) == 1
    assert "Likely attack hidden" in mailoutbox[0].subject
