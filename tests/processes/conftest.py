"""Instances of real processes, on both pairs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.instance import Instance


@pytest.fixture(params=["embedded", "full"])
def instance(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Instance]:
    """An instance on one pair, then on the other; the test starts it."""
    with request.getfixturevalue(f"{request.param}_instances").instance(tmp_path) as made:
        yield made
