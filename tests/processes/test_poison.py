"""One report the database refuses, and one that its worker dies of: set aside alone, visible, and counted once it can be."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from ingest.drain import SINGLE_TRIES, TRIES
from tests.factories import report_to_body, report_uri_body
from tests.processes.instance import Instance, descendants_of, wait_for
from tests.processes.prepared import Full
from tests.processes.senders import send

pytestmark = pytest.mark.processes
CSP = {"Content-Type": "application/csp-report"}
ODD = "https://poison.example/x.js"
FUNCTION = "CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {does}; RETURN NEW; END $$"
TRIGGER = "CREATE TRIGGER odd BEFORE INSERT ON issues_issue FOR EACH ROW WHEN (NEW.source LIKE '%poison%') "


def test_a_report_that_the_database_refuses(instance: Instance) -> None:
    instance.start()
    say(instance, TRIGGER + "BEGIN SELECT RAISE(ABORT, 'no'); END", "RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation'")
    for blocked in [ODD, *["https://good.example/y.js"] * 5]:
        assert send(instance.endpoint, "POST", CSP, report_uri_body(blocked=blocked)) == 204
    batch = report_to_body("https://good.example/y.js", ODD, "https://good.example/z.js")
    assert send(instance.endpoint, "POST", {"Content-Type": "application/reports+json"}, batch) == 204
    found = instance.drained(9)
    assert (found["counted"], found["set_aside"]) == (7, 2)
    say(instance, "DROP TRIGGER odd", "")
    instance.manage("replay")
    found = instance.intake()
    assert (found["accepted"], found["counted"], found["set_aside"]) == (9, 9, 0)


@pytest.mark.long
def test_a_report_that_its_worker_dies_of(tmp_path: Path, full_instances: Full) -> None:
    """The worker is killed each time it is at that report: twice with its batch, three times with it alone."""
    with full_instances.instance(tmp_path) as instance:
        instance.start()
        say(instance, "", "PERFORM pg_sleep(25)")
        for blocked in ["https://good.example/y.js", ODD, "https://good.example/z.js"]:
            assert send(instance.endpoint, "POST", CSP, report_uri_body(blocked=blocked)) == 204
        for _ in range(TRIES + SINGLE_TRIES):
            wait_for(lambda: asleep(instance), "no worker is at it", 60, instance.words)
            kill_worker(instance)
        found = instance.drained(3)
        assert (found["counted"], found["set_aside"]) == (2, 1)
        say(instance, "DROP TRIGGER odd", "")
        instance.manage("replay")
        assert instance.intake()["counted"] == 3


def say(instance: Instance, statement: str, does: str) -> None:
    """`statement` on SQLite; on PostgreSQL a trigger's function that `does` something, or else the statement."""
    if url := instance.environment.get("DATABASE_URL"):
        with psycopg.connect(url, autocommit=True) as connection:
            if does:
                connection.execute(FUNCTION.format(does=does))
            connection.execute(TRIGGER + "EXECUTE FUNCTION odd()" if does else f"{statement} ON issues_issue")
        return
    with closing(sqlite3.connect(instance.folder / "data" / "glitchcsp.sqlite3", timeout=20)) as database:
        database.execute(statement.replace("FOR EACH ROW WHEN", "WHEN"))


def asleep(instance: Instance) -> list[int]:
    with psycopg.connect(instance.environment["DATABASE_URL"], autocommit=True) as connection:
        rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'")
        return [pid for (pid,) in rows.fetchall()]


def kill_worker(instance: Instance) -> None:
    """All of it, and what PostgreSQL still does for it: a server notices that its client is gone when it next says something."""
    worker = instance.running.pop("worker")
    family = descendants_of(worker.pid)
    worker.kill()
    worker.wait()
    wait_for(lambda: not set(family) & set(instance.pids()), "the worker left processes behind")
    with psycopg.connect(instance.environment["DATABASE_URL"], autocommit=True) as connection:
        for pid in asleep(instance):
            connection.execute("SELECT pg_terminate_backend(%s)", [pid])
    time.sleep(0.2)
    instance.launch("worker")
