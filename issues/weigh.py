"""Which judgement an issue takes when its reports were judged differently. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from issues.verdicts import Judgement
from policies.words import NOISE_SLUGS


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


def judged_as(judgement: Judgement, version: int) -> dict[str, Any]:
    """What `Issue.judged` keeps: the rules' word before context and people, the noise class that is part of the key, and the
    version of the project's settings it was said under."""
    return {
        "verdict": judgement.verdict,
        "confidence": judgement.confidence,
        "reason": judgement.reason[:500],
        "noise_class": judgement.noise_class,
        "version": version,
    }
