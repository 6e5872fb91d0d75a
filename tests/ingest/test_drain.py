"""Exactly once: every test asks at the end what was counted, and whether the sum holds."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import OperationalError
from django.utils import timezone

from ingest import drain as draining
from ingest import incidents, poison
from ingest.buffer import Buffer, Held, Kept, Outcome
from ingest.drain import drain
from ingest.entry import Reports, Tallied, Tally, pack
from ingest.intake import Intake, intake_of
from ingest.keys import look_up
from ingest.models import Incident, IntakeCount, Position, SetAside, SpoolPosition
from ingest.spool import Spool
from issues import record
from issues.models import Facet, Issue
from projects.models import Project
from tests.ingest.door import Broken, Door
from tests.ingest.test_buffer import lose
from tests.recorded import BROWSERS, recorded, types_of

pytestmark = pytest.mark.django_db(transaction=True)


def body(blocked: str = "https://evil.example/x.js") -> bytes:
    fields = {"document-uri": "https://shop.example/a", "blocked-uri": blocked, "effective-directive": "script-src-elem"}
    return json.dumps({"csp-report": fields}).encode()


def violation(blocked: str) -> dict[str, object]:
    return {"type": "csp-violation", "body": {"blockedURL": blocked, "effectiveDirective": "img-src"}}


def reports(project: Project, content: bytes | None = None, number: int = 1, **more: object) -> Reports:
    now = int(time.time() * 1000)
    return msgspec.structs.replace(Reports(project.id, 1, now, number, content or body()), **more)


def put(buffer: Buffer, project: Project, *entries: Reports | Tally | bytes) -> None:
    partition = buffer.partition_of(project.id)
    held = [Held(partition, project.id, 1, entry if isinstance(entry, bytes) else pack(entry)) for entry in entries]
    assert buffer.append(held) == [Outcome.TAKEN] * len(entries)


def intake(buffer: Buffer, project: Project) -> Intake:
    """And the sum that always holds."""
    found = intake_of(project.id, buffer)
    assert found.accepted == found.counted + sum(found.shed.values()) + sum(found.rejected.values()) + found.set_aside + found.backlog
    return found


def empty(buffer: Buffer) -> None:
    while drain(buffer, 5):
        pass


def test_every_entry_is_counted_once_however_often_the_drain_comes(buffer: Buffer, shop: Project) -> None:
    put(buffer, shop, *[reports(shop, body(f"https://evil{number % 3}.example/x.js")) for number in range(30)])
    assert intake(buffer, shop).backlog == 30
    for _ in range(3):
        empty(buffer)
    found = intake(buffer, shop)
    assert (found.accepted, found.counted, found.backlog, found.by_type) == (30, 30, 0, {"csp-violation": 30})
    assert sorted(Issue.objects.values_list("reports", flat=True)) == [10, 10, 10]


@pytest.mark.parametrize("browser", BROWSERS)
def test_every_violation_a_browser_sent_is_counted_once(buffer: Buffer, shop: Project, browser: str) -> None:
    key = shop.key
    assert key
    requests = [
        {
            "body": one.body, "headers": dict(one.headers), "method": one.method,
            "path": f"/api/{shop.id}/{'security' if place % 2 else 'csp-report'}/", "query": f"glitchtip_key={key.public_key}".encode(),
        }
        for place, one in enumerate(recorded(browser))
    ]  # fmt: skip
    assert set(Door(buffer, look_up).post_all(requests)) == {204}
    empty(buffer)
    expected = types_of(recorded(browser))
    found = intake(buffer, shop)
    assert found.by_type == dict(sorted(expected.items()))
    assert found.counted == expected["csp-violation"] == sum(Issue.objects.values_list("reports", flat=True))
    assert (found.rejected, found.shed, found.set_aside) == ({}, {}, 0)


def test_a_crash_before_the_commit_counts_nothing_and_the_next_try_everything(
    buffer: Buffer, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(buffer, shop, *[reports(shop)] * 5)

    def cut_off(*_: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr("ingest.offsets.keep", cut_off)
        assert drain(buffer, 1) == []
        assert (intake(buffer, shop).counted, Issue.objects.count()) == (0, 0)
    empty(buffer)
    assert intake(buffer, shop).counted == 5


def test_of_two_workers_with_the_same_batch_one_writes(buffer: Buffer, shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    put(buffer, shop, *[reports(shop)] * 5)
    judge = draining.judge

    def overtaken(sightings: list[record.Sighting]) -> record.Judged:
        """Another worker that nobody's claim holds back does it all while this one judges."""
        monkeypatch.setattr(draining, "judge", judge)
        Position.objects.update(claimed_by="", claimed_until=None)
        assert drain(buffer, 1) == []
        return judge(sightings)

    monkeypatch.setattr(draining, "judge", overtaken)
    empty(buffer)
    assert intake(buffer, shop).counted == 5


