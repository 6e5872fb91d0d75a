"""From the bytes of one request to single reports: every envelope, told apart by shape and never by content type.

The browsers' real requests (tests/wire) taught what is accepted here: an array of Reporting API entries, one entry alone
(WebKit), a `csp-report` object, and the same fields without any envelope (page scripts that forward events).
"""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import msgspec

MAX_FIELDS = 64
"""Keys kept of one report; browsers send 13."""
MAX_FIELD_TEXT = 32_768
"""Characters kept of one value: Chromium sent addresses of 7,000 characters, policies reach 20,000."""
MAX_REPORT_TEXT = 65_536
MAX_OTHER_TYPES = 20
MAX_VALUES = 200_000
"""Values in one body, about: a thousand reports of browsers have 20,000. Each takes up to 150 bytes once it is decoded."""
_WHITESPACE = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
_SURROGATE = re.compile("[\ud800-\udfff]")
_ODD_IN_NAME = re.compile(r"[^A-Za-z0-9_.\-]+")
_SEPARATORS = re.compile(r"[-_\s]+")

VIOLATION = "csp-violation"
_TELLING = frozenset({"blockeduri", "blockedurl", "violateddirective", "effectivedirective"})
"""A report that has none of these names neither what was blocked nor by which directive: it says nothing."""
_USUAL = ("effective-directive", "effectiveDirective")
"""How today's browsers spell one of them."""


@dataclass(frozen=True, slots=True)
class RawReport:
    """One report's own fields (scalars only, bounded), as the browser spelled them, and what its envelope said.

    `envelope` is `csp-report` or `reporting-api`; `age` in milliseconds; `text` is this report's own JSON, bounded, for
    the sample that is shown as received.
    """

    fields: dict[str, object]
    envelope: str
    age: int
    url: str
    user_agent: str
    text: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """What one request held. `other` counts report types that are not ours by name, `refused` the entries that are no
    report by reason (`too-many`: entries over the limit, which were not looked at). `error` is set when the whole
    body is no report: `empty`, `not-json`, `too-deep`, `too-many-values` or `not-a-report`."""

    reports: tuple[RawReport, ...] = ()
    other: tuple[tuple[str, int], ...] = ()
    refused: tuple[tuple[str, int], ...] = ()
    error: str = ""


_Told = tuple[object, bytes]


@dataclass(frozen=True, slots=True)
class Weight:
    """What the endpoint needs to know of a body before it is kept: how much `read` will find in it, and `error` as there."""

    reports: int = 0
    refused: int = 0
    error: str = ""


class _NotJson(ValueError):
    """The body can't be read; the message is the slug for `Envelope.error`."""


def read(body: bytes, limit: int = 1000) -> Envelope:
    """Never raises. Invalid UTF-8 and lone surrogates are repaired, since Chromium sends them and repeats what is refused."""
    body = body.removeprefix(_BOM).strip(_WHITESPACE)
    if not body:
        return Envelope(error="empty")
    try:
        entries, left = _entries(body, limit)
    except _NotJson as problem:
        return Envelope(error=str(problem))
    return _sort(entries, left)


class _Inside(msgspec.Struct):
    directive: str = msgspec.field(name="effective-directive")


class _Usual(msgspec.Struct):
    """The body most requests have: one `csp-report` whose directive is a text. Nothing else of it is decoded."""

    report: _Inside = msgspec.field(name="csp-report")


class _Body(msgspec.Struct):
    directive: str = msgspec.field(name="effectiveDirective")


class _Entry(msgspec.Struct):
    """The same of the Reporting API, whose requests are arrays of it. With a `csp-report` beside, it is not the usual one."""

    type: Literal["csp-violation"]
    body: _Body
    report: msgspec.UnsetType = msgspec.field(name="csp-report", default=msgspec.UNSET)


_usual = msgspec.json.Decoder(_Usual)
_usual_batch = msgspec.json.Decoder(list[_Entry])
_ONE = Weight(reports=1)


def weigh(body: bytes, limit: int = 1000) -> Weight:
    """`read` without its result: the same entries count, nothing of them is copied."""
    try:
        if body[:1] == b"[":
            if 0 < len(batch := _usual_batch.decode(body)) <= limit and all(entry.body.directive for entry in batch):
                return Weight(reports=len(batch))
        elif _usual.decode(body).report.directive:
            return _ONE
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass  # something rarer, or no report at all
    body = body.removeprefix(_BOM).strip(_WHITESPACE)
    if not body:
        return Weight(error="empty")
    try:
        entries, left = _entries(body, limit)
    except _NotJson as problem:
        return Weight(error=str(problem))
    ours = [entry for entry, _ in entries if not (isinstance(entry, dict) and _other_type(entry))]
    reports = sum(not isinstance(_inner(entry), str) for entry in ours)
    nothing = not reports and len(ours) == len(entries)
    return Weight(reports, len(ours) - reports + left, "not-a-report" if nothing else "")


def _sort(entries: list[_Told], left: int) -> Envelope:
    reports: list[RawReport] = []
    other: Counter[str] = Counter()
    refused: Counter[str] = Counter({"too-many": left} if left else {})
    for entry, text in entries:
        if isinstance(entry, dict) and (name := _other_type(entry)):
            other[name if name in other or len(other) < MAX_OTHER_TYPES else "more"] += 1
        elif isinstance(found := _report(entry, text), RawReport):
            reports.append(found)
        else:
            refused[found] += 1
    error = "" if reports or other else "not-a-report"
    return Envelope(tuple(reports), tuple(sorted(other.items())), tuple(sorted(refused.items())), error)


