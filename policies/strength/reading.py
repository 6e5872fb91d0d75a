"""csp-evaluator's reading of one policy: words as strings, keywords and schemes in lower case, first directive wins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

KEYWORDS = frozenset(
    """'self' 'none' 'unsafe-inline' 'unsafe-eval' 'wasm-eval' 'wasm-unsafe-eval' 'strict-dynamic'
    'unsafe-hashed-attributes' 'unsafe-hashes' 'report-sample' 'block' 'allow' 'inline-speculation-rules'""".split()
)
FETCH = frozenset(
    """child-src connect-src default-src font-src frame-src img-src manifest-src media-src object-src script-src
    script-src-attr script-src-elem style-src style-src-attr style-src-elem worker-src""".split()
)
KNOWN = FETCH | frozenset(
    """prefetch-src base-uri plugin-types sandbox disown-opener form-action frame-ancestors navigate-to report-to
    report-uri block-all-mixed-content upgrade-insecure-requests reflected-xss referrer require-sri-for trusted-types
    require-trusted-types-for webrtc""".split()
)
SCRIPTS = ("script-src", "script-src-attr", "script-src-elem")
NOT_BEFORE_LEVEL_3 = frozenset(
    """report-to worker-src manifest-src trusted-types require-trusted-types-for script-src-attr script-src-elem
    style-src-attr style-src-elem""".split()
)

# White space as JavaScript's \s sees it.
_WORDS = re.compile("[^\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+")
_SCHEME = re.compile(r"[a-zA-Z][+a-zA-Z0-9.\-]*:")
_NONCE = re.compile(r"'nonce-(.+)'")
_BASE64_NONCE = re.compile(r"'nonce-[a-zA-Z0-9+/_\-]+={0,2}'")
_HASH = re.compile(r"'sha(?:256|384|512)-[a-zA-Z0-9+/_\-]+={0,2}'")


def is_scheme(value: str) -> bool:
    """`https:` and the like."""
    return _SCHEME.fullmatch(value) is not None


def is_hash(value: str) -> bool:
    """A hash with base64 in it, of whatever length."""
    return _HASH.fullmatch(value) is not None


def nonce_in(value: str) -> str:
    """The text of a nonce, base64 or not; "" when the value is none."""
    match = _NONCE.fullmatch(value)
    return match[1] if match else ""


def is_base64_nonce(value: str) -> bool:
    """A nonce that keeps to the grammar."""
    return _BASE64_NONCE.fullmatch(value) is not None


@dataclass(frozen=True)
class Reading:
    """One policy as csp-evaluator sees it. `ignored` lists (directive, value) in the order they were struck out."""

    directives: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    ignored: tuple[tuple[str, str], ...] = ()

    def values(self, directive: str) -> tuple[str, ...]:
        return self.directives.get(directive, ())

    def operative(self, directive: str) -> str:
        """The name of the directive that decides, whether it is present or not: -elem and -attr first fall to their base."""
        if directive in self.directives:
            return directive
        base, _, part = directive.rpartition("-")
        if part in ("attr", "elem") and base in self.directives:
            return base
        return "default-src" if directive in FETCH else directive

    def operatives(self, directives: tuple[str, ...]) -> list[str]:
        """`operative` of each, every name once."""
        return list(dict.fromkeys(map(self.operative, directives)))

    @cached_property
    def has_script_nonce(self) -> bool:
        return any(map(is_base64_nonce, self.values(self.operative("script-src"))))

    @cached_property
    def has_script_hash(self) -> bool:
        return any(map(is_hash, self.values(self.operative("script-src"))))

    @property
    def is_strict_dynamic(self) -> bool:
        return "'strict-dynamic'" in self.values(self.operative("script-src"))

    def effective(self, version: int = 3) -> Reading:
        """What a browser of CSP level `version` makes of it, with what it strikes out in `ignored`."""
        directives = dict(self.directives)
        ignored: list[tuple[str, str]] = []
        # Each of the three is looked up by itself, so a shared directive is judged (and reported) three times, as there.
        for name in SCRIPTS:
            operative = self.operative(name)
            if operative in directives:
                struck, reported = _struck(self.values(operative), directives[operative], version)
                directives[operative] = tuple(value for value in directives[operative] if value not in struck)
                ignored.extend((operative, value) for value in reported)
        if version < 3:
            directives = {name: values for name, values in directives.items() if name not in NOT_BEFORE_LEVEL_3}
        return Reading(MappingProxyType(directives), tuple(ignored))


def _struck(written: tuple[str, ...], now: tuple[str, ...], version: int) -> tuple[set[str], list[str]]:
    """Values a browser strikes out of one directive, and those worth reporting."""
    struck: set[str] = set()
    reported: list[str] = []
    if any(is_base64_nonce(value) or is_hash(value) for value in now):
        if version < 2:
            struck.update(value for value in written if value.startswith(("'nonce-", "'sha")))
        elif "'unsafe-inline'" in written:
            struck.add("'unsafe-inline'")
            reported.append("'unsafe-inline'")
    if "'strict-dynamic'" in written:
        if version < 3:
            struck.add("'strict-dynamic'")
        else:
            powerless = [value for value in written if not value.startswith("'") or value in ("'self'", "'unsafe-inline'")]
            struck.update(powerless)
            reported.extend(powerless)
    return struck, reported


def read(text: str) -> Reading:
    """Read one policy; commas have no meaning here. Linear; never raises.

    A directive with a character outside ASCII is kept, unlike in a browser (see policies.policy), so that what is wrong
    with it is told.
    """
    directives: dict[str, tuple[str, ...]] = {}
    for part in text.split(";"):
        words = _WORDS.findall(part)
        if words:
            directives.setdefault(words[0].lower(), tuple(dict.fromkeys(map(_normal, words[1:]))))
    return Reading(MappingProxyType(directives))


def _normal(value: str) -> str:
    lower = value.lower()
    return lower if lower in KEYWORDS or is_scheme(value) else value
