"""A fresh sign-in for what must not happen on somebody else's open laptop: roles, keys, tokens, deletion (trust.md)."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[HttpRequest, Parameters], HttpResponse]


def signed_in_just_now(request: HttpRequest) -> bool:
    """Signed in or confirmed with a password or code within ACCOUNT_REAUTHENTICATION_TIMEOUT."""
    user = request.user if isinstance(request.user, AbstractBaseUser) else None
    records = get_authentication_records(request, user)
    return any(time.time() - record.get("at", 0) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT for record in records[-3:])


def fresh_sign_in(view: View[Parameters]) -> View[Parameters]:
    """Ask for the password first when the sign-in is older; allauth then carries out what was posted."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponse:
        if request.method == "POST" and not signed_in_just_now(request):
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return checked
