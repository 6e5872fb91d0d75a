"""Judging again as an issue grows: breadth moves "likely noise" to "not sure yet" and back, never a certain mark."""

from __future__ import annotations

from issues.verdicts.model import Confidence, Context
from policies.words import NOISE_SLUGS


def rejudge(rules: tuple[str, ...], verdict: str, confidence: Confidence, context: Context) -> tuple[str, Confidence, str]:
    """Verdict, confidence and reason for an issue whose own reports gave `rules`, `verdict` and `confidence`."""
    if verdict not in NOISE_SLUGS or confidence == "certain" or not _is_broad(context):
        return verdict, confidence, ""
    return "unsure", "hint", (
        f"Looks like noise, but {context.visitors} visitors with {context.browsers} kinds of browser on {context.pages} pages saw it."
    )


def _is_broad(context: Context) -> bool:
    return context.visitors >= 20 and context.browsers >= 2 and context.networks >= 5
