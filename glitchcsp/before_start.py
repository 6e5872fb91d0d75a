"""What must be right before anything is started: each trouble is one line that says what to do."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import time
from pathlib import Path
from typing import BinaryIO

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from redis.backoff import NoBackoff
from redis.retry import Retry

LINGER_TRIES = 10
LINGER_SECONDS = 0.1
"""The children of a supervisor that was killed a moment ago may take this long to be gone."""


class CantStart(Exception):
    """The message is the whole line for the person at the terminal."""


def check_port(host: str, port: int) -> None:
    """By binding it: only then is it known to be free and allowed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for tries_left in range(LINGER_TRIES, -1, -1):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                return
            except OverflowError:
                raise CantStart(f"PORT is {port}; it must be from 1 to 65535.") from None
            except OSError as error:
                if error.errno != errno.EADDRINUSE or not tries_left:
                    raise CantStart(_port_words(host, port, error)) from None
        time.sleep(LINGER_SECONDS)


def _port_words(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use. Stop what listens there, or take another: PORT={port + 1} make run"
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}. Take one above 1023: PORT=8000 make run"
    return f"GLITCHCSP_BIND is {host!r} and can't be used ({error.strerror or error}). 127.0.0.1 is this computer, 0.0.0.0 everywhere."


def check_data_folder(folder: Path) -> None:
    """By writing: permissions, a read-only disk and a full one all show."""
    probe = folder / f".write-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise CantStart(
            f"The data folder {folder} can't be written ({error.strerror}). Set GLITCHCSP_DATA to a folder that this user may write."
        ) from None


def lock_data_folder(folder: Path) -> BinaryIO:
    """Held as long as the answer is: two supervisors must not work on one SQLite file."""
    file = open(folder / "serve.lock", "wb")  # noqa: SIM115  # the lock lives as long as the file is open
    for _ in range(LINGER_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            time.sleep(LINGER_SECONDS)
    raise CantStart(f"GlitchCSP is already running on the data folder {folder}. Stop it first, or set GLITCHCSP_DATA to another folder.")


def check_database() -> None:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        name = "DATABASE_URL" if settings.MODE == "full" else f"The database in {settings.DATA_DIR}"
        raise CantStart(f"{name} can't be opened: {_first_line(error)}") from None


def check_redis() -> None:
    """Only reachable and let in; how it is set is `manage.py check --deploy`'s business."""
    if settings.MODE != "full":
        return
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=3, socket_timeout=3, retry=Retry(NoBackoff(), 0)) as server:
            server.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        raise CantStart(f"REDIS_URL can't be used: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
