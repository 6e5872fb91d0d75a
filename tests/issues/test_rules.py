"""Ignore rules: what they match, what they would hide, hiding it, and giving it back."""

from __future__ import annotations

import pytest
from django.test import Client

from issues import counts, rules
from issues.conditions import Condition, Facts, covers, facts_of, matches, problems_of
from issues.likeness import alike
from issues.models import Evidence, EvidenceDay, IgnoreRule, Issue
from issues.views import rules as rule_views
from projects.models import Project, User
from tests.factories import make_evidence, make_issue, make_organization, make_project

FRAME = Facts("a.translate.goog", "frame-src", "shop.example/orders/*", "https://shop.example/app.js", "var a", "url")


@pytest.mark.parametrize(
    "field, op, value, holds",
    [
        ("host", "is", "a.translate.goog", True),
        ("host", "is", "translate.goog", False),
        ("host", "under", "translate.goog", True),
        ("host", "under", "late.goog", False),
        ("host", "contains", "LATE.go", True),
        ("directive", "under", "frame-src", True),
        ("directive", "under", "frame", True),
        ("directive", "is", "script-src", False),
        ("page", "under", "shop.example/orders", True),
        ("page", "is", "shop.example/orders", False),
        ("source", "contains", "app.js", True),
        ("sample", "is", "var a", True),
        ("kind", "is", "inline", False),
        ("nonsense", "is", "x", False),
        ("host", "nonsense", "a.translate.goog", False),
    ],
)
def test_a_condition(field: str, op: str, value: str, holds: bool) -> None:
    assert matches([Condition(field, op, value)], FRAME) is holds


def test_all_conditions_are_needed_and_none_matches_nothing() -> None:
    host, page = Condition("host", "under", "translate.goog"), Condition("page", "is", "elsewhere")
    assert matches([host], FRAME)
    assert not matches([host, page], FRAME)
    assert not matches([], FRAME)


def test_script_src_is_under_itself_with_elem_and_attr_only() -> None:
    for directive, holds in (("script-src", True), ("script-src-elem", True), ("script-src-attr", True), ("style-src", False)):
        assert matches([Condition("directive", "under", "script-src")], Facts(directive=directive)) is holds


@pytest.mark.parametrize(
    "blocked, host",
    [("https://x.io:8443/a", "x.io:8443"), ("moz-extension:", "moz-extension:"), ("inline", ""), ("", "")],
)
def test_the_host_of_what_was_blocked(blocked: str, host: str) -> None:
    assert facts_of("script-src", "url", blocked, "", "", "").host == host


@pytest.mark.parametrize(
    "wide, narrow, covered",
    [
        ([("host", "under", "x.io")], [("host", "is", "a.x.io")], True),
        ([("host", "under", "x.io")], [("host", "under", "a.x.io"), ("page", "is", "/p")], True),
        ([("host", "is", "a.x.io")], [("host", "under", "x.io")], False),
        ([("host", "under", "x.io"), ("page", "is", "/p")], [("host", "is", "a.x.io")], False),
        ([("sample", "contains", "abc")], [("sample", "is", "xabcx")], True),
        ([], [("host", "is", "x.io")], False),
    ],
)
def test_one_rule_covers_another(wide: list, narrow: list, covered: bool) -> None:
    assert covers([Condition(*each) for each in wide], [Condition(*each) for each in narrow]) is covered


@pytest.mark.parametrize(
    "conditions, words",
    [
        ([], "at least one condition"),
        ([("host", "is", "")], "Say which blocked host"),
        ([("sample", "contains", "a")], "3 characters at least"),
        ([("host", "under", "com")], "Name a whole domain"),
        ([("x", "is", "y")], "from the lists"),
        ([("host", "is", "x.io")] * 5, "4 conditions"),
    ],
)
def test_rules_that_would_hide_too_much_are_refused(conditions: list, words: str) -> None:
    assert words in " ".join(problems_of([Condition(*each) for each in conditions]))


