"""What happened, in words: from an issue's plain facts to the two sentences that stand on top of its page. Pure.

"Blocked" is said only where an enforced policy stopped something; a report-only policy only tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policies.words import VERDICTS


def counted(number: int, thing: str = "issue") -> str:
    """`1 issue`, `1,204 issues`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Happened:
    """`thing` is what a machine said (a host, an address, a snippet) and is set in monospace between the two halves."""

    before: str
    thing: str
    after: str
    effect: str


_TRIED = {
    "script": "run a script from",
    "style": "apply a style from",
    "img": "load an image from",
    "font": "load a font from",
    "connect": "connect to",
    "media": "play media from",
    "object": "load plugin content from",
    "frame": "show a frame of",
    "worker": "start a worker from",
    "manifest": "load a manifest from",
    "prefetch": "prefetch from",
    "form": "send a form to",
    "base": "set the base address to",
    "navigate": "navigate to",
    "default": "load something from",
}
_KINDS = {
    ("script", "inline"): "run an inline script",
    ("style", "inline"): "apply an inline style",
    ("script", "eval"): "run text as code with eval or its like",
    ("script", "wasm-eval"): "compile WebAssembly",
    ("trusted-types", "trusted-types-sink"): "pass a plain string to a DOM function that runs it",
    ("trusted-types", "trusted-types-policy"): "make a Trusted Types policy",
}
_SAID_OF = {"forged": "Somebody posted a report that ", "foreign": "On a page that is not yours "}
_NOTHING_HAPPENED = "Nothing happened on your site."
_SILENT = "Safari and older browsers never do over report-uri."
_SNIPPETS = {"inline", "trusted-types-sink"}


def happened(
    family: str, directive: str, kind: str, blocked: str, sample: str, *, reports: int, enforced: int, unsaid: int = 0, pages: int,
    verdict: str = "unsure",
) -> Happened:  # fmt: skip
    """`kind`, `blocked` and `sample` are of the evidence seen most often; unknown ones are ""."""
    where = f" on {_count(pages, 'page')}" if pages else ""
    effect = _NOTHING_HAPPENED if verdict in _SAID_OF else _effect(family, reports - enforced - unsaid, enforced, unsaid, verdict)
    said = _SAID_OF.get(verdict, "")
    if family == "ancestors":
        return Happened(f"{said}another site" if said else "Another site", blocked, f"tried to show your page in a frame{where}.", effect)
    browsers = f"{said}browsers" if said else "Browsers"
    tried = "run an inline event handler" if directive == "script-src-attr" and kind == "inline" else _KINDS.get((family, kind))
    if tried:
        if kind in _SNIPPETS and sample:
            return Happened(f"{browsers} tried to {tried}{where}, which starts", sample, ".", effect)
        return Happened(f"{browsers} tried to {tried}{where}.", "", "", effect)
    return Happened(f"{browsers} tried to {_TRIED.get(family, 'use')}", blocked or "a place they did not name", f"{where.strip()}.", effect)


def _effect(family: str, told: int, enforced: int, unsaid: int, verdict: str) -> str:
    """`told`: reports under a report-only policy."""
    thing = "the page" if family == "ancestors" else "it"
    felt = "" if VERDICTS[verdict].noise else " Visitors may have noticed."
    if not enforced and not told:
        return f"The reports do not say whether your policy blocked it or only told: {_SILENT}"
    more = f" {_count(unsaid, 'report')} did not say which: {_SILENT}" if unsaid else ""
    if not enforced:
        return f"Report-only, so nothing was stopped: {thing} went through as if there were no policy.{more}"
    if not told:
        if verdict in ("attack", "framing"):
            return f"Your policy is enforced and stopped it.{more}"
        return f"Your policy is enforced and blocked it.{felt}{more}"
    rest = f"Another {_count(told, 'report')} came under a report-only one, which stops nothing."
    return f"An enforced policy blocked it {_count(enforced, 'time')}. {rest}{more}"


def only_browser(browsers: Sequence[tuple[str, int]], least: float = 0.9) -> str:
    """A sentence when nearly all of it comes from one browser; a handful of reports proves nothing."""
    total = sum(reports for _, reports in browsers)
    if total < 10:
        return ""
    name, reports = max(browsers, key=lambda pair: pair[1])
    if reports / total <= least or not name or name == "Unknown":
        return ""
    return f"Only {name}." if reports == total else f"Nearly only {name}: {100 * reports // total} % of the reports."


def trend(total: int, span: str, peak: int, peak_at: str) -> str:
    """What a chart says to somebody who can't see it."""
    return f"{_count(total, 'report')} in {span}" + (f", peak {peak:,} {peak_at}" if total else "")


def _count(number: int, thing: str) -> str:
    return f"1 {thing}" if number == 1 else f"{number:,} {thing}s"
