"""For generated policies and loads, a real browser's verdict is ours.

The seed is printed; ORACLE_SEED and ORACLE_PAIRS ask for others, and for more.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random

import pytest
from playwright.sync_api import Browser

from tests.browser.engines import Visit, firefox
from tests.browser.oracle import Drive, Outcome, ask
from tests.browser.oracle_known import DIVERGENCES, divergence_pages, extreme_pages
from tests.browser.oracle_network import Network
from tests.browser.oracle_pairs import Generator, Page

pytestmark = pytest.mark.browser
SEED = int(os.environ.get("ORACLE_SEED", "5"))
SAMPLE = 150
WHOLE = int(os.environ.get("ORACLE_PAIRS", "600"))
Run = Callable[[Visit], None]


def in_chromium(chromium: Browser) -> Drive:
    def drive(net: Network, run: Run) -> None:
        proxy = {"server": f"http://127.0.0.1:{net.port}", "bypass": "<-loopback>"}
        context = chromium.new_context(proxy=proxy, ignore_https_errors=True)  # type: ignore[arg-type]
        page = context.new_page()
        run(page.goto)
        context.close()

    return drive


def in_firefox(net: Network, run: Run) -> None:
    proxied = {
        "network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.ssl": "127.0.0.1", "network.proxy.http_port": net.port,
        "network.proxy.ssl_port": net.port, "network.proxy.allow_hijacking_localhost": True, "network.proxy.no_proxies_on": "",
        "dom.security.https_first": False, "dom.security.https_first_pbm": False, "network.dns.disablePrefetch": True,
        "network.websocket.delay-failed-reconnects": False,
    }  # fmt: skip
    with firefox(proxied) as visit:
        run(visit)


@pytest.fixture(params=["chromium", pytest.param("firefox", marks=pytest.mark.long)])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def drive(engine: str, request: pytest.FixtureRequest) -> Drive:
    return in_chromium(request.getfixturevalue("chromium")) if engine == "chromium" else in_firefox


def agreed(outcome: Outcome) -> None:
    said = f"seed {SEED}: {outcome.said()}"
    print(said)
    assert not outcome.differences, said


def generated(pairs: int) -> list[Page]:
    return Generator(Random(SEED)).pages(pairs)


def test_chromium_agrees_on_a_sample(chromium: Browser) -> None:
    agreed(ask("chromium", generated(SAMPLE), in_chromium(chromium)))


def test_the_known_divergences_are_these(engine: str, drive: Drive) -> None:
    """Where an engine comes round, or diverges anew, the list is to be changed."""
    outcome = ask(engine, divergence_pages(), drive)
    differ = {pair.page.number for pair in outcome.pairs if pair.theirs != pair.ours}
    assert differ == {number for number, each in enumerate(DIVERGENCES, 1) if engine in each.engines}, list(map(str, outcome.pairs))


def test_every_kind_of_load_is_seen_allowed_and_seen_blocked(engine: str, drive: Drive) -> None:
    """Else a load that never works would agree with every policy that blocks it."""
    agreed(ask(engine, extreme_pages(), drive))


@pytest.mark.long
def test_a_browser_agrees_on_all(engine: str, drive: Drive) -> None:
    agreed(ask(engine, generated(WHOLE), drive))
