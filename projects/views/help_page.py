"""What the words mean: one page, the same link at the foot of every other."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from policies.words import VERDICTS


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "projects/help.html", {"verdicts": list(VERDICTS.values()), "retention": retention_words()})


def retention_words() -> list[tuple[str, str]]:
    """How long what is kept, as the settings say (trust.md, "What is kept, for how long")."""
    return [
        ("Samples", f"{settings.SAMPLE_DAYS} days"),
        ("Counts by the hour", f"{settings.HOURLY_DAYS} days"),
        ("Counts by the day", f"{settings.DAILY_DAYS} days"),
        ("Issues that nobody reports any more and nobody decided about", f"{settings.DAILY_DAYS} days, noise {settings.NOISE_DAYS} days"),
        ("Raw reports in buffer and set-aside", f"at most {settings.RAW_DAYS} days, for admins only"),
        ("Visitors' addresses", "never stored"),
    ]
