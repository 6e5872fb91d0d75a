"""The Noise page: what each built-in rule took, and the switch that gives it back."""

from __future__ import annotations

import pytest
from django.test import Client

from issues import counts, pauses
from issues.models import Activity, ProjectHour, RuleHit, RulePause
from issues.verdicts import RULES, Rule
from issues.verdicts.general import GENERAL
from policies.words import VERDICTS
from projects.models import Project, User
from tests.factories import make_issue, make_sample

NOISY = [rule for rule in RULES.values() if VERDICTS[rule.verdict].noise]
FIRST, SECOND = NOISY[0], next(rule for rule in NOISY if rule.verdict != NOISY[0].verdict)


@pytest.fixture
def project(shop: Project) -> Project:
    today = counts.this_day()
    RuleHit.objects.create(project=shop, rule=FIRST.id, day=today - 3, reports=7, example='{"blocked-uri":"<old>"}')
    RuleHit.objects.create(project=shop, rule=FIRST.id, day=today - 1, reports=4, example='{"blocked-uri":"<b>"}')
    RuleHit.objects.create(project=shop, rule=FIRST.id, day=today, reports=1)
    ProjectHour.objects.create(project=shop, hour=today * 24 - 5, noise=True, reports=11)
    ProjectHour.objects.create(project=shop, hour=today * 24, noise=False, reports=50)
    ProjectHour.objects.create(project=shop, hour=(today - 40) * 24, noise=True, reports=100)
    RuleHit.objects.create(project=shop, rule=SECOND.id, day=today - 40, reports=100)
    RuleHit.objects.create(project=shop, rule="a-signal-rule", day=today, reports=9)
    return shop


def test_counts_per_rule_with_its_reason_and_an_example(project: Project, viewer_client: Client) -> None:
    page = viewer_client.get("/acme/shop/noise/")
    assert [(line.rule.id, line.today, line.month) for line in page.context["lines"]] == [(FIRST.id, 1, 12)]
    text = page.content.decode()
    assert "11 reports in 30 days were taken for noise, 1 rule fired." in text, "a report may fire several rules, and count once here"
    assert "&lt;b&gt;" in text, "the newest example, whatever day it is of"
    assert "&lt;old&gt;" not in text
    assert f'id="{FIRST.id}"' in text
    assert f"?q=rule%3A{FIRST.id}" in text
    assert "Pause" not in text, "a viewer may only look"


def test_a_paused_rule_gives_back_what_it_alone_had_taken(project: Project, member_client: Client, member: User) -> None:
    alone = make_issue(project, verdict=FIRST.verdict, rules=[FIRST.id], noise=True)
    both = make_issue(project, verdict=FIRST.verdict, rules=[FIRST.id, SECOND.id], noise=True)
    said = make_issue(project, verdict=FIRST.verdict, rules=[FIRST.id], noise=True, corrected=True)
    version = project.settings_version
    member_client.post("/acme/shop/noise/pause/", {"rule": FIRST.id, "verb": "pause"})
    for issue in (alone, both, said, project):
        issue.refresh_from_db()
    assert (alone.verdict, alone.noise, alone.reports) == ("unsure", False, 10)
    assert (both.verdict, both.noise) == (SECOND.verdict, True)
    assert (said.verdict, said.noise) == (FIRST.verdict, True)
    assert project.settings_version == version + 1
    assert Activity.objects.get(issue=alone).actor == member
    assert member_client.get("/acme/shop/noise/").context["lines"][0].paused


def test_a_pause_says_what_other_rules_mute_still(project: Project, member_client: Client) -> None:
    asked = {"rule": FIRST.id, "verb": "pause"}
    for _ in range(7):
        make_issue(project, verdict=FIRST.verdict, rules=[FIRST.id, SECOND.id], noise=True)
    text = member_client.post("/acme/shop/noise/pause/", asked, follow=True).content.decode()
    assert "Nothing came back: other rules also mute SHOP-1, SHOP-2, SHOP-3, SHOP-4, SHOP-5 and 2 more." in text
    member_client.post("/acme/shop/noise/pause/", asked | {"verb": "resume"})
    make_issue(project, verdict=FIRST.verdict, rules=[FIRST.id], noise=True)
    text = member_client.post("/acme/shop/noise/pause/", asked, follow=True).content.decode()
    assert "1 issue came back to the list; other rules also mute SHOP-1," in text


