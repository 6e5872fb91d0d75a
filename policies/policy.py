"""The model of a policy: parse, serialise, fingerprint (CSP3 #parse-serialized-policy, #parse-response-csp).

Lossless and immutable: `raw` texts are kept, what browsers ignore is kept apart in `ignored`, and what a person
should know of is in `warnings`. Equality is that of the canonical text, so parse(serialise(p)) == p.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal

from policies.directives import DIRECTIVES, facts_of
from policies.parse_warnings import DEPRECATED, PolicyWarning, foreign_hosts, item_warnings
from policies.sourcelist import SourceList
from policies.sources import NONCE_PLACEHOLDER, Item, parse_item, token

Delivery = Literal["header", "meta"]
Mode = Literal["enforce", "report"]

IGNORED_IN_META = frozenset({"report-uri", "frame-ancestors", "sandbox"})
IGNORED_IN_REPORT_ONLY = frozenset({"sandbox", "upgrade-insecure-requests"})
REPORTING = frozenset({"report-uri", "report-to"})
NOT_SOURCES = frozenset({
    "sandbox", "require-trusted-types-for", "trusted-types", "upgrade-insecure-requests", "block-all-mixed-content",
    "require-sri-for", "plugin-types", "report-uri", "report-to", "webrtc", "referrer", "reflected-xss", "disown-opener",
})

# ASCII whitespace of the Infra standard: neither VT nor NBSP, which str.split would take.
_SPACE = "\t\n\f\r "
_SPACES = re.compile(r"[\t\n\f\r ]+")
_NONCE_TEXT = re.compile(r"'nonce-[^'\s;,]*'", re.IGNORECASE)


@dataclass(frozen=True)
class Directive:
    """One directive: its name in lower case, and its value word by word."""

    name: str
    items: tuple[Item, ...] = ()
    raw_name: str = field(default="", compare=False)

    def __str__(self) -> str:
        return " ".join((self.name, *(item.raw for item in self.items)))

    @property
    def masked(self) -> str:
        """The text with nonces masked."""
        return " ".join((self.name, *(item.masked for item in self.items)))

    @cached_property
    def sources(self) -> SourceList:
        """The items made ready for matching, once."""
        return SourceList(self.items)

    @cached_property
    def raws(self) -> frozenset[str]:
        """The words as written, for look-ups."""
        return frozenset(self.values)

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The words as written."""
        return tuple(item.raw for item in self.items)


