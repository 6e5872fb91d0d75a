"""Raw bytes that may not stay: too old with nobody to record them, or holding what somebody asked to be erased. Never silently."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from ingest import erase as raw
from ingest import expiry, tasks
from ingest.buffer import Buffer, Held, Outcome
from ingest.entry import Reports, pack
from ingest.models import ErasureRequest, Incident, Position
from ingest.spool import Spool
from ingest.unwanted import Unwanted, oldest_kept, unwanted_now
from issues.models import Evidence, Issue
from projects.models import Project
from tests.ingest.door import Broken
from tests.ingest.test_drain import body, empty, intake, put, reports

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "jordan-unmistakable"
WEEK = 7 * 86_400_000


def old(project: Project, number: int = 1, **more: object) -> Reports:
    return reports(project, None, number, received_at=int(time.time() * 1000) - WEEK, **more)


def waiting(buffer: Buffer) -> bytes:
    rows = Position.objects.values_list("partition", flat=True)
    return b"".join(kept.data for partition in rows for kept in buffer.read(partition, buffer.START, 100))


def test_what_nobody_recorded_for_seven_days_is_deleted_and_counted(buffer: Buffer, shop: Project) -> None:
    empty(buffer)
    put(buffer, shop, old(shop, 3), b"\xff no entry", old(shop), reports(shop))
    assert expiry.expire(buffer, Unwanted(oldest_kept())) == 3
    found = intake(buffer, shop)
    assert (found.shed, found.backlog) == ({"expired": 4}, 1)
    assert Incident.objects.get().words.startswith("5 reports waited longer than RAW_DAYS")
    assert b"no entry" not in waiting(buffer)
    assert expiry.expire(buffer, Unwanted(oldest_kept())) == 0
    empty(buffer)
    assert (intake(buffer, shop).counted, intake(buffer, shop).accepted) == (1, 5)


def test_what_was_recorded_before_the_drain_died_counts_once(buffer: Buffer, shop: Project) -> None:
    put(buffer, shop, old(shop), old(shop))
    empty(buffer)
    put(buffer, shop, old(shop))
    expiry.expire(buffer, Unwanted(oldest_kept()))
    empty(buffer)
    found = intake(buffer, shop)
    assert (found.counted, found.shed, found.accepted) == (2, {"expired": 1}, 3)


def test_a_worker_that_comes_back_meanwhile_wins(buffer: Buffer, shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    empty(buffer)
    put(buffer, shop, old(shop))
    advance = expiry.advance

    def overtaken(*given: object) -> bool:
        empty(buffer)
        return advance(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(expiry, "advance", overtaken)
    assert expiry.expire(buffer, Unwanted(oldest_kept())) == 0
    assert (intake(buffer, shop).counted, intake(buffer, shop).shed) == (1, {})


@pytest.fixture
def spooled(buffer: Buffer, shop: Project, tmp_path: Path) -> Spool:
    """A web machine whose Redis refuses: an old report, one that holds the text, and a plain one lie in its spool."""
    spool = Spool(tmp_path / "spool", Broken(buffer, Outcome.REFUSED), 10**6, unwanted_now)
    entries = (old(shop), reports(shop, body(f"https://{TEXT}.example/x.js")), reports(shop))
    partition = buffer.partition_of(shop.pk)
    assert spool.write([Held(partition, shop.pk, 1, pack(entry)) for entry in entries])
    assert spool.replay() == 0
    empty(buffer)
    return spool


def lies_in(spool: Spool) -> bytes:
    return b"".join(path.read_bytes() for path in spool.folder.iterdir())


def test_a_spool_keeps_counts_in_place_of_what_may_not_stay(spooled: Spool, buffer: Buffer, shop: Project) -> None:
    raw.ask_all_machines(TEXT.upper())
    assert spooled.drop(unwanted_now()) == 2
    assert TEXT.encode() not in lies_in(spooled)
    assert spooled.drop(unwanted_now()) == 0
    spooled.buffer = buffer
    assert spooled.replay() == 1
    empty(buffer)
    found = intake(buffer, shop)
    assert (found.counted, found.shed, found.accepted) == (1, {"erased": 1, "expired": 1}, 3)
    said = sorted(words.partition(" reports ")[2] for words in Incident.objects.values_list("words", flat=True))
    assert [words[:12] for words in said] == ["waited longe", "were deleted"]


def test_a_file_that_was_replayed_in_part_counts_once(spooled: Spool, buffer: Buffer, shop: Project) -> None:
    path = next(spooled.folder.glob("*.spool"))
    whole = path.read_bytes()
    spooled.buffer = buffer
    spooled.replay()
    empty(buffer)
    path.write_bytes(whole)  # as if the process had died before it could remove the file
    raw.ask_all_machines(TEXT)
    spooled.drop(unwanted_now())
    spooled.replay()
    empty(buffer)
    found = intake(buffer, shop)
    assert (found.counted, found.shed, found.accepted) == (3, {}, 3)


def test_workers_look_again_for_what_was_on_its_way(buffer: Buffer, shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "open_buffer", lambda: buffer)
    raw.ask_all_machines(TEXT)
    put(buffer, shop, reports(shop, body(f"https://{TEXT}.example/x.js")))
    empty(buffer)
    assert Evidence.objects.filter(blocked__contains=TEXT).exists()
    assert tasks.erase_again() > 0
    assert not Evidence.objects.filter(blocked__contains=TEXT).exists()
    assert TEXT not in Issue.objects.get().title
    assert TEXT.encode() not in waiting(buffer)


def test_a_request_is_forgotten_when_no_raw_bytes_can_be_as_old(db: None) -> None:
    for days in (7, 9):
        ErasureRequest.objects.create(text=f"{days} days", asked_at=timezone.now() - timedelta(days=days))
    tasks.tidy()
    assert ErasureRequest.objects.get().text == "7 days"

