"""nginx, Apache and Caddy: words, quotes and variables of a configuration, read without running anything."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.importers.pasted import FoundPolicy, Pasted, disposition_of

MAX_VALUE = 20_000

_NGINX_WORD = re.compile(r"""\s+|\#[^\n]*|([;{}])|"((?:[^"\\]|\\.)*)"?|'((?:[^'\\]|\\.)*)'?|([^\s;{}"']+)""", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_NONCE_VARIABLE = re.compile(r"'nonce-[^']*[$%{][^']*'")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

_APACHE = re.compile(
    r"^[ \t]*Header\s+(?:always\s+|onsuccess\s+)?(?:set|add|append|merge|setifempty)\s+\"?(Content-Security-Policy(?:-Report-Only)?)\"?\s+"
    r"(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|(\S+))",
    re.IGNORECASE | re.MULTILINE,
)
_CADDY = re.compile(
    r"^[ \t]*(?:header(?:[ \t]+[@/*]\S*)?[ \t]+)?[+>?]?(Content-Security-Policy(?:-Report-Only)?)[ \t]+"
    r"(?:\"((?:[^\"\\]|\\.)*)\"|`([^`]*)`)",
    re.IGNORECASE | re.MULTILINE,
)
_CONTINUED = re.compile(r"\\\r?\n[ \t]*")


def read_nginx(text: str) -> Pasted | None:
    """`add_header`, with variables that `set` gave a value to."""
    if "add_header" not in text and "more_set_headers" not in text:
        return None
    known: dict[str, str] = {}
    found: list[FoundPolicy] = []
    notes: list[str] = []
    for words in _statements(text):
        if words[0] == "set" and len(words) == 3 and words[1].startswith("$"):
            known[words[1][1:]] = _filled(words[2], known)
        elif words[0] == "add_header" and len(words) >= 3:
            disposition = disposition_of(words[1])
            if disposition:
                found.append(FoundPolicy(_plain(_filled(words[2], known), notes), disposition))
    return Pasted("nginx", tuple(found), tuple(dict.fromkeys(notes))) if found else None


def read_apache(text: str) -> Pasted | None:
    """mod_headers, lines continued with a backslash, `%%` for `%`."""
    notes: list[str] = []
    found = []
    for match in _APACHE.finditer(_CONTINUED.sub(" ", text)):
        disposition = disposition_of(match[1])
        value = _ESCAPED.sub(r"\1", match[2] or match[3] or match[4] or "")
        if disposition:
            found.append(FoundPolicy(_plain(value, notes).replace("%%", "%"), disposition))
    return Pasted("apache", tuple(found), tuple(dict.fromkeys(notes))) if found else None


def read_caddy(text: str) -> Pasted | None:
    """A `header` line or a block of them, in double quotes or backticks."""
    if not re.search(r"^[ \t]*header\b", text, re.MULTILINE):
        return None
    notes: list[str] = []
    found = []
    for match in _CADDY.finditer(text):
        disposition = disposition_of(match[1])
        value = match[3] if match[3] is not None else _ESCAPED.sub(r"\1", match[2] or "")
        if disposition:
            found.append(FoundPolicy(_plain(value, notes), disposition))
    return Pasted("caddy", tuple(found), tuple(dict.fromkeys(notes))) if found else None


def _statements(text: str) -> Iterator[list[str]]:
    words: list[str] = []
    position = 0
    while position < len(text):
        match = _NGINX_WORD.match(text, position)
        if not match:
            return
        position = match.end()
        end, double, single, bare = match.groups()
        if end:
            if words:
                yield words
            words = []
        elif double is not None or single is not None:
            words.append(_ESCAPED.sub(r"\1", double if double is not None else single))
        elif bare is not None:
            words.append(bare)
    if words:
        yield words


def _filled(text: str, known: dict[str, str]) -> str:
    """Variables with a value we saw are put in, unless the whole would grow past MAX_VALUE."""
    matches = list(_VARIABLE.finditer(text))
    grown = len(text) + sum(len(known.get(match[1] or match[2], "")) for match in matches)
    if not matches or grown > MAX_VALUE:
        return text[:MAX_VALUE]
    return _VARIABLE.sub(lambda match: known.get(match[1] or match[2], match[0]), text)


def _plain(text: str, notes: list[str]) -> str:
    """A policy on one line; a nonce made of a variable becomes the placeholder."""
    plain = _NONCE_VARIABLE.sub("'nonce-{NONCE}'", " ".join(text.split()))
    if plain.replace("'nonce-{NONCE}'", "").find("$") >= 0 or "%{" in plain:
        notes.append("The policy holds a variable whose value is not in the text.")
    return plain
