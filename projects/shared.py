"""The cache that all processes share lies in the database: a limit that each process counts alone is as many limits.

It holds sign-in attempts for the minutes that they count, under keys from which no address can be read back (trust.md).
"""

from __future__ import annotations

from django.utils import timezone
from django.utils.crypto import salted_hmac

from projects.models import Shared


def hashed_key(key: str, prefix: str, version: int) -> str:
    """KEY_FUNCTION of the shared cache."""
    return f"{version}:{salted_hmac('projects.shared', f'{prefix}:{key}', algorithm='sha256').hexdigest()}"


def forget_expired() -> None:
    """Django's cache only looks at its own old rows when there are many."""
    Shared.objects.filter(expires__lt=timezone.now()).delete()
