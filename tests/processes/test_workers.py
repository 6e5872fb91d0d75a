"""Several workers, and a database that is being changed under them: nothing is counted twice, set aside or lost."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.processes.chaos import promise_holds
from tests.processes.instance import Instance, wait_for
from tests.processes.prepared import Full
from tests.processes.senders import Load

pytestmark = pytest.mark.processes
TABLES = ("issues_issue", "issues_hourlycount", "ingest_intakecount", "ingest_position")
HELD_SECONDS = 2.0


def test_four_workers_on_one_partition(tmp_path: Path, full_instances: Full) -> None:
    with full_instances.instance(tmp_path) as instance:
        instance.environment["INGEST_PARTITIONS"] = "1"
        more = [f"worker {number}" for number in (2, 3, 4)]
        instance.commands |= dict.fromkeys(more, instance.commands["worker"])
        instance.start()
        with Load(instance.endpoint, 6) as load:
            wait_for(lambda: load.accepted > 100, "no report is taken")
            instance.running.pop(more[0]).kill()
            wait_for(lambda: load.accepted > 800, "no more reports are taken", 30)
        promise_holds(instance, "shop", load)


def test_a_migration_under_load(instance: Instance) -> None:
    """The tables that every batch writes, one after the other locked as a migration locks them, by the code that runs on."""
    instance.start()
    with Load(instance.endpoint, 3) as load:
        load.send_one()  # the endpoint has asked for the key and the day's salt: code that runs, not code that starts
        for table in TABLES:
            with migrating(instance, table):
                enough = load.accepted + 1
                time.sleep(HELD_SECONDS / len(TABLES))
                wait_for(lambda enough=enough: load.accepted >= enough, f"no report is taken while {table} is locked")  # type: ignore[misc]
        load.send_one()
    assert set(load.answers) == {204}
    promise_holds(instance, "shop", load)


@contextmanager
def migrating(instance: Instance, table: str) -> Iterator[None]:
    if url := instance.environment.get("DATABASE_URL"):
        with psycopg.connect(url) as connection:
            connection.execute("SET lock_timeout = '10s'")
            connection.execute(f"ALTER TABLE {table} ADD COLUMN migrated integer")
            yield
        return
    with closing(sqlite3.connect(instance.folder / "data" / "glitchcsp.sqlite3", timeout=20, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        rebuild(database, table)
        yield
        database.execute("COMMIT")


def rebuild(database: sqlite3.Connection, table: str) -> None:
    """As Django changes a table of SQLite: a new one, all rows copied, the old one dropped."""
    made = database.execute("SELECT sql FROM sqlite_master WHERE name = ?", [table]).fetchone()[0]
    others = database.execute("SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type = 'index' AND sql IS NOT NULL", [table]).fetchall()
    database.execute(made.replace(f'"{table}"', f'"new__{table}"', 1))
    database.execute(f"INSERT INTO new__{table} SELECT * FROM {table}")
    database.execute(f"DROP TABLE {table}")
    database.execute(f"ALTER TABLE new__{table} RENAME TO {table}")
    for (index,) in others:
        database.execute(index)
