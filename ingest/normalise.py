"""One Violation whatever browser sent the report: spellings, old keywords, nulls, numbers as text, cut samples."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from ingest.browsers import browser_of
from ingest.wire import RawReport, plain_key
from policies.address import parse_address
from policies.directives import DIRECTIVES, family_of
from policies.sources import NONCE_PLACEHOLDER
from policies.violation import EMPTY, Address, BlockedKind, Disposition, Violation

MAX_SAMPLE = 512
MAX_POLICY = 16_384
MAX_VIOLATED = 4_096
MAX_COUNT = 2_147_483_647
MAX_USER_AGENT = 512
MOST_NONCES = 4
MAX_CACHED = 8_192
"""Characters of a report; larger ones are worked out each time, or 4,096 of them would fill the memory."""
MAX_AGE = 7 * 24 * 3600 * 1000
"""Milliseconds. A browser gives up long before; older ages are lies or stopped clocks."""

_NAMES = {
    "documenturi": "document",
    "documenturl": "document",
    "referrer": "referrer",
    "blockeduri": "blocked",
    "blockedurl": "blocked",
    "violateddirective": "violated",
    "effectivedirective": "effective",
    "originalpolicy": "policy",
    "disposition": "disposition",
    "statuscode": "status",
    "sourcefile": "source",
    "linenumber": "line",
    "columnnumber": "column",
    "scriptsample": "sample",
    "sample": "sample",
}
_NONCE = re.compile(r"'nonce-([^'\s;,]*)'", re.IGNORECASE)
_MASKED_NONCE = f"'nonce-{NONCE_PLACEHOLDER}'"
_RUN_TEXT = re.compile(r"(?: |%20)line(?: |%20)(\d{1,9})(?: |%20)(?:>|%3E)(?: |%20)(?:eval|Function|injectedScript|setT|setI)")
_FIREFOX_EVAL = "call to eval() or related function"
_KEYWORDS: dict[str, BlockedKind] = {
    "inline": "inline",
    "eval": "eval",
    "wasm-eval": "wasm-eval",
    "trusted-types-policy": "trusted-types-policy",
    "trusted-types-sink": "trusted-types-sink",
    "unsafe-inline": "inline",
    "'unsafe-inline'": "inline",
    "unsafe-eval": "eval",
    "'unsafe-eval'": "eval",
}
_NETWORK = frozenset({"http", "https", "ws", "wss", "ftp"})
# Browsers cut an address without a host to its scheme, and drop the colon: a bare word is one, unless it is among these.
_BARE_WORD = re.compile(r"com\.[a-z0-9.]{2,39}|[a-z][a-z0-9+\-]{2,39}")
_NO_SCHEMES = frozenset({"null", "self", "undefined", "unknown", "empty", "true", "false", "localhost", "object"})
_INLINE_FAMILIES = frozenset({"script", "style"})
# What a file's ending says about the directive, where an old browser named only `default-src`.
_BY_ENDING = {
    "js": "script-src-elem",
    "mjs": "script-src-elem",
    "css": "style-src-elem",
    "woff": "font-src",
    "woff2": "font-src",
    "ttf": "font-src",
    "otf": "font-src",
    "eot": "font-src",
    "png": "img-src",
    "jpg": "img-src",
    "jpeg": "img-src",
    "gif": "img-src",
    "svg": "img-src",
    "webp": "img-src",
    "avif": "img-src",
    "ico": "img-src",
    "mp3": "media-src",
    "mp4": "media-src",
    "webm": "media-src",
    "ogg": "media-src",
    "webmanifest": "manifest-src",
}


def normalise(raw: RawReport, *, user_agent: str = "", origin: str = "") -> Violation:
    """Never raises. `user_agent` and `origin` are the headers of the request; the report's own user agent wins. Two reports
    that differ in nothing but their age give one and the same object, but for the age."""
    agent = _text(raw.user_agent or user_agent, MAX_USER_AGENT)
    fields = tuple(raw.fields.items())
    small = sum(len(value) for _, value in fields if isinstance(value, str)) < MAX_CACHED
    violation = (_violation if small else _violation.__wrapped__)(fields, raw.envelope, raw.url, agent, _text(origin, 256))
    return replace(violation, age=min(raw.age, MAX_AGE)) if raw.age else violation


@lru_cache(maxsize=4096)
def _violation(fields: tuple[tuple[str, object], ...], envelope: str, url: str, agent: str, origin: str) -> Violation:
    said = _named(fields)
    browser = browser_of(agent)
    violated = _text(said.get("violated"), MAX_VIOLATED)
    sample = _text(said.get("sample"), MAX_SAMPLE)
    document = parse_address(_text(said.get("document") or url, 0))
    named = _directive(_text(said.get("effective"), MAX_VIOLATED), violated)
    blocked, kind = _blocked(_text(said.get("blocked"), 0), family_of(named), sample, violated, document)
    directive, directives = _candidates(named, kind, blocked)
    status = _number(said.get("status"))
    source, line, column = _place(_text(said.get("source"), 0), _number(said.get("line")), _number(said.get("column")), document)
    policy = _text(said.get("policy"), MAX_POLICY)
    return Violation(
        document=document,
        referrer=parse_address(_text(said.get("referrer"), 0)),
        directive=directive,
        directives=directives,
        blocked=blocked,
        blocked_kind=kind,
        source=source,
        line=line,
        column=column,
        sample=_whole_sample(sample, kind),
        disposition=_disposition(said.get("disposition")),
        policy=_NONCE.sub(_MASKED_NONCE, policy),
        nonces=_nonces(policy),
        status=status if status < 1000 else 0,
        user_agent=agent,
        browser=browser.family,
        browser_version=browser.version,
        os=browser.os,
        origin=origin,
        violated=violated,
        extra=(("envelope", envelope), *_said(said.get("blocked"))),
    )


def _nonces(policy: str) -> tuple[str, ...]:
    found = dict.fromkeys(_NONCE.findall(policy))
    return tuple(nonce for nonce in found if nonce and nonce != NONCE_PLACEHOLDER)[:MOST_NONCES]


def _named(fields: tuple[tuple[str, object], ...]) -> dict[str, object]:
    """Under our own names; of two spellings the first that says anything wins."""
    named: dict[str, object] = {}
    for key, value in fields:
        name = _NAMES.get(_plain(key))
        if name and named.get(name) in (None, ""):
            named[name] = value
    return named


@lru_cache(maxsize=512)
def _plain(key: str) -> str:
    return plain_key(key)


def _text(value: object, most: int) -> str:
    """ "" for null; numbers as they print; NUL can't be stored anywhere."""
    if not isinstance(value, str):
        return "" if value is None or isinstance(value, bool) else str(value)[:32]
    if most:
        value = value[:most]
    return value.replace("\x00", "\ufffd") if "\x00" in value else value


