"""What this process remembers to be in the database, so that it need not be asked or written again."""

from __future__ import annotations

from issues import caps, facts, fold, spots


def forget() -> None:
    """Another database answers than before: one that failed over a few seconds back lacks what was remembered of those."""
    for part in (caps, facts, fold, spots):
        part.forget()
