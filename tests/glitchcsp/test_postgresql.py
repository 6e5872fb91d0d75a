"""An end to every wait for PostgreSQL. A server that no longer answers at all is met by tests/processes/test_postgresql_faults.py."""

from __future__ import annotations

import time

import pytest
from django.db import OperationalError, connection

from glitchcsp.boot import DOOR_SECONDS, STATEMENT_SECONDS, Environment, full_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.full]


def test_a_statement_that_gets_no_answer_ends_and_the_next_one_works() -> None:
    connection.ensure_connection()
    connection.connection.answer_seconds = 0.3
    start = time.monotonic()
    with pytest.raises(OperationalError, match="did not answer"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")
    assert time.monotonic() - start < 2
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_the_server_gives_up_before_we_do() -> None:
    """Its error says more than our silence, and leaves the connection whole."""
    for role, seconds in (("web", STATEMENT_SECONDS), ("all", STATEMENT_SECONDS), ("ingest", DOOR_SECONDS)):
        made = full_database(Environment(), "postgres://u:p@localhost/x", role)
        assert f"statement_timeout={seconds}s" in made["OPTIONS"]["options"]
        assert made["ANSWER_SECONDS"] > seconds
