"""Every page, in real Chromium: no violation of our own policy, no console error, nothing for axe, nothing too wide for a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.pages import NO_PAGES, Complaints, axe_findings, named_views, too_wide, view_name, walk
from tests.processes.instance import Instance

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}

STARTS = [
    "/",
    "/acme/quiet/",
    "/acme/shop/?q=",
    "/acme/shop/?q=is:open+is:noise",
    "/acme/shop/?q=directve:script-src",
    "/acme/shop/?q=nowhere-to-be-found",
    "/acme/shop/policy/readiness/",
    "/acme/shop/setup/test/result/",
]
"""Where walks begin; what is not linked from the overview, or only once there is more than our data, is named here."""

NOT_LINKED = {
    "projects:welcome": "only before the first account",
    "projects:invitation": "needs an invitation's token",
    "projects:invitation_token": "needs an invitation's token",
    "projects:two_factor_needed": "only where an organization demands it",
    "projects:setup_status": "JSON for the set-up page",
    "projects:try_picture": "a picture, not a page",
    "issues:sources_file": "a download",
    "issues:news": "JSON for the list",
    "issues:test_status": "JSON for the set-up page",
    **NO_PAGES,
}
"""Views that no link leads the owner to, and why."""


OTHER_PAGES = {
    "/admin/": 200,
    "/admin/issues/issue/": 200,
    "/admin/projects/user/": 200,
    "/acme/nowhere/": 404,
    "/nobody/shop/": 404,
}


@pytest.fixture(params=["light", "dark"])
def schemed(request: pytest.FixtureRequest, chromium: Browser, signed_in: dict[str, object]) -> Iterator[Page]:
    context = chromium.new_context(storage_state=signed_in, color_scheme=request.param)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def test_no_page_breaks_our_own_policy_or_the_console(running: Instance, page: Page) -> None:
    complaints = Complaints(page)
    visited = {view_name(path) for path in walk(page, running, *STARTS)}
    assert [words for words in complaints.said if "/try/" not in words] == []  # breaking its policy is what that page is for
    missing = {name for name in named_views("projects", "issues") - visited - set(NOT_LINKED) if answers_get(page, running, name)}
    assert missing == set(), "no link leads there: say why in NOT_LINKED"


def answers_get(page: Page, running: Instance, name: str) -> bool:
    """Whether a view is a page at all: those that only take a POST answer 405."""
    for arguments in ([], ["acme"], ["acme", "shop"], ["acme", "shop", 1], ["acme", 1], [1]):
        try:
            path = reverse(name, args=arguments)
        except NoReverseMatch:
            continue
        return page.request.get(running.url + path).status == 200
    return True


def test_the_admin_and_pages_that_are_not_there_keep_the_policy_too(running: Instance, page: Page) -> None:
    complaints = Complaints(page)
    for path, status in OTHER_PAGES.items():
        answer = page.goto(running.url + path)
        assert answer is not None
        assert answer.status == status, path
    assert [words for words in complaints.said if "status of 404" not in words] == []


def test_axe_finds_nothing_on_any_page(running: Instance, schemed: Page) -> None:
    findings = [finding for _ in walk(schemed, running, *STARTS) for finding in axe_findings(schemed)]
    assert findings == []


def test_axe_finds_nothing_on_the_pages_of_somebody_signed_out(running: Instance, chromium: Browser) -> None:
    page = chromium.new_page()
    complaints = Complaints(page)
    findings = [finding for _ in walk(page, running, "/login/") for finding in axe_findings(page)]
    page.goto(f"{running.url}/login/nowhere/at/all/")
    findings += axe_findings(page)
    page.close()
    assert findings == []
    assert [words for words in complaints.said if "404" not in words] == []


def test_every_page_fits_a_phone(running: Instance, context: BrowserContext) -> None:
    page = context.new_page()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert [words for _ in walk(page, running, *STARTS) if (words := too_wide(page))] == []
