"""Instances with tables, an owner and the project `shop`: made once on each pair, then copied for every test."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis

from tests.processes.instance import Instance, embedded, full
from tests.processes.servers import PostgreSQL, RedisServer, Servers
from tests.services import free_port, make_cluster

TEMPLATE = "instance_template"


class Embedded:
    """A data folder to copy."""

    def __init__(self, folder: Path) -> None:
        self.made = embedded(folder)
        self.data = folder / "data"
        self.data.mkdir(parents=True)
        _fill(self.made)

    @contextmanager
    def instance(self, folder: Path) -> Iterator[Instance]:
        shutil.copytree(self.data, folder / "data")
        with _stopped_at_the_end(embedded(folder), self.made) as instance:
            yield instance


class Full:
    """A PostgreSQL database to copy, and one Redis, emptied for each instance."""

    def __init__(self, folder: Path, postgresql_url: str, redis_url: str) -> None:
        self.server, self.redis_url = postgresql_url, redis_url
        self._say(f"CREATE DATABASE {TEMPLATE}")
        (folder / "data").mkdir(parents=True)
        self.made = full(folder, self._url(TEMPLATE), redis_url)
        _fill(self.made)

    @contextmanager
    def instance(self, folder: Path) -> Iterator[Instance]:
        with Redis.from_url(self.redis_url) as server:
            server.flushall()
        name = f"instance_{free_port()}"
        self._say(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        (folder / "data").mkdir()
        try:
            with _stopped_at_the_end(full(folder, self._url(name), self.redis_url), self.made) as instance:
                yield instance
        finally:
            self._say(f"DROP DATABASE {name} WITH (FORCE)")

    def _url(self, name: str) -> str:
        return f"{self.server.rpartition('/')[0]}/{name}"

    def _say(self, statement: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(statement)


class Durable:
    """The folder of a PostgreSQL to copy: each instance has both servers for itself, since its tests kill them."""

    def __init__(self, folder: Path) -> None:
        self.cluster = Path(tempfile.mkdtemp(prefix="glitchcsp-cluster-"))  # not in pytest's folder, which only root may enter
        make_cluster(self.cluster)
        (folder / "data").mkdir(parents=True)
        with tempfile.TemporaryDirectory(prefix="glitchcsp-redis-") as name:
            servers = Servers(PostgreSQL(self.cluster), RedisServer(Path(name)))
            with servers.running():
                self.made = full(folder, servers.postgresql.url, servers.redis.url)
                _fill(self.made)

    @contextmanager
    def instance(self, folder: Path) -> Iterator[tuple[Instance, Servers]]:
        with tempfile.TemporaryDirectory(prefix="glitchcsp-servers-", ignore_cleanup_errors=True) as name:
            place = Path(name)
            subprocess.run(["cp", "-a", str(self.cluster), str(place / "postgresql")], check=True)
            place.chmod(0o755)
            (place / "redis").mkdir()
            (folder / "data").mkdir()
            with Servers(PostgreSQL(place / "postgresql"), RedisServer(place / "redis")).running() as servers:
                made = full(folder, servers.postgresql.url, servers.redis.url)
                with _stopped_at_the_end(made, self.made) as instance:
                    yield instance, servers

    def close(self) -> None:
        shutil.rmtree(self.cluster, ignore_errors=True)


def _fill(instance: Instance) -> None:
    instance.manage("migrate", "--verbosity", "0")
    instance.bootstrap()


@contextmanager
def _stopped_at_the_end(instance: Instance, made: Any) -> Iterator[Instance]:
    instance.project, instance.token = made.project, made.token
    try:
        yield instance
    finally:
        instance.stop()