@pytest.fixture
def project(shop: Project) -> Project:
    """1 wholly translate, 2 partly, 3 something else, 4 a likely attack under the same domain."""
    for source, verdict in (("a", "unsure"), ("b", "unsure"), ("x.io", "third-party"), ("c", "attack")):
        make_evidence(make_issue(shop, source if "." in source else f"{source}.translate.goog", verdict))
    make_evidence(Issue.objects.get(number=2), "/other", blocked="https://b.example/w.js")
    return shop


UNDER = [{"field": "host", "op": "under", "value": "translate.goog"}]


def rule_of(shop: Project, **fields: object) -> IgnoreRule:
    usual = {"organization": shop.organization, "project": shop, "name": "Translate", "conditions": UNDER}
    return IgnoreRule(**{**usual, **fields})


def statuses(project: Project) -> list[str]:
    return list(Issue.objects.filter(project=project).order_by("number").values_list("status", flat=True))


def test_the_preview_counts_whole_and_part_and_stops_at_an_attack(project: Project) -> None:
    shown = rules.preview([project], [Condition("host", "under", "translate.goog")])
    assert (shown.open, shown.parted, shown.attacks, shown.needs_yes) == (2, 1, 1, True)
    assert [issue.number for issue in shown.shown] == [4, 1], "the attack stands first"


def test_a_rule_hides_what_it_matches_whole_and_no_attack_by_itself(project: Project, member: User) -> None:
    rule = rule_of(project)
    assert rules.save(rule, member) == 1
    assert statuses(project) == ["ignored", "open", "open", "open"]
    assert Issue.objects.get(number=1).rule == rule


def test_deleting_and_pausing_give_everything_back(project: Project, member: User) -> None:
    rule = rule_of(project)
    rules.save(rule, member)
    assert rules.switch(rule, True, member) == 1
    assert statuses(project) == ["open"] * 4
    assert rules.switch(rule, False, member) == 1
    assert rules.delete(rule, member) == 1
    assert statuses(project) == ["open"] * 4
    assert Issue.objects.get(number=1).reports == 10


def test_new_issues_are_hidden_when_they_come(project: Project, member: User) -> None:
    rules.save(rule_of(project), member)
    fresh = make_issue(project, "d.translate.goog", "unsure")
    make_evidence(fresh)
    assert rules.take([fresh.pk]) == 1
    assert statuses(project)[-1] == "ignored"


def test_what_is_seen_in_another_way_comes_back(project: Project, member: User) -> None:
    rules.save(rule_of(project), member)
    assert rules.sweep() == 0
    make_evidence(Issue.objects.get(number=1), "/other", blocked="https://other.example/w.js")
    assert rules.sweep() == 1
    assert statuses(project)[0] == "open"


def test_what_turns_out_to_be_an_attack_comes_back(project: Project, member: User) -> None:
    rules.save(rule_of(project), member)
    Issue.objects.filter(number=1).update(verdict="attack")
    assert rules.sweep() == 1


def test_a_rule_of_the_organization_reaches_every_project_of_it(project: Project, owner: User) -> None:
    other = make_project(project.organization, "other")
    make_evidence(make_issue(other, "z.translate.goog", "unsure"))
    elsewhere = make_project(make_organization("far"), "far")
    make_evidence(make_issue(elsewhere, "z.translate.goog", "unsure"))
    assert rules.save(rule_of(project, project=None), owner) == 2
    assert (statuses(other), statuses(elsewhere)) == (["ignored"], ["open"])


def form(**fields: str) -> dict[str, str]:
    return {"field-1": "host", "op-1": "under", "value-1": "translate.goog", "name": "Translate", **fields}