def test_resume_is_in_the_history_of_what_had_come_back(project: Project, member_client: Client, member: User) -> None:
    alone = make_issue(project, verdict=FIRST.verdict, rules=[FIRST.id], noise=True)
    asked = {"rule": FIRST.id, "verb": "resume"}
    pauses.pause(project, FIRST.id, member)
    text = member_client.post("/acme/shop/noise/pause/", asked, follow=True).content.decode()
    assert "The issues it had brought back become noise again at their next report." in text
    assert not RulePause.objects.exists()
    words = [entry.words for entry in Activity.objects.filter(issue=alone).order_by("id")]
    assert words == [f"paused the rule {FIRST.id}", f"resumed the rule {FIRST.id}"]
    pauses.pause(project, SECOND.id, member)
    text = member_client.post("/acme/shop/noise/pause/", asked | {"rule": SECOND.id}, follow=True).content.decode()
    assert "brought back" not in text


def test_a_rule_that_is_none_and_a_viewer(project: Project, member_client: Client, viewer_client: Client) -> None:
    answer = member_client.post("/acme/shop/noise/pause/", {"rule": "nonsense"}, follow=True)
    assert "There is no such rule of noise." in answer.content.decode()
    assert viewer_client.post("/acme/shop/noise/pause/", {"rule": FIRST.id}).status_code == 403
    assert not RulePause.objects.exists()


def test_a_rule_of_attacks_can_t_be_paused(project: Project, member_client: Client) -> None:
    attack = next(rule for rule in RULES.values() if rule.verdict == "attack")
    answer = member_client.post("/acme/shop/noise/pause/", {"rule": attack.id}, follow=True)
    assert "no such rule of noise" in answer.content.decode()
    assert not project.paused_rules.exists()


def test_from_the_issue_and_from_one_report_it_is_one_click_back(project: Project, member_client: Client, viewer_client: Client) -> None:
    issue = make_issue(project, verdict=FIRST.verdict, rules=[FIRST.id], noise=True)
    sample = make_sample(issue, 1)
    page = member_client.get(issue.get_absolute_url()).content.decode()
    assert f"/acme/shop/noise/#{FIRST.id}" in page, "the rule that says so can be paused from here"
    report = f"{issue.get_absolute_url()}samples/{sample.pk}/"
    assert "Not noise" in member_client.get(report).content.decode()
    assert "Not noise" not in viewer_client.get(report).content.decode()
    member_client.post("/acme/shop/actions/", {"issue": issue.number, "verb": "not-noise", "next": issue.get_absolute_url()})
    issue.refresh_from_db()
    assert (issue.noise, issue.reports) == (False, 10)
    assert "Not noise" not in member_client.get(report).content.decode()


@pytest.mark.parametrize("rule", NOISY, ids=lambda rule: rule.id)
def test_a_rule_is_told_in_general_without_marks_of_any_markup(rule: Rule) -> None:
    assert ("{}" in rule.reason) == (rule.id in GENERAL)
    assert not set("`{}[]…") & set(rule.words)


def test_the_same_words_on_the_noise_page(project: Project, viewer_client: Client) -> None:
    RuleHit.objects.create(project=project, rule="unknown-scheme", day=counts.this_day(), reports=1)
    text = viewer_client.get("/acme/shop/noise/").content.decode()
    assert "“oddbridge:” is no scheme of the web" in text


def test_no_reason_that_is_printed_holds_markup() -> None:
    assert not [rule.id for rule in RULES.values() if "`" in rule.reason + rule.title]
