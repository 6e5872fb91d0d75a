"""One source expression: its parts, read by the grammar of CSP3 ("Source Lists", #framework-directive-source-list)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["none", "self", "star", "keyword", "scheme", "host", "nonce", "hash", "token", "invalid"]

NONCE_PLACEHOLDER = "{NONCE}"
"""Stands for "a fresh nonce goes here" in masked policies, drafts and templates; read as a valid nonce."""

MAX_CACHED = 256
"""Longer expressions are read each time: hostile ones must not fill the memory through the cache."""

KEYWORDS = frozenset({
    "unsafe-inline", "unsafe-eval", "strict-dynamic", "unsafe-hashes", "report-sample", "unsafe-allow-redirects",
    "wasm-unsafe-eval", "trusted-types-eval", "report-sha256", "report-sha384", "report-sha512", "unsafe-webtransport-hashes",
    "inline-speculation-rules",
})
HASH_CHARACTERS = {"sha256": 43, "sha384": 64, "sha512": 86}
"""Characters of a whole base64 digest without its "=" padding."""

_SCHEME = r"[A-Za-z][A-Za-z0-9+.\-]*"
_HOST = r"\*|(?:\*\.)?[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.?"
_PCHAR = r"(?:[A-Za-z0-9\-._~!$&'()*+=:@]|%[0-9A-Fa-f]{2})"
_HOST_SOURCE = re.compile(
    rf"(?:({_SCHEME})://)?({_HOST})(?::([0-9]+|\*))?((?:/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?)?)",
)
_SCHEME_SOURCE = re.compile(rf"({_SCHEME}):")
_BASE64 = r"[A-Za-z0-9+/\-_]+={0,2}"
_NONCE = re.compile(rf"'nonce-({_BASE64}|\{{NONCE\}})'", re.IGNORECASE)
_HASH = re.compile(rf"'(sha256|sha384|sha512)-({_BASE64})'", re.IGNORECASE)
_UNQUOTED = re.compile(r"(?:nonce-.+|sha(?:256|384|512)-.+)", re.IGNORECASE)
_IPV4 = re.compile(r"[0-9]+(?:\.[0-9]+){3}")


@dataclass(frozen=True, slots=True)
class Item:
    """One word of a directive's value. `raw` is what was written; the other parts are "" where they do not apply.

    `scheme`, `host`, `keyword` and `hash_alg` are in lower case, `host` keeps its `*` or `*.`, `port` is digits or
    "*", `keyword` is without quotes ("self" and "none" too). `problem` is a warning code (see parse_warnings.py)
    for an expression that is invalid, or valid and surely not meant so. `index` is the place in the directive.
    """

    kind: Kind
    raw: str
    scheme: str = ""
    host: str = ""
    port: str = ""
    path: str = ""
    keyword: str = ""
    nonce: str = ""
    hash_alg: str = ""
    hash_value: str = ""
    problem: str = ""
    index: int = 0

    @property
    def masked(self) -> str:
        """`raw` with the value of a nonce, well-formed or not, replaced by the placeholder."""
        return mask_nonce(self.raw)


_Parts = tuple[Kind, str, str, str, str, str, str, str, str, str, str]


def mask_nonce(raw: str) -> str:
    """`'nonce-{NONCE}'` for any nonce, else the word itself: without this each page view would be a new policy."""
    lower = raw[:7].lower()
    if lower == "'nonce-":
        return "'nonce-" + NONCE_PLACEHOLDER + "'"
    return "nonce-" + NONCE_PLACEHOLDER if lower.startswith("nonce-") else raw


def parse_item(raw: str, index: int = 0) -> Item:
    """Read one source expression (CSP3 #framework-directive-source-list). What fits no production is `invalid` and matches nothing."""
    return Item(*(_parts(raw) if len(raw) <= MAX_CACHED else _read(raw)), index)


def token(raw: str, index: int = 0) -> Item:
    """A word of a directive that holds no source list: a sandbox flag, a policy name, a report address."""
    return Item("token", raw, index=index)


def _item(kind: Kind, raw: str, scheme: str = "", host: str = "", port: str = "", path: str = "", *,
          keyword: str = "", nonce: str = "", hash_alg: str = "", hash_value: str = "", problem: str = "") -> _Parts:
    return (kind, raw, scheme, host, port, path, keyword, nonce, hash_alg, hash_value, problem)


@lru_cache(maxsize=16384)
def _parts(raw: str) -> _Parts:
    return _read(raw)


def _read(raw: str) -> _Parts:
    if raw == "*":
        return _item("star", raw)
    if raw.startswith("'"):
        return _quoted(raw)
    scheme = _SCHEME_SOURCE.fullmatch(raw)
    if scheme:
        return _item("scheme", raw, scheme[1].lower())
    match = _HOST_SOURCE.fullmatch(raw)
    if match:
        return _host(raw, match)
    return _item("invalid", raw, problem=_why_invalid(raw))


def _quoted(raw: str) -> _Parts:
    lower = raw.lower()
    if lower == "'self'":
        return _item("self", raw, keyword="self")
    if lower == "'none'":
        return _item("none", raw, keyword="none")
    if lower[-1:] == "'" and lower[1:-1] in KEYWORDS:
        return _item("keyword", raw, keyword=lower[1:-1])
    nonce = _NONCE.fullmatch(raw)
    if nonce:
        short = nonce[1] != NONCE_PLACEHOLDER and len(nonce[1]) < 8
        return _item("nonce", raw, nonce=nonce[1], problem="nonce-too-short" if short else "")
    found = _HASH.fullmatch(raw)
    if found:
        algorithm = found[1].lower()
        whole = len(found[2].rstrip("=")) == HASH_CHARACTERS[algorithm]
        return _item("hash", raw, hash_alg=algorithm, hash_value=found[2], problem="" if whole else "hash-wrong-length")
    return _item("invalid", raw, problem="invalid-expression")



def _host(raw: str, match: re.Match[str]) -> _Parts:
    scheme, host, port, path = match[1] or "", match[2].lower(), match[3] or "", match[4] or ""
    problem = ""
    if host in KEYWORDS or host in ("self", "none") or _UNQUOTED.fullmatch(raw):
        problem = "missing-quotes"
    elif _IPV4.fullmatch(host):
        problem = "ip-host"
    return _item("host", raw, scheme.lower(), host, port, path, problem=problem)


def _why_invalid(raw: str) -> str:
    if _UNQUOTED.fullmatch(raw):
        return "missing-quotes"
    if "," in raw:
        return "comma-in-policy"
    if "?" in raw or "#" in raw:
        return "path-with-query"
    if "[" in raw:
        return "ip-host"
    return "invalid-expression"
