"""The change offered on an issue's page: narrow, proved on what was reported, never on a likely attack, never from too few networks."""

from __future__ import annotations

import html

import pytest

from issues.lab_actions import confirm
from issues.lab_advice import card_for
from issues.models import Issue
from policies.live import hash_of
from tests.issues.lab_seed import POLICY, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def confirmed(shop, owner):
    return confirm(shop, owner, text=POLICY, disposition="enforce")


def issue_about(source: str, verdict: str = "third-party") -> Issue:
    Issue.objects.filter(source=source).update(verdict=verdict, noise=False)
    return Issue.objects.get(source=source)


def page_of(client, issue: Issue) -> str:
    return client.get(f"/acme/shop/issues/{issue.number}/").content.decode()


def test_a_third_party_gets_the_narrowest_change_with_its_figures(shop, confirmed, viewer_client):
    report(shop, "https://img.photos.example/a.png", directive="img-src")
    report(shop, "https://elsewhere.example/b.png", directive="img-src")
    card = card_for(shop, issue_about("img.photos.example"))
    assert (card.first.here, card.first.of, card.first.elsewhere) == (12, 12, 0)
    assert card.first.header.endswith("img-src 'self' https://img.photos.example")
    page = page_of(viewer_client, issue_about("img.photos.example"))
    assert "<strong>12 of 12</strong> here, and <strong>0</strong> elsewhere" in page
    assert "data-copy=\"changed-policy\"" in page


def test_every_policy_of_the_header_that_blocks_is_opened(shop, owner, viewer_client):
    confirm(shop, owner, text=f"object-src 'none', {POLICY}, default-src 'self'", disposition="enforce")
    report(shop, "https://img.photos.example/a.png", directive="img-src")
    card = card_for(shop, issue_about("img.photos.example"))
    assert (card.first.here, card.first.of) == (12, 12)
    assert card.first.header == (
        f"object-src 'none', {POLICY} https://img.photos.example, default-src 'self'; img-src 'self' https://img.photos.example"
    )
    assert [(one.name, one.added) for one in card.first.lines] == [
        ("img-src", ("https://img.photos.example",)), ("img-src", ("'self'", "https://img.photos.example")),
    ]
    assert page_of(viewer_client, issue_about("img.photos.example")).count("https://img.photos.example") > 2


def test_inline_code_gets_the_nonce_road_and_the_hash_road(shop, confirmed, viewer_client):
    report(shop, "inline", **{"script-sample": "window.cart = []", "line-number": "12", "source-file": "https://shop.example/cart"})
    issue = Issue.objects.get(directive="script-src-elem")
    Issue.objects.update(verdict="own", noise=False)
    page = page_of(viewer_client, issue)
    assert "Holds once the tag carries the nonce" in page
    assert hash_of("window.cart = []").replace("+", "&#x2B;") in page or hash_of("window.cart = []") in page
    assert "data-copy=\"hash-policy\"" in page
    assert "<strong>12 of 12</strong> here. One space more" in page


def test_of_code_that_was_cut_no_hash_is_made_up(shop, confirmed, viewer_client):
    report(shop, "inline", **{"script-sample": "window.cart = [1,2,3,4,5,6,7,8,9,10,11,1"})
    Issue.objects.update(verdict="own", noise=False)
    page = page_of(viewer_client, Issue.objects.get())
    assert "hash-policy" not in page
    assert "holds only the start of the code, so no hash can be computed" in page


def test_a_host_that_voids_allow_lists_is_warned_of(shop, confirmed, viewer_client):
    report(shop, "https://cdnjs.cloudflare.com/ajax/libs/angular.js/1.6.0/angular.min.js")
    page = page_of(viewer_client, issue_about("cdnjs.cloudflare.com"))
    assert "voids an allow-list" in page


@pytest.mark.parametrize("verdict", ["attack", "extension", "framing", "unsure"])
def test_it_is_never_offered_where_allowing_must_not_be_the_first_idea(shop, confirmed, viewer_client, verdict):
    report(shop)
    issue = issue_about("cdn.widgets.example", verdict)
    assert card_for(shop, issue) is None
    assert "Change the policy?" not in page_of(viewer_client, issue)


def test_an_attack_that_a_person_says_is_theirs_may_be_allowed(shop, confirmed, member_client):
    report(shop)
    issue = issue_about("cdn.widgets.example", "attack")
    member_client.post("/acme/shop/actions/", {"verb": "correct", "issue": issue.number, "verdict": "own"})
    issue.refresh_from_db()
    assert issue.verdict == "own"
    assert card_for(shop, issue).first


