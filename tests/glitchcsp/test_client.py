"""The pages see the client as the endpoint does: headers count only from a trusted proxy."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from glitchcsp.client import ClientAddressMiddleware


@pytest.mark.parametrize(
    "peer, forwarded_for, seen",
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "192.0.2.66, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "198.51.100.1, 10.0.0.3", "198.51.100.1"),
        ("", "198.51.100.1", "0.0.0.0"),
    ],
)
def test_the_client_behind_a_trusted_proxy(settings: Any, peer: str, forwarded_for: str, seen: str) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    addresses: list[str] = []

    def answer(request: HttpRequest) -> HttpResponse:
        addresses.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    ClientAddressMiddleware(answer)(RequestFactory().get("/", REMOTE_ADDR=peer, headers={"X-Forwarded-For": forwarded_for}))
    assert addresses == [seen]
