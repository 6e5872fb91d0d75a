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
from tests.services import free_port, make_cluster, postgresql_at, redis


class Embedded:
    """A data folder to copy."""

    def __init__(self, folder: Path) -> None:
        self.made = embedded(folder)
        self.data = folder / "data"
        self.data.mkdir(parents=True)
        _fill(self.made)

    @contextmanager
    def instance(self, folder: Path) -> Iterator[Instance]:
        shutil.copytree(self.data, folder / "data", dirs_exist_ok=True)
        with _stopped_at_the_end(embedded(folder), self.made) as instance:
            yield instance


class Durable:
    """The folder of a PostgreSQL to copy: each instance has both servers for itself, since its tests kill them."""

    def __init__(self, folder: Path) -> None:
        self.cluster = Path(tempfile.mkdtemp(prefix="glitchcsp-cluster-"))  # not in pytest's folder, which only root may enter
        make_cluster(self.cluster)
        (folder / "data").mkdir(parents=True)
        with postgresql_at(self.cluster) as url, redis() as redis_url:
            self.made = full(folder, url, redis_url)
            _fill(self.made)

    @contextmanager
    def server(self) -> Iterator[str]:
        """One for instances that don't kill it, and therefore not durable."""
        with (
            tempfile.TemporaryDirectory(prefix="glitchcsp-servers-", ignore_cleanup_errors=True) as name,
            postgresql_at(self._copy(Path(name))) as url,
        ):
            yield url

    @contextmanager
    def instance(self, folder: Path) -> Iterator[tuple[Instance, Servers]]:
        with tempfile.TemporaryDirectory(prefix="glitchcsp-servers-", ignore_cleanup_errors=True) as name:
            place = Path(name)
            (place / "redis").mkdir()
            (folder / "data").mkdir()
            with Servers(PostgreSQL(self._copy(place)), RedisServer(place / "redis")).running() as servers:
                made = full(folder, servers.postgresql.url, servers.redis.url)
                with _stopped_at_the_end(made, self.made) as instance:
                    yield instance, servers

    def _copy(self, place: Path) -> Path:
        place.chmod(0o755)
        subprocess.run(["cp", "-a", str(self.cluster), str(place / "postgresql")], check=True)
        return place / "postgresql"

    def close(self) -> None:
        shutil.rmtree(self.cluster, ignore_errors=True)


class Full:
    """A PostgreSQL database to copy, on a server over a copy of the cluster, and one Redis, emptied for each instance."""

    def __init__(self, made: Instance, postgresql_url: str, redis_url: str) -> None:
        self.made, self.server, self.redis_url = made, postgresql_url, redis_url

    @contextmanager
    def instance(self, folder: Path) -> Iterator[Instance]:
        with Redis.from_url(self.redis_url) as server:
            server.flushall()
        name = f"instance_{free_port()}"
        self._say(f"CREATE DATABASE {name} TEMPLATE postgres")
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