def test_without_a_confirmed_policy_three_clicks_lead_to_a_copy(shop, member_client):
    report(shop)
    issue = issue_about("cdn.widgets.example")
    page = page_of(member_client, issue)
    version = shop.policies.get()
    link = f"/acme/shop/policy/confirm/?version={version.pk}&amp;issue={issue.number}"
    assert link in page
    shown = member_client.get(link.replace("&amp;", "&")).content.decode()
    assert "This is our policy" in shown
    back = member_client.post(
        "/acme/shop/policy/confirm/", {"text": version.text, "disposition": "enforce", "verb": "confirm", "issue": issue.number}
    )
    assert back["Location"] == f"/acme/shop/issues/{issue.number}/"
    assert "https://cdn.widgets.example" in card_for(shop, issue).first.header


def test_too_few_networks_leave_nothing_to_copy(shop, confirmed, viewer_client):
    report(shop, networks=[7], days=range(10))
    page = page_of(viewer_client, issue_about("cdn.widgets.example"))
    assert "Nothing to copy yet" in page
    assert "changed-policy" not in page


def test_a_draft_can_start_from_the_issue(shop, confirmed, member_client):
    report(shop)
    issue = issue_about("cdn.widgets.example")
    page = member_client.get(f"/acme/shop/policy/drafts/new/?issue={issue.number}").content.decode()
    assert "1 change added" in page


@pytest.mark.parametrize(("server", "line"), [
    ("nginx", 'add_header Content-Security-Policy "{}" always;'), ("headers", "Content-Security-Policy: {}"), ("nonsense", "{}"),
])  # fmt: skip
def test_the_change_is_written_for_the_server_that_is_asked_for(shop, confirmed, viewer_client, server, line):
    report(shop, "https://img.photos.example/a.png", directive="img-src")
    issue = issue_about("img.photos.example")
    page = html.unescape(viewer_client.get(f"/acme/shop/issues/{issue.number}/?for={server}").content.decode())
    assert line.format(f"{POLICY} https://img.photos.example") in page
    assert "?for=nginx#policy-diff" in page


def test_a_host_and_its_path_stand_side_by_side_each_to_copy(shop, confirmed, viewer_client):
    report(shop)
    issue = issue_about("cdn.widgets.example")
    assert [way.option.code for way in card_for(shop, issue).offered] == ["host", "exact"]
    page = page_of(viewer_client, issue)
    assert page.index("The whole host") < page.index("Or only this")
    assert page.count('data-copy="changed-policy') == 2


def test_a_host_that_voids_allow_lists_never_stands_before_its_path(shop, confirmed):
    report(shop, "https://cdnjs.cloudflare.com/ajax/libs/jquery/3.7.1/jquery.min.js")
    offered = card_for(shop, issue_about("cdnjs.cloudflare.com")).offered
    assert [way.option.code for way in offered] == ["directory"]


def test_the_header_offered_is_of_the_policy_that_blocks(shop, owner):
    """The enforced policy lets it pass, the report-only one beside it does not, whatever the reports say of their mode."""
    confirm(shop, owner, text=f"{POLICY} https:", disposition="enforce")
    confirm(shop, owner, text=POLICY, disposition="report")
    report(shop, "https://img.photos.example/a.png", directive="img-src", disposition="enforce")
    assert card_for(shop, issue_about("img.photos.example")).base.disposition == "report"


def test_what_looks_like_the_own_name_is_no_low_risk(shop, confirmed, viewer_client):
    report(shop, "https://cdn.shpo.example/a.png", directive="img-src")
    issue = Issue.objects.get(source="cdn.shpo.example")
    page = html.unescape(page_of(viewer_client, issue))
    assert card_for(shop, issue).doubt == issue.reason
    assert "Looks like a misspelling or an imitation of your own shop.example. Check before allowing it." in page
    assert "low risk" not in page


@pytest.mark.parametrize(("said", "base"), [("", "enforce"), ("enforce", "enforce"), ("report", "report")])
def test_of_two_policies_that_block_the_one_that_reports_named_is_changed(shop, owner, said, base):
    """Reports that name no mode may be of either; the enforced one is what visitors feel."""
    confirm(shop, owner, text=POLICY, disposition="enforce")
    confirm(shop, owner, text=f"{POLICY}; object-src 'none'", disposition="report")
    report(shop, "https://img.photos.example/a.png", directive="img-src", disposition=said)
    assert card_for(shop, issue_about("img.photos.example")).base.disposition == base


def test_an_imitation_is_drafted_from_its_own_page_alone(shop, confirmed, member_client):
    for host in ("cdn.shpo.example", "img.photos.example"):
        report(shop, f"https://{host}/a.png", directive="img-src")
    typo, photos = (Issue.objects.get(source=host).number for host in ("cdn.shpo.example", "img.photos.example"))
    both = member_client.get(f"/acme/shop/policy/drafts/new/?issue={typo}&issue={photos}")
    assert "https://img.photos.example" in both.context["text"]
    assert "shpo" not in both.context["text"]
    assert [one.number for one in both.context["candidates"]] == []
    assert "https://cdn.shpo.example" in member_client.get(f"/acme/shop/policy/drafts/new/?issue={typo}").context["text"]
