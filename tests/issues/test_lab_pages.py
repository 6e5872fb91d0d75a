"""The Policy page and its neighbours, as people use them."""

from __future__ import annotations

import html
import re

import pytest

from issues.models import ConfirmedPolicy, Issue, PolicyDraft
from projects.models import Site
from tests.issues.lab_seed import POLICY, report

pytestmark = pytest.mark.django_db
BASE = "/acme/shop/policy/"
QUERIES = 15


@pytest.fixture
def evidence(shop):
    report(shop)
    report(shop, "https://img.photos.example/a.png", directive="img-src")
    return shop


@pytest.fixture
def confirmed(evidence, owner):
    from issues.lab_actions import confirm

    return confirm(evidence, owner, text=POLICY, disposition="report")


def test_without_a_confirmed_policy_the_page_says_so_and_leads_there(evidence, viewer_client):
    page = viewer_client.get(BASE)
    assert page.status_code == 200
    assert b"No policy is confirmed yet" in page.content
    assert b"/acme/shop/policy/confirm/" in page.content


@pytest.mark.parametrize("path", ["", "compare/", "confirm/", "drafts/new/", "readiness/", "sources/", "sources/sources.csv"])
def test_every_page_answers_in_few_queries(confirmed, member_client, django_assert_max_num_queries, path):
    with django_assert_max_num_queries(QUERIES):
        assert member_client.get(BASE + path).status_code == 200


def test_paste_look_confirm(evidence, member_client):
    shown = member_client.post(BASE + "confirm/", {"text": "add_header Content-Security-Policy \"default-src 'self'; img-src *\" always;"})
    assert shown.status_code == 200
    assert b"img-src *;" in shown.content
    assert not ConfirmedPolicy.objects.exists()
    done = member_client.post(
        BASE + "confirm/", {"text": "default-src 'self'; img-src *", "disposition": "enforce", "verb": "confirm", "site": "shop.example"}
    )
    assert done.status_code == 302
    made = ConfirmedPolicy.objects.get()
    assert (made.text, made.disposition, made.site) == ("default-src 'self'; img-src *", "enforce", "shop.example")


def test_of_two_headers_one_is_taken_and_nonces_are_masked(evidence, member_client, shop):
    both = (
        "HTTP/2 200\ncontent-security-policy: default-src 'self'\n"
        "content-security-policy-report-only: script-src 'nonce-cmFuZG9tMTIz'\n"
    )
    first = member_client.post(BASE + "confirm/", {"text": both}).content.decode()
    assert "default-src &#x27;self&#x27;;" in first
    assert "this is one of them" in first
    member_client.post(BASE + "confirm/", {"text": both, "disposition": "report", "verb": "confirm"})
    made = shop.confirmed_policies.get()
    assert (made.disposition, made.text) == ("report", "script-src 'nonce-{NONCE}'")


def test_what_is_no_policy_is_said_in_words(evidence, member_client):
    answer = member_client.post(BASE + "confirm/", {"text": "<?php echo 1; {{{"})
    assert answer.status_code == 422
    assert b"form-errors" in answer.content


def test_a_policy_that_few_reported_is_doubted(evidence, viewer_client, shop):
    report(shop, policy="default-src *", networks=[666], days=range(9))
    good, forged = shop.policies.order_by("id")
    assert b"Anybody can post a report" not in viewer_client.get(f"{BASE}confirm/?version={good.pk}").content
    assert b"Anybody can post a report" in viewer_client.get(f"{BASE}confirm/?version={forged.pk}").content


def test_a_reported_policy_is_proposed_for_the_site_that_sent_it(evidence, member_client, shop):
    chosen = "<option value=\"shop.example\" selected>"
    assert chosen not in member_client.get(f"{BASE}confirm/?version={shop.policies.get().pk}").content.decode()
    Site.objects.create(project=shop, host="blog.example")
    assert chosen in member_client.get(f"{BASE}confirm/?version={shop.policies.get().pk}").content.decode()


def test_confirming_again_keeps_the_history(confirmed, member_client, shop):
    member_client.post(BASE + "confirm/", {"text": POLICY + "; object-src 'none'", "disposition": "report", "verb": "confirm"})
    held, new = shop.confirmed_policies.order_by("id")
    assert held.replaced_at is not None
    assert new.replaced_at is None
    assert shop.activity.filter(kind="policy").count() == 2


