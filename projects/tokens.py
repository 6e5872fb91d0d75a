"""API tokens: made once, shown once, kept as a hash; and how DRF recognises them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from projects.models import ApiToken, User

READ, WRITE = "read", "write"
SCOPES = ((READ, "Read issues, projects and intake"), (WRITE, "Change issues and projects"))
MARK = "gcsp_"
"""Every token begins so, for secret scanners to find one that leaked."""


def create_token(user: User, name: str, scopes: Iterable[str] = (READ, WRITE)) -> str:
    """The token's text, which nobody can read again; 256 random bits need no slow hash."""
    plain = MARK + secrets.token_urlsafe(32)
    ApiToken.objects.create(user=user, name=name, token_hash=ApiToken.hash_of(plain), scopes=sorted(set(scopes)))
    return plain


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer gcsp_…`. What the token may see is decided by its owner's memberships of this moment (projects.access).

    The lookup is by the token's SHA-256: how long it takes tells something of the hash, nothing of a token.
    """

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        if len(words) != 2:
            raise AuthenticationFailed("Write the header as: Authorization: Bearer <token>")
        token = ApiToken.objects.select_related("user").filter(token_hash=ApiToken.hash_of(words[1].decode("latin-1"))).first()
        if token is None or not token.user.is_active:
            raise AuthenticationFailed("This token is unknown or was revoked. Make one under Account.")
        _demand_scope(token, request.method or "GET")
        _note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _demand_scope(token: ApiToken, method: str) -> None:
    needed = READ if method in SAFE_METHODS else WRITE
    held = set(token.scopes) | ({READ} if WRITE in token.scopes else set())
    if needed not in held:
        raise PermissionDenied(f"This token may not {needed}. Its scopes: {', '.join(token.scopes) or 'none'}.")


def _note_use(token: ApiToken) -> None:
    """To the day: an exact time would be a write on every read."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > timedelta(days=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
