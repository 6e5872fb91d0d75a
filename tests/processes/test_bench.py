"""The benchmark's parts, for a moment each: what nobody runs for a month must still run."""

from __future__ import annotations

import json

import pytest

from bench import door, started, sustained
from bench.figure import Figure


def values(figures: list[Figure]) -> dict[str, float]:
    return {figure.name: figure.value for figure in figures}


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch, postgresql_url: str, redis_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", postgresql_url)
    monkeypatch.setenv("REDIS_URL", redis_url)


@pytest.mark.usefixtures("full")
def test_the_door_beside_its_floors(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SECONDS": 0.2, "CLIENTS": (1, 4), "ROUNDS": 1}.items():
        monkeypatch.setattr(door, name, value)
    found = values(door._of_mode("full"))
    assert {"Redis: a Django view, 4 clients", "Redis: floor, 4 clients", "Redis: door, 4 clients: p99"} <= set(found)
    assert all(value > 0 for value in found.values()), found


def test_sustained_load(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SECONDS": 2.0, "WARM_SECONDS": 0.2, "MODES": ("embedded",), "KINDS": (50,)}.items():
        monkeypatch.setattr(sustained, name, value)
    assert values(sustained.figures())["embedded, 50 different: posted and counted"] > 0


@pytest.mark.usefixtures("full")
def test_drains_beside_the_naive_floor() -> None:
    with started.environment_of("full") as env:
        for module, *words in (("bench.drain", "naive"), ("bench.counters", "drain", "0.1")):
            assert json.loads(started.in_a_process(env, module, *words)) > 0


def test_floors_are_at_most_sixty_lines() -> None:
    lines = (started.ROOT / "bench" / "floors.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 60
