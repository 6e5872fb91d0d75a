"""A proxy that nobody declared: counted by the drain, said by the set-up page, and no reason to bound what it sends."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from ingest.buffer import Buffer
from ingest.drain import drain
from ingest.intake import intake_of
from ingest.keys import look_up
from ingest.models import IntakeCount
from ingest.proxies import is_one_address
from issues.models import Issue
from projects.models import Project
from tests.ingest.door import Door

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "name its network in TRUSTED_PROXIES"


@pytest.mark.parametrize(
    ("most", "accepted", "expected"), [(91, 100, True), (90, 100, False), (19, 19, False), (20, 20, True), (0, 0, False)]
)
def test_over_nine_in_ten(most: int, accepted: int, expected: bool) -> None:
    assert is_one_address(most, accepted) is expected


def send(buffer: Buffer, project: Project, peers: list[str]) -> None:
    door = Door(buffer, look_up)
    door.salts.load()
    where = {"path": f"/api/{project.pk}/security/", "query": f"glitchtip_key={project.key.public_key}".encode()}
    fields = {"document-uri": "https://shop.example/a", "effective-directive": "script-src-elem"}
    bodies = [json.dumps({"csp-report": {**fields, "blocked-uri": f"https://cdn{n}.example/x.js"}}).encode() for n in range(len(peers))]
    assert set(door.post_all([{**where, "body": body, "peer": peer} for body, peer in zip(bodies, peers, strict=True)])) == {204}
    drain(buffer, 5)


@pytest.fixture
def public(settings) -> None:
    settings.BIND, settings.PUBLIC_URL = "0.0.0.0", "https://csp.shop.example"


@pytest.mark.usefixtures("public")
def test_one_private_address_is_said_and_not_bounded(buffer: Buffer, shop: Project, owner_client: Client, settings) -> None:
    settings.NEW_ISSUES_PER_HOUR = 40
    send(buffer, shop, ["10.0.0.9"] * 30)
    assert WORDS in owner_client.get("/acme/shop/setup/").content.decode()
    assert Issue.objects.count() == 30
    assert intake_of(shop.pk, buffer).accepted == 30
    assert IntakeCount.objects.filter(kind="private").count() == 2


@pytest.mark.usefixtures("public")
@pytest.mark.parametrize("peers", [["10.0.0.9", "203.0.114.7"] * 15, [f"10.0.{n}.9" for n in range(30)], ["10.0.0.9"] * 5])
def test_nothing_is_said(buffer: Buffer, shop: Project, owner_client: Client, peers: list[str]) -> None:
    send(buffer, shop, peers)
    assert WORDS not in owner_client.get("/acme/shop/setup/").content.decode()


def test_nor_on_a_machine_that_nobody_else_reaches(buffer: Buffer, shop: Project, owner_client: Client) -> None:
    send(buffer, shop, ["127.0.0.1"] * 30)
    assert WORDS not in owner_client.get("/acme/shop/setup/").content.decode()


@pytest.mark.usefixtures("public")
def test_a_public_network_is_bounded(buffer: Buffer, shop: Project, settings) -> None:
    settings.NEW_ISSUES_PER_HOUR = 40
    send(buffer, shop, ["203.0.114.7"] * 30)
    assert Issue.objects.count() == 5
    assert sum(Issue.objects.values_list("reports", flat=True)) == 30
