"""The policy engine: matching, reading and replaying."""

from __future__ import annotations

import time
from collections.abc import Callable

from bench.figure import Figure
from policies.evaluate import match_url
from policies.evidence import Evidence
from policies.policy import parse_header, parse_policy
from policies.replay_rows import Row, replay_rows

TYPICAL = (
    "default-src 'self'; script-src 'self' 'nonce-abcdefgh' https://js.stripe.com https://www.googletagmanager.com https://*.cdn.example; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; connect-src 'self' https://api.example wss://live.example; "
    "font-src 'self' https://fonts.gstatic.com; frame-src https://js.stripe.com; object-src 'none'; base-uri 'self'"
)
ROWS = 100_000


def figures() -> list[Figure]:
    policy = parse_policy(TYPICAL)
    urls = [f"https://host{number}.cdn.example/{number}/app.js" for number in range(5_000)]
    match = _best(lambda: [match_url(policy, "script-src-elem", url, "https://shop.example") for url in urls])
    hostile = "img-src " + " ".join(f"{number:x}" for number in range(10_000))
    read = _best(lambda: parse_policy(hostile).fingerprint)
    rows = [
        Row(
            Evidence.stored(
                directive="img-src" if number % 2 else "script-src-elem", blocked_kind="url", origin="https://shop.example",
                blocked=f"https://h{number % 3000}.test/{number}.js", policy="img-src 'self'",
            )
        )
        for number in range(ROWS)
    ]  # fmt: skip
    candidate = parse_header("default-src 'self'; script-src 'self' https://*.h1.test; img-src 'self' https://h2.test")
    replayed = _best(lambda: replay_rows(candidate, rows), times=1)
    return [
        Figure("match of one address never seen before", match / len(urls) * 1e6, "us", 5),
        Figure("parse and fingerprint of 10,000 sources", read * 1e3, "ms", 50),
        Figure(f"replay of {ROWS:,} different rows of evidence", replayed, "s", 3),
    ]


def _best(run: Callable[[], object], times: int = 3) -> float:
    """Seconds, the best of `times`."""
    best = float("inf")
    for _ in range(times):
        begin = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - begin)
    return best
