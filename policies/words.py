"""The one table of verdicts. Code, search, API, pages and help all read it from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["▲", "●", "◇", "○"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What we think a violation is.

    `slug` is the word in search, API and database; `chip` the words on the page; `shape` stands beside the
    chip so that colour is never the only mark; `tone` names the colour token; `noise` says on which side of
    the list it lands; `words` explains it to somebody who meets it for the first time.
    """

    slug: str
    chip: str
    noise: bool
    shape: Shape
    tone: Literal["danger", "warn", "accent", "noise", "plain"]
    words: str


_ALL = (
    Verdict("attack", "Likely attack", False, "▲", "danger",
            "Looks like an attempt to run or send something your site never asked for. Do not allow it before somebody has looked."),
    Verdict("own", "Your code", False, "●", "warn",
            "Your own pages do this: inline code, eval, your own hosts, a missing nonce or hash."),
    Verdict("third-party", "Third party", False, "●", "accent",
            "A service your pages load that your policy does not name."),
    Verdict("policy", "Policy mistake", False, "●", "warn",
            "The policy itself is wrong: a missing 'self', a typo, an unquoted keyword, www or apex, a port, a scheme."),
    Verdict("framing", "Framed elsewhere", False, "●", "plain",
            "Another site tried to show your page in a frame and frame-ancestors did its work."),
    Verdict("unsure", "Not sure yet", False, "◇", "plain",
            "One report cannot decide this. It stays in your list until more is known or you say what it is."),
    Verdict("extension", "Extension", True, "○", "noise",
            "A browser extension, user script or developer tool of a visitor did this."),
    Verdict("in-app", "In-app browser", True, "○", "noise",
            "The browser inside an app (Facebook, Instagram, WeChat, ...) injects its own helpers."),
    Verdict("network", "Network or antivirus", True, "○", "noise",
            "A filter, antivirus, mobile carrier or captive portal between the visitor and you changed the page."),
    Verdict("adware", "Adware", True, "○", "noise",
            "Unwanted software on the visitor's machine injects advertisements."),
    Verdict("browser", "Browser itself", True, "○", "noise",
            "The browser's own pages, helpers or a known bug of one version."),
    Verdict("translation", "Proxy or translation", True, "○", "noise",
            "A translator, read-aloud tool or reader proxy rewrote the page."),
    Verdict("foreign", "Foreign page", True, "○", "noise",
            "The page that reported is not on one of this project's sites."),
    Verdict("bot", "Crawler or tool", True, "○", "noise",
            "A crawler or a testing tool, not a visitor."),
    Verdict("stale", "Old or altered policy", True, "○", "noise",
            "The report comes from a policy you never sent or no longer send: a cache, an old tab, a changed header."),
    Verdict("forged", "Forged or malformed", True, "○", "noise",
            "No browser would send this: made up, or broken on the way."),
    Verdict("development", "Development", True, "○", "noise",
            "Sent from localhost or a preview, which this project has not declared as its own."),
)

VERDICTS: dict[str, Verdict] = {verdict.slug: verdict for verdict in _ALL}
NOISE_SLUGS: frozenset[str] = frozenset(verdict.slug for verdict in _ALL if verdict.noise)
CHOICES: list[tuple[str, str]] = [(verdict.slug, verdict.chip) for verdict in _ALL]
