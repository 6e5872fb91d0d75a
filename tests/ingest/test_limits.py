from __future__ import annotations

import asyncio

import pytest

from ingest.limits import Buckets, Budget, OverBudget, Patience


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    buckets = Buckets(10, 3)
    assert [buckets.take("a", now=0.0) for _ in range(4)] == [True, True, True, False]
    assert not buckets.take("a", now=0.05)
    assert buckets.take("a", now=0.15)
    assert [buckets.take("a", now=100.0) for _ in range(4)] == [True, True, True, False]


def test_every_key_has_a_bucket_of_its_own() -> None:
    buckets = Buckets(1, 1)
    assert buckets.take("a", now=0.0)
    assert not buckets.take("a", now=0.0)
    assert buckets.take("b", now=0.0)


def test_a_batch_larger_than_the_burst_passes_a_full_bucket_and_empties_it() -> None:
    buckets = Buckets(10, 50)
    assert buckets.take("a", 200, now=0.0)
    assert not buckets.take("a", 1, now=10.0)
    assert buckets.take("a", 1, now=16.0)


def test_no_rate_is_no_limit() -> None:
    assert all(Buckets(0, 0).take("a") for _ in range(1000))


def test_the_longest_unused_bucket_is_forgotten() -> None:
    buckets = Buckets(1, 1, most=2)
    for key in "abc":
        buckets.take(key, now=0.0)
    assert buckets.take("a", now=0.0)
    assert not buckets.take("c", now=0.0)


def test_a_budget_is_what_is_held_at_once() -> None:
    budget = Budget(10)
    with budget.share() as one, budget.share() as other:
        one.grow(6)
        with pytest.raises(OverBudget):
            other.grow(5)
        other.grow(4)
    assert budget.held == 0


def test_patience_ends_for_one_and_not_for_another() -> None:
    async def story() -> list[str]:
        patience = Patience(0.1)

        async def waiter(seconds: float) -> str:
            try:
                with patience:
                    await asyncio.sleep(seconds)
            except TimeoutError:
                return "too slow"
            return "in time"

        return await asyncio.gather(waiter(0.01), waiter(5), waiter(0.02))

    assert asyncio.run(story()) == ["in time", "too slow", "in time"]


def test_somebody_elses_cancelling_is_no_time_out() -> None:
    async def waiter() -> None:
        with Patience(5):
            await asyncio.sleep(5)

    async def story() -> None:
        task = asyncio.ensure_future(waiter())
        await asyncio.sleep(0.01)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(story())
