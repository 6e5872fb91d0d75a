"""Sign somebody in who has just proved who they are: made the first account, or accepted an invitation."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import login
from django.http import HttpRequest

from projects.models import User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def sign_in(request: HttpRequest, user: User) -> None:
    """A new session (Django turns the key over), which counts as a fresh sign-in."""
    login(request, user, backend=BACKEND)
    record_authentication(request, user, method="password")
