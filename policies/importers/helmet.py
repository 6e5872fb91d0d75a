"""helmet (Express): the object literal in a JavaScript text, read by a small tokeniser. Nothing is run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.importers.pasted import NONCE, FoundPolicy, Pasted
from policies.policy import Mode

# What helmet 8 adds unless useDefaults is false.
DEFAULTS: dict[str, list[str]] = {
    "default-src": ["'self'"],
    "base-uri": ["'self'"],
    "font-src": ["'self'", "https:", "data:"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'self'"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "script-src": ["'self'"],
    "script-src-attr": ["'none'"],
    "style-src": ["'self'", "https:", "'unsafe-inline'"],
    "upgrade-insecure-requests": [],
}

MAX_OBJECTS = 8

_TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*(?:.*?\*/|.*)|(?P<string>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|`(?:[^`\\]|\\.)*`?)"""
    r"""|(?P<word>[\w$.]+)|(?P<mark>=>|.)""",
    re.DOTALL,
)
_UPPER = re.compile(r"[A-Z]")
_OPENING, _CLOSING = "([{", ")]}"


def read_helmet(text: str) -> Pasted | None:
    """`helmet.contentSecurityPolicy({...})`, `helmet({contentSecurityPolicy: {...}})` or the bare object."""
    if "directives" not in text:
        return None
    tokens = list(_tokens(text))
    starts = [i for i in range(len(tokens) - 2) if _name(tokens[i]) == "directives" and tokens[i + 1] == ":" and tokens[i + 2] == "{"]
    found: list[FoundPolicy] = []
    notes: list[str] = []
    for start in starts[:MAX_OBJECTS]:
        given = _read_object(tokens, start + 3, notes)
        options = _options_around(tokens, start)
        use_defaults = options.get("useDefaults") != "false" and "helmet" in text
        directives = {**DEFAULTS, **given} if use_defaults else given
        if use_defaults:
            notes.append("helmet's default directives were added, as helmet adds them; useDefaults: false switches them off.")
        disposition: Mode = "report" if options.get("reportOnly") == "true" else "enforce"
        kept = (" ".join([name, *words]) for name, words in directives.items() if words is not None)
        found.append(FoundPolicy("; ".join(kept), disposition))
    return Pasted("helmet", tuple(found), tuple(dict.fromkeys(notes))) if found else None


def _tokens(text: str) -> Iterator[str]:
    return (match[0] for match in _TOKEN.finditer(text) if match.lastgroup)


def _name(token: str) -> str:
    return token[1:-1] if token[:1] in "\"'`" else token


def _read_object(tokens: list[str], position: int, notes: list[str]) -> dict[str, list[str] | None]:
    """Directives up to the closing brace; `null` and `false` take a default away."""
    directives: dict[str, list[str] | None] = {}
    while position < len(tokens) and tokens[position] != "}":
        if tokens[position] == ",":
            position += 1
            continue
        end = _end_of_item(tokens, position)
        if end - position >= 3 and tokens[position + 1] == ":":
            name = _dashed(_name(tokens[position]))
            directives[name] = _words(tokens[position + 2 : end], name, notes)
        else:
            notes.append("A part of the directives could not be read without running it.")
        position = max(end, position + 1)
    return directives


def _end_of_item(tokens: list[str], position: int) -> int:
    """Where the item ends: at a comma or closing bracket that is not inside brackets."""
    depth = 0
    while position < len(tokens):
        token = tokens[position]
        if depth == 0 and (token == "," or token in _CLOSING):
            return position
        depth += (token in _OPENING) - (token in _CLOSING)
        position += 1
    return position


def _words(tokens: list[str], name: str, notes: list[str]) -> list[str] | None:
    if tokens[0] in ("null", "false") or tokens[-1].endswith("dangerouslyDisableDefaultSrc"):
        return None
    items = _split(tokens[1:-1]) if tokens[0] == "[" and tokens[-1] == "]" else [tokens]
    words: list[str] = []
    for item in items:
        if len(item) == 1 and item[0][0] in "\"'`":
            words.append(re.sub(r"\\(.)", r"\1", item[0][1:-1]))
        elif any("nonce" in token.lower() for token in item):
            words.append(NONCE)
        elif item and item != ["true"]:
            notes.append(f"A value of {name} could not be read without running it.")
    return words


def _split(tokens: list[str]) -> list[list[str]]:
    items, position = [], 0
    while position < len(tokens):
        end = max(_end_of_item(tokens, position), position)
        if end > position:
            items.append(tokens[position:end])
        position = end + 1
    return items


def _options_around(tokens: list[str], start: int) -> dict[str, str]:
    """`useDefaults` and `reportOnly` of the object that holds `directives`."""
    begin, depth = start, 0
    while begin > 0 and depth >= 0:
        begin -= 1
        depth += (tokens[begin] in _CLOSING) - (tokens[begin] in _OPENING)
    options: dict[str, str] = {}
    position = begin + 1
    while position < len(tokens) and tokens[position] != "}":
        end = _end_of_item(tokens, position)
        if end - position == 3 and tokens[position + 1] == ":":
            options[_name(tokens[position])] = tokens[position + 2]
        position = end + (end < len(tokens) and tokens[end] == ",")
        if end < len(tokens) and tokens[end] in _CLOSING:
            break
    return options


def _dashed(name: str) -> str:
    return _UPPER.sub(lambda match: "-" + match[0].lower(), name)
