"""PostgreSQL and Redis of the tests: real servers on free ports, over temporary data, stopped with the tests.

`python -m tests.services COMMAND...` runs a command with DATABASE_URL and REDIS_URL pointing at fresh ones.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

START_SECONDS = 30


class MissingProgram(Exception):
    """A program that these tests need is not on this machine."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def program(name: str) -> str:
    """Where a server's program is: on the PATH, or where Debian keeps PostgreSQL's."""
    found = shutil.which(name)
    if found and Path(found).resolve().parent.joinpath("initdb").exists():
        return str(Path(found).resolve())
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if debian:
        return str(debian[-1])
    if found:
        return found
    raise MissingProgram(f"{name} is not on this machine; `make test` installs it where it may.")


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL server; yields its DATABASE_URL. Tests may kill every other process, so durability is switched off here."""
    with tempfile.TemporaryDirectory(prefix="glitchcsp-postgresql-") as name:
        make_cluster(Path(name))
        with postgresql_at(Path(name)) as url:
            yield url


@contextmanager
def postgresql_at(folder: Path) -> Iterator[str]:
    """Over a cluster that outlives it; stopped in order, so that the next one need not recover."""
    port = free_port()
    server = start_postgresql(folder, port, durable=False)
    try:
        yield postgresql_url(port)
    finally:
        _stop(server, signal.SIGINT)


def postgresql_url(port: int, database: str = "postgres") -> str:
    return f"postgres://postgres@127.0.0.1:{port}/{database}"


def make_cluster(folder: Path) -> None:
    """An empty PostgreSQL in `folder`/data, which belongs to the user that runs it."""
    if os.geteuid() == 0:
        shutil.chown(folder, _server_user())
    initdb = [program("initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **_as_server(folder))


def start_postgresql(folder: Path, port: int, *, durable: bool) -> subprocess.Popen[bytes]:
    """Over `folder`/data; returns once it answers."""
    options = ["listen_addresses=127.0.0.1", "unix_socket_directories="]
    if not durable:
        options += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
    command = [program("postgres"), "-D", str(folder / "data"), "-p", str(port), *(word for option in options for word in ("-c", option))]
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, preexec_fn=die_with_parent, **_as_server(folder))
    _wait(server, lambda: _ready(f"{program('pg_isready')} -q -h 127.0.0.1 -p {port}"), folder / "log")
    return server


def _as_server(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    return {"user": _server_user() if os.geteuid() == 0 else None, "cwd": folder, "env": {**os.environ, "LC_ALL": "C.UTF-8"}}


@contextmanager
def redis(*, append_only: bool = True) -> Iterator[str]:
    """A Redis server as design.md wants it (every append on disk, nothing evicted); yields its REDIS_URL."""
    with (
        tempfile.TemporaryDirectory(prefix="glitchcsp-redis-") as folder,
        redis_at(Path(folder), free_port(), append_only=append_only) as url,
    ):
        yield url


@contextmanager
def redis_at(folder: Path, port: int, *, append_only: bool = True) -> Iterator[str]:
    """Redis over a folder and port that outlive it, for tests that restart it."""
    server = start_redis(folder, port, append_only=append_only)
    try:
        yield redis_url(port)
    finally:
        _stop(server, signal.SIGTERM)


def redis_url(port: int) -> str:
    return f"redis://127.0.0.1:{port}/0"


def start_redis(folder: Path, port: int, *, append_only: bool = True) -> subprocess.Popen[bytes]:
    """Over `folder`; returns once it answers."""
    durable = ["--appendonly", "yes", "--appendfsync", "always"] if append_only else []
    command = [program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", *durable]
    command += ["--maxmemory-policy", "noeviction"]
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, preexec_fn=die_with_parent)
    _wait(server, lambda: _ready(f"{program('redis-cli')} -p {port} ping"), folder / "log")
    return server


def die_with_parent() -> None:
    """In the child, before exec: whatever happens to the tests, no server outlives them (PR_SET_PDEATHSIG is 1)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _server_user() -> str:
    """The user of PostgreSQL's package, or `nobody` where only the binaries are there."""
    return "postgres" if "\npostgres:" in Path("/etc/passwd").read_text() else "nobody"


def _ready(command: str) -> bool:
    return subprocess.run(command.split(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def _wait(server: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not ready():
        if server.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{server.args[0]} did not start:\n{log.read_text(errors='replace')[-2000:]}")  # type: ignore[index]
        time.sleep(0.05)


def _stop(server: subprocess.Popen[bytes], with_signal: signal.Signals) -> None:
    server.send_signal(with_signal)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def main(command: list[str]) -> int:
    with ExitStack() as stack:
        try:
            urls = {"DATABASE_URL": stack.enter_context(postgresql()), "REDIS_URL": stack.enter_context(redis())}
        except MissingProgram as missing:
            print(missing, file=sys.stderr)
            return 1
        return subprocess.run(command, env={**os.environ, **urls}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
