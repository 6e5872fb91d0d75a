"""End to end: reports a second that are posted and counted while the backlog stays flat, everything on this machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import NamedTuple

from bench.figure import Figure
from bench.load import request, run
from bench.started import MODES, Instance, body, product

SECONDS = 20.0
WARM_SECONDS = 4.0
CLIENTS = 64
KINDS = (50, 5_000, 500_000)
MOST_WAITING = 5_000
"""Reports in the backlog from which the senders hold back: what goes on passing is what the drain can carry."""
LOOK_SECONDS = 0.5
PROMISED = {("full", 50): 5_000}


class Look(NamedTuple):
    at: float
    counted: int
    backlog: int


def figures() -> list[Figure]:
    found: list[Figure] = []
    for mode in MODES:
        with product(mode) as instance:
            for different in KINDS:
                looks = asyncio.run(_looks(instance, different))
                found += _found(f"{mode}, {different:,} different", looks, PROMISED.get((mode, different)))
                _until_drained(instance)
    return found


async def _looks(instance: Instance, different: int) -> list[Look]:
    """What the API said while reports came, from the end of the warm-up."""
    looks = [Look(time.monotonic(), 0, 0)]

    async def look() -> None:
        while True:
            intake = await asyncio.to_thread(instance.intake)
            looks.append(Look(time.monotonic(), intake["counted"], intake["backlog"]))
            await asyncio.sleep(LOOK_SECONDS)

    looking = asyncio.create_task(look())
    result = await run(
        instance.endpoint, _requests(instance.endpoint, different), CLIENTS, SECONDS, lambda: 0.02 * (looks[-1].backlog > MOST_WAITING)
    )
    looking.cancel()
    if set(result.statuses) != {204}:
        raise RuntimeError(f"not every report was taken: {dict(result.statuses)}")
    return [one for one in looks[1:] if one.at > looks[0].at + WARM_SECONDS]


def _requests(endpoint: str, different: int) -> Iterator[bytes] | list[bytes]:
    """Made as they are sent where there are too many to keep."""
    if different <= CLIENTS * 100:
        return [request(endpoint, body(number)) for number in range(different)]
    return (request(endpoint, body(number)) for number in range(different))


def _found(name: str, looks: list[Look], promised: float | None) -> list[Figure]:
    first, last = looks[0], looks[-1]
    rate = (last.counted - first.counted) / (last.at - first.at)
    grown = (last.backlog - first.backlog) / (last.at - first.at)
    backlogs = ", ".join(f"{looks[len(looks) * part // 4].backlog:,}" for part in range(4))
    print(f"  {name}: backlog {backlogs}, {last.backlog:,}: {'flat' if abs(grown) < rate * 0.1 else 'not flat'}", flush=True)
    return [
        Figure(f"{name}: posted and counted", rate, "reports/s", promised, "high"),
        Figure(f"{name}: growth of the backlog", grown, "reports/s", None if promised is None else rate * 0.1),
    ]


def _until_drained(instance: Instance, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while instance.intake()["backlog"] and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
