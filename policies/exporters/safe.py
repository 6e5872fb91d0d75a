"""What of a policy may be written into somebody's configuration: only words that fit the grammar, everything else by name.

A policy may come from a forged report by way of a careless click, so each word is checked again here, against a set of
characters that no target gives a meaning to (no quote but the apostrophe, no backslash, brace, semicolon, angle
bracket, white space or control). What a word means for one target alone is that target's affair.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from policies.directives import DIRECTIVES
from policies.policy import Directive, Policy
from policies.sources import Item

NONCE = "'nonce-{NONCE}'"
"""A nonce in a safe policy: never the value that was seen, which would be the same for every visitor."""

FLAGS = frozenset({"upgrade-insecure-requests", "block-all-mixed-content"})

_SAFE = re.compile(r"[A-Za-z0-9\-._~!$&'()*+=:@/%#?]+")
_TOKENS: dict[str, re.Pattern[str]] = {
    "sandbox": re.compile(r"allow-[a-z\-]+"),
    "require-trusted-types-for": re.compile(r"'script'"),
    "trusted-types": re.compile(r"\*|'none'|'allow-duplicates'|[A-Za-z0-9\-#=_/@.%]+"),
    "report-to": re.compile(r"[A-Za-z0-9\-._~]+"),
    "report-uri": re.compile(r"(?:https?://[A-Za-z0-9.\-]+(?::[0-9]+)?)?/[A-Za-z0-9\-._~!$&()*+=:@/%?]*"),
    "plugin-types": re.compile(r"[a-z]+/[A-Za-z0-9.+\-]+"),
    "require-sri-for": re.compile(r"script|style"),
    "webrtc": re.compile(r"'allow'|'block'"),
    "referrer": re.compile(r"[a-z\-]+"),
    "reflected-xss": re.compile(r"allow|block|filter"),
    "disown-opener": re.compile(r"(?!)"),
}
# Without a value these mean nothing, so an empty one is not written; elsewhere empty means "nothing is allowed".
_MEANINGLESS_WHEN_EMPTY = frozenset({"report-uri", "report-to", "require-trusted-types-for", "plugin-types", "require-sri-for", "webrtc"})


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A piece of the policy that was not written, as it was given (escape it where you show it), and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class SafeDirective:
    """A directive whose words are all safe; a nonce is NONCE."""

    name: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join((self.name, *self.words))


@dataclass(frozen=True, slots=True)
class SafePolicy:
    """A policy that may be written, with what may not."""

    directives: tuple[SafeDirective, ...]
    disposition: str
    left_out: tuple[LeftOut, ...] = ()

    def __str__(self) -> str:
        return "; ".join(map(str, self.directives))

    @property
    def has_nonce(self) -> bool:
        return any(NONCE in directive.words for directive in self.directives)

    @property
    def header_name(self) -> str:
        return "Content-Security-Policy" + ("-Report-Only" if self.disposition == "report" else "")

    def rewritten(self, rule: Callable[[str], str | LeftOut]) -> SafePolicy:
        """Each word as `rule` writes it for one target, or left out as `rule` says."""
        left_out = list(self.left_out)
        directives = [_rewritten(directive, rule, left_out) for directive in self.directives]
        kept = tuple(directive for directive in directives if directive.words or directive.name not in _MEANINGLESS_WHEN_EMPTY)
        return SafePolicy(kept, self.disposition, tuple(left_out))

    def without(self, names: frozenset[str], reason: str) -> SafePolicy:
        """Without the directives of these names."""
        gone = (LeftOut(str(directive), reason) for directive in self.directives if directive.name in names)
        kept = tuple(directive for directive in self.directives if directive.name not in names)
        return SafePolicy(kept, self.disposition, (*self.left_out, *gone))


def make_safe(policy: Policy) -> SafePolicy:
    """Sort a policy into what may be written and what may not."""
    left_out = [LeftOut(str(directive), "browsers ignore it") for directive in policy.ignored]
    directives = [safe for directive in policy.directives for safe in _safe_directive(directive, left_out)]
    return SafePolicy(tuple(directives), policy.disposition, tuple(left_out))


def _safe_directive(directive: Directive, left_out: list[LeftOut]) -> Iterator[SafeDirective]:
    if directive.name not in DIRECTIVES:
        left_out.append(LeftOut(str(directive), "no browser knows this directive"))
        return
    words: dict[str, None] = {}
    for item in directive.items:
        word = _safe_word(directive.name, item)
        if word:
            words[word] = None
        else:
            left_out.append(LeftOut(item.raw, f"does not fit the grammar of {directive.name}"))
    if words or directive.name not in _MEANINGLESS_WHEN_EMPTY:
        yield SafeDirective(directive.name, _closed(directive.name, tuple(words)))


def _closed(name: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """An empty source list says 'none' aloud, and 'none' stands alone."""
    if name in FLAGS or name in _TOKENS:
        return words
    rest = tuple(word for word in words if word != "'none'")
    return rest or ("'none'",)


def _safe_word(name: str, item: Item) -> str:
    if item.kind == "nonce":
        return NONCE
    pattern = _TOKENS.get(name)
    if name in FLAGS or item.kind == "invalid" or not _SAFE.fullmatch(item.raw):
        return ""
    if pattern is not None:
        return item.raw if pattern.fullmatch(item.raw) else ""
    if item.kind == "token":
        return ""
    return item.raw.lower() if item.kind in ("none", "self", "keyword", "scheme") else item.raw


def _rewritten(directive: SafeDirective, rule: Callable[[str], str | LeftOut], left_out: list[LeftOut]) -> SafeDirective:
    written = {word: rule(word) for word in directive.words}
    left_out.extend(result for result in written.values() if isinstance(result, LeftOut))
    kept = {word: result for word, result in written.items() if isinstance(result, str)}
    if "'unsafe-inline'" in kept and _opens_inline(directive, kept):
        # Beside a nonce or hash it was ignored; alone it would allow every inline script.
        del kept["'unsafe-inline'"]
        left_out.append(LeftOut("'unsafe-inline'", f"without the nonce in {directive.name} it would take effect"))
    return SafeDirective(directive.name, _closed(directive.name, tuple(kept.values())))


def _opens_inline(directive: SafeDirective, kept: dict[str, str]) -> bool:
    return _closes_inline(directive.words) and not _closes_inline(tuple(kept))


def _closes_inline(words: tuple[str, ...]) -> bool:
    return any(word.startswith(("'nonce-", "'sha256-", "'sha384-", "'sha512-")) for word in map(str.lower, words))


@dataclass(frozen=True, slots=True)
class Exported:
    """Text to copy. `left_out` names what is not in it; `notes` are sentences to show beside it."""

    target: str
    text: str
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def complete(self) -> bool:
        return not self.left_out
