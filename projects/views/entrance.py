"""What our doors add to allauth's: the way to first run, honesty without a mail server, secrets kept out of reports."""

from __future__ import annotations

from allauth.account import views
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from projects import firstrun


def login(request: HttpRequest) -> HttpResponseBase:
    if firstrun.is_new():
        return redirect("projects:welcome")
    return views.login(request)


def password_reset(request: HttpRequest) -> HttpResponseBase:
    return views.password_reset(request) if settings.HAS_MAIL else _no_mail(request)


@require_safe
def _no_mail(request: HttpRequest) -> HttpResponse:
    return render(request, "account/password_reset_no_mail.html")


def password_reset_from_key(request: HttpRequest, uidb36: str, key: str) -> HttpResponseBase:
    """allauth swaps the key for a session and redirects; where the key stays in the address (it was wrong), nothing is reported."""
    response = views.password_reset_from_key(request, uidb36=uidb36, key=key)
    # The page with the form has no key in its address any more, and a form sent under no-referrer has the origin null, which is refused.
    return response if key == views.PasswordResetFromKeyView.reset_url_key else keep_address_secret(response)


def keep_address_secret(response: HttpResponseBase) -> HttpResponseBase:
    """No referrer, and no violation report that would carry the address (glitchcsp.middleware reads this)."""
    response.has_secret_url = True  # type: ignore[attr-defined]
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
