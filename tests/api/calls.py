"""Calling the API as a script does."""

from __future__ import annotations

from itertools import count

from django.test import Client

from projects.models import User
from tests.factories import make_token

_numbers = count()


def api(user: User, *scopes: str) -> Client:
    token = make_token(user, f"script {next(_numbers)}", scopes or ("read", "write"))
    return Client(headers={"Authorization": f"Bearer {token}"})


def links(response) -> dict[str, tuple[bool, str]]:
    """rel -> (results, address) of a Link header."""
    found = {}
    for part in response["Link"].split(", "):
        address, rel, results, cursor = part.split("; ")
        assert cursor.startswith('cursor="')
        found[rel.removeprefix('rel="').rstrip('"')] = (results == 'results="true"', address.strip("<>"))
    return found