def test_a_draft_from_start_to_copy(confirmed, member_client, shop):
    started = member_client.get(BASE + "drafts/new/")
    assert b"Replayed on" in started.content
    issue = Issue.objects.get(source="cdn.widgets.example")
    Issue.objects.update(verdict="third-party", noise=False)
    added = member_client.post(BASE + "drafts/new/", {"name": "Next", "text": POLICY, "verb": "add", "issue": [issue.number]})
    assert "script-src &#x27;self&#x27; &#x27;report-sample&#x27; https://cdn.widgets.example" in added.content.decode()
    assert not PolicyDraft.objects.exists()
    text = POLICY.replace("'report-sample'", "'report-sample' https://cdn.widgets.example")
    saved = member_client.post(BASE + "drafts/new/", {"name": "Next", "text": text, "verb": "save"})
    draft = PolicyDraft.objects.get()
    assert saved["Location"] == f"{BASE}drafts/{draft.pk}/"
    page = member_client.get(saved["Location"]).content.decode()
    assert "Copy for your server" in page
    assert "add_header Content-Security-Policy-Report-Only" in page
    assert "Who changed what" in page


def test_a_viewer_reads_a_draft_and_changes_nothing(confirmed, viewer_client, stranger_client, shop, owner):
    draft = PolicyDraft.objects.create(project=shop, name="Next", text=POLICY, updated_by=owner)
    path = f"{BASE}drafts/{draft.pk}/"
    assert viewer_client.get(path).status_code == 200
    assert viewer_client.post(path, {"text": "default-src *", "verb": "save"}).status_code == 403
    assert stranger_client.get(path).status_code == 404


def test_a_draft_is_replayed_on_one_site(confirmed, member_client, shop):
    Site.objects.create(project=shop, host="blog.example")
    report(shop, "https://img.blogs.example/b.png", directive="img-src", page="https://blog.example/")
    everywhere, blog = (member_client.get(f"{BASE}drafts/new/{query}").content.decode() for query in ("", "?site=blog.example"))
    assert "img.photos.example" in everywhere
    assert "img.photos.example" not in blog
    assert "img.blogs.example" in blog


def test_a_draft_from_an_issue_starts_from_the_policy_of_its_site(evidence, member_client, shop, owner):
    """The other site's policy, confirmed as well, is no base for what this site blocked."""
    from issues.lab_actions import confirm

    Site.objects.create(project=shop, host="zoo.example")
    ours = confirm(evidence, owner, text=POLICY, disposition="report", site="shop.example")
    confirm(evidence, owner, text="default-src *; img-src https://zoo.example", disposition="report", site="zoo.example")
    Issue.objects.update(verdict="third-party", noise=False)
    issue = Issue.objects.get(source="img.photos.example")
    link = f"{BASE}drafts/new/?from={ours.pk}&amp;issue={issue.number}"
    assert link in member_client.get(issue.get_absolute_url()).content.decode()
    page = member_client.get(link.replace("&amp;", "&")).content.decode()
    assert "img-src &#x27;self&#x27; https://img.photos.example" in page
    assert "zoo.example" not in page.split("Against what is live")[1].split("</section>")[0]


def test_a_replay_of_days_names_what_it_leaves_out(confirmed, member_client, shop):
    report(shop, "https://old.example/o.js", days=[60, 61])
    week, month, quarter = (member_client.get(f"{BASE}drafts/new/?days={days}").content.decode() for days in (7, 30, 90))
    assert "Replayed on 7 days" in week
    assert "old.example" not in month
    assert "old.example" in quarter


def test_a_version_says_what_it_opened_and_closed(confirmed, viewer_client, shop):
    report(shop, "https://img.photos.example/a.png", directive="img-src", days=[0, 1], policy=POLICY + " data:")
    report(shop, "https://fonts.example/f.woff", directive="font-src", days=[0, 1], policy=POLICY + " data:")
    Issue.objects.update(verdict="third-party", noise=False)
    page = viewer_client.get(BASE).content.decode()
    assert "Opened 1 issue, closed 1, against v1" in page


def test_what_stands_in_the_way_is_named_and_leads_to_a_draft(confirmed, member_client, shop):
    Issue.objects.update(verdict="third-party", noise=False)
    page = member_client.get(BASE).content.decode()
    assert "of your own pages would break, by <strong>2</strong> open issues" in page
    link = page.split("Draft what these need")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    drafted = member_client.get(link).content.decode()
    assert "https://cdn.widgets.example" in drafted
    assert "2 changes added" in drafted


def test_copying_an_enforced_policy_keeps_the_candidate_beside_it(confirmed, member_client, shop, owner):
    from issues.lab_actions import confirm

    enforced = confirm(shop, owner, text="default-src 'self'", disposition="enforce")
    page = member_client.get(f"{BASE}enforce/{enforced.pk}/").content.decode()
    assert "Content-Security-Policy &quot;default-src &#x27;self&#x27;" in page
    assert "Header value" not in page, "one header is half of it"
    assert "Content-Security-Policy-Report-Only &quot;default-src &#x27;self&#x27;; script-src" in page
    assert "Beside it stays what is confirmed: Report-only on all sites" in page


