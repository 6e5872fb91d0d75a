"""Wrong passwords are counted where all processes see them, and the count names nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import CacheHandler
from django.test import Client
from django.utils import timezone

from projects.models import Shared, User
from projects.tasks import delete_marked
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(email: str, password: str) -> int:
    """200 is the form again, 302 is signed in, 429 is too often."""
    return Client().post("/login/", {"login": email, "password": password}).status_code


def test_after_five_wrong_passwords_the_right_one_waits_too(owner: User) -> None:
    assert [sign_in(owner.email, "wrong") for _ in range(5)] == [200] * 5
    assert sign_in(owner.email, PASSWORD) == 200
    rows = Shared.objects.all()
    assert rows.exists(), "counted in the database, not in this process"
    text = " ".join(f"{row.cache_key} {row.value}" for row in rows)
    assert owner.email not in text
    assert "127.0.0.1" not in text
    rows.delete()
    assert sign_in(owner.email, PASSWORD) == 302, "nothing else holds them back"


def test_another_process_reads_the_same_cache(settings) -> None:
    one, other = CacheHandler(settings.CACHES), CacheHandler(settings.CACHES)
    one["default"].set("attempts", [1, 2])
    assert other["default"].get("attempts") == [1, 2]


def test_old_attempts_are_deleted(db: None) -> None:
    for minutes in (-1, 1):
        Shared.objects.create(cache_key=str(minutes), value="", expires=timezone.now() + timedelta(minutes=minutes))
    delete_marked()
    assert list(Shared.objects.values_list("cache_key", flat=True)) == ["1"]