def _other_type(entry: dict[str, object]) -> str:
    """The name of a Reporting API type that is not ours (`deprecation`, `network-error`), fit to be shown; else ""."""
    kind = entry.get("type")
    if not isinstance(kind, str) or kind == VIOLATION or "csp-report" in entry or _tells(entry):
        return ""
    return _ODD_IN_NAME.sub("-", kind[:40]).strip("-.") or "unnamed"


def _report(entry: object, text: bytes) -> RawReport | str:
    """The report of one entry, or the reason why it is none."""
    found = _inner(entry)
    if isinstance(found, str):
        return found
    outer, inner, envelope = found
    return RawReport(
        _bounded(inner), envelope, _whole(outer.get("age")), _text(outer.get("url")), _text(outer.get("user_agent")), text[:MAX_REPORT_TEXT]
    )


def _inner(entry: object) -> tuple[dict[str, Any], dict[str, Any], str] | str:
    """The entry, the report's own fields in it and the envelope's name; or the reason why it is no report."""
    if not isinstance(entry, dict):
        return "not-an-object"
    if "csp-report" in entry:
        inner, envelope = entry["csp-report"], "csp-report"
    elif entry.get("type") == VIOLATION and not _tells(entry):
        inner, envelope = entry.get("body"), "reporting-api"
    else:
        inner, envelope = entry, "csp-report"
    if not isinstance(inner, dict):
        return "no-body"
    if not _tells(inner):
        return "no-fields"
    return entry, inner, envelope


def _tells(fields: dict[str, object]) -> bool:
    if any(fields.get(name) not in ("", None) for name in _USUAL):
        return True
    return any(value not in ("", None) and plain_key(key) in _TELLING for key, value in fields.items() if len(key) < 30)


def plain_key(key: str) -> str:
    """`blockeduri` for `blocked-uri`, `blocked_uri` and `blockedURI`."""
    return _SEPARATORS.sub("", key).lower()


def _bounded(fields: dict[str, object]) -> dict[str, object]:
    """Scalars only; an object or array has no place in a report and a lying one can be very deep."""
    kept: dict[str, object] = {}
    for key, value in fields.items():
        if len(kept) == MAX_FIELDS:
            break
        if value is None or isinstance(value, str | int | float):
            kept[_repaired(key[:64])] = _text(value) if isinstance(value, str) else value
    return kept


def _text(value: object) -> str:
    return _repaired(value[:MAX_FIELD_TEXT]) if isinstance(value, str) else ""


def _repaired(text: str) -> str:
    """Lone surrogates can't be stored or sent on; a cut through an emoji leaves one."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _whole(value: object) -> int:
    """Whole milliseconds from 0 to ten years; anything else is 0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return min(int(value), 315_360_000_000) if value > 0 else 0


def _entries(body: bytes, most: int) -> tuple[list[_Told], int]:
    """Each entry with its own JSON text, and how many over `most` were left undecoded."""
    if len(body) > MAX_VALUES and sum(map(body.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise _NotJson("too-many-values")
    try:
        return _fast(body, most)
    except RecursionError:
        raise _NotJson("too-deep") from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _slow(body, most)


def _fast(body: bytes, most: int) -> tuple[list[_Told], int]:
    if body[:1] != b"[":
        return [(msgspec.json.decode(body), body)], 0
    raws = msgspec.json.decode(body, type=list[msgspec.Raw])
    return [(msgspec.json.decode(raw), bytes(raw)) for raw in raws[:most]], max(0, len(raws) - most)


def _slow(body: bytes, most: int) -> tuple[list[_Told], int]:
    """What msgspec refuses and browsers send all the same: cut emoji, numbers out of range."""
    try:
        found = _LENIENT.decode(body.decode("utf-8", "replace"))
    except RecursionError:
        raise _NotJson("too-deep") from None
    except ValueError:
        raise _NotJson("not-json") from None
    if not isinstance(found, list):
        return [(found, body)], 0
    return [(entry, _repaired(json.dumps(entry, ensure_ascii=False)).encode()) for entry in found[:most]], max(0, len(found) - most)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _short_int(digits: str) -> int:
    return int(digits) if len(digits) < 19 else 0


def _finite(digits: str) -> float:
    number = float(digits) if len(digits) < 64 else 0.0
    return number if abs(number) < 1e300 else 0.0


_LENIENT = json.JSONDecoder(parse_int=_short_int, parse_float=_finite, parse_constant=_refuse_constant)


def inflate(body: bytes, encoding: str, limit: int) -> bytes:
    """Undo a Content-Encoding, never holding more than `limit` bytes. Raises ValueError with a reason slug:
    `unknown-encoding`, `not-compressed` or `too-large`."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        if len(body) > limit:
            raise ValueError("too-large")
        return body
    if name not in ("gzip", "x-gzip", "deflate"):
        raise ValueError("unknown-encoding")
    return _inflated(body, _window_bits(body, name), limit)


def _window_bits(body: bytes, name: str) -> int:
    """`deflate` means zlib by the standard and raw deflate by habit; zlib's first byte tells them apart."""
    if name != "deflate":
        return zlib.MAX_WBITS | 16
    return zlib.MAX_WBITS if body[:1] and body[0] & 0x0F == 8 else -zlib.MAX_WBITS


def _inflated(body: bytes, window_bits: int, limit: int) -> bytes:
    machine = zlib.decompressobj(window_bits)
    try:
        plain = machine.decompress(body, limit + 1)
    except zlib.error:
        raise ValueError("not-compressed") from None
    if len(plain) > limit:
        raise ValueError("too-large")
    if not machine.eof:
        raise ValueError("not-compressed")
    return plain
