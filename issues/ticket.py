"""An issue as plain text for a ticket or a mail to a colleague. Pure: what came from reports is made harmless (trust.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from projects.visible import visible

MOST_PAGES = 5
_INNER_DOT = re.compile(r"(?<=[\w\-*])\.(?=[\w\-*])")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the text says; times are already words."""

    short_id: str
    headline: str
    address: str
    verdict: str
    reason: str
    directive: str
    happened: str
    first_seen: str
    last_seen: str
    reports: int
    pages: Sequence[tuple[str, int]]
    advice: Sequence[str]


def ticket(facts: Facts) -> str:
    """Addresses from reports are defanged, so that no tracker makes a link of them; ours stays one."""
    pages = [f"  {_harmless(page)} ({reports:,})" for page, reports in facts.pages[:MOST_PAGES]]
    steps = [f"  {number}. {step}" for number, step in enumerate(facts.advice, start=1)]
    return "\n".join([
        f"{facts.short_id}: {_harmless(facts.headline)}",
        facts.address,
        "",
        _harmless(facts.happened),
        f"{facts.verdict}: {_harmless(facts.reason)}",
        f"Directive {_harmless(facts.directive)}, {facts.reports:,} reports, {facts.first_seen} to {facts.last_seen}.",
        "",
        "Pages:",
        *pages,
        "",
        "What to do:",
        *steps,
        "",
    ])  # fmt: skip


def _harmless(text: str) -> str:
    """`https[://]cdn[.]x[.]io/a[.]js`: every dot within a word, since trackers make links of bare hosts too."""
    return _INNER_DOT.sub("[.]", visible(text).replace("://", "[://]"))
