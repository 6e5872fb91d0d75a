"""A real browser's violation is an issue within five seconds of arriving, each one counted, in the right issue."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.engines import Visit, firefox, webkit
from tests.browser.site import PAGES, Site, site
from tests.processes.instance import Instance, wait_for

pytestmark = pytest.mark.browser
SECONDS = 5.0


@pytest.fixture(params=["chromium", "firefox", pytest.param("webkit", marks=pytest.mark.long)])
def visit(request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Opens an address in the engine."""
    if request.param == "chromium":
        page = request.getfixturevalue("chromium").new_page()
        yield page.goto
        page.close()
        return
    with {"firefox": firefox, "webkit": webkit}[request.param]() as opened:
        yield opened


@pytest.fixture
def shop(running: Instance) -> Iterator[Site]:
    """A site of its own, whose policy reports to a project of its own."""
    with site() as made:
        made.project = f"site-{urlsplit(made.url).port}"
        made.endpoint = running.bootstrap(made.project, made.url)["security_endpoint"]
        yield made


def test_every_violation_is_counted_in_the_right_issue(running: Instance, shop: Site, visit: Visit) -> None:
    for mode in ("enforce", "report"):
        for page in PAGES:
            heard = len(shop.bodies)
            visit(shop.address(page, mode))
            shop.wait_for_more(heard)
    shop.wait_for_quiet()
    sent = shop.heard()
    left = max(1.0, shop.last_at + SECONDS - time.monotonic())
    wait_for(lambda: counted(running, shop) == sent, "not counted", left, lambda: f"sent {sent}, counted {counted(running, shop)}")
    assert len(sent) >= len(PAGES)


def test_the_try_page_reports_the_picture_from_elsewhere(running: Instance, shop: Site, visit: Visit) -> None:
    """Report-only first, then enforced; the policy is this instance's own, not the site's."""
    key = shop.endpoint.rpartition("=")[2]
    for mode in ("", "?mode=enforce"):
        visit(f"{running.url}/try/{key}/{mode}")
    expected = {("img-src", running.url.replace("127.0.0.1", "localhost")): 2}
    wait_for(lambda: counted(running, shop) == expected, "not counted", SECONDS, lambda: f"{counted(running, shop)}")


def counted(instance: Instance, shop: Site) -> Counter[tuple[str, str]]:
    """Reports by (family of the directive, source), as the issues have them."""
    found: Counter[tuple[str, str]] = Counter()
    for issue in instance.api(f"projects/acme/{shop.project}/issues/?query=&limit=100"):
        words = issue["metadata"]
        found[words["directive"].removesuffix("-elem").removesuffix("-attr"), words["source"]] += int(issue["count"])
    return found
