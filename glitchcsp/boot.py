"""What settings need before Django exists: which pair of database and buffer, and the secret key."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class Environment(environ.FileAwareEnv):
    """django-environ takes any word but a few for false; here what is no switch or no number stops the start, in one line."""

    def get_value(self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: bool = False) -> Any:
        given = str(self.ENVIRON.get(var, "")).strip()
        if cast in (bool, int, float) and not given:
            return default  # compose files pass on what nobody set as an empty value
        if cast is bool and given.lower() not in ("", *YES, *NO):
            raise ImproperlyConfigured(f"{var} is {given!r}; it must be true or false.")
        try:
            value = super().get_value(var, cast, default, parse_default)
        except ValueError:
            raise ImproperlyConfigured(f"{var} is {given!r}; it must be a number.") from None
        if cast in (int, float) and value < 0:
            raise ImproperlyConfigured(f"{var} is {given!r}; it must be 0 or more.")
        return value


def pair_of(database_url: str, redis_url: str) -> str:
    """`embedded` (SQLite and its own buffer file) or `full` (PostgreSQL and Redis); nothing between them exists."""
    if not database_url and not redis_url:
        return "embedded"
    if database_url and not database_url.startswith(("postgres://", "postgresql://")):
        scheme = database_url.partition(":")[0]
        raise ImproperlyConfigured(
            f"DATABASE_URL starts with {scheme!r}; only postgres://user:password@host:5432/name works there. "
            "Leave DATABASE_URL and REDIS_URL empty for the embedded mode with SQLite."
        )
    if not database_url:
        raise ImproperlyConfigured(
            "REDIS_URL is set but DATABASE_URL is not: SQLite with Redis is not a pair that works. "
            "Set both (PostgreSQL and Redis) or neither (SQLite)."
        )
    if not redis_url:
        raise ImproperlyConfigured("DATABASE_URL is set but REDIS_URL is not. Set both (PostgreSQL and Redis) or neither (SQLite).")
    if not redis_url.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured(f"REDIS_URL starts with {redis_url.partition(':')[0]!r}; it must look like redis://host:6379/0.")
    return "full"


def embedded_database(data: Path) -> dict[str, Any]:
    """SQLite in WAL; IMMEDIATE so that a transaction that will write never fails half way for having read first."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": data / "glitchcsp.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000; PRAGMA cache_size=-32000;",
        },
    }


STATEMENT_SECONDS = 30
DOOR_SECONDS = 5
"""The endpoint asks short questions, and what it knows stays good while it gets no answer."""


def full_database(env: Any, url: str, role: str) -> dict[str, Any]:
    """PostgreSQL with timeouts: no statement, lock or forgotten transaction may hold the drain for ever, nor a server that froze."""
    try:
        settings: dict[str, Any] = env.db_url_config(url)
    except Exception as error:
        words = "it must look like postgres://user:password@host:5432/name."
        raise ImproperlyConfigured(f"DATABASE_URL can't be read ({type(error).__name__}); {words}") from None
    seconds = DOOR_SECONDS if role == "ingest" else STATEMENT_SECONDS
    settings["ENGINE"] = "glitchcsp.postgresql"
    settings["ANSWER_SECONDS"] = seconds + 5
    settings["CONN_MAX_AGE"] = 60
    settings["CONN_HEALTH_CHECKS"] = True
    settings["DISABLE_SERVER_SIDE_CURSORS"] = True
    settings["OPTIONS"] = {
        **settings.get("OPTIONS", {}),
        "connect_timeout": 5,
        "keepalives": 1,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "options": f"-c statement_timeout={seconds}s -c lock_timeout=10s -c idle_in_transaction_session_timeout=30s",
    }
    return settings


def trusted_proxies(words: list[str]) -> list[str]:
    for word in words:
        try:
            ip_network(word.strip(), strict=False)
        except ValueError:
            raise ImproperlyConfigured(f"TRUSTED_PROXIES holds {word!r}; it takes networks such as 10.0.0.0/8, by commas.") from None
    return words


def secret_key(given: str, mode: str, data: Path) -> str:
    """The key from the environment; embedded mode makes `data/secret_key` (0600) once."""
    if given:
        return given
    if mode == "full":
        raise ImproperlyConfigured("SECRET_KEY is not set. `make secrets` writes one into .env; full mode has no default.")
    path = data / "secret_key"
    try:
        data.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            # Written whole under another name and linked, so that two first starts agree on one key.
            draft = data / f"secret_key.{os.getpid()}"
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(50))
            with suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data folder {data} can't be written ({error.strerror}). Set GLITCHCSP_DATA to a folder that this user may write."
        ) from None
