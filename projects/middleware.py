"""Sign-in for every page, and the person's time zone."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import urlencode

from projects import firstrun
from projects.access import TwoFactorNeeded

# First segments that answer without a session. Everything else, existing or not, is the same redirect (trust.md, "People").
OPEN = frozenset(
    {"login", "logout", "password", "signup", "invite", "welcome", "try", "api", "static", "health", "metrics", "help", "own-policy"}
)
OPEN_FILES = frozenset({"favicon.ico", "robots.txt", ".well-known"})

Answer = Callable[[HttpRequest], HttpResponse]


def first_segment(path: str) -> str:
    return path.lstrip("/").partition("/")[0]


class SignInMiddleware:
    """Before the URL is resolved, so that what a path holds can't show through."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated or first_segment(request.path_info) in OPEN | OPEN_FILES:
            return self.get_response(request)
        if firstrun.is_new():
            return redirect("projects:welcome")
        home = request.path_info == "/"
        return redirect("/login/" if home else "/login/?" + urlencode({"next": request.get_full_path()}))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """An organization that requires two-factor sends its members to switch it on; a script is told in JSON."""
        if not isinstance(exception, TwoFactorNeeded):
            return None
        if first_segment(request.path_info) == "api":
            return JsonResponse({"detail": str(exception)}, status=403)
        return redirect("projects:two_factor_needed", exception.slug)


class TimeZoneMiddleware:
    """Times in the person's zone; UTC where none was chosen."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = getattr(request.user, "time_zone", "") if request.user.is_authenticated else ""
        try:
            zone = zoneinfo.ZoneInfo(name) if name else None
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):  # a zone that a newer machine knew
            zone = None
        with timezone.override(zone):
            return self.get_response(request)
