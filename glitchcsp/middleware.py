"""Our own headers, on every answer of every kind: pages, errors, the admin, static files."""

from __future__ import annotations

import random
from collections.abc import Callable

from csp.constants import HEADER, HEADER_REPORT_ONLY
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from glitchcsp.own_csp import ADMIN_REPLACES, DIRECTIVES, OwnReporting
from projects import own

Answer = Callable[[HttpRequest], HttpResponse]

PLACES = {name: place for place, name in enumerate((*DIRECTIVES, "report-uri", "report-to"))}
HEADERS = {
    # Another site's window or document can't reach into ours, load ours, or be loaded here without saying so.
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    # Copy buttons and passkeys; nothing else.
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), clipboard-write=(self), display-capture=(), encrypted-media=(), fullscreen=(), "
        "geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), "
        "publickey-credentials-get=(self), usb=()"
    ),
    "Origin-Agent-Cluster": "?1",
}


class OwnHeadersMiddleware:
    """The headers django-csp and SecurityMiddleware do not know. A view that sets one itself keeps its own.

    It stands before SecurityMiddleware: an https address (GLITCHCSP_URL, the one source of addresses) means that a TLS
    proxy is in front, so every request counts as secure, and HSTS is sent.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.HTTPS:
            request.META["wsgi.url_scheme"] = "https"
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if has_secret_url(response):
            response.headers["Referrer-Policy"] = "no-referrer"
        return response


def has_secret_url(response: HttpResponseBase) -> bool:
    """A view whose address holds a token sets `response.has_secret_url = True` (trust.md): the address must reach nobody."""
    return bool(getattr(response, "has_secret_url", False))


class OwnCSPMiddleware(CSPMiddleware):
    """django-csp, adding where this response's violations are reported.

    report-uri alone where the address is http: browsers ignore an http address in Reporting-Endpoints, and then send
    nothing at all. Both where it is https, unless there are several: report-to would hide all but one of them.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        addresses = reported_to(response)
        group = settings.OWN_REPORTING.group if len(addresses) == 1 and addresses[0].startswith("https://") else ""
        if group:
            response.headers.setdefault("Reporting-Endpoints", f'{group}="{addresses[0]}"')
        # Decided once here, for get_policy_parts runs twice.
        request._own_reporting = {"report-uri": list(addresses) or None, "report-to": group or None}  # type: ignore[attr-defined]
        response = super().process_response(request, response)
        for header in (HEADER, HEADER_REPORT_ONLY):
            if header in response.headers:
                response.headers[header] = in_order(response.headers[header])
        return response

    def get_policy_parts(self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        admin = ADMIN_REPLACES if request.path_info.startswith("/admin/") else {}
        parts.replace = {**request._own_reporting, **admin, **(parts.replace or {})}  # type: ignore[attr-defined]
        return parts


def in_order(policy: str) -> str:
    """django-csp joins a set, so each process would send another text; observed policies would seem to change with every start."""
    return "; ".join(sorted(policy.split("; "), key=lambda directive: PLACES.get(directive.partition(" ")[0], len(PLACES))))


def reported_to(response: HttpResponseBase) -> tuple[str, ...]:
    """Nowhere for a page with a secret in its address (the report would carry it) and for what the percentage leaves out."""
    reporting: OwnReporting = settings.OWN_REPORTING
    if has_secret_url(response) or random.random() * 100 >= reporting.percentage:
        return ()
    if reporting.addresses is not None:
        return reporting.addresses
    address = own_endpoint()
    return (address,) if address else ()


def own_endpoint() -> str:
    """The address of the project that watches this instance, remembered for a minute; asked for every 5 s until there is one."""
    known: str | None = caches["process"].get("own-endpoint")
    if known is None:
        try:
            known = own.endpoint() or ""
        except DatabaseError:  # a page that says the database is away still has its policy
            known = ""
        caches["process"].set("own-endpoint", known, 60 if known else 5)
    return known
