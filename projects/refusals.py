"""What set-up says of reports that were turned away today. They are counted above us, in ingest, which tells us how to ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why, in words; how many today; and a description of one."""

    words: str
    reports: int
    sample: str = ""


Source = Callable[[int], list[Refusal]]
_sources: list[Source] = []


def tell(source: Source) -> None:
    """Called once, when the app that counts is ready."""
    if source not in _sources:
        _sources.append(source)


def refusals_today(project_id: int) -> list[Refusal]:
    return [refusal for source in _sources for refusal in source(project_id)]
