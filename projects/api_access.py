"""What every view of the API shares: signed in by token or session (a token's scope is looked at in projects.tokens)."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from projects.access import TwoFactorNeeded


class ChangesByTokenOnly(BasePermission):
    message = "This needs a token: `Authorization: Bearer <token>`. A signed-in person changes it on its page, which asks for the password."

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.auth is not None or request.method in SAFE_METHODS or not view.token_only


class ApiView(APIView):
    """`token_only`: never changed by a session left open, because the page for the same change asks for a fresh sign-in (trust.md)."""

    permission_classes = [IsAuthenticated, ChangesByTokenOnly]
    token_only: ClassVar[bool] = False

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, TwoFactorNeeded):
            exc = PermissionDenied("This organization requires two-factor sign-in; switch it on under Account first.")
        return super().handle_exception(exc)


class BearerScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document names our tokens."""

    target_class = "projects.tokens.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
