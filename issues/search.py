"""`is:open directive:script-src -host:*.x.io checkout`: the text of a search, read into terms. Pure and kind.

Nothing is ignored silently: a term that can't be understood becomes a Problem with the query that was probably meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches

from policies.words import VERDICTS

DEFAULT = "is:open -is:noise"
MOST_CHARACTERS = 500
MOST_TERMS = 20

STATES = {
    "open": "open", "unresolved": "open", "resolved": "resolved", "ignored": "ignored", "muted": "ignored", "archived": "ignored",
    "noise": "noise", "new": "new", "regressed": "regressed", "breaking": "breaking", "suspect": "suspect", "test": "test",
}  # fmt: skip
MODES = {"enforce": "enforce", "enforced": "enforce", "report": "report", "report-only": "report", "reportonly": "report"}
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
SPELLINGS = {"status": "is", "state": "is", "domain": "host", "source": "host", "url": "page", "path": "page", "disposition": "mode",
             "count": "reports", "times": "reports", "age": "first", "effective-directive": "directive", "env": "environment"}  # fmt: skip

_TERM = re.compile(r'(?P<minus>-?)(?:(?P<key>[A-Za-z_.-]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S*))')
_COMPARED = re.compile(r"(>=|<=|>|<|=)?\s*([\d,_]{1,15})")
_AGED = re.compile(r"(>=|<=|>|<)?\s*(\d{1,5})([mhdw])")


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. `key` is "" for a bare word; `op` is one of > >= < <= = where the key compares."""

    key: str
    value: str
    text: str
    negated: bool = False
    op: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be understood, and the whole query that was probably meant ("" if nobody knows)."""

    words: str
    meant: str = ""
    meant_term: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    text: str
    terms: tuple[Term, ...] = ()
    problems: tuple[Problem, ...] = ()

    def of(self, key: str) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if term.key == key)

    def without(self, term: Term) -> str:
        """The text with one term taken out: what the × of its chip links to."""
        return " ".join(each.text for each in self.terms if each is not term)

    def adding(self, text: str) -> str:
        return f"{self.text} {text}".strip()


class _Misread(Exception):
    def __init__(self, words: str, meant: str = "") -> None:
        super().__init__(words)
        self.words, self.meant = words, meant


def parse(text: str) -> Search:
    """Never raises; what is longer than 500 characters or 20 terms is a problem, not a surprise."""
    text = " ".join(text.replace("\0", "").split())
    if len(text) > MOST_CHARACTERS:
        too_long = Problem(f"A search can be {MOST_CHARACTERS} characters long; this is {len(text)}.")
        return Search(text[:MOST_CHARACTERS], problems=(too_long,))
    found = [match for match in _TERM.finditer(text) if match.group()]
    if len(found) > MOST_TERMS:
        return Search(text, problems=(Problem(f"A search can have {MOST_TERMS} conditions; this has {len(found)}."),))
    terms, problems = [], []
    for match in found:
        try:
            terms.append(_read(match))
        except _Misread as misread:
            minus = match["minus"] if misread.meant else ""
            meant = text[: match.start()] + minus + misread.meant + text[match.end() :] if misread.meant else ""
            problems.append(Problem(misread.words, meant, minus + misread.meant))
    return Search(text, tuple(terms), tuple(problems))


def _read(match: re.Match[str]) -> Term:
    key = (match["key"] or "").lower()
    value = match["quoted"] if match["quoted"] is not None else match["plain"]
    negated, text = bool(match["minus"]), match.group()
    if not key:
        return _bare(value, text, negated)
    known = SPELLINGS.get(key, key)
    reader = _READERS.get(known)
    if reader is None:
        raise _unknown_key(key, value)
    if not value:
        raise _Misread(f"“{key}:” needs a value right after it, such as {_EXAMPLES[known]}.")
    op, read = reader(known, value)
    return Term(known, read, text, negated, op)


def _bare(value: str, text: str, negated: bool) -> Term:
    if not value:
        raise _Misread(f"“{text}” stands alone. Put a word or a condition right after it.")
    return Term("", value, text, negated)


def _unknown_key(key: str, value: str) -> _Misread:
    if value.startswith("//") or key in ("http", "https", "data", "blob"):
        host = value.lstrip("/").split("/")[0]
        return _Misread("A whole address can't be searched, its host can.", f"host:{host}" if host else "")
    close = get_close_matches(key, [*_READERS, *SPELLINGS], n=1, cutoff=0.6)
    meant = f"{SPELLINGS.get(close[0], close[0])}:{_quoted(value)}" if close else ""
    known = ", ".join(f"{each}:" for each in _READERS)
    return _Misread(f"I don't know “{key}:”." if meant else f"I don't know “{key}:”. I know {known}", meant)


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value


def _choice(table: dict[str, str]) -> Callable[[str, str], tuple[str, str]]:
    def read(key: str, value: str) -> tuple[str, str]:
        if (known := table.get(value.lower())) is not None:
            return "", known
        close = get_close_matches(value.lower(), table, n=1, cutoff=0.5)
        choices = ", ".join(sorted(set(table.values())))
        raise _Misread(f"“{key}:{value}” is none of {choices}.", f"{key}:{close[0]}" if close else "")

    return read


def _text(key: str, value: str) -> tuple[str, str]:
    return "", value


def _lower(key: str, value: str) -> tuple[str, str]:
    return "", value.lower()


def _compared(key: str, value: str) -> tuple[str, str]:
    match = _COMPARED.fullmatch(value)
    if not match:
        raise _Misread(f"“{key}:” compares with a number, such as {_EXAMPLES[key]}.")
    return match[1] or "=", match[2].replace(",", "").replace("_", "")


def _aged(key: str, value: str) -> tuple[str, str]:
    match = _AGED.fullmatch(value.lower())
    if not match:
        raise _Misread(f"“{key}:” wants an age in m, h, d or w, such as {_EXAMPLES[key]} (less than seven days ago).")
    return match[1] or "<", match[2] + match[3]


def age_of(value: str) -> timedelta:
    """`7d` -> seven days; what `_aged` let through."""
    return int(value[:-1]) * UNITS[value[-1]]


_READERS: dict[str, Callable[[str, str], tuple[str, str]]] = {
    "is": _choice(STATES),
    "directive": _lower,
    "host": _lower,
    "page": _text,
    "browser": _text,
    "os": _text,
    "environment": _text,
    "release": _text,
    "verdict": _choice({slug: slug for slug in VERDICTS} | {verdict.chip.lower(): slug for slug, verdict in VERDICTS.items()}),
    "mode": _choice(MODES),
    "reports": _compared,
    "pages": _compared,
    "first": _aged,
    "last": _aged,
    "tag": _lower,
    "rule": _lower,
}
_EXAMPLES = {
    "is": "is:open", "directive": "directive:script-src", "host": "host:*.example.net", "page": "page:/checkout",
    "browser": "browser:safari", "os": "os:windows", "environment": "environment:production", "release": "release:2.1",
    "verdict": "verdict:attack", "mode": "mode:enforce", "reports": "reports:>100", "pages": "pages:>3", "first": "first:<7d",
    "last": "last:<1h", "tag": "tag:redirect", "rule": "rule:ext-scheme",
}  # fmt: skip


def keys() -> Iterable[tuple[str, str]]:
    """Every key with an example, for the help under the box."""
    return _EXAMPLES.items()
