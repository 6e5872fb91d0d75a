"""The budget of new issues an hour: who gets how much of it, and that what is over is counted all the same."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db.models import Sum

from issues.budget import NOBODY, ORDINARY, SENSITIVE, Wanted, charge
from issues.models import Evidence, HourlyCount, Issue, NewIssueCount, ProjectHour, Sample
from issues.overflow import VERSION as OVERFLOW
from issues.record import Sighting, record
from issues.rejudging import rejudge_changed
from issues.rekey import rekey
from issues.retention import prune
from policies.address import parse_address
from projects.models import Project
from tests.issues.test_record import NOON, violation

NETWORK = 1 << 5


def wanted(name: str, networks: int = NETWORK, lane: str = ORDINARY, *, unmetered: bool = False, reports: int = 1) -> Wanted:
    return Wanted((1, 1, name), lane, networks, unmetered, reports)


def names(admitted: dict[tuple[int, int, str], object]) -> set[str]:
    return {key[2] for key in admitted}


def test_one_network_gets_a_tenth():
    flood = [wanted(f"flood-{n:02}") for n in range(30)]
    assert len(charge(flood, Counter(), 100)) == 10
    assert len(charge(flood, Counter({(1, ORDINARY, 5): 8}), 100)) == 2


def test_another_network_is_not_held_up_by_it():
    admitted = charge([*(wanted(f"flood-{n:02}") for n in range(30)), wanted("z", 1 << 6)], Counter({(1, ORDINARY, 5): 10}), 100)
    assert names(admitted) == {"z"}


def test_what_more_networks_saw_goes_first_and_is_charged_to_the_one_with_most_left():
    made = Counter({(1, ORDINARY, 5): 10, (1, ORDINARY, 6): 9, (1, ORDINARY, 7): 80})
    admitted = charge([wanted("alone", 1 << 6), wanted("both", NETWORK | 1 << 6)], made, 100)
    assert admitted == {(1, 1, "both"): (1, ORDINARY, 6)}


def test_attacks_on_sensitive_pages_have_a_budget_of_their_own():
    spent = Counter({(1, ORDINARY, network): 10 for network in range(10)})
    assert names(charge([wanted("a", 1 << 20), wanted("b", 1 << 20, SENSITIVE)], spent, 100)) == {"b"}


def test_a_sender_behind_a_private_address_has_the_whole_budget_and_no_more():
    admitted = charge([wanted(f"{n:03}", unmetered=True) for n in range(120)], Counter(), 100)
    assert len(admitted) == 100
    assert set(admitted.values()) == {(1, ORDINARY, NOBODY)}


def test_the_smallest_budget_still_lets_one_through():
    assert len(charge([wanted("a"), wanted("b")], Counter(), 1)) == 1


def flood(project: Project, hosts: range, network: int = 77, **changes: object) -> list[Sighting]:
    return [Sighting(project.pk, violation(f"cdn-x.host{n}.example", **changes), b"{}", NOON, network=network) for n in hosts]


@pytest.mark.django_db
def test_a_flood_from_one_network_makes_a_tenth_and_one_issue_of_the_rest(shop, settings):
    settings.NEW_ISSUES_PER_HOUR = 50
    written = record(flood(shop, range(40)))
    overflow = Issue.objects.get(key="overflow-signal")
    assert (Issue.objects.count(), overflow.reports, overflow.noise) == (6, 35, False)
    assert written.counted == {shop.pk: 40}
    assert NewIssueCount.objects.get().made == 5
    assert Evidence.objects.filter(issue=overflow).count() == 35
    assert Sample.objects.filter(issue=overflow).count() == 3


@pytest.mark.django_db
def test_no_report_is_lost_over_several_batches(shop, settings):
    settings.NEW_ISSUES_PER_HOUR = 50
    for start in (0, 20, 30):
        record(flood(shop, range(start, start + 20)))
    record(flood(shop, range(100, 103), network=5))
    assert Issue.objects.aggregate(Sum("reports"))["reports__sum"] == 63
    assert HourlyCount.objects.aggregate(Sum("reports"))["reports__sum"] == 63
    assert ProjectHour.objects.aggregate(Sum("reports"))["reports__sum"] == 63
    assert Evidence.objects.aggregate(Sum("reports"))["reports__sum"] == 63
    assert Issue.objects.exclude(key_version=OVERFLOW).count() == 8
    assert Issue.objects.filter(key_version=OVERFLOW).count() == 1


@pytest.mark.django_db
def test_noise_and_signal_overflow_apart(shop, settings):
    settings.NEW_ISSUES_PER_HOUR = 1
    record(flood(shop, range(3)))
    unknown = violation(blocked=parse_address("chrome-extension"), blocked_kind="scheme")
    record([Sighting(shop.pk, unknown, b"{}", NOON, network=77)])
    gathered = Issue.objects.filter(key_version=OVERFLOW).values_list("key", "noise")
    assert set(gathered) == {("overflow-signal", False), ("overflow-noise", True)}


@pytest.mark.django_db
def test_overflow_keeps_its_key_and_its_verdict(shop, settings):
    settings.NEW_ISSUES_PER_HOUR = 1
    record(flood(shop, range(3)))
    before = Issue.objects.values("key", "verdict", "title").get(key_version=OVERFLOW)
    Project.objects.filter(pk=shop.pk).update(settings_version=9)
    rejudge_changed()
    rekey()
    assert Issue.objects.values("key", "verdict", "title").get(key_version=OVERFLOW) == before


@pytest.mark.django_db
def test_no_limit_and_old_hours_go(shop, settings):
    settings.NEW_ISSUES_PER_HOUR = 0
    record(flood(shop, range(60)))
    assert Issue.objects.count() == 60
    NewIssueCount.objects.create(project=shop, hour=1, lane=ORDINARY, network=0, made=3)
    prune()
    assert not NewIssueCount.objects.exists()