def test_the_form_is_prefilled_narrow_and_shows_what_it_would_hide(project: Project, member_client: Client) -> None:
    page = member_client.get("/acme/shop/rules/new/?from=1")
    assert [each.words for each in page.context["draft"].conditions] == ["blocked host is a.translate.goog", "directive is script-src-elem"]
    assert page.context["preview"].open == 1
    spoken = member_client.get("/acme/shop/rules/new/", form(), headers={"Accept": "application/json"}).json()
    assert spoken["danger"]
    assert spoken["words"].startswith("2 open issues")
    assert "1 more match in part and stay" in spoken["words"]
    assert spoken["button"] == "Ignore 2 issues"


def images(*hosts: str) -> list[Facts]:
    return [Facts(host, "img-src", f"p{place}", "", "", "url") for place, host in enumerate(hosts)]


@pytest.mark.parametrize(
    "rows, conditions",
    [
        (images("a.x.io", "a.x.io"), ["blocked host is a.x.io", "directive is img-src"]),
        (images("a.x.io", "b.x.io"), ["blocked host is or is under x.io", "directive is img-src"]),
        (images("moz-extension:", "chrome-extension:"), ["blocked host contains -extension:", "directive is img-src"]),
        (images("a.x.io", "b.y.io"), []),
        (images("a.github.io", "b.github.io"), []),
        ([Facts("", "script-src-elem", "p", "", "var abc = 1;", "inline"), Facts("", "script-src", "q", "", "var abc = 20", "inline")],
         ["kind is inline", "sample contains var abc =", "directive is or is under script-src"]),
        ([Facts("", "script-src-elem", "p", "s.js", "one", "eval"), Facts("", "script-src-attr", "q", "s.js", "two", "eval")],
         ["kind is eval", "source file is s.js", "directive is or is under script-src"]),
        ([Facts("", "style-src", "p", "", "", "inline"), Facts("", "style-src", "q", "", "", "inline")], []),
    ],
)  # fmt: skip
def test_the_narrowest_rule_for_several_ways_of_being_seen(rows: list[Facts], conditions: list[str]) -> None:
    found = alike(rows)
    assert [each.words for each in found] == conditions
    assert not found or not problems_of(found)
    assert not found or all(matches(found, row) for row in rows)


def test_a_rule_from_an_issue_hides_that_issue(project: Project, member_client: Client, member: User) -> None:
    issue = make_issue(project, "n.widgets.example", "unsure")
    for name in "nm":
        make_evidence(issue, f"/{name}", blocked=f"https://{name}.widgets.example/w.js")
    page = member_client.get(f"/acme/shop/rules/new/?from={issue.number}")
    assert (page.context["preview"].open, page.context["preview"].parted) == (1, 0)
    assert "Ignore 1 issue<" in page.content.decode()
    rule = rule_of(project, conditions=[each.stored() for each in page.context["draft"].conditions])
    assert rules.save(rule, member) == 1
    assert Issue.objects.get(pk=issue.pk).rule == rule


def test_an_issue_without_one_thing_in_common_says_so(project: Project, member_client: Client) -> None:
    page = member_client.get("/acme/shop/rules/new/?from=2")
    assert "The reports of SHOP-2 have too little in common" in page.content.decode()
    assert ">Save<" in page.content.decode(), "it would hide no open issue"


def test_reports_a_day_are_of_the_days_there_are(project: Project) -> None:
    evidence = Evidence.objects.get(issue__number=3)
    for day, reports in ((0, 10), (1, 20)):
        EvidenceDay.objects.create(evidence=evidence, day=counts.this_day() - day, reports=reports)
    assert rules.preview([project], [Condition("host", "is", "x.io")]).per_day == 15


def test_the_preview_button_saves_nothing(project: Project, member_client: Client) -> None:
    page = member_client.post("/acme/shop/rules/new/", form(preview="1", name=""))
    assert (page.status_code, page.context["preview"].open) == (200, 2)
    assert not IgnoreRule.objects.exists()