@dataclass(frozen=True)
class Policy:
    """One serialized policy. `directives` are those in effect; duplicates and the like are in `ignored`."""

    directives: tuple[Directive, ...] = ()
    delivery: Delivery = field(default="header", compare=False)
    disposition: Mode = field(default="enforce", compare=False)
    raw: str = field(default="", compare=False)
    ignored: tuple[Directive, ...] = field(default=(), compare=False)
    parse_notes: tuple[PolicyWarning, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        """The canonical text: `name value value; name value`."""
        return "; ".join(str(directive) for directive in self.directives)

    @cached_property
    def by_name(self) -> dict[str, Directive]:
        """The directives by name."""
        return {directive.name: directive for directive in self.directives}

    def get(self, name: str) -> Directive | None:
        """The directive of exactly this name (no fallback; see `operative`)."""
        return self.by_name.get(name)

    @cached_property
    def _operative(self) -> dict[str, Directive | None]:
        return {}

    def operative(self, directive: str) -> Directive | None:
        """The first directive present of the fallback list (CSP3 #directive-fallback-list)."""
        try:
            return self._operative[directive]
        except KeyError:
            found = next((self.by_name[name] for name in facts_of(directive).fallback if name in self.by_name), None)
            if directive in DIRECTIVES:
                self._operative[directive] = found
            return found

    @cached_property
    def warnings(self) -> tuple[PolicyWarning, ...]:
        """Everything the author should know, in the order of the text as far as it can be told."""
        notes = [note for directive in self.directives for note in item_warnings(directive.name, directive.items)]
        return (*self.parse_notes, *notes)

    @cached_property
    def masked(self) -> str:
        """The canonical text with nonces masked and report addresses dropped: one text for one policy version."""
        return "; ".join(directive.masked for directive in self.directives if directive.name not in REPORTING)

    @cached_property
    def fingerprint(self) -> str:
        """64 hex digits that name the policy version: SHA-256 of `masked`."""
        return _digest(self.masked)


@dataclass(frozen=True)
class PolicyList:
    """The policies of one response; each is judged alone and a load must pass all that are enforced (CSP3 #parse-response-csp)."""

    policies: tuple[Policy, ...] = ()

    def __str__(self) -> str:
        return ", ".join(str(policy) for policy in self.policies)

    def __iter__(self) -> Iterator[Policy]:
        return iter(self.policies)

    def __len__(self) -> int:
        return len(self.policies)


def parse_policy(text: str, *, delivery: Delivery = "header", disposition: Mode = "enforce") -> Policy:
    """Parse one serialized policy (CSP3 #parse-serialized-policy). Never raises; linear in the text."""
    kept: dict[str, Directive] = {}
    ignored: list[Directive] = []
    notes: list[PolicyWarning] = []
    for raw_name, words, ascii_only in _tokens(text):
        directive = _directive(raw_name, words)
        code = _why_ignored(directive.name, kept, ascii_only, delivery)
        if code:
            ignored.append(directive)
            notes.append(PolicyWarning(code, directive.name))
            if code == "non-ascii":
                notes.extend(foreign_hosts(directive.name, words))
            continue
        kept[directive.name] = directive
        notes.extend(_name_notes(directive.name, disposition))
    return Policy(tuple(kept.values()), delivery, disposition, text, tuple(ignored), tuple(notes))


def parse_header(text: str, disposition: Mode = "enforce") -> PolicyList:
    """Parse a header's value, or several joined with commas: a list of policies (CSP3 #parse-response-csp).

    A policy without any directive is dropped from the list, as browsers do.
    """
    parsed = (parse_policy(part, disposition=disposition) for part in text.split(","))
    return PolicyList(tuple(policy for policy in parsed if policy.directives))


def observed(text: str) -> tuple[str, str]:
    """(fingerprint, masked text) of a policy as a report names it, fast enough to be asked for every report.

    The nonces go first, so that the cache behind answers for every page view of one policy. A text with commas is
    a list of policies and its fingerprint that of the list.
    """
    return _observed(_NONCE_TEXT.sub(f"'nonce-{NONCE_PLACEHOLDER}'", text))


@lru_cache(maxsize=1024)
def _observed(text: str) -> tuple[str, str]:
    masked = ", ".join(policy.masked for policy in parse_header(text))
    return _digest(masked), masked


def _digest(masked: str) -> str:
    return hashlib.sha256(masked.encode("utf-8", "replace")).hexdigest()


def _tokens(text: str) -> Iterator[tuple[str, list[str], bool]]:
    for part in text.split(";"):
        words = _SPACES.split(part.strip(_SPACE))
        if words[0]:
            yield words[0], words[1:], part.isascii()


def directive_of(name: str, values: tuple[str, ...] | list[str]) -> Directive:
    """A directive built from words, each read as it would be read in a policy's text."""
    return _directive(name, list(values))


def _directive(raw_name: str, words: list[str]) -> Directive:
    name = raw_name.lower() if raw_name.isascii() else raw_name
    read = token if name in NOT_SOURCES or name not in DIRECTIVES else parse_item
    return Directive(name, tuple(read(word, index) for index, word in enumerate(words)), raw_name)


def _why_ignored(name: str, kept: dict[str, Directive], ascii_only: bool, delivery: Delivery) -> str:
    if not ascii_only:
        return "non-ascii"
    if name in kept:
        return "dup-directive"
    return "ignored-in-meta" if delivery == "meta" and name in IGNORED_IN_META else ""


def _name_notes(name: str, disposition: Mode) -> Iterator[PolicyWarning]:
    if name not in DIRECTIVES:
        yield PolicyWarning("unknown-directive", name)
    elif name in DEPRECATED:
        yield PolicyWarning("deprecated-directive", name)
    if disposition == "report" and name in IGNORED_IN_REPORT_ONLY:
        yield PolicyWarning("ignored-in-report-only", name)
