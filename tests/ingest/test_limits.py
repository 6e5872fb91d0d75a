from __future__ import annotations

from ingest.limits import Buckets, Budget


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
    assert budget.reserve(6)
    assert not budget.reserve(5)
    budget.release(6)
    assert budget.reserve(10)
