"""Resolve, ignore, reopen, correct, undo: what changes, what is left alone, what wakes it again."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from issues import actions, signals
from issues.models import Activity, Correction, Issue, LabSettings
from issues.record import Sighting, record
from policies.address import parse_address
from policies.violation import Violation
from projects.models import Project, Role, User
from tests.factories import make_facet, make_issue, make_project


def state(issue: Issue) -> tuple[str, dict, object, str, bool]:
    issue.refresh_from_db()
    return issue.status, issue.until, issue.status_at, issue.verdict, issue.noise


@pytest.mark.parametrize(
    "kind, until",
    [
        ("forever", {"kind": "forever"}),
        ("page", {"kind": "page", "known": ["shop.example/cart"]}),
        ("rate", {"kind": "rate", "per_hour": 50}),
        ("policy", {"kind": "policy", "known": ["f" * 32]}),
    ],
)
def test_ignore_remembers_what_would_wake_it(shop: Project, member: User, kind: str, until: dict) -> None:
    issue = make_issue(shop)
    make_facet(issue, "page", "shop.example/cart")
    now = timezone.now()
    shop.policies.create(fingerprint="f" * 32, text="default-src 'self'", first_seen=now, last_seen=now)
    done = actions.ignore(shop, member, [issue.pk], kind, rate=50)
    assert done.changed == 1
    assert state(issue)[:2] == ("ignored", until)


@pytest.mark.parametrize("kind, span", [("day", timedelta(days=1)), ("week", timedelta(days=7))])
def test_ignore_until_a_time(shop: Project, member: User, kind: str, span: timedelta) -> None:
    issue = make_issue(shop)
    actions.ignore(shop, member, [issue.pk], kind)
    at = datetime.fromisoformat(state(issue)[1]["at"])
    assert abs(at - timezone.now() - span) < timedelta(minutes=1)


def test_more_pages_than_are_kept_can_not_be_watched(shop: Project, member: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "KNOWN_PAGES", 2)
    issue = make_issue(shop)
    make_facet(issue, "page", "/a")
    make_facet(issue, "page", "/b")
    actions.ignore(shop, member, [issue.pk], "page")
    assert state(issue)[1] == {"kind": "forever"}


def test_one_action_on_many_says_what_it_left_alone(shop: Project, member: User) -> None:
    issues = [make_issue(shop), make_issue(shop), make_issue(shop, status="resolved", until={"kind": "now"})]
    done = actions.resolve(shop, member, [issue.pk for issue in issues])
    assert done.sentence == "2 issues resolved. 1 already resolved, left alone."
    assert Activity.objects.filter(action=done.action, kind="resolved", actor=member).count() == 2


def test_only_the_project_s_own_issues(shop: Project, member: User) -> None:
    other = make_issue(make_project(shop.organization, "other"))
    assert actions.resolve(shop, member, [other.pk]).changed == 0
    assert state(other)[0] == "open"


def test_hiding_a_likely_attack_needs_an_admin(shop: Project, member: User, admin: User) -> None:
    issue = make_issue(shop, verdict="attack")
    refused = actions.ignore(shop, member, [issue.pk], role=Role.MEMBER)
    assert refused.sentence == "Nothing was changed. 1 likely attack left alone, hiding it needs an admin."
    assert actions.correct(shop, member, [issue.pk], "extension", Role.MEMBER).changed == 0
    assert state(issue)[0] == "open"
    assert actions.ignore(shop, admin, [issue.pk], role=Role.ADMIN).changed == 1


@pytest.mark.parametrize("verb", ["resolve", "ignore", "reopen"])
def test_undo_puts_back_exactly_what_was(shop: Project, member: User, verb: str) -> None:
    status = "ignored" if verb == "reopen" else "open"
    issue = make_issue(shop, status=status, regressed=True, until={"kind": "rate", "per_hour": 3} if verb == "reopen" else {})
    before = (*state(issue), issue.regressed)
    done = getattr(actions, verb)(shop, member, [issue.pk])
    assert state(issue)[0] != status
    assert actions.undo(shop, member, done.action).changed == 1
    assert (*state(issue), issue.regressed) == before
    assert actions.undo(shop, member, done.action).sentence == "There is nothing left to undo."


def test_undo_leaves_alone_what_changed_since(shop: Project, member: User) -> None:
    issue = make_issue(shop)
    done = actions.resolve(shop, member, [issue.pk])
    actions.reopen(shop, member, [issue.pk])
    actions.ignore(shop, member, [issue.pk])
    assert actions.undo(shop, member, done.action).sentence == "Nothing was changed. 1 changed since, left alone."
    assert state(issue)[0] == "ignored"


def test_undo_of_another_project_s_action_does_nothing(shop: Project, member: User) -> None:
    other = make_project(shop.organization, "other")
    issue = make_issue(other)
    done = actions.resolve(other, member, [issue.pk])
    assert actions.undo(shop, member, done.action).changed == 0
    assert actions.undo(shop, member, "no such action").changed == 0


def test_a_correction_wins_and_can_be_taken_back(shop: Project, member: User) -> None:
    issue = make_issue(shop, verdict="third-party")
    first = actions.correct(shop, member, [issue.pk], "own")
    second = actions.correct(shop, member, [issue.pk], "extension")
    assert state(issue)[3:] == ("extension", True)
    assert actions.correct(shop, member, [issue.pk], "extension").changed == 0
    actions.undo(shop, member, second.action)
    assert (state(issue)[3], Correction.objects.get().verdict) == ("own", "own")
    actions.undo(shop, member, first.action)
    assert (state(issue)[3], Correction.objects.count(), issue.corrected) == ("third-party", 0, False)


def seen(project: Project, page: str = "/cart", network: int = 0, days: int = 0, **changes: object) -> Issue:
    """One report of an image, `days` ago, and the issue it went to."""
    violation = Violation(
        document=parse_address(f"https://shop.example{page}"), directive="img-src", directives=("img-src",),
        blocked=parse_address("https://pics.partner.example/a.png"), blocked_kind="url", disposition="report", policy="img-src 'self'",
        browser="Chrome", browser_version=143,
    )  # fmt: skip
    at = int(timezone.now().timestamp() * 1000) - days * 86_400_000
    record([Sighting(project.pk, dataclasses.replace(violation, **changes), b"{}", at, network=network)])
    return Issue.objects.get(project=project)


def test_ignored_until_a_new_page_wakes_on_one(shop: Project, member: User) -> None:
    issue = seen(shop)
    actions.ignore(shop, member, [issue.pk])
    assert seen(shop).status == "ignored"
    assert [seen(shop, "/checkout", network=at).status for at in (3, 3, 4, 9)] == ["ignored", "ignored", "ignored", "open"]
    assert "new page" in Activity.objects.filter(issue=issue, kind="wake").get().words


def test_made_up_pages_and_policies_of_one_network_wake_nothing(shop: Project, member: User) -> None:
    issue = seen(shop)
    for kind in ("page", "policy"):
        actions.ignore(shop, member, [issue.pk], kind)
        for number in range(20):
            seen(shop, f"/made-up-{number}", policy=f"img-src 'self' https://{number}.example", network=7)
        assert state(issue)[0] == "ignored"
        # One day of a hash says nothing of the next: three days of one network are not three networks.
        days = [seen(shop, "/made-up-1", network=number + 1, days=number).status for number in range(4)]
        assert days == ["ignored"] * 4


def test_ignored_until_the_policy_changes_wakes_when_enough_networks_report_one(shop: Project, member: User) -> None:
    issue = seen(shop)
    actions.ignore(shop, member, [issue.pk], "policy")
    new = "img-src 'self' https://cdn.shop.example"
    assert [seen(shop, policy=new, network=at).status for at in (1, 2, 3)] == ["ignored", "ignored", "open"]


def test_a_project_says_how_many_networks_are_enough(shop: Project, member: User) -> None:
    LabSettings.objects.create(project=shop, networks=1)
    issue = seen(shop)
    actions.ignore(shop, member, [issue.pk])
    assert seen(shop, "/checkout", network=5).status == "open"


def test_resolved_with_the_next_policy_regresses_only_under_that(shop: Project, member: User) -> None:
    issue = seen(shop)
    actions.resolve(shop, member, [issue.pk], with_policy=True)
    assert seen(shop).status == "resolved"
    again = seen(shop, policy="img-src 'self' https://cdn.shop.example")
    assert (again.status, again.regressed) == ("open", True)


def test_a_correction_holds_for_reports_that_come_later(shop: Project, member: User) -> None:
    issue = seen(shop)
    actions.correct(shop, member, [issue.pk], "browser")
    later = seen(shop, "/checkout")
    assert (later.verdict, later.noise, later.reports) == ("browser", True, 2)


def post(client: Client, **data: object) -> list[str]:
    answer = client.post("/acme/shop/actions/", {"next": "/acme/shop/", **data}, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def test_the_list_s_form_acts_on_the_ticked_ones_and_offers_undo(shop: Project, member_client: Client) -> None:
    first, second, third = make_issue(shop), make_issue(shop), make_issue(shop)
    assert post(member_client, verb="resolve", issue=[first.number, second.number]) == ["2 issues resolved."]
    action = Activity.objects.filter(kind="resolved").first().action
    assert state(third)[0] == "open"
    assert post(member_client, verb="undo", action=action) == ["2 issues put back as before."]
    assert state(first)[0] == "open"


def test_not_noise_brings_an_issue_back_with_its_counts(shop: Project, member_client: Client) -> None:
    issue = make_issue(shop, "moz-extension:", "extension", reports=77)
    assert post(member_client, verb="not-noise", issue=issue.number) == ["1 issue marked “Not sure yet”, also for reports that come later."]
    assert state(issue)[3:] == ("unsure", False)
    assert issue.reports == 77


@pytest.mark.parametrize(
    "until, words",
    [
        ({"kind": "page", "known": []}, "until it is seen on a new page"),
        ({"kind": "rate", "per_hour": 1500}, "until there are more than 1,500 reports an hour"),
        ({"kind": "time", "at": "2026-11-30T12:00:00+00:00"}, "until 30 Nov 2026, 12:00"),
        ({"kind": "forever"}, "for good"),
        ({"kind": "rule"}, ""),
    ],
)
def test_until_in_words(until: dict[str, object], words: str) -> None:
    assert actions.until_words(until) == words


def test_all_matching_a_search(shop: Project, member_client: Client) -> None:
    make_issue(shop, "cdn.x.io")
    make_issue(shop, "cdn.y.io")
    assert post(member_client, verb="ignore", until="week", all="1", q="host:cdn.x.io") == ["1 issue ignored for 7 days."]


@pytest.mark.parametrize(
    "data, words",
    [
        ({"verb": "explode", "issue": "1"}, "Choose what to do"),
        ({"verb": "resolve"}, "No issue was selected"),
        ({"verb": "resolve", "issue": "one"}, "No issue was selected"),
        ({"verb": "resolve", "all": "1", "q": "directve:x"}, "No issue was selected"),
        ({"verb": "correct", "issue": "1", "verdict": "nonsense"}, "Say what it is"),
        ({"verb": "undo", "action": "nonsense"}, "nothing left to undo"),
    ],
)
def test_what_can_not_be_done_is_said(shop: Project, member_client: Client, data: dict[str, str], words: str) -> None:
    make_issue(shop)
    (message,) = post(member_client, **data)
    assert words in message


def test_a_viewer_may_not_and_a_stranger_finds_nothing(shop: Project, viewer_client: Client, stranger_client: Client) -> None:
    issue = make_issue(shop)
    data = {"verb": "resolve", "issue": issue.number}
    assert viewer_client.post("/acme/shop/actions/", data).status_code == 403
    assert stranger_client.post("/acme/shop/actions/", data).status_code == 404
    assert state(issue)[0] == "open"


def test_next_leads_nowhere_else(shop: Project, member_client: Client) -> None:
    issue = make_issue(shop)
    data = {"verb": "resolve", "issue": issue.number, "next": "https://evil.example/"}
    assert member_client.post("/acme/shop/actions/", data).headers["Location"] == "/acme/shop/"


def test_hiding_a_likely_attack_is_told(shop: Project, admin: User, django_capture_on_commit_callbacks: object) -> None:
    heard: list[list[int]] = []

    def listen(issues: list[int], **kwargs: object) -> None:
        heard.append(issues)

    attack, other = make_issue(shop, verdict="attack"), make_issue(shop)
    signals.attacks_hidden.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            done = actions.ignore(shop, admin, [attack.pk, other.pk], role=Role.ADMIN)
            actions.undo(shop, admin, done.action, Role.ADMIN)
            actions.correct(shop, admin, [attack.pk], "extension", Role.ADMIN)
            actions.ignore(shop, admin, [other.pk], role=Role.ADMIN)
    finally:
        signals.attacks_hidden.disconnect(listen)
    assert heard == [[attack.pk], [attack.pk]]
