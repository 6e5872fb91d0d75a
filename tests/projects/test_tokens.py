"""Bearer tokens: hashed, scoped, and never more than their owner is now."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from projects.models import ApiToken, User
from projects.tokens import BearerAuthentication, create_token

pytestmark = pytest.mark.django_db


def ask(header: str | None, method: str = "get") -> tuple[object, object] | None:
    headers = {"HTTP_AUTHORIZATION": header} if header is not None else {}
    return BearerAuthentication().authenticate(Request(getattr(RequestFactory(), method)("/api/0/", **headers)))


def test_a_token_is_its_owner(owner: User) -> None:
    plain = create_token(owner, "script", ["read", "write"])
    found = ask(f"Bearer {plain}")
    assert found is not None
    assert found[0] == owner
    assert plain not in str(ApiToken.objects.values().get())


@pytest.mark.parametrize("header", [None, "", "Basic abc", "Token abc"])
def test_other_headers_are_left_to_others(header: str | None) -> None:
    assert ask(header) is None


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Bearer unknown", "Bearer ü"])
def test_what_is_no_token_is_refused(header: str) -> None:
    with pytest.raises(APIException) as refused:
        ask(header)
    assert refused.value.status_code == 401


def test_a_token_of_somebody_switched_off_is_refused(owner: User) -> None:
    plain = create_token(owner, "script")
    User.objects.update(is_active=False)
    with pytest.raises(APIException):
        ask(f"Bearer {plain}")


@pytest.mark.parametrize("scopes, reads, writes", [(["read"], True, False), (["write"], True, True), ([], False, False)])
def test_scopes(owner: User, scopes: list[str], reads: bool, writes: bool) -> None:
    plain = create_token(owner, "script", scopes)
    for method, allowed in (("get", reads), ("put", writes), ("delete", writes)):
        if allowed:
            assert ask(f"Bearer {plain}", method) is not None
        else:
            with pytest.raises(APIException) as refused:
                ask(f"Bearer {plain}", method)
            assert refused.value.status_code == 403


def test_use_is_noted_to_the_day(owner: User) -> None:
    plain = create_token(owner, "script")
    ask(f"Bearer {plain}")
    first = ApiToken.objects.get().last_used_at
    ask(f"Bearer {plain}")
    assert ApiToken.objects.get().last_used_at == first is not None
