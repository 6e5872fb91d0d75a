"""Django's PostgreSQL with an end to every wait.

statement_timeout is the server's promise. A server that is frozen, or that a proxy no longer passes us on to, keeps none, and
TCP keepalives don't notice: the kernel at the other end answers them. So the client counts as well.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, IsolationLevel, OperationalError
from psycopg.errors import _WaitTimeout

INTERVAL = 0.1
"""Seconds after which psycopg looks at its deadline while nothing comes."""


class BoundedConnection(Connection[Any]):
    answer_seconds = 0.0

    def wait(self, gen: Generator[Any, Any, Any], interval: float = INTERVAL, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, timeout or self.answer_seconds)
        except _WaitTimeout:
            self.pgconn.finish()  # what is under way there can't be taken up again
            raise OperationalError(f"The database did not answer within {self.answer_seconds:.0f} s.") from None


class DatabaseWrapper(base.DatabaseWrapper):
    """ANSWER_SECONDS of the database's settings is how long one statement may keep us waiting."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> BoundedConnection:
        """As Django makes it, without the two options that we don't offer: a pool, and another isolation level."""
        self.isolation_level = IsolationLevel.READ_COMMITTED
        connection = BoundedConnection.connect(**conn_params)
        connection.answer_seconds = float(self.settings_dict["ANSWER_SECONDS"])
        return connection
