from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from ingest.keys import FRESH, PATIENCE, STALE, KeyCache, KeysAway, Known, Wanted, look_up
from ingest.models import IntakeCount
from projects.models import Project, ProjectKey
from tests.factories import make_key

WANTED = Wanted(1, "a" * 32)
GOOD = Known(key=7, active=True, project_exists=True)


class Database:
    """What a lookup finds, how often it was asked, and whether it is away."""

    def __init__(self, answer: Known = GOOD) -> None:
        self.answer, self.asked, self.away = answer, 0, False

    def __call__(self, batch: list[Wanted]) -> dict[Wanted, Known]:
        self.asked += 1
        if self.away:
            raise OperationalError("away")
        return dict.fromkeys(batch, self.answer)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def played(story: Callable[[KeyCache, Database, Clock], Awaitable[None]], answer: Known = GOOD) -> None:
    async def play() -> None:
        database, clock = Database(answer), Clock()
        await story(KeyCache(database, clock), database, clock)

    asyncio.run(play())


def test_many_who_wait_for_one_key_ask_once() -> None:
    async def story(keys: KeyCache, database: Database, clock: Clock) -> None:
        assert await asyncio.gather(*[keys.get(WANTED) for _ in range(50)]) == [GOOD] * 50
        assert database.asked == 1

    played(story)


def test_a_fresh_key_is_used_and_an_ageing_one_looked_up_behind_the_back() -> None:
    async def story(keys: KeyCache, database: Database, clock: Clock) -> None:
        await keys.get(WANTED)
        clock.now += FRESH - 0.1
        assert keys.at_hand(WANTED) == GOOD
        await asyncio.sleep(0.02)
        assert database.asked == 1
        clock.now += 0.2
        database.answer = GOOD._replace(active=False)
        assert keys.at_hand(WANTED) == GOOD
        await asyncio.sleep(0.05)
        assert keys.at_hand(WANTED) == GOOD._replace(active=False)

    played(story)


def test_a_revoked_key_stops_within_ten_seconds_whoever_asks() -> None:
    async def story(keys: KeyCache, database: Database, clock: Clock) -> None:
        await keys.get(WANTED)
        database.answer = Known(project_exists=True)
        clock.now += STALE + 0.1
        assert keys.at_hand(WANTED) is None
        assert (await keys.get(WANTED)).key == 0

    played(story)
    assert STALE < 10


def test_a_known_key_stays_good_while_the_database_is_away() -> None:
    async def story(keys: KeyCache, database: Database, clock: Clock) -> None:
        await keys.get(WANTED)
        database.away = True
        clock.now += 3600
        assert await keys.get(WANTED) == GOOD
        asked = database.asked
        assert await keys.get(WANTED) == GOOD
        assert database.asked == asked, "a dead database is not asked by every request"
        clock.now += 2
        database.away = False
        database.answer = GOOD._replace(over_quota=True)
        assert (await keys.get(WANTED)).over_quota

    played(story)


def test_an_unknown_key_with_the_database_away_is_not_known_to_be_wrong() -> None:
    async def story(keys: KeyCache, database: Database, clock: Clock) -> None:
        database.away = True
        with pytest.raises(KeysAway):
            await keys.get(WANTED)

    played(story)


def test_nobody_waits_behind_a_question_that_a_frozen_database_leaves_open() -> None:
    """Or every request would be held for PATIENCE, and the endpoint would take hardly any."""
    answers = threading.Event()

    async def story(keys: KeyCache, database: Database, clock: Clock) -> None:
        await keys.get(WANTED)
        keys._lookup = lambda batch: answers.wait(10) and database(batch)
        clock.now += FRESH + 0.1
        assert keys.at_hand(WANTED) == GOOD
        await asyncio.sleep(0.05)
        clock.now += STALE
        started = time.monotonic()
        assert await keys.get(WANTED) == GOOD
        with pytest.raises(KeysAway):
            await keys.get(Wanted(2, "b" * 32))
        assert time.monotonic() - started < PATIENCE / 2
        database.answer = GOOD._replace(over_quota=True)
        answers.set()
        await asyncio.sleep(0.1)
        assert (await keys.get(WANTED)).over_quota

    played(story)


def test_a_flood_of_random_keys_evicts_no_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(keys: KeyCache, database: Database, clock: Clock) -> None:
        await keys.get(WANTED)
        database.answer = Known()
        keys._unknown.most = 10
        for number in range(100):
            await keys.get(Wanted(1, f"{number:032x}"))
        asked = database.asked
        assert await keys.get(WANTED) == GOOD
        assert database.asked == asked
        assert len(keys._unknown._kept) == 10

    played(story)


@pytest.mark.django_db
def test_what_the_database_says_of_a_key(shop: Project) -> None:
    key = shop.key
    assert key
    off = make_key(shop, "off", is_active=False)
    pairs = [(shop.id, key.public_key), (shop.id, off.public_key), (shop.id, "f" * 32), (shop.id + 1, key.public_key)]
    wanted = [Wanted(*pair) for pair in pairs]
    found = look_up(wanted)
    assert [found[one][:3] for one in wanted] == [(key.id, True, True), (off.id, False, True), (0, False, True), (0, False, False)]
    Project.objects.filter(id=shop.id).update(deleted_at="2026-01-01T00:00Z")
    assert look_up(wanted[:1])[wanted[0]] == Known()


@pytest.mark.django_db
def test_a_quota_that_is_used_up_comes_with_the_key(shop: Project) -> None:
    key = ProjectKey.objects.get(project=shop)
    wanted = Wanted(shop.id, key.public_key)
    Project.objects.filter(id=shop.id).update(daily_quota=10)
    assert not look_up([wanted])[wanted].over_quota
    IntakeCount.objects.create(project_id=shop.id, kind="counted", day=datetime.now(UTC).date(), reports=10)
    assert look_up([wanted])[wanted].over_quota
