"""PostgreSQL away, frozen, failed over a few seconds back, cut off by a proxy: the endpoint goes on, and nothing is lost or doubled."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest

from glitchcsp.boot import DOOR_SECONDS, STATEMENT_SECONDS
from ingest.keys import PATIENCE, STALE
from tests.processes.faults import Admin, Place
from tests.processes.instance import wait_for
from tests.processes.prepared import Durable
from tests.processes.proxy import Proxy
from tests.services import postgresql_url

pytestmark = pytest.mark.processes


def test_killed_and_away(place: Place) -> None:
    """A key that is known stays good, one that is not gets a 503, and only the pages say that they are not well."""
    with place.loaded() as load:
        wait_for(lambda: load.accepted > 20, "no report is taken")
        place.servers.postgresql.kill()
        time.sleep(1)
        before = load.accepted
        assert place.asked_with_an_unknown_key() == 503
        assert place.health(place.instance.ingest_url) == (200, {"status": "ok"})
        assert place.health(place.instance.url) == (503, {"status": "the database is away"})
        wait_for(lambda: load.accepted > before, "no report is taken without the database")
        place.servers.postgresql.start()
    assert set(load.answers) == {204}
    wait_for(lambda: place.asked_with_an_unknown_key() == 403, "an unknown key is not looked up again")


def test_frozen(place: Place) -> None:
    """For longer than a key is fresh: then nobody waits for what PostgreSQL says of it any more."""
    with place.loaded() as load:
        wait_for(lambda: load.accepted > 20, "no report is taken")
        place.servers.postgresql.freeze()
        time.sleep(STALE + 1)
        before = load.accepted
        start = time.monotonic()
        assert place.asked_with_an_unknown_key() == 503
        assert place.health(place.instance.ingest_url) == (200, {"status": "ok"})
        assert time.monotonic() - start < PATIENCE + 1
        time.sleep(0.5)
        assert load.accepted > before + 10, "the endpoint waits for a frozen database"
        place.servers.postgresql.thaw()
    assert set(load.answers) == {204}


def test_failed_over_to_one_a_few_seconds_behind(place: Place, tmp_path: Path) -> None:
    """What the new one has not counted is still in the buffer, and is counted there: exactly what was taken.

    Workers that know issues of the lost seconds must not count into what has their numbers now.
    """
    with place.loaded() as load:
        wait_for(lambda: load.accepted > 20, "no report is taken")
        place.servers.postgresql.keep_copy(tmp_path / "copy")
        behind = place.instance.intake()["counted"]
        load.host = "late"
        wait_for(lambda: place.instance.intake()["counted"] > behind + 50, "nothing is counted", 30)
        ahead = place.instance.intake()["counted"]
        place.servers.postgresql.set_back(tmp_path / "copy")
        place.servers.postgresql.start()
        load.host = "later"
    total = place.intake()["counted"]
    assert total > ahead
    assert sum(int(issue["count"]) for issue in place.instance.api("projects/acme/shop/issues/?query=&limit=100")) == total
    assert Admin(place.instance).health()["set_aside"] == 0


@pytest.mark.long
def test_connections_that_are_no_longer_forwarded(durable_instances: Durable, tmp_path: Path) -> None:
    """Nothing ever comes back, and TCP keepalives are answered: endpoint, worker and pages get out by their own clocks."""
    with durable_instances.instance(tmp_path) as (instance, servers), Proxy(servers.postgresql.port) as proxy:
        instance.environment["DATABASE_URL"] = postgresql_url(proxy.port)
        instance.start()
        place = Place(instance, servers)
        with place.loaded() as load:
            wait_for(lambda: load.accepted > 20, "no report is taken")
            time.sleep(1)
            proxy.freeze_what_is_open()
            wait_for(lambda: place.asked_with_an_unknown_key() == 403, "the endpoint is stuck", 2 * (DOOR_SECONDS + 5))
            taken = load.accepted
            wait_for(lambda: counted(place) >= taken, "worker or pages are stuck", 2 * (STATEMENT_SECONDS + 5), instance.words)
        assert set(load.answers) == {204}


def counted(place: Place) -> int:
    """-1 while the pages don't answer."""
    with suppress(OSError):
        return int(place.instance.intake()["counted"])
    return -1
