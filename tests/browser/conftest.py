"""A running instance with a believable week of issues, and Chromium signed in as its owner."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.engines import launch_chromium
from tests.browser.pages import sign_in
from tests.factories import report_uri_body
from tests.processes.instance import Instance
from tests.processes.prepared import Embedded
from tests.processes.senders import replay, send
from tests.recorded import recorded, types_of


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, embedded_instances: Embedded) -> Iterator[Instance]:
    """Embedded, with what Chromium sent to the project `shop`; `quiet` has had no report yet."""
    with embedded_instances.instance(tmp_path_factory.mktemp("running")) as instance:
        instance.bootstrap("quiet")
        instance.start()
        seen = recorded("chromium")
        replay(seen, instance.endpoint)
        for number in range(30):
            body = report_uri_body(blocked=f"https://cdn{number}.example.net/a.js", document=f"https://shop.example/page-{number}")
            send(instance.endpoint, "POST", {"Content-Type": "application/csp-report", "User-Agent": "Mozilla/5.0"}, body)
        instance.drained(types_of(seen)["csp-violation"] + 30)
        yield instance


@pytest.fixture(scope="session")
def signed_in(chromium: Browser, running: Instance) -> dict[str, object]:
    """The owner's cookies, so that not every test signs in through the form."""
    context = chromium.new_context()
    sign_in(context.new_page(), running)
    state = context.storage_state()
    context.close()
    return dict(state)


@pytest.fixture
def context(chromium: Browser, signed_in: dict[str, object]) -> Iterator[BrowserContext]:
    context = chromium.new_context(storage_state=signed_in)  # type: ignore[arg-type]
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
