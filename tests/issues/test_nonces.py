"""One nonce that several client networks got: found in what is stored, though no nonce is stored."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from issues.lab_actions import confirm
from issues.lab_policies import assess, fingerprint_of
from issues.models import ObservedPolicy
from issues.nonces import MOST_MARKS, Mark, marks_of, merged, most_networks
from tests.issues.lab_seed import report

NONCE = "R4nd0mButAlwaysTheSame"
TEXT = "default-src 'self'; script-src 'nonce-{NONCE}'; object-src 'none'; base-uri 'none'"


def seen_with(shop, nonce: str, network: int, page: str = "/", day: int = 1) -> None:
    policy = TEXT.replace("{NONCE}", nonce)
    report(shop, networks=[network], days=[day], page=f"https://shop.example{page}", policy=policy)


@pytest.mark.django_db
def test_one_nonce_from_three_networks_on_different_pages_is_found(shop):
    for network, page in ((11, "/"), (12, "/cart"), (13, "/help")):
        seen_with(shop, NONCE, network, page)
    policy = ObservedPolicy.objects.get()
    assert policy.text == TEXT
    assert policy.same_nonce_networks == 3
    found = [finding for line in assess(TEXT, policy.same_nonce_networks).lines for finding in line.findings]
    assert [(one.directive, one.severity) for one in found if one.type == "STATIC_NONCE"] == [("script-src", "HIGH")]


@pytest.mark.django_db
def test_new_nonces_two_networks_and_one_network_for_weeks_are_no_finding(shop):
    for view in range(40):
        seen_with(shop, f"fresh-{view}", view)
    for day in range(20):
        seen_with(shop, NONCE, 11, day=day)
    seen_with(shop, NONCE, 12, day=0)
    policy = ObservedPolicy.objects.get()
    assert policy.same_nonce_networks == 2
    assert len(policy.nonces) == MOST_MARKS
    assert "STATIC_NONCE" not in str(assess(TEXT, policy.same_nonce_networks))


@pytest.mark.django_db
def test_the_nonce_itself_is_nowhere(shop):
    for network in (11, 12, 13):
        seen_with(shop, NONCE, network)
    dumped = StringIO()
    call_command("dumpdata", "issues", stdout=dumped)
    assert '"nonces": [["' in dumped.getvalue()
    assert NONCE not in dumped.getvalue()


@pytest.mark.django_db
def test_the_policy_page_and_the_api_say_so(shop, owner, member_client):
    confirm(shop, owner, text=TEXT, disposition="enforce")
    for network in (11, 12, 13):
        seen_with(shop, NONCE, network)
    assert ObservedPolicy.objects.get().fingerprint == fingerprint_of(TEXT)
    version = ObservedPolicy.objects.get().pk
    words = "3 client networks got one and the same nonce on one day"
    assert words in member_client.get(f"/acme/shop/policy/confirm/?version={version}").content.decode()
    answer = json.loads(member_client.get("/api/0/projects/acme/shop/policy/").content)
    assert [one["sameNonceNetworks"] for one in answer["versions"]] == [3]


def test_marks_differ_by_project_and_key_and_hold_no_nonce():
    marks = {marks_of([NONCE], project, key)[0] for project in (1, 2) for key in (b"one", b"two")}
    assert len(marks) == 4
    assert marks_of([NONCE], 1, b"one") == marks_of([NONCE], 1, b"one")
    assert not any(NONCE in mark for mark in marks)


def test_networks_of_two_days_are_strangers():
    kept = merged([], {"a": {1: 0b1}})
    kept = merged(kept, {"a": {2: 0b10}})
    assert kept == [Mark("a", 2, 0b10, 1)]
    kept = merged(kept, {"a": {1: 0b1110}})
    assert kept == [Mark("a", 2, 0b10, 3)]


def test_what_many_networks_sent_outlives_what_came_since():
    kept = merged([], {"static": {1: 0b111}})
    for view in range(100):
        kept = merged(kept, {f"fresh{view}": {1: 1 << view % 63}})
    assert most_networks(kept) == 3
    assert [mark.name for mark in kept[-2:]] == ["fresh98", "fresh99"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 3), st.integers(1, 63)), max_size=30))
def test_the_number_is_that_of_the_busiest_day(seen: list[tuple[str, int, int]]) -> None:
    """In the order of the days: what comes late can only be counted for itself."""
    kept: list[Mark] = []
    bits: dict[tuple[str, int], int] = {}
    for name, day, more in sorted(seen, key=lambda one: one[1]):
        kept = merged(kept, {name: {day: more}})
        bits[name, day] = bits.get((name, day), 0) | more
    assert most_networks(kept) == max((value.bit_count() for value in bits.values()), default=0)
