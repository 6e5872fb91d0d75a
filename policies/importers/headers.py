"""Header text, the output of `curl -sI`, <meta> elements, Cloudflare's `_headers` and workers, and a bare policy."""

from __future__ import annotations

import html
import re

from policies.directives import DIRECTIVES
from policies.importers.pasted import FoundPolicy, Pasted, disposition_of, found_in_headers

_STATUS = re.compile(r"HTTP/[0-9.]+ [0-9]{3}\b", re.IGNORECASE)
_FIELD = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_RULE = re.compile(r"(?:/|https?://)\S*")
_META = re.compile(r"<meta\b([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![\w\-])([\w\-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_WORKER = re.compile(
    r"""\.(?:set|append|setHeader|header)\(\s{0,40}["'`](Content-Security-Policy(?:-Report-Only)?)["'`]\s{0,40},\s{0,40}"""
    r"""(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`)""",
    re.IGNORECASE,
)
_NONCE_IN_SCRIPT = re.compile(r"'nonce-\$\{[^}']*\}'")


def read_curl(text: str) -> Pasted | None:
    """Responses one after the other (redirects, proxies): the last one counts."""
    lines = text.strip().splitlines()
    starts = [number for number, line in enumerate(lines) if _STATUS.match(line)]
    if not starts or starts[0] != 0:
        return None
    headers = _fields(_until_blank(lines[starts[-1] + 1 :]))
    notes = (f"{len(starts)} responses: the last one was read.",) if len(starts) > 1 else ()
    return Pasted("curl", found_in_headers(headers), notes, tuple(headers))


def read_headers(text: str) -> Pasted | None:
    """`Name: value` lines; a line that begins with white space continues the one before."""
    headers = _fields(text.strip().splitlines())
    return Pasted("headers", found_in_headers(headers), (), tuple(headers)) if headers else None


def read_cloudflare(text: str) -> Pasted | None:
    """`_headers`: a path, then indented fields. Each rule's policies are read."""
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    if not lines or not all(line[0].isspace() or _RULE.fullmatch(line.strip()) for line in lines):
        return None
    headers = _fields([line.strip() for line in lines if line[0].isspace()])
    rules = [line.strip() for line in lines if not line[0].isspace()]
    found = found_in_headers(headers)
    if not found:
        return None
    return Pasted("cloudflare", found, (f"{len(rules)} rules: all their policies were read.",) if len(rules) > 1 else (), tuple(headers))


def read_worker(text: str) -> Pasted | None:
    """`headers.set("Content-Security-Policy", "...")`, as in a Cloudflare worker."""
    found = []
    for match in _WORKER.finditer(text):
        value = _NONCE_IN_SCRIPT.sub("'nonce-{NONCE}'", re.sub(r"\\(.)", r"\1", match[2] or match[3] or match[4] or ""))
        found.append(FoundPolicy(" ".join(value.split()), disposition_of(match[1]) or "enforce"))
    return Pasted("cloudflare", tuple(found)) if found else None


def read_meta(text: str) -> Pasted | None:
    """Policies of <meta http-equiv> elements, wherever they stand in the HTML."""
    if "<meta" not in text.lower():
        return None
    found: list[FoundPolicy] = []
    notes: list[str] = []
    for element in _META.finditer(text):
        given = {match[1].lower(): html.unescape(match[2] or match[3] or match[4] or "") for match in _ATTRIBUTE.finditer(element[1])}
        disposition = disposition_of(given.get("http-equiv", ""))
        if disposition == "enforce":
            found.append(FoundPolicy(given.get("content", ""), "enforce", "meta"))
        elif disposition:
            notes.append("A report-only policy in <meta> is ignored by browsers, so it was not read.")
    return Pasted("meta", tuple(found), tuple(notes)) if found else None


def read_value(text: str) -> Pasted | None:
    """A bare policy: its first word is the name of a directive."""
    words = text.replace(";", " ; ").split(None, 1)
    if not words or words[0].lower() not in DIRECTIVES:
        return None
    return Pasted("value", (FoundPolicy(" ".join(text.split())),))


def _until_blank(lines: list[str]) -> list[str]:
    return lines[: next((number for number, line in enumerate(lines) if not line.strip()), len(lines))]


def _fields(lines: list[str]) -> list[tuple[str, str]]:
    """Fields of a header block; [] when a line is none."""
    fields: list[tuple[str, list[str]]] = []
    for line in lines:
        if not line.strip():
            continue
        if line[0].isspace() and fields:
            fields[-1][1].append(line.strip())
            continue
        name, colon, value = line.partition(":")
        if not colon or not _FIELD.fullmatch(name.strip()):
            return []
        fields.append((name.strip(), [value.strip()]))
    return [(name, " ".join(parts)) for name, parts in fields]
