"""A correction stays, and does not hide what looks like an attack later."""

from __future__ import annotations

import pytest
from django.test import Client

from alerts.tasks import tell
from issues import signals
from issues.actions import correct, ignore, undo
from issues.models import Activity, Correction, Issue
from issues.record import Sighting, record
from issues.retention import prune
from projects.models import Project, Role, User
from tests.issues.reports import violation
from tests.issues.test_record import NOON

pytestmark = pytest.mark.django_db
HOST = "https://cdn.odd-widgets.example/w.js"


def send(shop: Project, page: str = "https://shop.example/p/1", reports: int = 1) -> Issue:
    """On a sensitive page an unknown host's script looks like an attack; elsewhere it does not. Both are one group."""
    one = violation({"blocked-uri": HOST, "document-uri": page, "effective-directive": "script-src-elem"})
    record([Sighting(shop.pk, one, b"{}", NOON + number) for number in range(reports)])
    return Issue.objects.get()


def attack(shop: Project, reports: int = 1) -> Issue:
    return send(shop, "https://shop.example/pay", reports)


@pytest.fixture
def corrected(shop: Project, member: User) -> Issue:
    Project.objects.filter(pk=shop.pk).update(sensitive_pages=["/pay*"], settings_version=7)
    issue = send(shop)
    assert issue.verdict != "attack"
    correct(shop, member, [issue.pk], "extension")
    return Issue.objects.get()


def test_reports_that_look_like_an_attack_are_counted_beside_a_persons_word(shop: Project, corrected: Issue) -> None:
    attack(shop, 3)
    issue = attack(shop, 2)
    assert (issue.verdict, issue.noise, issue.corrected, issue.suspect) == ("extension", True, True, 5)
    assert Activity.objects.filter(kind="suspect").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_owners_are_told_once_when_it_begins(shop: Project, corrected: Issue, owner: User, mailoutbox: list) -> None:
    told: list[list[int]] = []
    signals.issues_suspected.connect(hear := lambda issues, **_: told.append(issues), weak=False)
    try:
        attack(shop)
        attack(shop)
    finally:
        signals.issues_suspected.disconnect(hear)
    assert told == [[corrected.pk]]
    assert tell("suspected", told[0]) == 1
    assert "Like an attack since it was corrected" in mailoutbox[0].subject


def test_other_reports_change_nothing(shop: Project, corrected: Issue) -> None:
    assert send(shop, reports=4).suspect == 0


def test_list_and_page_say_so_and_the_search_finds_it(shop: Project, corrected: Issue, viewer_client: Client) -> None:
    assert "look like an attack since" not in viewer_client.get(shop.get_absolute_url()).content.decode()
    attack(shop, 2)
    home = viewer_client.get(shop.get_absolute_url()).content.decode()
    assert "1 issue that somebody corrected holds reports that look like an attack since." in home
    found = viewer_client.get(shop.get_absolute_url() + "?q=is:suspect").content.decode()
    assert "2 look like an attack" in found
    page = viewer_client.get(corrected.get_absolute_url()).content.decode()
    assert "2 reports in here look like an attack since a person called it “Extension”" in page


def test_saying_it_again_takes_the_mark_away_and_needs_an_admin(shop: Project, corrected: Issue, member: User, admin: User) -> None:
    attack(shop)
    assert "needs an admin" in correct(shop, member, [corrected.pk], "extension", Role.MEMBER).sentence
    assert "needs an admin" in ignore(shop, member, [corrected.pk], role=Role.MEMBER).sentence
    assert Issue.objects.get().suspect == 1
    again = correct(shop, admin, [corrected.pk], "extension", Role.ADMIN)
    assert Issue.objects.get().suspect == 0
    assert attack(shop).suspect == 0, "this rule had fired when the admin decided"
    undo(shop, admin, again.action, Role.ADMIN)
    assert Issue.objects.get().suspect == 1


def test_a_member_may_say_that_it_is_an_attack(shop: Project, corrected: Issue, member: User) -> None:
    attack(shop)
    correct(shop, member, [corrected.pk], "attack")
    assert (Issue.objects.get().verdict, Issue.objects.get().suspect) == ("attack", 0)
    assert attack(shop).suspect == 0


def test_a_closed_one_wakes(shop: Project, corrected: Issue, member: User) -> None:
    ignore(shop, member, [corrected.pk], "forever")
    assert attack(shop).status == "open"


def test_what_an_admin_called_noise_knowing_the_attack_stays_quiet(shop: Project, admin: User) -> None:
    Project.objects.filter(pk=shop.pk).update(sensitive_pages=["/pay*"], settings_version=7)
    issue = attack(shop)
    assert issue.verdict == "attack"
    correct(shop, admin, [issue.pk], "extension", Role.ADMIN)
    assert attack(shop).suspect == 0


def test_a_correction_without_its_issue_remembers_what_was_known(shop: Project, corrected: Issue) -> None:
    Issue.objects.update(corrected=False, last_seen="2020-01-01T00:00Z")
    prune()
    assert not Issue.objects.exists()
    assert Correction.objects.exists()
    assert attack(shop, 2).suspect == 2
    assert attack(shop).suspect == 3
