"""What a parser should tell the author of a policy: warnings as data (policy-lab.md 2.1), with words for each code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policies.directives import DIRECTIVES
from policies.sources import Item

WARNING_WORDS = {
    "dup-directive": "A directive of this name came before; browsers use the first and ignore this one.",
    "unknown-directive": "No browser knows this directive; it has no effect.",
    "deprecated-directive": "This directive is deprecated or gone; current browsers ignore it.",
    "non-ascii": "The directive holds a character outside ASCII; browsers drop the whole directive.",
    "idn-not-punycode": "Browsers drop a directive that holds such a host; write the host in punycode (xn--...).",
    "missing-quotes": "A keyword, nonce or hash needs single quotes; without them it is read as a host name.",
    "missing-semicolon": "This is the name of a directive; a semicolon seems to be missing before it.",
    "comma-in-policy": "A comma separates policies in a header; it can't be part of a value.",
    "invalid-expression": "This fits no form of source expression; it matches nothing.",
    "none-with-others": "'none' counts only when it stands alone; here it is ignored.",
    "ignored-in-meta": "Browsers ignore this directive in a <meta> element.",
    "ignored-in-report-only": "Browsers ignore this directive in a report-only policy.",
    "unsafe-inline-ignored": "'unsafe-inline' is ignored because a nonce, a hash or 'strict-dynamic' stands beside it.",
    "hosts-ignored-strict-dynamic": "Beside 'strict-dynamic' browsers ignore hosts, schemes and 'self'.",
    "nonce-too-short": "A nonce of fewer than 8 characters can be guessed.",
    "hash-wrong-length": "The hash does not have the length of its algorithm; it can match nothing.",
    "path-with-query": "A source can't hold a query or fragment: the specification drops the source, Chromium the query.",
    "ip-host": "By the specification an IP address never matches; browsers differ.",
    "trailing-path-exact": "A path without a slash at its end allows that one file only.",
}

DEPRECATED = frozenset({
    "block-all-mixed-content", "plugin-types", "prefetch-src", "navigate-to", "referrer", "reflected-xss", "require-sri-for",
    "disown-opener",
})
_SCRIPT = ("script-src", "script-src-elem", "script-src-attr", "default-src")


@dataclass(frozen=True, slots=True)
class PolicyWarning:
    """`code` is a key of WARNING_WORDS; `value` is the word of the policy that it is about, or ""."""

    code: str
    directive: str
    value: str = ""

    @property
    def words(self) -> str:
        """The sentence for a person."""
        return WARNING_WORDS[self.code]


def foreign_hosts(name: str, words: Sequence[str]) -> Iterator[PolicyWarning]:
    """Words outside ASCII that look like hosts, in a directive that is dropped because of them."""
    for word in words:
        host = word.partition("://")[2] or word
        if not word.isascii() and "." in host.partition("/")[0]:
            yield PolicyWarning("idn-not-punycode", name, word)


def item_warnings(name: str, items: Sequence[Item]) -> Iterator[PolicyWarning]:
    """Warnings about the words of one directive."""
    for item in items:
        if item.raw.lower() in DIRECTIVES:
            yield PolicyWarning("missing-semicolon", name, item.raw)
        elif item.problem:
            yield PolicyWarning(item.problem, name, item.raw)
        elif item.kind == "host" and _names_one_file(item.path):
            yield PolicyWarning("trailing-path-exact", name, item.raw)
    yield from _ignored_words(name, items)


def _names_one_file(path: str) -> bool:
    """`/js` looks like a directory and is one file; `/js/app.js` plainly is one."""
    last = path.rpartition("/")[2]
    return bool(last) and "." not in last


def _ignored_words(name: str, items: Sequence[Item]) -> Iterator[PolicyWarning]:
    if len(items) > 1 and any(item.kind == "none" for item in items):
        yield PolicyWarning("none-with-others", name, "'none'")
    keywords = {item.keyword for item in items}
    dynamic = "strict-dynamic" in keywords and name in _SCRIPT
    if "unsafe-inline" in keywords and (dynamic or any(item.kind in ("nonce", "hash") for item in items)):
        yield PolicyWarning("unsafe-inline-ignored", name, "'unsafe-inline'")
    if dynamic and name != "default-src":
        for item in items:
            if item.kind in ("host", "scheme", "self", "star"):
                yield PolicyWarning("hosts-ignored-strict-dynamic", name, item.raw)
