"""Which judgement an issue takes when its reports were judged differently. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from issues.verdicts import Judgement
from policies.words import NOISE_SLUGS

MOST_RULES = 20  # of one issue


def strongest(judgements: Iterable[Judgement]) -> Judgement:
    """The judgement that an issue takes from its reports: an attack before other signal, signal before likely noise."""
    return max(judgements, key=lambda one: strength(one.verdict, one.confidence))


def strength(verdict: str, confidence: str) -> int:
    """How much a verdict weighs against others of the same issue. Likely noise never hides what one report shows to be signal."""
    sure = {"certain": 2, "likely": 1}.get(confidence, 0)
    if verdict == "attack":
        return 20 + sure
    if verdict == "unsure":
        return 5
    return (3 if verdict in NOISE_SLUGS else 10) + sure * (3 if verdict in NOISE_SLUGS else 1)


def rules_of(decisive: Iterable[str], judgements: Iterable[Judgement]) -> list[str]:
    """What `Issue.rules` keeps: the rules of the judgement that it took first, then those that fired on its other reports.

    A mark of attack that certain noise outweighed there is left out: a correction excuses what is named here (issues.suspicion).
    """
    others = sorted({mark.rule for one in judgements for mark in one.marks if one.verdict == "attack" or mark.verdict != "attack"})
    return list(dict.fromkeys([*decisive, *others]))[:MOST_RULES]


def is_mixed(confidence: str, judgements: Iterable[Judgement]) -> bool:
    """Whether some reports were judged with another confidence than the issue took."""
    return any(one.confidence != confidence for one in judgements)


def judged_as(judgement: Judgement, version: int, mixed: bool = False) -> dict[str, Any]:
    """What `Issue.judged` keeps: the rules' word before context and people, the noise class that is part of the key, the
    version of the project's settings it was said under, and whether other reports were judged less or more surely."""
    return {
        "verdict": judgement.verdict,
        "confidence": judgement.confidence,
        "reason": judgement.reason[:500],
        "noise_class": judgement.noise_class,
        "version": version,
        "mixed": mixed,
    }
