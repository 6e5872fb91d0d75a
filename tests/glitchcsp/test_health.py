from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from pytest_django import Settings

from glitchcsp import health
from glitchcsp.rsgi import HEALTHY, NOT_HERE, application
from ingest.models import Incident, IntakeCount, Position, SetAside
from projects.models import User

pytestmark = pytest.mark.django_db


def test_anybody_may_ask_whether_it_serves_and_learns_no_more(client: Client, owner_client: Client) -> None:
    for asking in (client, owner_client):
        answer = asking.get("/health/")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_backlog_is_words_for_admins_and_no_503(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@acme.example", "correct horse battery"))
    SetAside.objects.create(partition="0", entry="1", raw=b"x", error="x")
    answer = client.get("/health/")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "backlog": 0, "oldest_seconds": 0, "buffer": "ok", "set_aside": 1, "incidents": 0}


def test_pages_without_their_database_are_not_healthy(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise DatabaseError("connection refused")

    monkeypatch.setattr(health.connection, "cursor", away)
    assert client.get("/health/").status_code == 503


def test_an_endpoint_is_healthy_whatever_its_database_does() -> None:
    """No mark of the database's fixture could allow a query here: there is none."""
    answers: list[tuple[int, bytes]] = []
    protocol: Any = SimpleNamespace(response_bytes=lambda status, headers, body: answers.append((status, body)))
    for path in ("/health/", "/login/"):
        scope: Any = SimpleNamespace(path=path)
        asyncio.run(application.__rsgi__(scope, protocol))
    assert answers == [(200, HEALTHY), (404, NOT_HERE)]


def test_metrics_are_off_until_there_is_a_token(client: Client, settings: Settings) -> None:
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "a-long-token"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer another"}).status_code == 404


def test_metrics_are_a_handful_of_gauges_without_names(client: Client, settings: Settings, shop: object) -> None:
    settings.METRICS_TOKEN = "a-long-token"
    Incident.objects.create(partition="0", words="lost")
    partition, position = ("file", "0") if settings.MODE == "embedded" else ("0", "0-0")
    Position.objects.create(partition=partition, position=position)
    for day in ("1970-01-01", datetime.now(UTC).date()):
        IntakeCount.objects.create(project_id=1, kind="shed", reason="client-rate", day=day, reports=4)
    text = client.get("/metrics", headers={"authorization": "Bearer a-long-token"}).content.decode()
    assert "glitchcsp_incidents_today 1.0" in text
    assert "glitchcsp_backlog_entries{partition=" in text
    assert 'glitchcsp_not_counted_today{kind="shed",reason="client-rate"} 4.0' in text
    assert 'glitchcsp_reports{kind="shed"} 4.0' in text
    assert "shop" not in text
