"""Is the work linear? Compared with itself within one run, in processor time, so that a busy machine fails nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

TIMES = 4
SLACK = 3  # quadratic work would take TIMES * TIMES, that is TIMES times more than linear


def assert_linear(run: Callable[[str], object], text: str) -> None:
    """Four times the text may take at most twelve times as long (quadratic: sixteen), each the best of three."""
    once, more = _best(run, text), _best(run, text * TIMES)
    assert more < TIMES * SLACK * max(once, 0.002), f"{len(text)} characters took {once:.4f} s, {TIMES} times as many {more:.4f} s"


def _best(run: Callable[[str], object], text: str) -> float:
    best = float("inf")
    for _ in range(3):
        begin = time.process_time()
        run(text)
        best = min(best, time.process_time() - begin)
    return best