def _number(value: object) -> int:
    """A count from 0 to 2^31 - 1; text that is a number counts, anything else is 0."""
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 0 < value <= MAX_COUNT else 0


def _place(text: str, line: int, column: int, document: Address) -> tuple[Address, int, int]:
    """Source file, line and column.

    Firefox names text that was run as code by its way there: `https://x/a.js line 3 > eval line 1 > Function`; the file and its own
    line are what the others say. WebKit over report-to names the page, line 0, column 1 where no code is to blame, as if it were.
    """
    if made := _RUN_TEXT.search(text):
        text, line, column = text[: made.start()], min(int(made[1]), MAX_COUNT), 0
    source = parse_address(text)
    return (EMPTY, 0, 0) if (line, column) == (0, 1) and source.host and source.url == document.url else (source, line, column)


def _said(blocked: object) -> tuple[tuple[str, str], ...]:
    """Old Firefox said `self`, and one of its bugs can only be told by that."""
    return (("blocked", "self"),) if blocked == "self" else ()


def _disposition(value: object) -> Disposition:
    if value == "enforce":
        return "enforce"
    return "report" if value == "report" else ""


@lru_cache(maxsize=4096)
def _directive(effective: str, violated: str) -> str:
    """The effective directive's name; else the first word of `violated-directive`, which may be the directive's whole text,
    or Firefox's old phrase "inline script base restriction"."""
    for text in (effective, violated):
        word = text.split(None, 1)[0].lower().rstrip(";") if text.strip() else ""
        if word in DIRECTIVES:
            return word
    if "base restriction" in violated.lower():
        return "style-src" if "style" in violated.lower() else "script-src"
    word = (effective.split() or violated.split() or [""])[0]
    return word.lower().rstrip(";")[:64]


def _blocked(text: str, family: str, sample: str, violated: str, document: Address) -> tuple[Address, BlockedKind]:
    word = text.strip().lower()
    kind = _KEYWORDS.get(word)
    if kind:
        return Address(text=kind, kind="word"), kind
    if word in ("", "self", "'self'"):
        return _unnamed(word, family, sample, violated, document)
    address = parse_address(text)
    if address.host and address.scheme not in _NETWORK:
        return address, "scheme"
    if address.kind == "url":
        return address, "url"
    if address.kind == "origin":
        return address, "origin"
    if address.kind == "scheme":
        return address, "scheme"
    if _BARE_WORD.fullmatch(word) and word not in _NO_SCHEMES:
        return replace(address, kind="scheme", scheme=word), "scheme"
    return address, "unknown"


def _unnamed(word: str, family: str, sample: str, violated: str, document: Address) -> tuple[Address, BlockedKind]:
    """ "" and `self`: inline or eval for scripts and styles in old browsers, the page's own origin elsewhere."""
    if sample.lower().startswith(_FIREFOX_EVAL) or "eval script base restriction" in violated.lower():
        return Address(text="eval", kind="word"), "eval"
    if family in _INLINE_FAMILIES or (family == "default" and (sample or word)):
        return Address(text="inline", kind="word"), "inline"
    if word and document.host:
        return parse_address(document.origin), "origin"
    return EMPTY, "unknown"


@lru_cache(maxsize=8192)
def _candidates(named: str, kind: BlockedKind, blocked: Address) -> tuple[str, tuple[str, ...]]:
    """The directive, and every directive it may have been where the browser named only a fallback."""
    if kind in ("eval", "wasm-eval"):
        return "script-src", ("script-src",)
    if named == "default-src" and kind in ("url", "origin"):
        guess = _BY_ENDING.get(blocked.path.rpartition(".")[2].lower())
        return (guess, (guess,)) if guess else (named, (named,))
    if named in ("script-src", "style-src") and kind == "inline":
        return named, (f"{named}-elem", f"{named}-attr")
    if named in ("script-src", "style-src") and kind in ("url", "origin", "scheme"):
        return f"{named}-elem", (f"{named}-elem",)
    if named == "default-src" and kind == "inline":
        return named, ("script-src-elem", "script-src-attr", "style-src-elem", "style-src-attr")
    if named == "child-src" and kind == "scheme" and blocked.scheme == "blob":
        return "worker-src", ("worker-src", "frame-src")
    return named, (named,) if named else ()


def _whole_sample(sample: str, kind: BlockedKind) -> str:
    """Firefox's old eval phrase is no code; its ellipsis is no part of the sample."""
    if kind == "eval" and sample.lower().startswith(_FIREFOX_EVAL):
        return ""
    if sample.endswith("...") and len(sample) == 43:
        return sample[:-3]
    return sample[:-1] if sample.endswith("…") and len(sample) > 40 else sample
