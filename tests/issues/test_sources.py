"""Sources: every external host with its decision, and a CSV that no spreadsheet runs."""

from __future__ import annotations

import csv
import io

import pytest

from issues.inventory import cell
from issues.lab_actions import confirm
from issues.models import Issue, SourceDecision
from projects.models import Project
from tests.issues.lab_seed import POLICY, report

pytestmark = pytest.mark.django_db
PATH = "/acme/shop/policy/sources/"


@pytest.fixture
def seen(shop, owner):
    report(shop)
    Issue.objects.update(verdict="third-party", noise=False)
    confirm(shop, owner, text=POLICY + "; font-src https://fonts.gstatic.com", disposition="enforce")
    return shop


def test_seen_and_allowed_hosts_are_listed(seen, viewer_client):
    page = viewer_client.get(PATH).content.decode()
    assert "cdn.widgets.example" in page
    assert "Google Fonts" in page
    assert "Allowed, so never reported: this says nothing about use." in page
    assert "What CSP cannot see" in page


def test_a_decision_is_kept_with_its_reason(seen, member_client, viewer_client):
    given = {"family": "script", "host": "cdn.widgets.example", "decision": "approved", "reason": "Asked for by Ana", "owner": "Ana"}
    assert viewer_client.post(PATH + "decide/", given).status_code == 403
    member_client.post(PATH + "decide/", given)
    assert SourceDecision.objects.get().project == seen
    page = viewer_client.get(PATH + "?decision=approved").content.decode()
    assert "Asked for by Ana" in page
    assert "fonts.gstatic.com" not in page
    assert seen.activity.filter(kind="source").exists()


def test_an_approval_says_why_and_the_issue_shows_it(seen, owner, member_client, viewer_client):
    given = {"family": "script", "host": "cdn.widgets.example", "decision": "approved"}
    refused = member_client.post(PATH + "decide/", given, follow=True).content.decode()
    assert "say what it is needed for" in refused
    assert not SourceDecision.objects.exists()
    member_client.post(PATH + "decide/", {**given, "reason": "Shows reviews", "owner": "Ana"})
    assert "Approved: Shows reviews" in viewer_client.get(PATH).content.decode()
    page = viewer_client.get(Issue.objects.get(source="cdn.widgets.example").get_absolute_url()).content.decode()
    assert ": Shows reviews, but the policy still blocks it." in page


def test_scripts_of_sensitive_pages_are_a_page_of_their_own(seen, viewer_client):
    assert "mark your payment pages as sensitive" in viewer_client.get(PATH + "?sensitive=1").content.decode()
    Project.objects.filter(pk=seen.pk).update(sensitive_pages=["/cart*"])
    page = viewer_client.get(PATH + "?sensitive=1").content.decode()
    assert "1 external script host of <code>/cart*</code>" in page
    assert "<code>shop.example/cart</code>" in page


def test_who_frames_a_page_is_no_source_of_it(seen, viewer_client):
    report(seen, "https://frames-us.example/", directive="frame-ancestors")
    Issue.objects.update(noise=False)
    assert "frames-us.example" not in viewer_client.get(PATH).content.decode()


def test_only_admins_decide_for_the_organization(seen, member_client, admin_client):
    given = {"family": "script", "host": "cdn.widgets.example", "decision": "refused", "everywhere": "1"}
    assert member_client.post(PATH + "decide/", given).status_code == 403
    admin_client.post(PATH + "decide/", given)
    admin_client.post(PATH + "decide/", given)
    assert SourceDecision.objects.get().project is None
    admin_client.post(PATH + "decide/", {**given, "everywhere": "", "decision": "approved", "reason": "Reviews"})
    assert "✓ Approved" in admin_client.get(PATH + "?kind=script").content.decode(), "the project's own word wins"


def test_a_host_that_is_not_listed_can_not_be_decided(seen, member_client):
    member_client.post(PATH + "decide/", {"family": "script", "host": "typed.example", "decision": "refused"})
    assert not SourceDecision.objects.exists()


def test_new_since(seen, viewer_client):
    report(seen, "https://brand-new.example/n.js", days=[0])
    Issue.objects.update(verdict="third-party", noise=False)
    page = viewer_client.get(PATH + "?new=1").content.decode()
    assert "brand-new.example" in page
    assert "cdn.widgets.example" not in page


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_cell_never_begins_a_formula(value):
    assert cell(value) == "'" + value


def test_the_csv_is_an_attachment_of_our_name(seen, member_client, viewer_client):
    member_client.post(
        PATH + "decide/", {"family": "script", "host": "cdn.widgets.example", "decision": "approved", "reason": "=HYPERLINK(1)"}
    )
    answer = viewer_client.get(PATH + "sources.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[0][0] == "host"
    assert "'=HYPERLINK(1)" in next(row for row in rows if row[0] == "cdn.widgets.example")
    assert answer["Content-Disposition"].startswith('attachment; filename="sources-20')
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_script_inventory_of_sensitive_pages_says_what_it_cannot_see(seen, viewer_client):
    Project.objects.filter(pk=seen.pk).update(sensitive_pages=["/cart*"])
    report(seen, "https://other.example/o.js", page="https://shop.example/about")
    Issue.objects.update(verdict="third-party", noise=False)
    text = viewer_client.get(PATH + "sources.csv?sensitive=1").content.decode()
    assert "cdn.widgets.example" in text
    assert "other.example" not in text
    assert "fonts.gstatic.com" not in text, "no script"
    assert "What a policy allows is never reported" in text
