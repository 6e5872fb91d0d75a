"""A flood of forged reports, from too few networks or on too few days, changes nothing that anybody copies (trust.md)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

import pytest

from issues.inventory import sources_of
from issues.lab import read
from issues.lab_actions import confirm, save_draft
from issues.lab_advice import add_issues, candidates_of
from issues.lab_policies import confirmed_of, versions_of
from issues.models import Issue
from issues.standing import standings_of
from projects.models import Project
from tests.issues.lab_seed import POLICY, report

pytestmark = pytest.mark.django_db
EVIL = "evil-widgets.example"


@pytest.fixture
def confirmed(shop, owner):
    report(shop, "https://img.photos.example/a.png", directive="img-src", days=range(10))
    Issue.objects.update(verdict="third-party", noise=False)
    return confirm(shop, owner, text=POLICY, disposition="enforce")


FLOODS = {
    "one network, every day": ([666] * 5, range(20)),
    "two networks, every day": ([666, 667], range(20)),
    "many networks on one day": (range(601, 609), [0]),
}
Flood = tuple[Iterable[int], Iterable[int]]


@pytest.fixture(params=FLOODS.values(), ids=FLOODS.keys())
def forged(request) -> Flood:
    """Client networks and days ago of a flood that must change nothing."""
    return request.param


def flood(shop, forged: Flood) -> None:
    """New hosts, more of an issue that exists, another policy, another site; then the verdicts that would suggest most."""
    networks, days = forged
    sent = {"networks": networks, "days": days}
    for page in range(6):
        where = f"https://shop.example/page-{page}"
        report(shop, f"https://{EVIL}/x{page}.js", page=where, **sent)
        report(shop, "inline", page=where, **sent, **{"script-sample": f"steal({page})"})
        report(shop, f"https://img.photos.example/{page}/evil.png", directive="img-src", page=where, **sent)
        report(shop, f"https://{EVIL}/p.png", directive="img-src", page=where, policy=f"default-src *; script-src https://{EVIL}", **sent)
    report(shop, f"https://{EVIL}/far.js", days=range(20), page="https://not-ours.example/")
    Issue.objects.update(verdict="third-party", noise=False, status="open")


def copyable(client, shop) -> dict[str, object]:
    """Every text with a Copy button on every page that has one, the links that carry something along, and the files."""
    draft, policy = f"/acme/shop/policy/drafts/{shop.drafts.first().pk}/", "/acme/shop/policy/"
    paths = [f"/acme/shop/issues/{issue.number}/" for issue in Issue.objects.filter(project=shop).order_by("number")]
    paths += [draft, f"{policy}enforce/{shop.confirmed_policies.get().pk}/", f"{policy}drafts/new/"]
    found: dict[str, object] = {path: blocks for path in paths if (blocks := _blocks(client.get(path)))}
    shown = client.get(policy).content.decode()
    found["versions to accept"] = re.findall(r"confirm/\?version=(\d+)", shown.partition("reported by too few")[0])
    found["draft what these need"] = re.findall(r"drafts/new/\?from=[^\"]+", shown)
    found["add from issues"] = re.findall(r'name="issue" value="(\d+)"', client.get(draft).content.decode())
    for query in ("", "?sensitive=1"):
        rows = csv.DictReader(io.StringIO(client.get(f"{policy}sources/sources.csv{query}").content.decode()))
        found[f"sources{query}"] = [row for row in rows if row["confirmed by enough networks"] == "yes" or row["allowed by"]]
    return found


def _blocks(answer) -> list[str]:
    block = r'<pre id="(?:(?:copy-|replace-|changed-policy)[^"]*|hash-policy)"[^>]*>(.*?)</pre>'
    return re.findall(block, answer.content.decode(), re.DOTALL)


def test_nothing_copyable_changes(shop, confirmed, owner, member_client, forged):
    save_draft(shop, owner, name="Next", text=POLICY + "; object-src 'none'")
    Project.objects.filter(pk=shop.pk).update(sensitive_pages=["/*"])
    before = copyable(member_client, shop)
    added = add_issues(POLICY, read(shop), range(1, 100)).text
    assert "https://img.photos.example" in str(before)
    assert before["add from issues"]
    assert before["sources"]
    flood(shop, forged)
    assert Issue.objects.filter(source=EVIL).exists(), "the flood is counted"
    assert copyable(member_client, shop) == before
    assert add_issues(POLICY, read(shop), range(1, 100)).text == added


def test_nothing_is_suggested_and_no_version_counts(shop, confirmed, forged):
    flood(shop, forged)
    reading = read(shop)
    assert {candidate.source for candidate in candidates_of(POLICY, reading)} == {"img.photos.example"}
    versions = [version for version in versions_of(reading, confirmed_of(shop)) if EVIL in version.policy.text]
    assert len(versions) == 1
    assert not versions[0].trusted
    assert not any(source.trusted for source in sources_of(shop, reading, []) if source.host == EVIL)


def test_readiness_does_not_move(shop, confirmed, owner, forged):
    """Of the candidate in report-only. Under an enforced policy a day of enough networks is "Breaking now": it warns, nothing is copied."""
    candidate = confirm(shop, owner, text=POLICY + "; object-src 'none'", disposition="report")

    def standing() -> list[object]:
        [found] = [one for one in standings_of(read(shop), [confirmed, candidate]) if one.is_candidate]
        return [found.readiness, found.pages, [line.issue.id for line in found.decisions]]

    before = standing()
    flood(shop, forged)
    assert standing() == before


def test_a_flood_does_not_hide_that_a_policy_went_silent(shop, owner):
    confirmed = confirm(shop, owner, text=POLICY, disposition="report")
    report(shop, days=range(5, 12))
    assert standings_of(read(shop), [confirmed])[0].readiness.silent == 5
    report(shop, networks=[666, 667], days=range(20))
    assert standings_of(read(shop), [confirmed])[0].readiness.silent == 5


def test_three_networks_on_two_days_are_enough_and_fewer_are_not(shop):
    def trusted() -> bool:
        return any(piece.trusted for piece in read(shop).pieces)

    report(shop, networks=[1, 2], days=[1, 2, 3, 4])
    assert not trusted(), "two networks"
    report(shop, networks=[3], days=[1])
    assert not trusted(), "three networks on one day only"
    report(shop, networks=[3], days=[2])
    assert trusted()
