from __future__ import annotations

import tracemalloc

import pytest

from ingest.head import head_of

pytestmark = pytest.mark.once


def test_long_heads_are_not_kept() -> None:
    """A server lets heads of 64 kB through; the caches behind them hold thousands."""
    tracemalloc.start()
    try:
        for number in range(2_000):
            long = b"%d," % number * 4_000
            headers = dict.fromkeys((b"user-agent", b"origin", b"content-type", b"x-sentry-auth", b"forwarded", b"x-forwarded-for"), long)
            head_of({"path": "/api/1/security/", "query_string": b"x=" + long, "client": ("192.0.2.1", 1)}, headers, (), b"salt")
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 16 * 1024 * 1024, f"{kept / 2**20:.0f} MiB"
