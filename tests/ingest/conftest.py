from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.buffer import Buffer
from ingest.keys import Known
from tests.ingest.door import Door, known_only, make_buffer


@pytest.fixture
def buffer(tmp_path: Path) -> Iterator[Buffer]:
    made = make_buffer(tmp_path)
    yield made
    made.close()


@pytest.fixture
def door(buffer: Buffer) -> Door:
    return Door(buffer, known_only(Known(key=5, active=True, project_exists=True)))
