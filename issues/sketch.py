"""Counting different senders without keeping any of them: bitmaps for linear counting (Whang et al., 1990)."""

from __future__ import annotations

import math
from collections.abc import Iterable

VISITOR_BITS = 1024
NETWORK_BITS = 63  # fits a signed bigint on both databases
FULL = 5000  # above this the visitor bitmap is nearly all ones and says nothing more exact


def with_bits(sketch: bytes, hashes: Iterable[int]) -> bytes:
    """The visitor bitmap (128 bytes, or b"" for an empty one) with each hash's bit set."""
    bits = int.from_bytes(sketch, "little")
    for one in hashes:
        bits |= 1 << (one % VISITOR_BITS)
    return bits.to_bytes(VISITOR_BITS // 8, "little")


def visitors(sketch: bytes) -> int:
    """How many different visitors, an estimate: exact to a few per cent up to about 2,000, at most FULL."""
    return _estimate(int.from_bytes(sketch, "little").bit_count(), VISITOR_BITS, FULL)


def network_bit(network: int) -> int:
    """The bit of one client network (a day's hash; 0 is unknown and has none)."""
    return 1 << (network % NETWORK_BITS) if network else 0


def networks(bitmap: int) -> int:
    """How many different client networks at least; two networks that share a bit count once."""
    return bitmap.bit_count()


def _estimate(ones: int, size: int, most: int) -> int:
    if ones >= size:
        return most
    return min(most, round(-size * math.log(1 - ones / size)))
