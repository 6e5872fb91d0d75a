"""Instances of real processes, on both pairs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.faults import Place
from tests.processes.instance import Instance
from tests.processes.prepared import Durable


@pytest.fixture(params=["embedded", "full"])
def instance(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Instance]:
    """An instance on one pair, then on the other; the test starts it."""
    with request.getfixturevalue(f"{request.param}_instances").instance(tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def running_place(tmp_path_factory: pytest.TempPathFactory, durable_instances: Durable) -> Iterator[Place]:
    with durable_instances.instance(tmp_path_factory.mktemp("place")) as (instance, servers):
        instance.start()
        yield Place(instance, servers)


@pytest.fixture
def place(running_place: Place) -> Place:
    """One for all tests that take its servers away, in the state they found it in."""
    running_place.make_well()
    return running_place
