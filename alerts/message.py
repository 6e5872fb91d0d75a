"""The words of a mail. Pure: values from reports are defanged, bounded and without line breaks (trust.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_LINES = 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

SUBJECTS = {
    "attack": "Likely attack", "breaking": "Breaking now", "suspected": "Like an attack since it was corrected",
    "hidden": "Likely attack hidden",
}  # fmt: skip
OPENINGS = {
    "attack": "Reports that look like an attack have started. Look before anybody allows anything.",
    "breaking": "What was ignored while the policy was report-only is blocked for visitors now.",
    "suspected": "Somebody said what these are, and some of their reports look like an attack since. Look, and say again what they are.",
    "hidden": "Somebody of your team took likely attacks out of the list. Who and when is in each issue's history.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One issue of the mail."""

    short_id: str
    title: str
    url: str


def defanged(text: str) -> str:
    """`cdn.evil.example` as `cdn[.]evil[.]example`, so that no mail program makes a link of it."""
    return _CONTROL.sub(" ", text)[:200].replace("://", "[://]").replace(".", "[.]")


def compose(kind: str, project: str, lines: Sequence[Line]) -> tuple[str, str]:
    """(subject, body)."""
    subject = f"{SUBJECTS[kind]} in {_CONTROL.sub(' ', project)[:80]}: {len(lines)} {'issue' if len(lines) == 1 else 'issues'}"
    listed = [f"{line.short_id}  {defanged(line.title)}\n    {line.url}" for line in lines[:MOST_LINES]]
    if len(lines) > MOST_LINES:
        listed.append(f"and {len(lines) - MOST_LINES} more.")
    return subject, "\n".join([OPENINGS[kind], "", *listed, "", "GlitchCSP sends at most one mail of this kind an hour for a project.", ""])
