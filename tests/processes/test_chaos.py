"""Random kills and freezes under load (`make chaos`): 10 in CI, 200 in the long set, both repeatable by SEED and KILLS."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.processes.chaos import VICTIMS, Chaos, strikes
from tests.processes.instance import Instance
from tests.processes.prepared import Durable, Embedded
from tests.processes.senders import Load
from tests.processes.servers import Server

pytestmark = pytest.mark.processes
PROJECTS = ("shop", "blog")


@pytest.mark.parametrize("kills", [10, pytest.param(200, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
@pytest.mark.parametrize("pair", ["embedded", "full"])
def test_random_kills_lose_and_repeat_nothing(request: pytest.FixtureRequest, tmp_path: Path, pair: str, kills: int) -> None:
    seed = int(os.environ.get("SEED") or secrets.randbelow(10**6))
    kills = int(os.environ.get("KILLS") or kills)
    print(f"{kills} kills on the {pair} pair; to repeat: make chaos SEED={seed} KILLS={kills}", flush=True)
    with started(request, tmp_path, pair) as (instance, servers):
        loads = {name: load_of(instance, name) for name in PROJECTS}
        Chaos(instance, servers, loads).run(strikes(seed, VICTIMS[pair], kills))


@contextmanager
def started(request: pytest.FixtureRequest, folder: Path, pair: str) -> Iterator[tuple[Instance, dict[str, Server]]]:
    if pair == "embedded":
        instances: Embedded = request.getfixturevalue("embedded_instances")
        with instances.instance(folder) as instance:
            instance.start()
            yield instance, {}
        return
    durable: Durable = request.getfixturevalue("durable_instances")
    with durable.instance(folder) as (instance, both):
        instance.start()
        yield instance, {"postgresql": both.postgresql, "redis": both.redis}


def load_of(instance: Instance, name: str) -> Load:
    """One sender, so that a key has one request in flight."""
    made = instance.project if name == "shop" else instance.bootstrap(name)
    return Load(instance.endpoint_of(made), 1, rejected=True)
