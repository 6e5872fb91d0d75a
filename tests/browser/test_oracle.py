"""For generated policies and loads, a real browser's verdict is ours. Each failure names the seed, so it can be run again."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.browser.engines import Visit, firefox
from tests.browser.oracle import Outcome, ask
from tests.browser.oracle_network import Network
from tests.browser.oracle_pairs import FAMILIES

pytestmark = pytest.mark.browser
SEED = int(os.environ.get("ORACLE_SEED", "5"))
SAMPLE = 150
WHOLE = int(os.environ.get("ORACLE_PAIRS", "600"))
Run = Callable[[Visit], None]


def in_chromium(chromium: Browser) -> Callable[[Network, Run], None]:
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
    }  # fmt: skip
    with firefox(proxied) as visit:
        run(visit)


def agreed(outcome: Outcome) -> None:
    said = f"seed {SEED}: {outcome.said()}"
    print(said)
    assert not outcome.differences, said


def test_chromium_agrees_on_a_sample(chromium: Browser) -> None:
    agreed(ask("chromium", SEED, SAMPLE, in_chromium(chromium)))


@pytest.mark.long
@pytest.mark.parametrize("engine", ["chromium", "firefox"])
def test_a_browser_agrees(engine: str, request: pytest.FixtureRequest) -> None:
    drive = in_chromium(request.getfixturevalue("chromium")) if engine == "chromium" else in_firefox
    outcome = ask(engine, SEED, WHOLE, drive)
    agreed(outcome)
    kinds = {kind for family in FAMILIES.values() for kind in family.kinds}
    assert {kind for kind, seen in outcome.verdicts.items() if {"allowed", "blocked"} <= seen} == kinds
