"""Redis away, frozen, full, restarted empty, failed over to one with a slower clock: what was answered 2xx is counted once."""

from __future__ import annotations

import shutil
import time
import urllib.error
from pathlib import Path

import pytest

from ingest.buffer.redis_streams import APPEND_TIMEOUT, PREFIX
from tests.processes.chaos import promise_holds
from tests.processes.faults import Admin, Place
from tests.processes.instance import wait_for
from tests.processes.senders import Load

pytestmark = pytest.mark.processes


def test_away_in_the_middle_and_from_the_start(place: Place) -> None:
    """The endpoint spools, also one that starts without Redis; pages say that nobody knows what waits."""
    admin = Admin(place.instance)
    with place.loaded() as load:
        time.sleep(0.5)
        place.servers.redis.kill()
        time.sleep(0.5)
        assert "The buffer can’t be reached" in admin.page("/status/")
        assert "nobody knows what waits in it" in admin.page("/acme/shop/intake/")
        assert admin.health()["buffer"] != "ok"
        with pytest.raises(urllib.error.HTTPError, match="503"):
            place.instance.intake()
        place.kill("ingest")
        place.instance.start("ingest")
        time.sleep(0.5)
        assert spooled(place)
        place.servers.redis.start()
    assert set(load.answers) == {204}
    assert not spooled(place)
    assert admin.health()["buffer"] == "ok"


def test_frozen(place: Place) -> None:
    """What was on its way has an unknown outcome: 503, and counted once or not at all. The rest is spooled meanwhile."""
    with place.loaded() as load:
        time.sleep(0.5)
        place.servers.redis.freeze()
        time.sleep(APPEND_TIMEOUT + 1)
        before = load.accepted
        time.sleep(1.5)
        assert load.accepted > before, "nothing is taken while Redis is frozen"
        place.servers.redis.thaw()
    assert 0 < load.unanswered < 10
    assert set(load.answers) == {204}


def test_full(place: Place) -> None:
    """It refuses reports, which are spooled, and tasks: what it holds is drained all the same, also by a worker that starts now."""
    redis = place.servers.redis.client()
    with place.loaded() as load:
        place.kill("worker")
        wait_for(lambda: load.accepted > 50, "no report is taken")
        before = place.instance.intake()
        redis.config_set("maxmemory", 1)
        try:
            redis.delete("drain", "glitchcsp:awake")
            time.sleep(0.5)
            assert spooled(place)
            place.instance.start("worker")
            wait_for(lambda: place.instance.intake()["counted"] >= before["accepted"], "it is not drained", 40, place.instance.words)
        finally:
            redis.config_set("maxmemory", 0)
    assert set(load.answers) == {204}


def test_restarted_empty(place: Place) -> None:
    """An incident, in words on the status page; from then on all is as before."""
    admin, redis = Admin(place.instance), place.servers.redis
    incidents = admin.health()["incidents"]
    with place.loaded() as load:
        wait_for(lambda: load.accepted > 50, "no report is taken")
        with load.paused():
            place.intake()  # what it held and nobody had read would be lost with it
            redis.kill()
            shutil.rmtree(redis.data)
        time.sleep(0.5)
        redis.start()
    assert set(load.answers) == {204}
    assert admin.health()["incidents"] > incidents
    assert "it lost data or its clock went back. They were moved up." in admin.page("/status/")


def test_failed_over_to_a_slower_clock(place: Place, tmp_path: Path) -> None:
    """The new Redis knows less and its ids start below the position: what it took in before a drain looked is set aside."""
    redis, admin = place.servers.redis, Admin(place.instance)
    wait_for(lambda: len(redis.client().keys(f"{PREFIX}*")) == 4, "the drain makes no streams", 20)
    redis.keep_copy(tmp_path / "copy")
    go_ahead(place, seconds=60)
    with place.loaded():
        time.sleep(0.5)
    place.kill("worker")
    redis.set_back(tmp_path / "copy")
    redis.start()
    before = place.instance.intake()
    with Load(place.instance.endpoint, 2) as load:
        wait_for(lambda: load.accepted > 50, "no report is taken")
        with load.paused():
            place.instance.start("worker")
            wait_for(lambda: place.instance.intake()["set_aside"] > 0, "nothing is set aside", 30, place.instance.words)
        time.sleep(0.3)
    aside = place.intake()["set_aside"]
    promise_holds(place.instance, "shop", load, before["counted"], aside)
    assert f"{aside} reports were found unread below the position" in admin.page("/status/")
    place.instance.manage("replay")
    promise_holds(place.instance, "shop", load, before["counted"])


def go_ahead(place: Place, seconds: int) -> None:
    """As if this Redis had a faster clock than the next one."""
    redis = place.servers.redis.client()
    ahead = f"{int((time.time() + seconds) * 1000)}-0"
    for key in redis.keys(f"{PREFIX}*"):
        redis.execute_command("XSETID", key, ahead)


def spooled(place: Place) -> list[Path]:
    return list((place.instance.folder / "data" / "spool").glob("*.spool"))
