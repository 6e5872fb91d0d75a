"""record(): what a batch leaves in the tables, and that the second one adds up."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from issues.models import (
    Activity,
    Correction,
    DailyCount,
    Evidence,
    EvidenceDay,
    Facet,
    HourlyCount,
    Issue,
    ObservedPolicy,
    RuleHit,
    Sample,
)
from issues.record import Sighting, judge, record
from issues.sketch import visitors
from issues.verdicts import Judgement, Mark
from issues.weigh import MOST_RULES, rules_of
from policies.address import parse_address
from policies.violation import Violation
from projects.models import Project

pytestmark = pytest.mark.django_db

NOON = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp() * 1000)
HOUR = 3_600_000


def violation(host: str = "cdn.widgets.example", page: str = "/checkout", **changes: object) -> Violation:
    plain = Violation(
        document=parse_address(f"https://shop.example{page}"),
        directive="script-src-elem",
        directives=("script-src-elem",),
        blocked=parse_address(f"https://{host}/w.js"),
        blocked_kind="url",
        disposition="report",
        policy="script-src 'self'; report-uri /csp",
        browser="Chrome",
        browser_version=143,
        os="Windows",
    )
    return dataclasses.replace(plain, **changes)


def hashed(number: int) -> int:
    """As the door hashes a visitor: 64 bits that look random."""
    return int.from_bytes(hashlib.blake2b(str(number).encode(), digest_size=8).digest(), "big")


def sightings(project: Project, one: Violation, times: int = 1, at: int = NOON, **more: object) -> list[Sighting]:
    return [Sighting(project.id, one, b'{"csp-report": {}}', at, visitor=hashed(n), network=hashed(n), **more) for n in range(times)]


def test_a_million_of_one_violation_are_one_issue_row(shop):
    one = violation()
    record(sightings(shop, one, 500))
    record(sightings(shop, one, 500, at=NOON + HOUR))
    issue = Issue.objects.get()
    assert (issue.reports, issue.enforced, issue.pages, issue.browsers, issue.number) == (1000, 0, 1, 1, 1)
    assert list(HourlyCount.objects.order_by("hour").values_list("hour", "reports")) == [(NOON // HOUR, 500), (NOON // HOUR + 1, 500)]
    day = DailyCount.objects.get()
    assert day.reports == 1000
    assert visitors(bytes(day.visitors)) == pytest.approx(500, rel=0.1)
    evidence = Evidence.objects.get()
    assert (evidence.reports, evidence.page, evidence.blocked) == (1000, "shop.example/checkout", "https://cdn.widgets.example/w.js")
    assert EvidenceDay.objects.get().reports == 1000
    assert Facet.objects.get(kind="browser").value == "Chrome 143"
    assert ObservedPolicy.objects.get().reports == 1000
    assert "report-uri" not in ObservedPolicy.objects.get().text
    assert Sample.objects.count() >= 1
    shop.refresh_from_db()
    assert shop.first_report_at is not None


def test_times_hold_the_first_and_the_last(shop):
    one = violation()
    record(sightings(shop, one, at=NOON))
    record(sightings(shop, one, at=NOON - HOUR))
    record(sightings(shop, one, at=NOON + HOUR))
    issue = Issue.objects.get()
    assert issue.last_seen - issue.first_seen == timedelta(hours=2)


def test_numbers_follow_each_other_within_a_project(shop):
    record([sight for host in ("a.example", "b.example", "c.example") for sight in sightings(shop, violation(host))])
    record(sightings(shop, violation("d.example")))
    assert sorted(Issue.objects.values_list("number", flat=True)) == [1, 2, 3, 4]
    assert Issue.objects.get(source="d.example").number == 4


def test_two_projects_in_one_batch_stay_apart(shop, acme):
    other = Project.objects.create(organization=acme, slug="blog", name="Blog", prefix="BLOG")
    record(sightings(shop, violation(), 3) + sightings(other, violation(), 2))
    assert dict(Issue.objects.values_list("project__slug", "reports")) == {shop.slug: 3, "blog": 2}


def test_a_project_deleted_meanwhile_is_counted_as_gone(shop):
    gone = dataclasses.replace(sightings(shop, violation())[0], project_id=999_999)
    judged = judge([gone, *sightings(shop, violation())])
    assert judged.gone == {999_999: 1}
    assert judged.reports == 1


def test_enforced_and_report_only_are_one_issue_with_both_shown(shop):
    record(sightings(shop, violation(), 2) + sightings(shop, violation(disposition="enforce"), 3))
    issue = Issue.objects.get()
    assert (issue.reports, issue.enforced, issue.report_only) == (5, 3, 2)


def test_what_did_not_say_under_which_policy_is_neither(shop):
    """WebKit names no disposition over report-uri: its reports prove no enforcement, and no harmlessness either."""
    record(sightings(shop, violation(disposition=""), 4))
    issue = Issue.objects.get()
    assert (issue.enforced, issue.unsaid, issue.report_only, issue.modes) == (0, 4, 0, "enforced or report-only")
    assert issue.headline.endswith(" blocked")
    record(sightings(shop, violation(disposition="report"), 3) + sightings(shop, violation(disposition="enforce"), 2))
    issue.refresh_from_db()
    assert (issue.reports, issue.enforced, issue.unsaid, issue.report_only, issue.modes) == (9, 2, 4, 3, "enforced + report-only")


def test_facets_and_evidence_are_capped_and_lose_no_report(shop):
    for start in range(0, 600, 200):
        record([sight for n in range(start, start + 200) for sight in sightings(shop, violation(page=f"/p/page-{n}x"))])
    issue = Issue.objects.get()
    assert issue.reports == 600
    pages = Facet.objects.filter(kind="page")
    assert pages.exclude(value="").count() <= 500
    assert sum(pages.values_list("reports", flat=True)) == 600
    assert Evidence.objects.exclude(digest="other").count() <= 200
    assert sum(Evidence.objects.values_list("reports", flat=True)) == 600
    assert Sample.objects.count() <= 20


def test_a_correction_wins_for_reports_that_come_later(shop):
    record(sightings(shop, violation()))
    issue = Issue.objects.get()
    Correction.objects.create(project=shop, key=issue.key, key_version=issue.key_version, verdict="adware")
    Issue.objects.update(verdict="adware", noise=True, corrected=True)
    record(sightings(shop, violation(), 5))
    assert Issue.objects.get().verdict == "adware"
    Issue.objects.all().delete()
    record(sightings(shop, violation()))
    again = Issue.objects.get()
    assert (again.verdict, again.noise, again.corrected) == ("adware", True, True)
    assert again.reason.startswith("A person said so of this kind of report before.")


@pytest.mark.parametrize(
    ("until", "change", "wakes"),
    [
        ({"kind": "forever"}, {}, False),
        ({"kind": "time", "at": "2026-11-20T11:00:00+00:00"}, {}, True),
        ({"kind": "time", "at": "2026-11-21T11:00:00+00:00"}, {}, False),
        ({"kind": "rate", "per_hour": 3}, {}, True),
        ({"kind": "rate", "per_hour": 30}, {}, False),
        ({"kind": "page", "known": ["shop.example/checkout"]}, {}, False),
        ({"kind": "page", "known": ["shop.example/checkout"]}, {"page": "/cart"}, True),
        ({"kind": "policy", "known": ["none"]}, {}, True),
    ],
)
def test_an_ignored_issue_wakes_when_it_was_told_to(shop, until, change, wakes):
    record(sightings(shop, violation()))
    Issue.objects.update(status="ignored", until=until)
    record(sightings(shop, violation(**change), 4))
    assert (Issue.objects.get().status == "open") is wakes
    assert Activity.objects.filter(kind="wake").exists() is wakes


def test_ignored_while_report_only_wakes_as_breaking_under_enforce(shop):
    record(sightings(shop, violation()))
    Issue.objects.update(status="ignored", until={"kind": "forever"}, noise=False)
    written = record(sightings(shop, violation(disposition="enforce")))
    issue = Issue.objects.get()
    assert (issue.status, issue.breaking) == ("open", True)
    assert written.breaking == (issue.id,)


def test_an_ignored_issue_wakes_when_it_turns_out_to_look_like_an_attack(shop):
    record(sightings(shop, violation(page="/news")))
    Issue.objects.update(status="ignored", until={"kind": "forever"})
    record(sightings(shop, violation(page="/checkout/payment")))
    issue = Issue.objects.get()
    assert (issue.verdict, issue.status) == ("attack", "open")


def test_a_resolved_issue_regresses_only_after_the_grace(shop):
    record(sightings(shop, violation()))
    ObservedPolicy.objects.update(first_seen=datetime(2026, 11, 1, tzinfo=UTC))
    Issue.objects.update(status="resolved", until={"kind": "now"}, status_at=datetime(2026, 11, 20, 12, tzinfo=UTC))
    record(sightings(shop, violation(), at=NOON + 23 * HOUR))
    assert Issue.objects.get().status == "resolved"
    record(sightings(shop, violation(), at=NOON + 25 * HOUR))
    issue = Issue.objects.get()
    assert (issue.status, issue.regressed) == ("open", True)


def test_a_resolved_issue_regresses_at_once_under_a_newer_policy(shop):
    record(sightings(shop, violation()))
    Issue.objects.update(status="resolved", until={"kind": "now"}, status_at=datetime(2026, 11, 20, 12, tzinfo=UTC))
    record(sightings(shop, violation(policy="script-src 'self' https://new.example"), at=NOON + HOUR))
    assert Issue.objects.get().regressed is True


def test_a_test_report_is_marked(shop):
    record(sightings(shop, violation(), test=True))
    assert Issue.objects.get().test is True


def test_rules_are_counted_with_one_example_a_day(shop):
    extension = violation(blocked=parse_address("chrome-extension"), blocked_kind="scheme")
    record(sightings(shop, extension, 7))
    issue = Issue.objects.get()
    assert issue.noise is True
    hit = RuleHit.objects.get(rule=issue.rules[0])
    assert hit.reports == 7


def test_the_test_mark_can_t_be_put_on_what_is_real(shop):
    record(sightings(shop, violation(), test=True))
    assert Issue.objects.get().test
    record(sightings(shop, violation(), test=True) + sightings(shop, violation()))
    assert not Issue.objects.get().test
    record(sightings(shop, violation(), test=True))
    assert not Issue.objects.get().test


def test_one_network_s_made_up_values_shut_nobody_else_out(shop):
    made_up = [violation(page=f"/p/page-{n}x", policy=f"img-src a{n}x.example") for n in range(230)]
    record([Sighting(shop.id, one, b"{}", NOON, network=7) for one in made_up])
    assert (ObservedPolicy.objects.count(), Evidence.objects.exclude(digest="other").count()) == (200, 200)
    real = violation(page="/real/page", policy="img-src real.example")
    record([Sighting(shop.id, real, b"{}", NOON, network=network) for network in (8, 9)])
    assert ObservedPolicy.objects.filter(text__contains="real.example").exists()
    assert Evidence.objects.get(page="shop.example/real/page").reports == 2


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("together", [False, True])
def test_an_issue_knows_each_rule_that_fired_and_that_its_reports_were_not_judged_alike(shop, swap, together):
    plain, redirected = violation(page="/news"), violation(page="/news", policy="script-src 'self' cdn.widgets.example; report-uri /")
    first, second = (redirected, plain) if swap else (plain, redirected)
    for batch in [[first, second]] if together else [[first], [second], [first]]:
        record([sighting for one in batch for sighting in sightings(shop, one)])
    issue = Issue.objects.get()
    assert (issue.rules[0], issue.confidence, issue.judged["mixed"]) == ("third-party", "likely", True)
    assert "redirect" in issue.rules


def test_an_issue_whose_reports_were_judged_alike_is_not_mixed(shop):
    for _ in range(2):
        record(sightings(shop, violation(page="/news"), times=2))
    issue = Issue.objects.get()
    assert (issue.confidence, issue.judged["mixed"]) == ("likely", False)


def test_an_attack_that_noise_outweighed_is_not_among_the_rules_a_correction_excuses():
    noise, attack = Mark("ext-scheme", "extension", "certain", ""), Mark("xss-echo", "attack", "likely", "")
    outweighed = Judgement("extension", "certain", "", (noise, attack))
    assert rules_of(["other"], [outweighed]) == ["other", "ext-scheme"]
    assert rules_of(["other"], [Judgement("attack", "likely", "", (attack, noise))]) == ["other", "ext-scheme", "xss-echo"]
    assert len(rules_of([], [Judgement("own", "hint", "", tuple(Mark(f"r{n}", "own", "hint", "") for n in range(50)))])) == MOST_RULES
