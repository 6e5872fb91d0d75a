from __future__ import annotations

import tracemalloc

import pytest

from ingest.head import Asked, head_of

pytestmark = pytest.mark.once


def test_long_heads_are_not_kept() -> None:
    """A server lets heads of 64 kB through; the caches behind them hold thousands."""
    tracemalloc.start()
    try:
        for number in range(2_000):
            long = b"%d," % number * 4_000
            head_of(Asked("POST", "/api/1/security/", b"x=" + long, "192.0.2.1", (long,) * 7, 0), (), b"salt")
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 16 * 1024 * 1024, f"{kept / 2**20:.0f} MiB"
