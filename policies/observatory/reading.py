"""The Observatory's own way of reading policies: stricter than a browser, and several policies become one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import attrgetter
from urllib.parse import unquote_to_bytes

SHORTEST_POLICY = 6
# Far above what fits into the headers a client accepts; the merge below costs the square of it.
MAX_POLICIES = 500
MAY_REPEAT = frozenset({"report-uri", "report-to"})
NOT_IN_META = ("frame-ancestors", "report-uri", "sandbox")

_JS_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_SPACES = re.compile(f"[{_JS_SPACE}]+")
_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")

# The order in which ICU's root collation puts ASCII: the merge below looks at neighbours, so the order decides results.
_COLLATION = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz"
_RANKS = {ord(char): chr(rank + 1) for rank, char in enumerate(_COLLATION)}


class PolicyInvalid(ValueError):
    """The Observatory calls the header invalid: too short, a directive given twice, or a broken percent escape."""


@dataclass
class _Source:
    text: str
    key: str
    policy: int
    keep: bool


@dataclass(frozen=True, slots=True)
class Merged:
    """What is left when every policy is merged: directive -> sources; `repeated` names the harmless repetitions."""

    directives: dict[str, set[str]] = field(default_factory=dict)
    repeated: tuple[str, ...] = ()


def split_headers(values: Sequence[str]) -> list[str]:
    """Header fields -> single policies (a comma always parts two policies)."""
    return [trimmed(part) for value in values for part in value.split(",")]


def trimmed(text: str) -> str:
    """Without leading and trailing white space as JavaScript's trim() sees it."""
    return text.strip(_JS_SPACE)


def merge(policies: Sequence[str]) -> Merged:
    """Read policies and intersect them as the Observatory does; raises PolicyInvalid."""
    cleaned = [trimmed(policy.replace("\r", "").replace("\n", "")) for policy in policies]
    if len(cleaned) > MAX_POLICIES:
        raise PolicyInvalid(f"there are more than {MAX_POLICIES} policies")
    if any(len(policy) < SHORTEST_POLICY for policy in cleaned):
        raise PolicyInvalid("the policy is shorter than any directive")
    merged: dict[str, list[_Source]] = {}
    repeated: dict[str, None] = {}
    for index, policy in enumerate(cleaned):
        _merge_one(policy, index, len(cleaned) > 1, merged, repeated)
    return Merged(
        {name: {source.text for source in sources} or {"'none'"} for name, sources in merged.items()},
        tuple(repeated),
    )


def merge_meta(policies: Sequence[str]) -> Merged:
    """As `merge`, without the directives that a <meta> element may not hold."""
    merged = merge(policies)
    return Merged({name: sources for name, sources in merged.directives.items() if name not in NOT_IN_META}, merged.repeated)


def _merge_one(policy: str, index: int, several: bool, merged: dict[str, list[_Source]], repeated: dict[str, None]) -> None:
    seen: set[str] = set()
    for part in policy.split(";"):
        name, *values = _SPACES.split(trimmed(part))
        if not name:
            continue
        name = name.lower()
        if name in seen:
            _repeat(name, repeated)
        seen.add(name)
        # The first policy overwrites (so the last of a repeated report-to wins); later ones are compared with it.
        known = [] if index == 0 else merged.get(name, [])
        kept = _intersected([*known, *_sources(name, values, index)])
        if index == 0 and several:
            for source in kept:
                source.keep = False
        merged[name] = kept


def _repeat(name: str, repeated: dict[str, None]) -> None:
    if name not in MAY_REPEAT:
        raise PolicyInvalid(f"{name} is given twice")
    repeated[name] = None


def _sources(name: str, values: Sequence[str], index: int) -> list[_Source]:
    if not values and name.endswith("-src"):
        values = ["'none'"]
    return [_Source(text, _collation_key(text), index, index == 0) for text in map(str.lower, values)]


def _intersected(sources: list[_Source]) -> list[_Source]:
    sources.sort(key=attrgetter("key"))
    for before, source in pairwise(sources):
        if source.policy == before.policy:
            if source.text.startswith(before.text):
                source.keep = False
        elif _path_matches(before.text, source.text):
            source.keep = True
    return [source for source in sources if source.keep]


def _collation_key(text: str) -> str:
    return "".join(char for char in text if ord(char) > 31 and ord(char) != 127).translate(_RANKS)


def _path_matches(wide: str, narrow: str) -> bool:
    """Whether `narrow` lies under `wide`, segment by segment (CSP's path rule, here over the whole expression)."""
    exact = not wide.endswith("/")
    wide_parts, narrow_parts = wide.split("/"), narrow.split("/")
    if len(wide_parts) > len(narrow_parts) or (exact and len(wide_parts) != len(narrow_parts)):
        return False
    if not exact:
        wide_parts.pop()
    return all(_decoded(one) == _decoded(other) for one, other in zip(wide_parts, narrow_parts, strict=False))


def _decoded(piece: str) -> str:
    if "%" not in piece:
        return piece
    if _BAD_ESCAPE.search(piece):
        raise PolicyInvalid("a percent escape is broken")
    try:
        return unquote_to_bytes(piece).decode()
    except UnicodeDecodeError as error:
        raise PolicyInvalid("a percent escape is not UTF-8") from error
