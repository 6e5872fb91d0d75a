"""Instances of real processes, on both pairs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.instance import Instance, prepared


@pytest.fixture(params=["embedded", "full"])
def instance(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Instance]:
    """A prepared instance on one pair, then the other; the test starts it."""
    services = lambda: (request.getfixturevalue("postgresql_url"), request.getfixturevalue("redis_url"))  # noqa: E731  # started only if asked for
    with prepared(request.param, tmp_path, services) as made:
        yield made