def test_compare_two(confirmed, viewer_client, shop, owner):
    draft = PolicyDraft.objects.create(project=shop, name="Next", text="default-src 'none'; img-src *", updated_by=owner)
    page = viewer_client.get(f"{BASE}compare/?from=c{confirmed.pk}&to=d{draft.pk}").content.decode()
    assert "Weaker in" in page
    assert "never observable from reports" in page
    assert viewer_client.get(f"{BASE}compare/?from=c999999&to=d{draft.pk}").status_code == 404


def test_enforce_hands_over_the_header_and_is_remembered(confirmed, member_client, shop):
    path = f"{BASE}enforce/{confirmed.pk}/"
    page = member_client.get(path).content.decode()
    assert "add_header Content-Security-Policy &quot;default-src" in page
    assert member_client.post(path).status_code == 302
    assert shop.confirmed_policies.filter(disposition="enforce", replaced_at=None).exists()
    assert "Enforced" in member_client.get(BASE).content.decode()


def test_thresholds_are_for_admins(confirmed, member_client, admin_client, shop):
    values = {"networks": 1, "evidence_days": 1, "days": 3, "reports": 5, "browsers": 1, "quiet_days": 0, "silent_days": 3}
    assert member_client.post(BASE + "readiness/", values).status_code == 403
    assert admin_client.post(BASE + "readiness/", values).status_code == 302
    assert shop.lab_settings.days == 3


@pytest.mark.parametrize(("disposition", "headings"), [
    ("enforce", ["Replace the enforced header", "Try it beside it, report-only"]), ("report", ["Copy for your server, as report-only"]),
])  # fmt: skip
def test_a_draft_beside_an_enforced_policy_is_copied_in_its_place_or_beside_it(evidence, owner, member_client, shop, disposition, headings):
    """A report-only line pasted over the enforced one would switch blocking off without a word."""
    from issues.lab_actions import confirm, save_draft

    confirm(shop, owner, text=POLICY, disposition=disposition)
    made = save_draft(shop, owner, name="Next", text=f"{POLICY}; object-src 'none'", draft=None)
    page = html.unescape(member_client.get(f"{BASE}drafts/{made.pk}/").content.decode())
    found = re.findall(r'<h2 id="(?:replace|copy)">([^<]*)</h2>', page)
    assert found == headings
    replacing, _, beside = page.rpartition('<h2 id="copy">')
    assert f'add_header Content-Security-Policy-Report-Only "{made.text}' in beside
    assert "as the value of Content-Security-Policy-Report-Only" in beside
    assert ('add_header Content-Security-Policy "' in replacing) == (disposition == "enforce")
    assert ("as the value of Content-Security-Policy<" in replacing) == (disposition == "enforce")
    assert "add_header Content-Security-Policy \"" not in beside


def test_a_loosening_tells_what_it_adds_to_what_is_live_and_what_stays_broken(evidence, owner, member_client, shop):
    from issues.lab_actions import confirm, save_draft

    Issue.objects.update(verdict="third-party", noise=False)
    report(shop, "https://fonts.live.example/a.woff", directive="font-src", policy="default-src 'self'")
    confirm(shop, owner, text=f"{POLICY}; font-src https://fonts.live.example", disposition="enforce")
    text = f"{POLICY} https://img.photos.example; font-src https://fonts.live.example"
    made = save_draft(shop, owner, name="Next", text=text, draft=None)
    answer = member_client.get(f"{BASE}drafts/{made.pk}/")
    said = [(words, sums.reports, issues) for words, sums, issues in answer.context["replay"].answers]
    assert said == [
        ("Newly allowed by this change", 12, 1), ("Already allowed by what is live", 12, 1), ("Still blocks", 12, 1), ("Can’t tell", 0, 0),
    ]  # fmt: skip
    assert b"Own pages still broken, as today" in answer.content
    made.text = text.replace("script-src 'self'", "script-src 'none'; style-src-elem 'none'")
    report(shop, "https://shop.example/a.css", directive="style-src-elem", page="https://shop.example/other")
    Issue.objects.update(verdict="own", noise=False)
    made.save()
    assert b"Own pages that would break" in member_client.get(f"{BASE}drafts/{made.pk}/").content


def test_enforcing_what_is_not_ready_begins_with_what_would_break(confirmed, member_client):
    Issue.objects.update(verdict="third-party", noise=False)
    page = member_client.get(f"{BASE}enforce/{confirmed.pk}/").content.decode()
    assert "Not ready: 1 of your pages would break." in page
    assert page.index("Not ready") < page.index("The headers, once it is ready")
    assert "It is live all the same: enforced" in page
    assert '<button class="button" data-kind="primary">It is live' not in page
