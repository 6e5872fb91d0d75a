"""An issue's page: what happened in words, what to do, where, who, and its samples."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from issues import advice, words
from issues.models import HourlyCount, Issue
from issues.verdicts import RULES
from issues.views.trend import SPANS, trend_of
from policies.words import VERDICTS
from projects.models import Project
from tests.factories import make_counts, make_evidence, make_facet, make_issue, make_policy, make_sample
from tests.issues.lab_seed import report

PLAIN = {"reports": 10, "enforced": 0, "pages": 3}


@pytest.mark.parametrize(
    "facts, sentence",
    [
        (("script", "script-src-elem", "url", "https://cdn.x.io/t.js", ""),
         "Browsers tried to run a script from https://cdn.x.io/t.js on 3 pages."),
        (("img", "img-src", "url", "https://x.io/a.png", ""), "Browsers tried to load an image from https://x.io/a.png on 3 pages."),
        (("script", "script-src-elem", "inline", "inline", "var a"),
         "Browsers tried to run an inline script on 3 pages, which starts var a ."),
        (("script", "script-src-attr", "inline", "", ""), "Browsers tried to run an inline event handler on 3 pages."),
        (("style", "style-src-attr", "inline", "", ""), "Browsers tried to apply an inline style on 3 pages."),
        (("script", "script-src", "eval", "eval", ""), "Browsers tried to run text as code with eval or its like on 3 pages."),
        (("trusted-types", "require-trusted-types-for", "trusted-types-sink", "", ""),
         "Browsers tried to pass a plain string to a DOM function that runs it on 3 pages."),
        (("ancestors", "frame-ancestors", "url", "https://evil.example", ""),
         "Another site https://evil.example tried to show your page in a frame on 3 pages."),
        (("unheard-of", "unheard-of", "", "", ""), "Browsers tried to use a place they did not name on 3 pages."),
    ],
)  # fmt: skip
def test_what_happened(facts: tuple[str, str, str, str, str], sentence: str) -> None:
    said = words.happened(*facts, **PLAIN)  # type: ignore[arg-type]
    assert " ".join(part for part in (said.before, said.thing, said.after) if part) == sentence


@pytest.mark.parametrize(
    "reports, enforced, unsaid, effect",
    [
        (10, 0, 0, "Report-only, so nothing was stopped: it went through as if there were no policy."),
        (10, 10, 0, "Your policy is enforced and blocked it. Visitors may have noticed."),
        (10, 1, 0, "An enforced policy blocked it 1 time. Another 9 reports came under a report-only one, which stops nothing."),
        (10, 0, 10, "The reports do not say whether your policy blocked it or only told:"
         " Safari and older browsers never do over report-uri."),
        (
            10,
            8,
            2,
            "Your policy is enforced and blocked it. Visitors may have noticed."
            " 2 reports did not say which: Safari and older browsers never do over report-uri.",
        ),
    ],
)  # fmt: skip
def test_whether_the_visitor_was_affected(reports: int, enforced: int, unsaid: int, effect: str) -> None:
    numbers = {"reports": reports, "enforced": enforced, "unsaid": unsaid, "pages": 1}
    said = words.happened("img", "img-src", "url", "https://x.io/", "", **numbers)
    assert said.effect == effect


@pytest.mark.parametrize(
    "verdict, directive, words_of_it",
    [
        ("attack", "script-src", "Browsers tried to run a script from https://x.io/ on 1 page. Your policy is enforced and stopped it."),
        ("framing", "frame-ancestors", "Another site https://x.io/ tried to show your page in a frame on 1 page."
         " Your policy is enforced and stopped it."),
        ("forged", "script-src", "Somebody posted a report that browsers tried to run a script from https://x.io/ on 1 page."
         " Nothing happened on your site."),
        ("forged", "frame-ancestors", "Somebody posted a report that another site https://x.io/ tried to show your page in a frame"
         " on 1 page. Nothing happened on your site."),
        ("foreign", "script-src", "On a page that is not yours browsers tried to run a script from https://x.io/ on 1 page."
         " Nothing happened on your site."),
        ("extension", "script-src", "Browsers tried to run a script from https://x.io/ on 1 page. Your policy is enforced and blocked it."),
    ],
)  # fmt: skip
def test_what_is_said_fits_the_verdict(verdict: str, directive: str, words_of_it: str) -> None:
    family = "ancestors" if directive == "frame-ancestors" else "script"
    said = words.happened(family, directive, "url", "https://x.io/", "", reports=2, enforced=2, pages=1, verdict=verdict)
    assert f"{said.before} {said.thing} {said.after} {said.effect}" == words_of_it


@pytest.mark.parametrize(
    "browsers, sentence",
    [
        ([("Safari 17", 95), ("Chrome 156", 5)], "Nearly only Safari 17: 95 % of the reports."),
        ([("Safari 17", 20)], "Only Safari 17."),
        ([("Safari 17", 90), ("Chrome 156", 10)], ""),
        ([("Safari 17", 9)], ""),
        ([("Unknown", 90)], ""),
        ([], ""),
    ],
)
def test_a_single_browser_is_called_out(browsers: list[tuple[str, int]], sentence: str) -> None:
    assert words.only_browser(browsers) == sentence


@pytest.mark.parametrize("verdict", list(VERDICTS))
def test_every_verdict_has_advice_and_an_attack_is_never_allowed(verdict: str) -> None:
    shapes = {name: each.shape for name, each in RULES.items()}
    for rule in (*RULES, ""):
        given = advice.advice_for(verdict, "script-src-elem", "url", [rule], shapes)
        assert given.lead
        assert given.steps
        assert verdict != "attack" or not given.may_allow, rule
        assert not VERDICTS[verdict].noise or given in (advice.NOISE, advice.FORGED, advice.FOREIGN)


@pytest.mark.parametrize(
    "verdict, directive, kind, shape",
    [
        ("own", "script-src-elem", "inline", "S2"),
        ("own", "style-src-attr", "inline", "S3"),
        ("own", "script-src-attr", "inline", "S4"),
        ("own", "script-src", "eval", "S5"),
        ("own", "script-src", "wasm-eval", "S6"),
        ("own", "require-trusted-types-for", "trusted-types-sink", "S24"),
        ("third-party", "img-src", "url", "S1"),
        ("framing", "frame-ancestors", "url", "S18"),
    ],
)
def test_advice_where_no_rule_fired(verdict: str, directive: str, kind: str, shape: str) -> None:
    assert advice.advice_for(verdict, directive, kind, [], {}) is advice.S[shape]


def test_the_page_answers_what_where_who(shop: Project, viewer_client: Client) -> None:
    policy = make_policy(shop, "default-src 'self'; script-src 'self' https://js.pay.example; img-src 'self'")
    reason = "A new host on payment pages."
    issue = make_issue(shop, "cdn.evil-widgets.io", "attack", enforced=0, reason=reason, grouped_by="scripts, from cdn")
    make_evidence(issue, policy=policy, blocked="https://cdn.evil-widgets.io:8443/t.js")
    make_facet(issue, "page", "shop.example/checkout", 9)
    make_facet(issue, "browser", "Safari 17", 10)
    make_facet(issue, "source", "https://shop.example/checkout:214", 10)
    make_issue(shop, "cdn.evil-widgets.io", directive="connect-src")
    page = viewer_client.get("/acme/shop/issues/1/")
    text = page.content.decode()
    for words_ in ("would be blocked", "A new host on payment pages.", "scripts, from cdn", "shop.example/checkout", "Only Safari 17.",
                   "cdn.evil-widgets.io:8443", "<mark>script-src &#x27;self&#x27; https://js.pay.example;</mark>", "SHOP-2",
                   "not confirmed by anybody", "It may be a card skimmer."):  # fmt: skip
        assert words_ in text, words_
    assert page.context["trend"].span.slug == "7d"


def test_the_fallback_that_decided_is_marked(shop: Project, viewer_client: Client) -> None:
    issue = make_issue(shop, directive="img-src")
    make_evidence(issue, policy=make_policy(shop, "default-src 'self'; script-src 'none'"))
    lines = viewer_client.get("/acme/shop/issues/1/").context["lines"]
    assert [(line.text, line.deciding) for line in lines] == [("default-src 'self'", True), ("script-src 'none'", False)]


@pytest.mark.parametrize("span", [span.slug for span in SPANS])
def test_every_span_counts_every_report_once(shop: Project, span: str) -> None:
    issue = make_issue(shop)
    now = timezone.now()
    make_counts(issue, 3, now)
    make_counts(issue, 4, now - timedelta(hours=30))
    make_counts(issue, 5, now - timedelta(days=20))
    wanted = {"24h": 3, "7d": 7, "30d": 12, "90d": 12}[span]
    trend = trend_of(issue, span)
    assert (trend.total, sum(reports for _, reports in trend.rows)) == (wanted, wanted)
    assert len(trend.chart.bars) == trend.span.bars


def test_the_oldest_bar_of_seven_days_is_whole(shop: Project) -> None:
    issue = make_issue(shop)
    span = SPANS[1]
    first = (int(timezone.now().timestamp()) // span.step - span.bars + 1) * 3
    for hour in (first - 1, first, first + 2):
        HourlyCount.objects.create(issue=issue, hour=hour, reports=1)
    assert trend_of(issue, "7d").total == 2


def test_an_unknown_span_is_a_week_and_an_unknown_issue_is_not_found(shop: Project, viewer_client: Client) -> None:
    make_issue(shop)
    assert viewer_client.get("/acme/shop/issues/1/?span=9y").context["trend"].span.slug == "7d"
    assert viewer_client.get("/acme/shop/issues/2/").status_code == 404


def test_a_sample_as_received_beside_as_normalised(shop: Project, viewer_client: Client) -> None:
    issue = make_issue(shop)
    sample = make_sample(issue, received='{"a":"<b>\u202e"}', normalised={"blocked": "x"})
    text = viewer_client.get(f"/acme/shop/issues/1/samples/{sample.pk}/").content.decode()
    assert "&lt;b&gt;\\u202e" in text
    assert "&quot;blocked&quot;: &quot;x&quot;" in text


def test_a_sample_downloads_as_text_under_a_fixed_name(shop: Project, viewer_client: Client) -> None:
    sample = make_sample(make_issue(shop), received="<script>")
    answer = viewer_client.get(f"/acme/shop/issues/1/samples/{sample.pk}/report.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="csp-report.txt"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content == b"<script>"


def test_a_sample_of_another_issue_is_not_found(shop: Project, viewer_client: Client) -> None:
    make_issue(shop)
    sample = make_sample(make_issue(shop))
    assert viewer_client.get(f"/acme/shop/issues/1/samples/{sample.pk}/").status_code == 404
    assert viewer_client.get(f"/acme/shop/issues/1/samples/{sample.pk}/report.txt").status_code == 404


def test_few_queries(shop: Project, member_client: Client, django_assert_max_num_queries: object) -> None:
    policy = make_policy(shop)
    for place in range(5):
        issue = make_issue(shop, "cdn.example.net")
        for page in range(3):
            make_evidence(issue, f"/p{page}", policy=policy)
            make_facet(issue, "page", f"/p{place}{page}")
            make_sample(issue, page)
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        member_client.get("/acme/shop/issues/3/")


def test_what_was_judged_less_surely_in_part_is_not_called_certain(shop: Project, viewer_client: Client) -> None:
    """Every rule that fired is named with its part of the kept reports, though the issue prints one reason."""
    kept = {"rules": ["ext-scheme", "ext-source"], "confidence": "certain"}
    issue = make_issue(shop, verdict="extension", **kept, judged={"mixed": True})
    sure = make_issue(shop, verdict="extension", **kept, judged={"mixed": False})
    for slot, rules in enumerate((["ext-scheme"], ["ext-scheme"], ["ext-source", "third-party"])):
        make_sample(issue, slot, rules=rules)
    text = viewer_client.get(issue.get_absolute_url()).content.decode()
    assert "(certain for some of its reports, less so for others)" in text
    said = [(each.rule.id, each.kept) for each in viewer_client.get(issue.get_absolute_url()).context["fired"]]
    assert said == [("ext-scheme", 2), ("ext-source", 1), ("third-party", 1)]
    assert "<code>ext-source</code>, likely, on 1 of 3 kept reports" in text
    assert "(certain)" in viewer_client.get(sure.get_absolute_url()).content.decode()


def test_what_else_a_vendor_was_blocked_for_is_linked(shop, viewer_client) -> None:
    for host in ("widgets.stellar.example", "api.stellar.example", "stellar.example", "notstellar.example"):
        report(shop, f"https://{host}/x", directive="connect-src")
    Issue.objects.filter(source="api.stellar.example").update(verdict="extension", noise=True)
    page = viewer_client.get(Issue.objects.get(source="widgets.stellar.example").get_absolute_url()).content.decode()
    also = page.partition('<h2 id="also">')[2].partition("</section>")[0]
    assert also.count("<li>") == 2
    assert "api.stellar.example" in also
    assert "notstellar" not in also
    assert "Extension" in also
    assert 'href="/acme/shop/?q=stellar.example"' in also


def test_blob_is_called_blob(shop: Project, viewer_client: Client) -> None:
    report(shop, "blob:https://shop.example/5f2c", directive="img-src")
    issue = Issue.objects.get()
    assert issue.source == "blob:"
    page = viewer_client.get(issue.get_absolute_url()).content.decode()
    assert "Allow blob: for the one directive that needs it" in page
    assert "data:" not in page


def test_a_missing_issue_leads_members_back_to_the_list(shop: Project, viewer_client: Client, stranger_client: Client) -> None:
    back = f'href="{shop.get_absolute_url()}"'
    gone = viewer_client.get("/acme/shop/issues/99/")
    assert (gone.status_code, back in gone.content.decode()) == (404, True)
    there, nowhere = (stranger_client.get(f"/acme/{name}/issues/99/") for name in ("shop", "nonsense"))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    mains = {page.content.decode().partition("<main")[2].partition("</main>")[0] for page in (there, nowhere)}
    assert len(mains) == 1, "a stranger can't tell a project that is there from one that is not"
    assert back not in mains.pop()


def test_what_nobody_met_on_the_site_is_not_said_to_come_from_visitors() -> None:
    """A posted report and a page that is not ours have no visitor."""
    for verdict, given in (("forged", advice.FORGED), ("foreign", advice.FOREIGN), ("extension", advice.NOISE)):
        assert advice.advice_for(verdict, "script-src-elem", "url", [], {}) is given
