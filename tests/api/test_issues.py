"""Issues as MCP servers, dashboards and scripts list, read and change them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from issues.api_fields import IssueFields, Metadata
from issues.models import Activity, Issue
from tests.api.calls import api, links
from tests.factories import make_counts, make_evidence, make_facet, make_issue, make_project, make_sample

LISTS = ["/api/0/projects/acme/shop/issues/", "/api/0/organizations/acme/issues/"]
JSON = "application/json"


def titles(response) -> list[str]:
    return [issue["metadata"]["source"] for issue in response.json()]


@pytest.fixture
def issue(shop) -> Issue:
    return make_issue(shop, "cdn.example.net", tags=["redirect"], rules=["unknown-host"], until={})


@pytest.mark.parametrize("path", LISTS)
def test_an_issue_carries_the_fields_of_both_families(path, viewer, shop, issue):
    make_counts(issue, 7)
    (found,) = api(viewer).get(path).json()
    assert set(found) == set(IssueFields().fields)
    assert set(found["metadata"]) == set(Metadata().fields)
    assert (found["id"], found["shortId"], found["type"], found["status"]) == (str(issue.pk), "SHOP-1", "csp", "unresolved")
    assert (found["count"], found["userCount"]) == ("10", 0)
    assert found["permalink"] == f"http://127.0.0.1:8000/acme/shop/issues/{issue.number}/"
    assert found["metadata"]["verdict"] == "third-party"
    assert found["metadata"]["dispositions"] == {"enforce": 10}
    assert found["metadata"]["fingerprint"] == issue.key
    assert len(found["stats"]["24h"]) == 24
    assert found["stats"]["24h"][-1][1] == 7


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"open.example"}),
        ("?query=", {"open.example", "noise.example", "ignored.example", "resolved.example"}),
        ("?query=is:unresolved", {"open.example", "noise.example"}),
        ("?query=is:ignored", {"ignored.example"}),
        ("?query=is:resolved", {"resolved.example"}),
        ("?query=is:noise", {"noise.example"}),
        ("?query=is:open -is:noise host:open.example", {"open.example"}),
        ("?query=directive:script-src", {"open.example", "noise.example", "ignored.example", "resolved.example"}),
        ("?query=verdict:extension", {"noise.example"}),
        ("?statsPeriod=1h", {"open.example"}),
        ("?query=&end=now-5d", set()),
    ],
)
def test_the_search_is_that_of_the_list(path, query, expected, viewer, shop):
    make_issue(shop, "open.example")
    make_issue(shop, "noise.example", verdict="extension")
    make_issue(shop, "ignored.example", status="ignored")
    make_issue(shop, "resolved.example", status="resolved")
    assert set(titles(api(viewer).get(path + query))) == expected


@pytest.mark.parametrize(
    ("query", "said"),
    [("query=hots:x", "hots"), ("sort=colour", "sort is one of"), ("limit=-1", "limit is"),
     ("cursor=0:1:0", "cursor"), ("id=x", "id is a number"),
     ("statsPeriod=soon", "statsPeriod"), ("start=yesterday", "start is a time"), ("groupStatsPeriod=1y", "groupStatsPeriod")],
)  # fmt: skip
@pytest.mark.parametrize("path", LISTS)
def test_what_cannot_be_understood_is_400_with_words(path, query, said, viewer, shop):
    response = api(viewer).get(f"{path}?{query}")
    assert response.status_code == 400
    assert said in response.json()["detail"]


@pytest.mark.parametrize(
    ("sort", "first"),
    [("date", "new.example"), ("-last_seen", "new.example"), ("freq", "loud.example"), ("-count", "loud.example"), ("new", "new.example"),
     ("first_seen", "new.example"), ("user", "wide.example")],
)  # fmt: skip
def test_sorting_takes_both_families_words(sort, first, viewer, shop):
    old = timezone.now() - timedelta(days=5)
    make_issue(shop, "loud.example", reports=1000, last_seen=old, first_seen=old)
    make_issue(shop, "wide.example", pages=50, last_seen=old, first_seen=old)
    make_issue(shop, "new.example", first_seen=timezone.now())
    assert titles(api(viewer).get(f"{LISTS[0]}?sort={sort}"))[0] == first


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("query", ["", "&sort=freq", "&query=host:*.example"])
def test_pages_lead_through_all_issues_and_back(path, query, viewer, acme, shop):
    other = make_project(acme, "blog")
    moment = timezone.now()
    for number in range(23):
        make_issue(
            (shop, other)[number % 3 == 0], f"{number}.example", last_seen=moment - timedelta(minutes=number // 2), reports=100 - number
        )
    expected = titles(api(viewer).get(f"{path}?limit=100{query}"))
    assert len(expected) == (23 if "organizations" in path else 15)
    http, address, seen, pages = api(viewer), f"{path}?limit=4{query}", [], []
    while True:
        response = http.get(address)
        pages.append(titles(response))
        seen += pages[-1]
        more, address = links(response)["next"]
        if not more:
            break
    assert seen == expected
    assert titles(http.get(address)) == [], "a client that does not read `results` stops too"
    back = []
    for _ in range(len(pages) - 1):
        response = http.get(links(response)["previous"][1])
        back.append(titles(response))
    assert back == pages[-2::-1]
    assert links(response)["previous"][0] is False


def test_hits_are_told(viewer, shop):
    for number in range(3):
        make_issue(shop, f"{number}.example")
    response = api(viewer).get(f"{LISTS[0]}?limit=2")
    assert (response["X-Hits"], response["X-Max-Hits"]) == ("3", "1000")


def test_a_page_takes_the_same_few_queries_however_many_issues_it_holds(viewer, shop, django_assert_max_num_queries):
    for number in range(60):
        make_issue(shop, f"{number}.example")
    http = api(viewer)
    with django_assert_max_num_queries(12):
        assert len(http.get(f"{LISTS[0]}?limit=60").json()) == 60


def test_a_short_id_or_an_events_id_finds_its_issue(viewer, shop, issue):
    make_issue(shop, "other.example")
    sample = make_sample(issue)
    http = api(viewer)
    assert titles(http.get(f"{LISTS[1]}?query=SHOP-1&shortIdLookup=1")) == ["cdn.example.net"]
    event = http.get(f"/api/0/issues/{issue.pk}/events/latest/").json()
    found = http.get(f"{LISTS[1]}?query={event['eventID']}")
    assert titles(found) == ["cdn.example.net"]
    assert found["X-Sentry-Direct-Hit"] == "1"
    assert sample.issue_id == issue.pk


@pytest.mark.parametrize("prefix", ["/api/0/issues/", "/api/0/organizations/acme/issues/"])
def test_one_issue_in_detail(prefix, viewer, issue):
    found = api(viewer).get(f"{prefix}{issue.pk}/").json()
    assert found["title"] == issue.title
    assert set(found["stats"]) == {"24h", "14d"}
    assert found["metadata"]["rules"] == ["unknown-host"]


PATHS_OF_AN_ISSUE = ["", "events/", "events/latest/", "tags/", "hashes/"]


@pytest.mark.parametrize(
    "path", [*LISTS, *(f"/api/0/issues/1/{more}" for more in PATHS_OF_AN_ISSUE), "/api/0/organizations/acme/issues-stats/"]
)
def test_a_stranger_gets_404_and_nobody_401(path, stranger, shop, client):
    issue = make_issue(shop, pk=1)
    make_sample(issue)
    make_facet(issue)
    assert api(stranger).get(path).status_code == 404
    assert client.get(path).status_code == 401


def test_an_issue_is_not_found_under_another_organization(stranger, owner, issue):
    assert api(stranger).get(f"/api/0/organizations/elsewhere/issues/{issue.pk}/").status_code == 404
    assert api(owner).get("/api/0/issues/999999/").status_code == 404


def test_ids_of_other_peoples_issues_are_left_out(stranger, shop, issue):
    assert api(stranger).get(f"/api/0/organizations/elsewhere/issues/?id={issue.pk}").json() == []
    response = api(stranger).put(f"/api/0/organizations/elsewhere/issues/?id={issue.pk}", {"status": "ignored"}, content_type=JSON)
    assert response.json()["changed"] == 0
    issue.refresh_from_db()
    assert issue.status == "open"


@pytest.mark.parametrize(
    ("body", "status", "until", "details"),
    [
        ({"status": "resolved"}, "resolved", {"kind": "now"}, {}),
        ({"status": "resolved", "statusDetails": {"inNextRelease": True}}, "resolved", {"kind": "policy", "known": []},
         {"inNextRelease": True}),
        ({"status": "resolvedInNextRelease"}, "resolved", {"kind": "policy", "known": []}, {"inNextRelease": True}),
        ({"status": "ignored"}, "ignored", {"kind": "forever"}, {}),
        ({"status": "archived", "substatus": "archived_until_escalating"}, "ignored", {"kind": "page", "known": []}, {}),
        ({"status": "ignored", "statusDetails": {"ignoreCount": 30, "ignoreWindow": 15}}, "ignored", {"kind": "rate", "per_hour": 120},
         {"ignoreCount": 120, "ignoreWindow": 60}),
    ],
)  # fmt: skip
def test_an_issue_is_resolved_or_ignored(body, status, until, details, member, issue):
    answer = api(member).put(f"/api/0/issues/{issue.pk}/", body, content_type=JSON).json()
    issue.refresh_from_db()
    assert (issue.status, issue.until) == (status, until)
    assert (answer["status"], answer["statusDetails"]) == (status, details)
    assert Activity.objects.get(issue=issue).actor == member


def test_an_issue_is_ignored_for_some_minutes(member, issue):
    answer = (
        api(member)
        .put(f"/api/0/issues/{issue.pk}/", {"status": "ignored", "statusDetails": {"ignoreDuration": 90}}, content_type=JSON)
        .json()
    )
    issue.refresh_from_db()
    assert issue.until["kind"] == "time"
    assert answer["statusDetails"]["ignoreUntil"] == issue.until["at"]
    assert timedelta(minutes=89) < timezone.datetime.fromisoformat(issue.until["at"]) - timezone.now() < timedelta(minutes=91)


def test_an_issue_is_reopened(member, shop):
    issue = make_issue(shop, status="ignored", until={"kind": "forever"})
    assert api(member).put(f"/api/0/issues/{issue.pk}/", {"status": "unresolved"}, content_type=JSON).json()["status"] == "unresolved"


@pytest.mark.parametrize("body", [{}, {"status": "gone"}, {"status": "ignored", "statusDetails": {"ignoreCount": 5}},
                                  {"status": "ignored", "statusDetails": {"ignoreDuration": "soon"}}, ["resolved"]])  # fmt: skip
def test_a_change_that_cannot_be_understood_changes_nothing(body, member, issue):
    assert api(member).put(f"/api/0/issues/{issue.pk}/", body, content_type=JSON).status_code == 400
    issue.refresh_from_db()
    assert issue.status == "open"


def test_a_viewer_and_a_reading_token_change_nothing(viewer, member, issue):
    path = f"/api/0/issues/{issue.pk}/"
    assert api(viewer).put(path, {"status": "resolved"}, content_type=JSON).status_code == 403
    assert api(member, "read").put(path, {"status": "resolved"}, content_type=JSON).status_code == 403
    issue.refresh_from_db()
    assert issue.status == "open"


def test_hiding_a_likely_attack_needs_an_admin(member, admin, shop):
    issue = make_issue(shop, verdict="attack")
    path = f"/api/0/issues/{issue.pk}/"
    refused = api(member).put(path, {"status": "ignored"}, content_type=JSON)
    assert refused.status_code == 403
    assert "needs an admin" in refused.json()["detail"]
    assert api(admin).put(path, {"status": "ignored"}, content_type=JSON).status_code == 200


@pytest.mark.parametrize("path", LISTS)
def test_many_are_changed_by_id_or_by_search(path, member, shop):
    first, second, third = (make_issue(shop, f"{name}.example") for name in ("a", "b", "c"))
    http = api(member)
    answer = http.put(f"{path}?id={first.pk}&id={second.pk}", {"status": "resolved"}, content_type=JSON).json()
    assert answer == {"status": "resolved", "statusDetails": {}, "changed": 2}
    answer = http.put(f"{path}?query=is:unresolved", {"status": "ignored"}, content_type=JSON).json()
    assert answer["changed"] == 1
    assert [Issue.objects.get(pk=one.pk).status for one in (first, second, third)] == ["resolved", "resolved", "ignored"]


def test_changing_many_without_saying_which_is_refused(member, shop, issue):
    assert api(member).put(LISTS[0], {"status": "resolved"}, content_type=JSON).status_code == 400
    issue.refresh_from_db()
    assert issue.status == "open"


def test_events_are_the_kept_samples(viewer, issue):
    said = {
        "document": "https://shop.example/checkout",
        "directive": "script-src-elem",
        "blocked": "https://cdn.example.net/widget.js",
        "line": 3,
    }
    make_sample(issue, 0, normalised=said, rules=["unknown-host"], seen_at=issue.last_seen - timedelta(hours=1))
    make_sample(issue, 1, normalised=said)
    http = api(viewer)
    newest, oldest = http.get(f"/api/0/issues/{issue.pk}/events/").json()
    assert (newest["previousEventID"], newest["nextEventID"]) == (oldest["eventID"], None)
    assert http.get(f"/api/0/organizations/acme/issues/{issue.pk}/events/latest/").json() == newest
    assert http.get(f"/api/0/issues/{issue.pk}/events/oldest/").json() == oldest
    assert http.get(f"/api/0/issues/{issue.pk}/events/{oldest['eventID']}/").json() == oldest
    assert http.get(f"/api/0/issues/{issue.pk}/events/{'0' * 32}/").status_code == 404
    entry = newest["entries"][0]
    assert (entry["type"], entry["data"]["blocked_uri"], entry["data"]["line_number"]) == ("csp", "https://cdn.example.net/widget.js", 3)
    assert {"key": "browser", "value": "Chrome 156"} in newest["tags"]
    assert (newest["groupID"], newest["contexts"]["browser"]) == (str(issue.pk), {"name": "Chrome", "version": "156"})


def test_tags_are_the_facets(viewer, issue):
    make_facet(issue, "browser", "Chrome 156", 7)
    make_facet(issue, "browser", "Firefox 153", 2)
    make_facet(issue, "browser", "", 1)
    make_facet(issue, "page", "/checkout", 10)
    http = api(viewer)
    page, browser = http.get(f"/api/0/issues/{issue.pk}/tags/").json()
    assert (page["key"], browser["key"]) == ("page", "browser")
    assert (browser["totalValues"], browser["uniqueValues"]) == (10, 2)
    assert browser["topValues"][0] == {"key": "browser", "name": "Chrome 156", "value": "Chrome 156", "count": 7}
    assert http.get(f"/api/0/issues/{issue.pk}/tags/browser/").json() == browser
    assert http.get(f"/api/0/issues/{issue.pk}/tags/colour/").status_code == 404


def test_hashes_and_stats(viewer, issue):
    make_evidence(issue)
    make_counts(issue, 5)
    http = api(viewer)
    assert http.get(f"/api/0/issues/{issue.pk}/hashes/").json()[0]["id"] == issue.key
    (stats,) = http.get(f"/api/0/organizations/acme/issues-stats/?groups={issue.pk}&groupStatsPeriod=14d").json()
    assert stats["stats"]["14d"][-1][1] == 5
