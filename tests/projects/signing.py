"""A client whose sign-in is fresh or old, as the pages that ask for the password again see it."""

from __future__ import annotations

import time

from django.test import Client

from projects.models import User


def fresh_client(user: User, seconds_ago: float = 0) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - seconds_ago}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client
