"""Counts add up in one statement a table, on both databases: `bulk_create(update_conflicts=True)` can overwrite but not add."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from itertools import chain
from operator import itemgetter
from typing import Any, Literal

import msgspec
from django.db import connection, models

How = Literal["add", "max", "min", "or", "replace", "first"]
MOST_PARAMETERS = 30_000  # SQLite allows 32,766 in one statement, PostgreSQL 65,535


def upsert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    key: Sequence[str],
    how: dict[str, How],
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Insert `rows` (tuples in the order of `columns`), or fold each into the row that has its `key`.

    `how` says what happens to a column of a row that exists: `add`, `max`, `min`, bitwise `or`, `replace`, or `first`
    (keep what is there unless it is empty). Columns not named are left alone. Rows must differ in their key and are
    written sorted by it, so that two writers never wait for each other in a circle.
    """
    if not rows:
        return []
    table = model._meta.db_table
    places = [columns.index(name) for name in key]
    ordered = sorted(rows, key=itemgetter(*places))
    sets = ", ".join(f"{_quoted(name)} = {_SQL[connection.vendor][rule](_quoted(table), _quoted(name))}" for name, rule in how.items())
    tail = f"ON CONFLICT ({_names(key)}) DO " + (f"UPDATE SET {sets}" if sets else "NOTHING")
    if returning:
        tail += f" RETURNING {_names(returning)}"
    answers: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for source, values in _sources(model, columns, ordered):
            cursor.execute(f"INSERT INTO {_quoted(table)} ({_names(columns)}) {source} {tail}", values)
            if returning:
                answers.extend(cursor.fetchall())
    return answers


def update_many(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Set `columns` of the rows whose id is each row's first value (`columns` starts with "id"), in one statement."""
    if not rows:
        return
    table = _quoted(model._meta.db_table)
    sets = ", ".join(f"{_quoted(name)} = v.column{place}" for place, name in enumerate(columns[1:], start=2))
    with connection.cursor() as cursor:
        for source, values in _sources(model, columns, sorted(rows, key=lambda row: row[0])):
            cursor.execute(f"UPDATE {table} SET {sets} FROM ({source}) AS v WHERE {table}.id = v.column1", values)


def select_by_key(
    model: type[models.Model], key: Sequence[str], keys: Sequence[Sequence[Any]], columns: Sequence[str], *, lock: bool = False
) -> list[tuple[Any, ...]]:
    """`columns` of the rows that have one of `keys`; with `lock`, locked in the order of the key (PostgreSQL)."""
    answers: list[tuple[Any, ...]] = []
    tail = f" ORDER BY {_names(key)} FOR UPDATE" if lock and connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for source, values in _sources(model, key, sorted(map(tuple, keys))):
            cursor.execute(
                f"SELECT {_names(columns)} FROM {_quoted(model._meta.db_table)} WHERE ({_names(key)}) IN ({source}){tail}", values
            )
            answers.extend(cursor.fetchall())
    return answers


def _sources(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[tuple[str, list[Any]]]:
    """The rows as a table expression with columns column1, column2, ... and its parameters.

    PostgreSQL takes one JSON array a column: psycopg spent more time on 10,000 placeholders, or on quoting the texts of
    an array, than the server on the rows. SQLite takes VALUES, in chunks that its limit of parameters allows.
    """
    fields = {field.column: field for field in model._meta.concrete_fields}
    if connection.vendor == "postgresql":
        if rows:
            yield _json_columns([fields[name] for name in columns]), [_json(column) for column in zip(*rows, strict=True)]
        return
    prepare = [_sqlite_value(fields[name]) for name in columns]
    size = MOST_PARAMETERS // len(columns)
    for start in range(0, len(rows), size):
        chunk = rows[start : start + size]
        places = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(chunk))
        prepared = [map(one, column) if one else column for one, column in zip(prepare, zip(*chunk, strict=True), strict=True)]
        yield f"VALUES {places}", [*chain.from_iterable(zip(*prepared, strict=True))]


def _sqlite_value(field: Any) -> Callable[[Any], Any] | None:
    """What Django would store for a value of the field, without asking it 10,000 times; None where the value is stored as it is."""
    if isinstance(field, models.JSONField):
        return lambda value: msgspec.json.encode(value).decode()
    if isinstance(field, models.DateTimeField):
        return lambda value: value and str(value.astimezone(UTC).replace(tzinfo=None))
    return str if isinstance(field, models.DateField) else None


def _json_columns(fields: Sequence[Any]) -> str:
    names = [f"column{place}" for place in range(1, len(fields) + 1)]
    arrays = ", ".join(f"json_array_elements{'' if isinstance(field, models.JSONField) else '_text'}(%s::json)" for field in fields)
    types = [field.rel_db_type(connection) if field.primary_key else field.db_type(connection) for field in fields]
    picked = ", ".join(f"{name}::{kind} AS {name}" for name, kind in zip(names, types, strict=True))
    return f"SELECT {picked} FROM ROWS FROM ({arrays}) AS u({', '.join(names)})"


def _json(column: Sequence[Any]) -> str:
    """Times as ISO 8601, bytes as PostgreSQL writes them (msgspec's own base64 is not)."""
    values = [f"\\x{value.hex()}" for value in column] if isinstance(column[0], bytes | memoryview) else column
    return msgspec.json.encode(values).decode()


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(map(_quoted, columns))


def _function(greatest: str, least: str) -> dict[How, Callable[[str, str], str]]:
    return {
        "add": lambda table, name: f"{table}.{name} + excluded.{name}",
        "max": lambda table, name: f"{greatest}({table}.{name}, excluded.{name})",
        "min": lambda table, name: f"{least}({table}.{name}, excluded.{name})",
        "or": lambda table, name: f"{table}.{name} | excluded.{name}",
        "replace": lambda table, name: f"excluded.{name}",
        "first": lambda table, name: f"CASE WHEN {table}.{name} = '' THEN excluded.{name} ELSE {table}.{name} END",
    }


_SQL = {"sqlite": _function("max", "min"), "postgresql": _function("GREATEST", "LEAST")}
