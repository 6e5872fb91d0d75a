"""The search box: what is understood, what is said about the rest, and which issues come out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from issues import matching
from issues.models import Issue
from issues.search import Term, parse
from projects.models import Project
from tests.factories import make_facet, make_issue, make_project
from tests.issues.lab_seed import report


@pytest.mark.parametrize(
    "text, terms",
    [
        ("is:open", [("is", "open", "", False)]),
        ("is:unresolved", [("is", "open", "", False)]),
        ("status:muted", [("is", "ignored", "", False)]),
        ("-is:noise", [("is", "noise", "", True)]),
        ("directive:Script-Src", [("directive", "script-src", "", False)]),
        ("host:*.X.io", [("host", "*.x.io", "", False)]),
        ('page:"/my page"', [("page", "/my page", "", False)]),
        ('verdict:"Likely attack"', [("verdict", "attack", "", False)]),
        ("mode:report-only", [("mode", "report", "", False)]),
        ("reports:>1,000", [("reports", "1000", ">", False)]),
        ("reports:7", [("reports", "7", "=", False)]),
        ("first:<7d", [("first", "7d", "<", False)]),
        ("last:2h", [("last", "2h", "<", False)]),
        ("check out", [("", "check", "", False), ("", "out", "", False)]),
        ('"check out" -cart', [("", "check out", "", False), ("", "cart", "", True)]),
        ("", []),
    ],
)
def test_understood(text: str, terms: list[tuple[str, str, str, bool]]) -> None:
    search = parse(text)
    assert [(term.key, term.value, term.op, term.negated) for term in search.terms] == terms
    assert search.problems == ()


@pytest.mark.parametrize(
    "text, words, meant",
    [
        ("directve:script-src", "I don't know “directve:”.", "directive:script-src"),
        ("is:open directve:x is:new", "I don't know “directve:”.", "is:open directive:x is:new"),
        ("-hots:x.io", "I don't know “hots:”.", "-host:x.io"),
        ("is:opne", "none of", "is:open"),
        ("verdict:atack", "none of", "verdict:attack"),
        ("https://x.io/a.js", "its host can", "host:x.io"),
        ("reports:many", "compares with a number", ""),
        ("first:soon", "wants an age", ""),
        ("host:", "needs a value", ""),
        ("-", "stands alone", ""),
        ("zzzz:1", "I know is:, directive:", ""),
        ("x" * 501, "500 characters", ""),
        ("a " * 21, "20 conditions", ""),
    ],
)
def test_nothing_is_ignored_silently(text: str, words: str, meant: str) -> None:
    (problem,) = parse(text).problems[:1]
    assert words in problem.words
    assert problem.meant == meant


def test_a_chip_takes_its_term_out() -> None:
    search = parse("is:open host:x.io cart")
    assert search.without(search.terms[1]) == "is:open cart"
    assert search.adding("mode:enforce") == "is:open host:x.io cart mode:enforce"
    assert search.of("host") == (Term("host", "x.io", "host:x.io"),)


@pytest.fixture
def project(shop: Project) -> Project:
    now = timezone.now()
    make_issue(shop, "cdn.x.io", "third-party", reports=500, pages=4, enforced=0, last_seen=now - timedelta(hours=1))
    hours = now - timedelta(hours=2)
    make_issue(shop, "a.cdn.x.io:8443", "attack", reports=3, enforced=3, pages=1, first_seen=hours, last_seen=hours)
    make_issue(shop, "inline", "own", directive="style-src-attr", family="style", title="Inline style", last_seen=now - timedelta(hours=3))
    make_issue(shop, "moz-extension:", "extension", rules=["ext-scheme"], last_seen=now - timedelta(hours=4))
    make_issue(shop, "old.example", "third-party", status="ignored", last_seen=now - timedelta(hours=5))
    make_issue(shop, "done.example", "third-party", status="resolved", last_seen=now - timedelta(hours=6))
    make_issue(shop, "back.example", "third-party", regressed=True, tags=["redirect"], last_seen=now - timedelta(hours=7))
    first = Issue.objects.get(project=shop, number=1)
    make_facet(first, "page", "shop.example/checkout")
    make_facet(first, "browser", "Safari 17")
    elsewhere = make_project(shop.organization, "other")
    make_issue(elsewhere, "cdn.x.io", "attack")
    return shop


@pytest.mark.parametrize(
    "text, numbers",
    [
        ("", [1, 2, 3, 4, 5, 6, 7]),
        ("is:open -is:noise", [1, 2, 3, 7]),
        ("is:open is:noise", [4]),
        ("is:ignored", [5]),
        ("is:ignored is:resolved", [5, 6]),
        ("-is:open", [5, 6]),
        ("is:regressed", [7]),
        ("is:new", [2]),
        ("directive:script-src", [1, 2, 4, 5, 6, 7]),
        ("directive:style", [3]),
        ("-directive:script-src", [3]),
        ("host:cdn.x.io", [1]),
        ("host:a.cdn.x.io", [2]),
        ("host:cdn.x.io host:old.example", [1, 5]),
        ("host:cdn.x.io is:ignored", []),
        ("host:*.cdn.x.io", [2]),
        ("-host:cdn.x.io is:open", [2, 3, 4, 7]),
        ("page:/checkout", [1]),
        ("page:/check*", [1]),
        ("browser:safari", [1]),
        ("-browser:safari is:open", [2, 3, 4, 7]),
        ("verdict:attack", [2]),
        ("verdict:attack verdict:own", [2, 3]),
        ("verdict:extension -is:noise", []),
        ("-verdict:third-party is:open", [2, 3, 4]),
        ("mode:report", [1]),
        ("mode:enforce is:open", [2, 3, 4, 7]),
        ("reports:>100", [1]),
        ("reports:<=3", [2]),
        ("pages:>3", [1]),
        ("first:<1d", [2]),
        ("last:>6h", [6, 7]),
        ("tag:redirect", [7]),
        ("rule:ext-scheme", [4]),
        ("INLINE", [3]),
        ("cdn -a.cdn", [1]),
        ("100%", []),
    ],
)
def test_what_a_search_finds(project: Project, text: str, numbers: list[int]) -> None:
    search = parse(text)
    assert search.problems == ()
    page = matching.page_of(project, search, matching.SORTS["last"], "", timezone.now())
    assert [issue.number for issue in page.issues] == numbers


@pytest.mark.parametrize("sort, numbers", [("reports", [1, 7, 6]), ("pages", [1, 7, 6]), ("newest", [2, 7, 6])])
def test_every_order(project: Project, sort: str, numbers: list[int]) -> None:
    page = matching.page_of(project, parse(""), matching.SORTS[sort], "", timezone.now())
    assert len(page.issues) == 7
    assert [issue.number for issue in page.issues][:1] == numbers[:1]


@pytest.mark.parametrize("sort", list(matching.SORTS))
@pytest.mark.parametrize("text", ["", "is:open -is:noise", "cdn"])
def test_pages_follow_each_other_without_gap_or_repeat(shop: Project, monkeypatch: pytest.MonkeyPatch, sort: str, text: str) -> None:
    monkeypatch.setattr(matching, "SCANNED", 12)
    now = timezone.now()
    for place in range(19):
        status = ("open", "open", "ignored")[place % 3]
        seen = now - timedelta(hours=place // 2)
        make_issue(shop, f"h{place}.cdn.example", status=status, last_seen=seen, first_seen=seen, reports=place // 3, pages=place // 5)
    search, order, cursor = parse(text), matching.SORTS[sort], ""
    forward: list[int] = []
    for _ in range(30):
        page = matching.page_of(shop, search, order, cursor, now, 4)
        forward += [issue.number for issue in page.issues]
        if not page.older:
            break
        cursor = page.older
    in_order = Issue.objects.filter(project=shop).order_by(f"-{order.column}", "-id")
    assert forward == [issue.number for issue in in_order if "is:open" not in text or issue.status == "open"]
    last = matching.page_of(shop, search, order, cursor, now, 4)
    back = matching.page_of(shop, search, order, last.newer, now, 4)
    before = forward[: -len(last.issues)] if last.issues else forward
    assert [issue.number for issue in back.issues] == before[-len(back.issues) :] != []


@pytest.mark.parametrize("cursor", ["", "o", "x1_2", "o99999999999999999999_1", "o999999999999999999_1", "o-1_2", "' OR 1=1"])
def test_a_broken_cursor_is_the_first_page(project: Project, cursor: str) -> None:
    page = matching.page_of(project, parse(""), matching.SORTS["last"], cursor, timezone.now())
    assert len(page.issues) == 7


def test_neighbours_of_an_issue_in_its_search(project: Project) -> None:
    second = Issue.objects.get(project=project, number=2)
    def around(text: str) -> tuple[int, int]:
        return matching.neighbours(second, parse(text), matching.SORTS["last"], timezone.now())

    assert around("is:open -is:noise") == (1, 3)
    assert around("is:ignored") == (0, 5)
    assert around("cdn") == (1, 0)
    assert around("") == (1, 3)


def test_all_matching_is_bounded(project: Project) -> None:
    assert len(matching.matching(project, parse("is:open"), timezone.now(), 2)) == 2


def test_a_word_finds_the_addresses_behind_noise_where_noise_is_looked_at(shop: Project) -> None:
    report(shop, "https://api.stellar.example/v2/score", directive="connect-src")
    Issue.objects.update(source="an extension", title="Connection made by an extension", verdict="extension", noise=True)
    for text, found in (("stellar", 1), ("stellar is:noise", 1), ("stellar -is:noise", 0), ("is:noise solar", 0)):
        assert len(matching.page_of(shop, parse(text), matching.SORTS["last"], "", timezone.now()).issues) == found, text