def test_a_partition_that_another_worker_claims_is_left_to_it(buffer: Buffer, shop: Project) -> None:
    empty(buffer)
    put(buffer, shop, reports(shop))
    Position.objects.update(claimed_by="elsewhere:1:1", claimed_until=timezone.now() + draining.CLAIM)
    empty(buffer)
    assert intake(buffer, shop).counted == 0
    Position.objects.update(claimed_by=f"{draining._me().partition(':')[0]}:999999999:1")
    empty(buffer)
    assert intake(buffer, shop).counted == 1, "a claim of a dead process of this machine holds nobody up"
    put(buffer, shop, reports(shop))
    Position.objects.update(claimed_by="elsewhere:1:1", claimed_until=timezone.now() + timedelta(hours=1))
    empty(buffer)
    assert intake(buffer, shop).counted == 2, "a claim from before the clock went back holds nobody up"


def test_other_types_sheds_and_refused_entries_are_counted_by_name(buffer: Buffer, shop: Project) -> None:
    mixed = json.dumps([violation("inline"), {"type": "crash"}, 7]).encode()
    tally = Tally(1, (Tallied(shop.id, "shed", "quota", 4), Tallied(shop.id, "rejected", "wrong-key", 2, "application/json, 5 bytes")))
    put(buffer, shop, reports(shop, mixed, 2), tally)
    empty(buffer)
    found = intake(buffer, shop)
    assert (found.accepted, found.counted) == (8, 1)
    assert found.by_type == {"csp-violation": 1, "crash": 1}
    assert found.shed == {"quota": 4}
    assert found.rejected == {"not-an-object": 1, "wrong-key": 2}
    assert IntakeCount.objects.filter(reason="wrong-key").values_list("sample", flat=True)[0].startswith("application/json")


