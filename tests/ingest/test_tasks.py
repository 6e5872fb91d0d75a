from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.utils import timezone

from ingest import aside, intake, lookout, tasks
from ingest.buffer import Buffer, Held, Outcome, open_buffer
from ingest.entry import Reports, pack
from ingest.models import DaySalt, Incident, IntakeCount, Position, SetAside
from ingest.salts import Salts, forget_old_salts
from ingest.wakeup import FileFlag, Waker, flag, send_drain_task
from issues.models import Issue
from projects.models import Project

pytestmark = pytest.mark.django_db(transaction=True)
BODY = json.dumps({"csp-report": {"blocked-uri": "https://evil.example/x.js", "effective-directive": "script-src-elem"}}).encode()


@pytest.fixture
def road() -> Iterator[Buffer]:
    """The buffer that tasks open by themselves."""
    open_buffer.cache_clear()
    buffer = open_buffer()
    for partition in buffer.partitions():
        buffer.prepare(partition, buffer.START)
    yield buffer
    buffer.close()
    for path in settings.DATA_DIR.glob("buffer.sqlite3*"):
        path.unlink()
    open_buffer.cache_clear()


def put(buffer: Buffer, project: Project) -> None:
    entry = Reports(project.id, 1, int(time.time() * 1000), 1, BODY)
    assert buffer.append([Held(buffer.partition_of(project.id), project.id, 1, pack(entry))]) == [Outcome.TAKEN]


def messages() -> int:
    """Drain tasks that wait in the broker."""
    with current_app.connection_for_read() as connection:
        channel = connection.default_channel
        queue = current_app.amqp.queues["drain"].bind(channel)
        queue.declare()
        count = 0
        while queue.get(no_ack=True) is not None:
            count += 1
        return count


def test_the_drain_task_records_and_lowers_the_flag(road: Buffer, shop: Project) -> None:
    put(road, shop)
    assert flag().raised()
    assert not flag().raised()
    tasks.drain()
    assert Issue.objects.get().reports == 1
    assert flag().raised()
    flag().lower()


def test_a_task_that_is_lost_or_comes_twice_changes_nothing(road: Buffer, shop: Project) -> None:
    put(road, shop)
    tasks.drain()
    tasks.drain()
    put(road, shop)
    tasks.drain(road.partition_of(shop.id))
    assert Issue.objects.get().reports == 2


def test_what_has_more_becomes_a_task_of_its_own(road: Buffer, shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    messages()
    monkeypatch.setattr(tasks, "DRAIN_SECONDS", 0.0)
    monkeypatch.setattr(settings, "INGEST_BATCH", 1)
    put(road, shop)
    put(road, shop)
    tasks.drain()
    assert messages() == 1
    assert Issue.objects.get().reports == 1


def test_wake_ups_go_through_the_real_broker(road: Buffer) -> None:
    messages()
    send_drain_task()
    assert messages() == 1


def test_many_wake_ups_send_one_task_while_the_flag_is_up(tmp_path: Path) -> None:
    sent: list[float] = []
    waker = Waker(FileFlag(tmp_path / "awake").raised, lambda: sent.append(time.monotonic()))
    for _ in range(50):
        waker.wake()
        time.sleep(0.005)
    assert len(sent) == 1
    FileFlag(tmp_path / "awake").lower()
    waker.wake()
    time.sleep(0.3)
    assert len(sent) == 2


def test_a_waker_survives_a_broker_that_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.wakeup.AWAY_PAUSE", 0.01)
    outcomes = [OSError("no route to the broker"), None]

    def send() -> None:
        error = outcomes.pop(0)
        if error:
            raise error

    waker = Waker(lambda: True, send)
    for _ in range(2):
        waker.wake()
        time.sleep(0.1)
    assert outcomes == []


def test_the_lookout_drains_what_no_task_came_for(road: Buffer, shop: Project) -> None:
    tasks.drain()
    put(road, shop)
    seen = lookout.look(road, {})
    assert Issue.objects.count() == 0, "a position that was not seen before may be moving"
    lookout.look(road, seen)
    assert Issue.objects.get().reports == 1


def test_tidy_forgets_what_may_not_be_kept(shop: Project) -> None:
    old = timezone.now() - timedelta(days=8)
    for number, created in enumerate((old, timezone.now())):
        SetAside.objects.create(project_id=shop.id, partition="0", entry=str(number), raw=b"x", error="x", created_at=created)
    Incident.objects.create(partition="0", words="long ago", at=timezone.now() - timedelta(days=200))
    for day in ("1970-01-01", "2001-01-01", datetime.now(UTC).date()):
        IntakeCount.objects.create(project_id=shop.id, kind="counted", day=day, reports=1)
    for days in (0, 1, 4):
        DaySalt.objects.create(day=datetime.now(UTC).date() - timedelta(days=days), salt=b"x" * 32)
    tasks.tidy()
    assert list(SetAside.objects.values_list("entry", flat=True)) == ["1"]
    assert Incident.objects.get().words.startswith("1 set-aside entries were deleted: nobody replayed them in time.")
    assert {row.day.year for row in IntakeCount.objects.all()} == {1970, datetime.now(UTC).year}
    assert DaySalt.objects.count() == 2


def test_the_oldest_set_aside_entries_go_when_there_are_too_many_of_them(shop: Project) -> None:
    for number in range(4):
        SetAside.objects.create(project_id=shop.id, partition="0", entry=str(number), raw=b"x" * 1000, error="x")
    aside.make_room(2500)
    assert list(SetAside.objects.order_by("pk").values_list("entry", flat=True)) == ["2", "3"]
    assert "2 set-aside entries were deleted: there are more than SET_ASIDE_MB of them." in Incident.objects.get().words
    aside.make_room(2500)
    assert Incident.objects.count() == 1


def test_a_project_names_so_many_other_types_and_counts_the_rest_as_one(shop: Project) -> None:
    intake.add({(shop.id, "type", f"type-{number}"): 2 for number in range(60)}, {})
    intake.add({(shop.id, "type", "type-59"): 1, (shop.id, "type", "type-0"): 1}, {})
    rows = dict(IntakeCount.objects.filter(kind="type", day="1970-01-01").values_list("reason", "reports"))
    assert len(rows) == intake.MOST_TYPES + 1
    assert rows["type-0"] == 3
    assert sum(rows.values()) == 122


def test_a_salt_is_gone_after_48_hours(db: None) -> None:
    DaySalt.objects.create(day="2026-03-10", salt=b"x" * 32)
    forget_old_salts(datetime(2026, 3, 11, 23, 59, tzinfo=UTC))
    assert DaySalt.objects.exists()
    forget_old_salts(datetime(2026, 3, 12, 0, 0, tzinfo=UTC))
    assert not DaySalt.objects.exists()


def test_two_processes_agree_on_the_salt_and_midnight_finds_it_ready(db: None) -> None:
    one, other = Salts(), Salts()
    one.load()
    other.load()
    now = int(time.time() * 1000)
    assert one.of(now) == other.of(now) != b""
    assert one.of(now + 86_400_000) not in (b"", one.of(now))
    assert one.of(now + 3 * 86_400_000) == b""


def test_every_position_is_looked_at_even_of_partitions_the_door_no_longer_uses(road: Buffer, shop: Project) -> None:
    tasks.drain()
    assert set(Position.objects.values_list("partition", flat=True)) == set(road.partitions())
