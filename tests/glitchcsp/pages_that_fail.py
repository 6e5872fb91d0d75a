"""The real map of the site, and three addresses that answer 200, 403 and 500 on purpose."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path

from glitchcsp.urls import urlpatterns as real


def fine(request: HttpRequest) -> HttpResponse:
    return HttpResponse("fine")


def refused(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("no")


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def secret(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("a page with a token in its address")
    response.has_secret_url = True  # type: ignore[attr-defined]
    return response


urlpatterns = [
    path("login/fine/", fine),
    path("login/refused/", refused),
    path("login/broken/", broken),
    path("login/secret/", secret),
    *real,
]