def test_a_report_that_cant_be_stored_is_set_aside_alone_and_can_be_replayed(
    buffer: Buffer, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [violation(f"https://{host}.example/") for host in ("a", "poison", "b")]
    put(buffer, shop, reports(shop), reports(shop, json.dumps(entries).encode(), 3), reports(shop))
    write = record.write

    def choking(judged: record.Judged) -> record.Written:
        if any("poison" in tally.unit.violation.blocked.host for tallies in judged.issues.values() for tally in tallies):
            raise ValueError("A string literal cannot contain NUL (0x00) characters.")
        return write(judged)

    with monkeypatch.context() as patch:
        patch.setattr(draining, "write", choking)
        patch.setattr(poison, "write", choking)
        empty(buffer)
        found = intake(buffer, shop)
        assert (found.counted, found.set_aside) == (4, 1)
    (aside,) = SetAside.objects.all()
    assert aside.error.startswith("ValueError: A string literal")
    assert aside.entry.endswith("/1")
    assert poison.replay(aside)
    assert not poison.replay(aside)
    found = intake(buffer, shop)
    assert (found.counted, found.set_aside) == (5, 0)


def test_an_entry_of_an_unknown_format_is_set_aside(buffer: Buffer, shop: Project) -> None:
    put(buffer, shop, reports(shop), b"\x91\xa2r9", reports(shop))
    empty(buffer)
    assert intake(buffer, shop).counted == 2
    assert SetAside.objects.get().error.startswith("Unreadable")


def test_an_entry_that_kills_its_worker_is_isolated(buffer: Buffer, shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """Not an Exception: nothing of ours may catch it, as nothing catches SIGKILL."""

    put(buffer, shop, *[reports(shop)] * 3, reports(shop, body("https://killer.example/")), *[reports(shop)] * 3)
    parse = draining.parse

    def deadly(entries, recorded):  # type: ignore[no-untyped-def]
        if any(b"killer" in kept.data for kept in entries):
            raise Killed
        return parse(entries, recorded)

    monkeypatch.setattr(draining, "parse", deadly)
    deaths = 0
    while intake(buffer, shop).backlog:
        try:
            empty(buffer)
        except Killed:
            deaths += 1
        assert deaths < 10
    assert deaths == draining.TRIES + draining.SINGLE_TRIES
    found = intake(buffer, shop)
    assert (found.counted, found.set_aside) == (6, 1)


def test_trouble_of_the_database_sets_nothing_aside(buffer: Buffer, shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    put(buffer, shop, *[reports(shop)] * 3)

    def full_disk(judged: record.Judged) -> record.Written:
        raise OperationalError("could not extend file: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(draining, "write", full_disk)
        for _ in range(15):
            drain(buffer, 1)
    empty(buffer)
    found = intake(buffer, shop)
    assert (found.counted, found.set_aside) == (3, 0)


def test_a_body_that_the_door_took_and_the_drain_cant_read_is_rejected(buffer: Buffer, shop: Project) -> None:
    put(buffer, shop, reports(shop, b'{"csp-report":{"effective-directive":"img-src","x":"\\q"}}'))
    empty(buffer)
    found = intake(buffer, shop)
    assert (found.accepted, found.counted, found.rejected) == (1, 0, {"not-a-report": 1})


def test_a_deleted_project_is_a_shed(buffer: Buffer, shop: Project) -> None:
    put(buffer, shop, *[reports(shop)] * 3)
    Project.objects.filter(id=shop.id).update(deleted_at=timezone.now())
    empty(buffer)
    assert intake(buffer, shop).shed == {"project-deleted": 3}


def test_a_quota_is_exact(buffer: Buffer, shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.quota._KNOWN_SECONDS", 0.0)
    Project.objects.filter(id=shop.id).update(daily_quota=4)
    for _ in range(2):
        put(buffer, shop, *[reports(shop)] * 3)
        empty(buffer)
    found = intake(buffer, shop)
    assert (found.counted, found.shed) == (4, {"quota": 2})


def test_a_spool_file_that_is_replayed_twice_counts_once(buffer: Buffer, shop: Project, tmp_path: Path) -> None:
    partition = buffer.partition_of(shop.id)
    spool = Spool(tmp_path / "spool", buffer, 10_000_000)
    assert spool.write([Held(partition, shop.id, 1, pack(reports(shop))) for _ in range(5)])
    (path,) = spool.folder.glob("*.spool")
    spool._let_go(path)
    kept = path.read_bytes()
    assert spool.replay() == 1
    assert not path.exists()
    empty(buffer)
    path.write_bytes(kept)
    assert spool.replay() == 1
    empty(buffer)
    assert intake(buffer, shop).counted == 5
    assert SpoolPosition.objects.get().offset == 5


def test_a_spool_waits_for_the_buffer_and_is_bounded(buffer: Buffer, shop: Project, tmp_path: Path) -> None:
    broken = Broken(buffer, Outcome.REFUSED)
    spool = Spool(tmp_path / "spool", broken, 1000)  # type: ignore[arg-type]
    held = Held(buffer.partition_of(shop.id), shop.id, 1, pack(reports(shop)))
    assert spool.write([held])
    assert not spool.write([held] * 50)
    assert spool.replay() == 0
    assert spool.write([held])
    spool.buffer = buffer
    assert spool.replay() == 2
    empty(buffer)
    assert intake(buffer, shop).counted == 2


def test_a_torn_end_of_an_orphaned_spool_file_is_left_out(buffer: Buffer, shop: Project, tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", buffer, 10_000_000)
    spool.write([Held(buffer.partition_of(shop.id), shop.id, 1, pack(reports(shop))) for _ in range(2)])
    (path,) = spool.folder.glob("*.spool")
    spool._let_go(path)
    path.write_bytes(path.read_bytes()[:-3])
    Spool(spool.folder, buffer, 10_000_000).replay()
    empty(buffer)
    assert intake(buffer, shop).counted == 1


def test_a_lost_buffer_is_an_incident_and_the_road_goes_on(buffer: Buffer, shop: Project) -> None:
    put(buffer, shop, *[reports(shop)] * 3)
    empty(buffer)
    lose(buffer, buffer.partition_of(shop.id))
    empty(buffer)
    put(buffer, shop, *[reports(shop)] * 2)
    empty(buffer)
    assert intake(buffer, shop).counted == 5
    assert "below the position" in Incident.objects.get().words


def test_entries_below_the_position_after_a_failover_are_set_aside_and_not_lost(buffer: Buffer, shop: Project) -> None:
    put(buffer, shop, reports(shop))
    empty(buffer)
    put(buffer, shop, *[reports(shop, received_at=int(time.time() * 1000) + 1000)] * 2)
    partition = buffer.partition_of(shop.id)
    last = buffer.read(partition, buffer.START, 10)[-1].id
    Position.objects.filter(partition=partition).update(position=last, server="the one before")
    empty(buffer)
    found = intake(buffer, shop)
    assert (found.counted, found.set_aside) == (1, 2)
    assert SetAside.objects.count() == 2


def below_the_position(buffer: Buffer, shop: Project, *entries: Reports) -> None:
    """What a server with a slower clock took in before any drain had looked at it."""
    put(buffer, shop, *entries)
    partition = buffer.partition_of(shop.id)
    last = buffer.read(partition, buffer.START, 10_000)[-1].id
    Position.objects.filter(partition=partition).update(position=last, server="the one before")


def test_what_came_in_while_the_last_batch_was_read_is_not_set_aside_at_a_restart(buffer: Buffer, shop: Project) -> None:
    """By the endpoint's clock it may be newer than the moment at which the drain began to read."""
    put(buffer, shop, reports(shop, received_at=int(time.time() * 1000) + 50))
    empty(buffer)
    Position.objects.update(server="the one before")
    empty(buffer)
    assert (intake(buffer, shop).counted, SetAside.objects.count()) == (1, 0)


def test_two_workers_that_find_the_same_unread_entries_set_them_aside_once(
    buffer: Buffer, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(buffer, shop, reports(shop))
    empty(buffer)
    below_the_position(buffer, shop, *[reports(shop, received_at=int(time.time() * 1000) + 1000)] * 700)
    read_back = buffer.read_back

    def overtaken(*words: Any) -> Iterator[list[Kept]]:
        monkeypatch.setattr(buffer, "read_back", read_back)
        found = list(read_back(*words))
        empty(buffer)
        return iter(found)

    monkeypatch.setattr(buffer, "read_back", overtaken)
    empty(buffer)
    found = intake(buffer, shop)
    assert (found.accepted, found.counted, found.set_aside) == (701, 1, 700)
    assert Incident.objects.get().words.startswith("700 reports were found unread below the position")


def test_what_waited_in_a_spool_is_set_aside_by_its_place_in_the_file(buffer: Buffer, shop: Project) -> None:
    """It came in before reports that were recorded since; a second replay of the file counts nothing."""
    file, long_ago = str(uuid.uuid4()), int(time.time() * 1000) - 60_000
    put(buffer, shop, reports(shop), reports(shop, spool=file, offset=1, received_at=long_ago))
    empty(buffer)
    again = [reports(shop, spool=file, offset=offset, received_at=long_ago) for offset in (1, 2, 3)]
    below_the_position(buffer, shop, *again)
    empty(buffer)
    put(buffer, shop, *again)
    empty(buffer)
    found = intake(buffer, shop)
    assert (found.accepted, found.counted, found.set_aside) == (4, 2, 2)


def test_a_server_that_changed_under_a_drain_is_looked_at_before_it_is_read(
    buffer: Buffer, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client may connect anew without a word; what the new server holds above the position must not hide what it holds below."""
    put(buffer, shop, reports(shop))
    empty(buffer)
    put(buffer, shop, reports(shop))
    server, read = buffer.server(), buffer.read

    def changed(*words: Any) -> list[Kept]:
        monkeypatch.setattr(buffer, "server", lambda: "another")
        return read(*words)

    with monkeypatch.context() as patch:
        patch.setattr(buffer, "read", changed)
        assert drain(buffer, 1) == []
    assert (intake(buffer, shop).counted, set(Position.objects.exclude(server="").values_list("server", flat=True))) == (1, {server})
    empty(buffer)
    assert (intake(buffer, shop).counted, SetAside.objects.count()) == (2, 0)


def test_entries_stay_ten_minutes_and_then_go(buffer: Buffer, shop: Project) -> None:
    put(buffer, shop, *[reports(shop, body("https://x.example/" + "x" * 3000))] * 300)
    empty(buffer)
    partition = buffer.partition_of(shop.id)
    for _ in range(2):
        assert buffer.backlog(partition, buffer.START).entries == 300
        Position.objects.update(trim_at=timezone.now() - draining.TRIM_AFTER)
        empty(buffer)
    assert buffer.backlog(partition, buffer.START).entries < 100


def test_a_database_that_fails_back_takes_what_is_remembered_of_it_along(
    buffer: Buffer, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that came in the lost seconds is new again, though this process has seen it."""

    def pages() -> int:
        return Issue.objects.get().pages

    put(buffer, shop, reports(shop))
    empty(buffer)
    before = Position.objects.get(partition=buffer.partition_of(shop.id)).position
    put(buffer, shop, reports(shop, body().replace(b"shop.example/a", b"shop.example/b")))
    empty(buffer)
    assert pages() == 2
    Facet.objects.filter(kind="page").order_by("-id")[0].delete()
    Issue.objects.update(pages=1)
    Position.objects.filter(partition=buffer.partition_of(shop.id)).update(position=before)
    monkeypatch.setattr(incidents, "database_server", lambda: "another")
    empty(buffer)
    assert pages() == 2


def test_a_database_that_fails_back_a_few_seconds_recounts_exactly(buffer: Buffer, shop: Project) -> None:
    put(buffer, shop, *[reports(shop)] * 2)
    empty(buffer)
    before = Position.objects.get(partition=buffer.partition_of(shop.id)).position
    put(buffer, shop, *[reports(shop)] * 3)
    empty(buffer)
    Position.objects.filter(partition=buffer.partition_of(shop.id)).update(position=before)
    empty(buffer)
    assert intake(buffer, shop).counted == 8, "the counts of a real failback are lost with the position; here they are not"
