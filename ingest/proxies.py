"""Which share of a project's reports comes from one private address: a proxy in front of us that nobody declared, most likely.

No address and no hash is kept: private networks are told apart by the 63 bits of issues.sketch, so there are few counters.
"""

from __future__ import annotations

from issues.sketch import NETWORK_BITS

MOST_SHARE = 0.9
FEWEST = 20
"""Reports a day below which nothing is said: somebody tries the endpoint out on their own machine."""


def place_of(network: int) -> str:
    """The counter of one private network (a day's hash, 0 for unknown)."""
    return str(network % NETWORK_BITS) if network else ""


def is_one_address(most: int, accepted: int) -> bool:
    """`most`: reports of the private place that sent most of them today."""
    return accepted >= FEWEST and most > MOST_SHARE * accepted
