"""Where browsers are known to answer otherwise than `policies` does in its browser profile, each with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policies.live import match_url
from policies.sources import Item
from tests.browser.oracle_pairs import Load, Page


@dataclass(frozen=True)
class Known:
    """`engine` "" is every engine."""

    engine: str
    reason: str
    holds: Callable[[Page, Load], bool]


def known(engine: str, page: Page, load: Load) -> str:
    """Why this pair may differ, "" if nothing explains it."""
    found = (entry.reason for entry in KNOWN if entry.engine in ("", engine) and entry.holds(page, load))
    return next(found, "")


def _items(page: Page, load: Load) -> Iterator[Item]:
    for policy in page.policies:
        op = policy.operative(load.directive)
        yield from op.items if op else ()


def _says(*texts: str) -> Callable[[Page, Load], bool]:
    return lambda page, load: any(text in item.raw for item in _items(page, load) for text in texts)


def _frame_refused(page: Page, load: Load) -> bool:
    policies = (match_url(policy, "frame-src", load.address, page.origin, profile="chromium") for policy in page.policies)
    return load.directive == "object-src" and any(decision.verdict == "blocked" for decision in policies)


KNOWN = (
    Known("chromium", "an object or embed that shows a document is a frame: Chromium asks frame-src as well as object-src", _frame_refused),
    Known("", "a source with ?query: the grammar refuses it, Chromium and Firefox drop the query", _says("?")),
    Known("", "%2F in a source's path: browsers decode the whole path, CSP3 each segment", _says("%2F")),
)
