"""What a database holds: rows by table, and bytes with indexes; how long statements took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, models

APPS = ("issues", "ingest")


def tables() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in APPS]


def rows() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in tables()}


def vacuum() -> None:
    """What PostgreSQL's autovacuum does by itself, which looks every minute; SQLite reuses free pages without it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM " + ", ".join(model._meta.db_table for model in tables()))


def sizes() -> dict[str, int]:
    """Bytes by table, indexes and long values with it; what is free inside counts as used by the table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            found = {}
            for model in tables():
                cursor.execute("SELECT pg_total_relation_size(%s::regclass)", [model._meta.db_table])
                found[model.__name__] = cursor.fetchone()[0]
            return found
        named = "SELECT coalesce(m.tbl_name, s.name), sum(s.pgsize) FROM dbstat s LEFT JOIN sqlite_master m ON m.name = s.name"
        cursor.execute(f"{named} GROUP BY 1")
        by_table = dict(cursor.fetchall())
    return {model.__name__: by_table.get(model._meta.db_table, 0) for model in tables()}


def file_bytes() -> int:
    """Of the whole database as the disk has it, free pages too."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute("PRAGMA page_size")
        return int(pages * cursor.fetchone()[0])


@contextmanager
def timed() -> Iterator[list[tuple[float, str]]]:
    """(seconds, statement) of all that this thread asks meanwhile."""
    found: list[tuple[float, str]] = []

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        began = time.monotonic()
        try:
            return execute(sql, *rest)
        finally:
            found.append((time.monotonic() - began, sql))

    with connection.execute_wrapper(watch):
        yield found
