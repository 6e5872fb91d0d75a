"""A flood of forged reports from one network changes nothing that anybody copies (trust.md, "Forged reports")."""

from __future__ import annotations

import re

import pytest

from issues.inventory import sources_of
from issues.lab import read
from issues.lab_actions import confirm, save_draft
from issues.lab_advice import add_issues, candidates_of
from issues.lab_policies import confirmed_of, versions_of
from issues.models import Issue
from issues.standing import standings_of
from tests.issues.lab_seed import POLICY, report

pytestmark = pytest.mark.django_db
EVIL = "evil-widgets.example"


@pytest.fixture
def confirmed(shop, owner):
    report(shop, "https://img.photos.example/a.png", directive="img-src", days=range(10))
    Issue.objects.update(verdict="third-party", noise=False)
    return confirm(shop, owner, text=POLICY, disposition="enforce")


def flood(shop, network: int = 666) -> None:
    """New hosts, more of an issue that exists, another policy, every day for weeks; the verdicts that would suggest most."""
    for page in range(8):
        where = f"https://shop.example/page-{page}"
        report(shop, f"https://{EVIL}/x{page}.js", networks=[network] * 5, days=range(20), page=where)
        report(shop, f"https://img.photos.example/{page}/evil.png", directive="img-src", networks=[network], days=range(20), page=where)
        report(
            shop, f"https://{EVIL}/p.png", directive="img-src", networks=[network], days=range(20), page=where,
            policy=f"default-src *; script-src https://{EVIL}",
        )  # fmt: skip
    report(shop, f"https://{EVIL}/far.js", days=range(20), page="https://not-ours.example/")
    Issue.objects.update(verdict="third-party", noise=False, status="open")


def copyable(client, shop) -> list[str]:
    """Every text with a Copy button, on every page that has one."""
    draft = shop.drafts.first()
    paths = [f"/acme/shop/issues/{issue.number}/" for issue in Issue.objects.filter(project=shop).order_by("number")]
    paths += [f"/acme/shop/policy/drafts/{draft.pk}/", f"/acme/shop/policy/enforce/{shop.confirmed_policies.get().pk}/"]
    blocks = []
    for path in paths:
        page = client.get(path).content.decode()
        blocks += re.findall(r'<pre id="(?:copy-[^"]+|changed-policy)"[^>]*>(.*?)</pre>', page, re.DOTALL)
    return blocks


def test_nothing_copyable_changes(shop, confirmed, owner, member_client):
    save_draft(shop, owner, name="Next", text=POLICY + "; object-src 'none'")
    before = copyable(member_client, shop)
    added = add_issues(POLICY, read(shop), range(1, 100)).text
    assert len(before) > 10
    assert "https://img.photos.example" in "".join(before)
    flood(shop)
    assert Issue.objects.filter(source=EVIL).exists(), "the flood is counted"
    assert copyable(member_client, shop) == before
    assert add_issues(POLICY, read(shop), range(1, 100)).text == added


def test_nothing_is_suggested_and_no_version_counts(shop, confirmed):
    flood(shop)
    reading = read(shop)
    assert {candidate.source for candidate in candidates_of(POLICY, reading)} == {"img.photos.example"}
    forged = [version for version in versions_of(reading, confirmed_of(shop)) if EVIL in version.policy.text]
    assert len(forged) == 1
    assert not forged[0].trusted
    assert not any(source.trusted for source in sources_of(shop, reading, []) if source.host == EVIL)


def test_readiness_does_not_move(shop, confirmed):
    before = [(one.site, one.readiness.state, [r.counted for r in one.readiness.reasons]) for one in standings_of(read(shop), [confirmed])]
    flood(shop)
    after = [(one.site, one.readiness.state, [r.counted for r in one.readiness.reasons]) for one in standings_of(read(shop), [confirmed])]
    assert after == before


def test_three_networks_on_two_days_are_enough_and_fewer_are_not(shop):
    def trusted() -> bool:
        return any(piece.trusted for piece in read(shop).pieces)

    report(shop, networks=[1, 2], days=[1, 2, 3, 4])
    assert not trusted(), "two networks"
    report(shop, networks=[3], days=[1])
    assert not trusted(), "three networks on one day only"
    report(shop, networks=[3], days=[2])
    assert trusted()