def test_hiding_an_attack_needs_a_yes_and_an_admin(project: Project, member_client: Client, admin_client: Client) -> None:
    for client, fields, words in (
        (member_client, {"yes": "1"}, "needs an admin"),
        (admin_client, {}, "Tick the box"),
        (admin_client, {"yes": "1", "name": ""}, "Give the rule a name"),
        (member_client, {"everywhere": "1"}, "whole organization needs an admin"),
    ):
        answer = client.post("/acme/shop/rules/new/", form(**fields))
        assert answer.status_code == 422
        assert words in answer.content.decode()
    admin_client.post("/acme/shop/rules/new/", form(yes="1"))
    assert statuses(project) == ["ignored", "open", "open", "ignored"]
    assert IgnoreRule.objects.get().hides_attacks


def test_a_yes_to_own_code_hides_no_attack_that_comes_later(project: Project, member_client: Client) -> None:
    Issue.objects.filter(verdict="attack").update(verdict="own")
    member_client.post("/acme/shop/rules/new/", form(yes="1"))
    rule = IgnoreRule.objects.get()
    assert (rule.hides_own, rule.hides_attacks) == (True, False)
    hidden = Issue.objects.filter(verdict="own")
    assert {issue.status for issue in hidden} == {"ignored"}
    hidden.update(verdict="attack")
    rules.sweep()
    assert not Issue.objects.filter(verdict="attack", status="ignored").exists()


def test_an_admin_s_paused_rule_over_attacks_is_no_member_s_to_switch_on(
    project: Project, member_client: Client, admin_client: Client
) -> None:
    admin_client.post("/acme/shop/rules/new/", form(yes="1"))
    address = f"/acme/shop/rules/{IgnoreRule.objects.get().pk}/switch/"
    assert member_client.post(address).status_code == 302
    assert member_client.post(address).status_code == 403
    assert not Issue.objects.filter(status="ignored").exists()
    assert admin_client.post(address).status_code == 302


def test_the_page_lists_words_hits_redundant_and_built_in(project: Project, member: User, member_client: Client) -> None:
    rules.save(rule_of(project), member)
    rules.save(rule_of(project, name="Narrow", conditions=[{"field": "host", "op": "is", "value": "q.translate.goog"}]), member)
    text = member_client.get("/acme/shop/rules/").content.decode()
    for words in ("blocked host is or is under translate.goog", "Redundant: “Translate” covers it", "Built-in noise rules"):
        assert words in text


def test_a_rule_is_edited_paused_and_deleted_by_who_may(
    project: Project, member_client: Client, viewer_client: Client, stranger_client: Client
) -> None:
    member_client.post("/acme/shop/rules/new/", form(**{"value-1": "a.translate.goog"}))
    rule = IgnoreRule.objects.get()
    address = f"/acme/shop/rules/{rule.pk}/"
    assert viewer_client.post(f"{address}delete/").status_code == 403
    assert stranger_client.get(address).status_code == 404
    member_client.post(address, form(**{"value-1": "x.io", "name": "Other"}))
    assert statuses(project) == ["open", "open", "ignored", "open"]
    member_client.post(f"{address}switch/")
    assert statuses(project) == ["open"] * 4
    member_client.post(f"{address}delete/")
    assert not IgnoreRule.objects.exists()


def test_the_organization_s_rules_are_the_admins(project: Project, owner: User, member_client: Client) -> None:
    rule = rule_of(project, project=None)
    rules.save(rule, owner)
    assert member_client.post(f"/acme/shop/rules/{rule.pk}/delete/").status_code == 403
    assert Evidence.objects.count() == 5


def test_there_is_an_end_to_rules(project: Project, member_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_views, "MOST_RULES", 1)
    member_client.post("/acme/shop/rules/new/", form(**{"value-1": "a.translate.goog"}))
    answer = member_client.post("/acme/shop/rules/new/", form(name="Another", **{"value-1": "x.io"}))
    assert answer.status_code == 422
    assert "1 rules are the most" in answer.content.decode()
    assert IgnoreRule.objects.count() == 1
