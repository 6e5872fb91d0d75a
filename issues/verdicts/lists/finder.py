"""Find which of many patterns a text holds, without asking each of them.

One regular expression of two hundred alternatives tries all of them at each letter: half a millisecond for forty letters. Nearly
every pattern needs some literal text, though, and `in` finds that in thirty nanoseconds. So each pattern is asked only where one of
the literals that it can't do without is there.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from typing import Any

# The parser of `re` itself: a second reading of the syntax would be wrong some day.
_SRE: Any = importlib.import_module("re._parser")
_MIN = 3
"""Letters of a literal; shorter ones are in every text."""
_NONE: frozenset[str] = frozenset()


class Finder:
    """Patterns in the order of their table; the first that matches anywhere wins."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = [re.compile(pattern) for pattern in patterns]
        self._always: list[int] = []
        by_literal: dict[str, list[int]] = {}
        for index, pattern in enumerate(self._patterns):
            needed = needed_by(pattern.pattern)
            if not needed:
                self._always.append(index)
            for literal in needed:
                by_literal.setdefault(literal, []).append(index)
        self._by_literal = list(by_literal.items())

    def first(self, text: str) -> int | None:
        """The number of the first pattern that the text holds."""
        asked = list(self._always)
        for literal, indexes in self._by_literal:
            if literal in text:
                asked += indexes
        for index in sorted(set(asked)):
            if self._patterns[index].search(text):
                return index
        return None


def needed_by(pattern: str) -> frozenset[str]:
    """Literals of which every match holds at least one; none where there is no telling."""
    return _needed(_SRE.parse(pattern))


def _needed(parsed: Any) -> frozenset[str]:
    best, run = _NONE, ""
    for operation, argument in parsed:
        name = str(operation)
        if name == "LITERAL":
            run += chr(argument)
            continue
        best, run = _better(best, frozenset({run})), ""
        if name == "SUBPATTERN" and not argument[1] & re.IGNORECASE:
            best = _better(best, _needed(argument[-1]))
        elif name == "BRANCH":
            parts = [_needed(part) for part in argument[1]]
            best = _better(best, frozenset().union(*parts) if all(parts) else _NONE)
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") and argument[0] > 0:
            best = _better(best, _needed(argument[2]))
    return _better(best, frozenset({run}))


def _better(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """The set whose shortest literal is longer: it is in fewer texts."""
    other = other if _shortest(other) >= _MIN else _NONE
    return other if _shortest(other) > _shortest(one) else one


def _shortest(literals: frozenset[str]) -> int:
    return min((len(literal) for literal in literals), default=0)
