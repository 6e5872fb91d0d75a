"""The first account of an installation: who may make it, and making it exactly once (trust.md, "People")."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare

from projects import actions, own
from projects.models import Instance, Organization, Project, User


def is_new() -> bool:
    """No account exists yet, so the first-run page is open."""
    return not User.objects.exists()


def is_loopback(host: str) -> bool:
    """Nobody but this computer can reach an address of this host."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def only_this_computer() -> bool:
    """Listening on loopback and known under a loopback name: a proxy in front would need GLITCHCSP_URL."""
    return is_loopback(settings.BIND) and is_loopback(urlsplit(settings.PUBLIC_URL).hostname or "")


def code() -> str | None:
    """The one-time code of the first-run page, for the terminal or log; None when it asks for none.

    Derived from the secret key, so every process and replica prints the same and nothing is stored; worthless once an account exists.
    """
    return None if only_this_computer() or not is_new() else _code()


def _code() -> str:
    digest = hmac.digest(settings.SECRET_KEY.encode(), b"glitchcsp first run", hashlib.sha256)
    letters = base64.b32encode(digest).decode().lower()[:12]
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def is_code(typed: str) -> bool:
    """Without regard to case, blanks and hyphens."""
    return constant_time_compare(typed.lower().replace("-", "").replace(" ", ""), _code().replace("-", ""))


@transaction.atomic
def begin(email: str, password: str, organization: str, project: str, sites: Iterable[str] = ()) -> tuple[User, Project]:
    """The first owner, organization and project, and the project that watches us. Refused for all but the first to come."""
    _claim()
    user = User.objects.create_superuser(email, password)
    team = actions.create_organization(user, organization)
    made = actions.create_project(team, project, sites)
    watch_ourselves(team)
    return user, made


def _claim() -> None:
    """Insert the one row, or wait for whoever inserted it and look again: after they committed there is an account."""
    try:
        with transaction.atomic():
            Instance.objects.create(pk=Instance.ONLY)
    except IntegrityError:
        Instance.objects.select_for_update().get(pk=Instance.ONLY)
    if User.objects.exists():
        raise actions.Refused("An account exists already. Sign in, or ask for an invitation.")


@transaction.atomic
def watch_ourselves(organization: Organization) -> Project:
    """The project our own pages' policy reports to; the same one if it was made before."""
    instance, _ = Instance.objects.select_for_update().get_or_create(pk=Instance.ONLY)
    if instance.own_project is None:
        address = urlsplit(settings.PUBLIC_URL)
        instance.own_project = actions.create_project(organization, own.NAME, [address.netloc.lower()], label=own.LABEL)
        instance.save(update_fields=["own_project"])
    return instance.own_project
