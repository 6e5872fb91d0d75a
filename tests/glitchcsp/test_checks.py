"""manage.py check --deploy: each mistake is found, and a right configuration is silent."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from glitchcsp.checks import check_redis, redis_troubles
from glitchcsp.own_csp import OwnReporting

RIGHT = {
    "PUBLIC_URL": "https://csp.example.com",
    "INGEST_URL": "https://csp.example.com",
    "HTTPS": True,
    "MODE": "embedded",
    "TRUSTED_PROXIES": ["10.0.0.0/8"],
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "Zx8kq0sVn3b9m2QYt7cJ4wRz1pLhXo5uFgDeKiAaBbE-Zx8kq0sVn3b9m2QY",
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_HSTS_SECONDS": 31536000,
}
POLICY = {"DIRECTIVES": {"default-src": ["'none'"], "img-src": ["self"]}}


def found(**changes: object) -> set[str]:
    with override_settings(**{**RIGHT, **changes}):
        return {message.id or "" for message in run_checks(include_deployment_checks=True)} - set(override_settings_silenced())


def override_settings_silenced() -> list[str]:
    from django.conf import settings

    return settings.SILENCED_SYSTEM_CHECKS


def test_a_right_configuration_is_silent():
    assert found() == set()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"MODE": "full", "PUBLIC_URL": "http://csp.example.com", "HTTPS": False, "INGEST_URL": "http://csp.example.com"},
            "glitchcsp.W001",
        ),
        ({"MODE": "full", "PUBLIC_URL": "https://localhost"}, "glitchcsp.W002"),
        ({"INGEST_URL": "http://csp.example.com"}, "glitchcsp.E001"),
        ({"SECRET_KEY": "short"}, "glitchcsp.E002"),
        ({"SECRET_KEY": "a" * 60}, "glitchcsp.E002"),
        ({"TRUSTED_PROXIES": []}, "glitchcsp.W003"),
        ({"TRUSTED_PROXIES": ["0.0.0.0/0"]}, "glitchcsp.E003"),
        ({"SECURE_HSTS_PRELOAD": True}, "glitchcsp.W004"),
        ({"CONTENT_SECURITY_POLICY": POLICY}, "glitchcsp.E004"),
        ({"OWN_REPORTING": OwnReporting(None, "csp", 0.5)}, "glitchcsp.W005"),
        ({"MODE": "full", "REDIS_URL": "redis://127.0.0.1:1/0"}, "glitchcsp.W006"),
    ],
)
def test_each_mistake_is_found(changes, expected):
    assert expected in found(**changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"maxmemory-policy": "allkeys-lru"}, ["glitchcsp.E005"]),
        ({"appendonly": "no"}, ["glitchcsp.E006"]),
        ({"appendfsync": "everysec"}, ["glitchcsp.W007"]),
        ({"maxmemory": "0"}, ["glitchcsp.W008"]),
    ],
)
def test_redis_settings_that_lose_reports_are_named(changes, expected):
    right = {"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "always", "maxmemory": "1073741824"}
    assert [message.id for message in redis_troubles({**right, **changes})] == expected


def test_a_redis_that_answers_is_asked(settings, redis_url):
    settings.MODE, settings.REDIS_URL = "full", redis_url
    assert "glitchcsp.W006" not in [message.id for message in check_redis()]
