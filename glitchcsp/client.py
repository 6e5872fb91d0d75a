"""REMOTE_ADDR as the door sees it, so that sign-in limits count clients and not the proxy in front of them."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from ingest.address import client_address, networks


class ClientAddressMiddleware:
    """The one place where the pages learn the client's address; by ingest.address, as the endpoint does (trust.md)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.trusted = networks(settings.TRUSTED_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        headers = request.headers
        peer = request.META.get("REMOTE_ADDR", "")
        address = client_address(peer, headers.get("Forwarded", ""), headers.get("X-Forwarded-For", ""), self.trusted)
        # An unknown peer (a socket file) counts as one client rather than as none: limits must hold for it too.
        request.META["REMOTE_ADDR"] = str(address) if address else "0.0.0.0"
        return self.get_response(request)
