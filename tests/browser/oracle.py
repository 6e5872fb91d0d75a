"""Real browsers as the oracle: what one does with generated loads under generated policies, beside what `policies` says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.browser.engines import Visit
from tests.browser.oracle_known import known
from tests.browser.oracle_network import Network, network
from tests.browser.oracle_pairs import Load, Page, driver_html, expected, page_html

DRIVER = (Path(__file__).parent / "oracle.js").read_text()
SECONDS_PER_ORIGIN = 150
Drive = Callable[[Network, Callable[[Visit], None]], None]
"""Starts a browser behind the network, and hands over how to visit an address with it."""


@dataclass(frozen=True)
class Pair:
    """One load on one page, with the browser's verdict and ours."""

    page: Page
    load: Load
    theirs: str
    ours: str

    def __str__(self) -> str:
        load = self.load
        what = " ".join(filter(None, (load.kind, load.hop and f"{load.hop} ->", load.address or load.code, load.nonce and "with nonce",
                                      load.integrity and "with integrity")))
        return f"{self.theirs}, we say {self.ours}: {what} on {self.page.origin} under {self.page.said()}"


@dataclass(frozen=True)
class Outcome:
    pairs: list[Pair]
    differences: list[Pair]
    """What no known difference explains."""
    explained: Counter[str]

    def said(self) -> str:
        lines = [f"{len(self.pairs)} pairs, {len(self.differences)} differences", *map(str, self.differences)]
        return "\n".join([*lines, *(f"{times} explained: {reason}" for reason, times in self.explained.items())])


def ask(engine: str, pages: list[Page], drive: Drive) -> Outcome:
    """Load the pages in the engine, and compare. What differs is loaded once more: on a busy machine a load may come late."""
    answers = _Pages(pages)
    with TemporaryDirectory(prefix="glitchcsp-oracle-") as folder, network(answers, Path(folder)) as net:

        def load(visit: Visit) -> None:
            _visit_all(answers, net, visit)
            answers.due = list(dict.fromkeys(pair.page for pair in compared(engine, pages, net).differences))
            _visit_all(answers, net, visit)

        drive(net, load)
        return compared(engine, pages, net)


def _visit_all(answers: _Pages, net: Network, visit: Visit) -> None:
    for origin in sorted({page.origin for page in answers.due}):
        net.finished.clear()
        visit(f"{origin}/oracle/drive")
        assert net.finished.wait(SECONDS_PER_ORIGIN), f"{origin}: the browser did not finish"


class _Pages:
    """What the proxy serves: the driver of an origin, and each page with its policies. `due` are those the driver shows."""

    def __init__(self, pages: list[Page]) -> None:
        self.by_number = {page.number: page for page in pages}
        self.due = pages

    def __call__(self, origin: str, path: str) -> tuple[list[tuple[str, str]], str]:
        if path == "drive":
            return [], driver_html([page for page in self.due if page.origin == origin], DRIVER)
        page = self.by_number[int(path.removeprefix("page/"))]
        headers = [("Content-Security-Policy", header) for header in page.headers]
        if page.report_only:
            headers.append(("Content-Security-Policy-Report-Only", page.report_only))
        return headers, page_html(page)


def compared(engine: str, pages: list[Page], net: Network) -> Outcome:
    pairs, differences, explained = [], [], Counter[str]()
    for page in pages:
        for load in page.loads:
            pair = Pair(page, load, _verdict(load, net), "allowed" if expected(page, load) else "blocked")
            pairs.append(pair)
            if pair.theirs == pair.ours:
                continue
            reason = known(engine, page, load)
            if reason:
                explained[reason] += 1
            else:
                differences.append(pair)
    return Outcome(pairs, differences, explained)


def _verdict(load: Load, net: Network) -> str:
    """A load that reached the server was allowed. One that neither did nor ended was given up on: no verdict."""
    if load.id in net.seen:
        return "allowed"
    result = net.results.get(str(load.id), "nothing")
    return "blocked" if result == "asked" else result
