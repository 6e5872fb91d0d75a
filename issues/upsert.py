"""Counts add up in one statement a table, on both databases: `bulk_create(update_conflicts=True)` can overwrite but not add."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

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
    ordered = sorted(rows, key=lambda row: tuple(row[place] for place in places))
    sets = ", ".join(f"{_quoted(name)} = {_SQL[connection.vendor][rule](_quoted(table), _quoted(name))}" for name, rule in how.items())
    tail = f"ON CONFLICT ({', '.join(map(_quoted, key))}) DO " + (f"UPDATE SET {sets}" if sets else "NOTHING")
    if returning:
        tail += f" RETURNING {', '.join(map(_quoted, returning))}"
    answers: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for chunk in _chunks(ordered, len(columns)):
            places_sql = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(chunk))
            names = ", ".join(map(_quoted, columns))
            cursor.execute(f"INSERT INTO {_quoted(table)} ({names}) VALUES {places_sql} {tail}", _prepared(model, columns, chunk))
            if returning:
                answers.extend(cursor.fetchall())
    return answers


def update_many(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Set `columns` of the rows whose id is each row's first value (`columns` starts with "id"), in one statement."""
    if not rows:
        return
    table = _quoted(model._meta.db_table)
    sets = ", ".join(f"{_quoted(name)} = {_cast(model, name, f'v.column{place}')}" for place, name in enumerate(columns[1:], start=2))
    with connection.cursor() as cursor:
        for chunk in _chunks(sorted(rows, key=lambda row: row[0]), len(columns)):
            values = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(chunk))
            cursor.execute(
                f"UPDATE {table} SET {sets} FROM (VALUES {values}) AS v WHERE {table}.id = v.column1",
                _prepared(model, columns, chunk),
            )


def select_by_key(
    model: type[models.Model], key: Sequence[str], keys: Sequence[Sequence[Any]], columns: Sequence[str], *, lock: bool = False
) -> list[tuple[Any, ...]]:
    """`columns` of the rows that have one of `keys`; with `lock`, locked in the order of the key (PostgreSQL)."""
    answers: list[tuple[Any, ...]] = []
    names, wanted = ", ".join(map(_quoted, columns)), ", ".join(map(_quoted, key))
    tail = f" ORDER BY {wanted} FOR UPDATE" if lock and connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for chunk in _chunks(sorted(map(tuple, keys)), len(key)):
            values = ", ".join([f"({', '.join(['%s'] * len(key))})"] * len(chunk))
            cursor.execute(
                f"SELECT {names} FROM {_quoted(model._meta.db_table)} WHERE ({wanted}) IN (VALUES {values}){tail}",
                _prepared(model, key, chunk),
            )
            answers.extend(cursor.fetchall())
    return answers


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _chunks(rows: Sequence[Any], width: int) -> Iterator[Sequence[Any]]:
    size = MOST_PARAMETERS // width
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _prepared(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Any]:
    """The rows as one flat list of values that the database's driver takes."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    prepare = [_PLAIN if isinstance(fields[name], _PLAIN_FIELDS) else fields[name].get_db_prep_save for name in columns]
    return [prepare[place](value, connection) for row in rows for place, value in enumerate(row)]


def _PLAIN(value: Any, _connection: Any) -> Any:
    return value


_PLAIN_FIELDS = (models.IntegerField, models.CharField, models.TextField, models.BooleanField, models.ForeignKey, models.AutoField)


def _cast(model: type[models.Model], name: str, value: str) -> str:
    if connection.vendor != "postgresql":
        return value
    field = next(field for field in model._meta.concrete_fields if field.column == name)
    return f"{value}::{field.db_type(connection)}"


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
