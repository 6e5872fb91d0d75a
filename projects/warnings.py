"""What set-up warns of. It is counted above us, in ingest, which tells us how to ask."""

from __future__ import annotations

from collections.abc import Callable

Source = Callable[[int], str]
_sources: list[Source] = []


def tell(source: Source) -> None:
    """Called once, when the app that counts is ready."""
    if source not in _sources:
        _sources.append(source)


def warnings_of(project_id: int) -> list[str]:
    return [words for source in _sources if (words := source(project_id))]
