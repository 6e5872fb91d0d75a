"""PostgreSQL and Redis of one instance alone, as durable as in production, to be killed, frozen, set back and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis

from tests.processes.instance import descendants_of, wait_for
from tests.services import free_port, postgresql_url, redis_url, start_postgresql, start_redis


@dataclass
class Server:
    """`folder` outlives every start. A backend of PostgreSQL is a process of its own: what happens to the server happens to all."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        raise NotImplementedError

    @property
    def data(self) -> Path:
        raise NotImplementedError

    def kill(self) -> None:
        if self.process is None:
            return
        family = self._signal(signal.SIGKILL)
        self.process.wait()
        self.process = None
        wait_for(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() for pid in family), f"{family} are left of a killed server")

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def ensure(self) -> None:
        if self.process is None or self.process.poll() is not None:
            self.kill()
            self.start()

    def _signal(self, number: signal.Signals) -> list[int]:
        """The parent first: it would start anew what it misses."""
        family = [self.process.pid, *descendants_of(self.process.pid)] if self.process else []
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        return family

    def keep_copy(self, copy: Path) -> None:
        """As of now, as a server that is killed leaves it; it runs again afterwards."""
        self.kill()
        _copy(self.data, copy)
        self.start()

    def set_back(self, copy: Path) -> None:
        """Its data folder is the copy from now on, as after a fail-over to a server that lagged behind. It does not run then."""
        self.kill()
        shutil.rmtree(self.data)
        _copy(copy, self.data)


def _copy(source: Path, target: Path) -> None:
    """With its owner, who is not ours."""
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


class PostgreSQL(Server):
    @property
    def url(self) -> str:
        return postgresql_url(self.port)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        self.process = start_postgresql(self.folder, self.port, durable=True)


class RedisServer(Server):
    @property
    def url(self) -> str:
        return redis_url(self.port)

    @property
    def data(self) -> Path:
        return self.folder / "appendonlydir"

    def start(self) -> None:
        self.process = start_redis(self.folder, self.port)

    def keep_copy(self, copy: Path) -> None:
        """While it runs: its file only grows, and a torn end is left out when it is read."""
        _copy(self.data, copy)

    def client(self) -> Redis:
        return Redis.from_url(self.url)


@dataclass
class Servers:
    postgresql: PostgreSQL
    redis: RedisServer

    def both(self) -> tuple[Server, Server]:
        return self.postgresql, self.redis

    @contextmanager
    def running(self) -> Iterator[Servers]:
        try:
            for server in self.both():
                server.start()
            yield self
        finally:
            for server in self.both():
                server.kill()
