"""Does this report wake an issue that somebody resolved or ignored? Pure (design.md, "Status").

`until` is what issues.actions wrote: for ignored issues {"kind": "forever"}, {"kind": "time", "at": iso},
{"kind": "rate", "per_hour": n}, {"kind": "page", "known": [...]}, {"kind": "policy", "known": [...]};
for resolved ones {"kind": "now"} or {"kind": "policy", "known": [...]}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

GRACE = timedelta(hours=24)  # old tabs, caches and roll-outs go on reporting what is already fixed


@dataclass(frozen=True, slots=True)
class Seen:
    """What a batch says of one issue. `policies` are fingerprints with the time each was first seen in the project."""

    last_seen: datetime
    enforced: int
    enforced_before: int
    per_hour: int
    pages: frozenset[str]
    policies: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Wake:
    """Why it is open again: `regressed` after a resolve, `breaking` when report-only became enforced."""

    regressed: bool
    breaking: bool
    words: str


def wakes(status: str, until: Mapping[str, Any], since: datetime | None, noise: bool, seen: Seen) -> Wake | None:
    """None while it may sleep on."""
    if status == "resolved":
        return _regresses(until, since or seen.last_seen, seen)
    if status == "ignored":
        return _stirs(until, noise, seen)
    return None


def _regresses(until: Mapping[str, Any], since: datetime, seen: Seen) -> Wake | None:
    days = max(0, (seen.last_seen - since).days)
    if until.get("kind") == "policy":
        if set(seen.policies) - set(until.get("known", ())):
            return Wake(True, False, "came back under the policy that was to fix it")
        return None
    if any(first > since for first in seen.policies.values()):
        return Wake(True, False, f"came back after {days} days, under a newer policy")
    if seen.last_seen > since + GRACE:
        return Wake(True, False, f"came back after {days} days")
    return None


def _stirs(until: Mapping[str, Any], noise: bool, seen: Seen) -> Wake | None:
    if seen.enforced and not seen.enforced_before and not noise:
        return Wake(False, True, "was report-only when it was ignored and is blocked now")
    kind = until.get("kind")
    if kind == "time" and seen.last_seen >= _moment(until.get("at")):
        return Wake(False, False, "the time it was ignored for is over")
    if kind == "rate" and seen.per_hour > int(until.get("per_hour", 0)):
        return Wake(False, False, f"more than {until['per_hour']} reports an hour")
    if kind == "page" and (new := seen.pages - set(until.get("known", ()))):
        return Wake(False, False, f"seen on a new page, {min(new)}")
    if kind == "policy" and set(seen.policies) - set(until.get("known", ())):
        return Wake(False, False, "the policy changed")
    return None


def _moment(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
