"""Everything a script needs to begin: account, organization, project, endpoint, token. Run it as often as you like."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from projects import actions, firstrun
from projects.models import ApiToken, Membership, Organization, Project, User
from projects.sites import site_of
from projects.tokens import create_token

TOKEN_NAME = "bootstrap"


class Command(BaseCommand):
    help = "Make sure that an account, an organization and a project exist; print one JSON object with the endpoint and, once, a token."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--password", help="Visible to others on this machine while it runs; better --password-file, or pipe it in.")
        parser.add_argument("--password-file", help="A file whose first line is the password; - is standard input.")
        parser.add_argument("--organization", required=True, metavar="NAME")
        parser.add_argument("--project", required=True, metavar="NAME")
        parser.add_argument("--site", action="append", default=[], metavar="URL", help="A site of the project's own; may be repeated.")
        parser.add_argument(
            "--new-token", action="store_true", help="Print a new token although one was made before (that one keeps working)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email = _email(options["email"])
        sites = _sites(options["site"])
        for name in ("organization", "project"):
            if not options[name].strip() or len(options[name]) > 100:
                raise CommandError(f"--{name} is a name of 1 to 100 characters.")
        _demand_tables()
        password = "" if User.objects.filter(email=email).exists() else self._password(options)
        with transaction.atomic():
            user, project = _ensure(email, password, options["organization"].strip(), options["project"].strip(), sites)
            token = _token(user, options["new_token"])
        key = project.key or actions.add_key(project, "Default")
        answer = {
            "project_id": project.pk,
            "public_key": key.public_key,
            "security_endpoint": key.security_endpoint,
            "api_token": token,
            "url": settings.PUBLIC_URL + project.get_absolute_url(),
        }
        self.stdout.write(json.dumps(answer))

    def _password(self, options: dict[str, Any]) -> str:
        password = options["password"] or _read_password(options["password_file"])
        if not password:
            raise CommandError("There is no such account yet, so give its password: --password, --password-file, or on standard input.")
        try:
            validate_password(password)
        except ValidationError as weak:
            self.stderr.write(f"The password is weak: {' '.join(weak.messages)} It was set all the same.")
        return str(password)


def _email(text: str) -> str:
    email = text.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise CommandError(f"--email {text!r} is not an e-mail address.") from None
    return email


def _sites(texts: list[str]) -> list[str]:
    try:
        return [site_of(text) for text in texts]
    except ValueError as wrong:
        raise CommandError(str(wrong)) from None


def _read_password(file: str | None) -> str:
    """From a file, else from a pipe; a terminal is not asked, so that a script never hangs."""
    if file and file != "-":
        try:
            text = Path(file).read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"The password file {file} can't be read: {error}.") from None
    else:
        text = "" if sys.stdin.isatty() else sys.stdin.readline()
    return text.partition("\n")[0].rstrip("\r")


def _demand_tables() -> None:
    """Embedded mode migrates by itself, as `make run` does; in full mode migrations are a step of their own."""
    try:
        executor = MigrationExecutor(connection)
    except (OperationalError, ProgrammingError) as error:
        raise CommandError(f"The database can't be used: {error}".strip()) from None
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        if settings.MODE == "full":
            raise CommandError("The database is not migrated. Run `manage.py migrate` first.")
        call_command("migrate", verbosity=0)


def _ensure(email: str, password: str, organization: str, project: str, sites: list[str]) -> tuple[User, Project]:
    if firstrun.is_new():
        return firstrun.begin(email, password, organization, project, sites)
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, password)
    team = _organization(user, organization)
    found = team.projects.live().filter(name=project).order_by("id").first()
    if found is None:
        return user, actions.create_project(team, project, sites)
    held = list(found.sites.values_list("host", flat=True))
    if set(sites) - set(held):
        actions.change_project(found, {}, [*held, *sites])
    return user, found


def _organization(user: User, name: str) -> Organization:
    """The person's own of this name, or a new one. Somebody else's of the same name is none of theirs."""
    held = Membership.objects.filter(user=user, organization__name=name, organization__deleted_at=None).order_by("id").first()
    return held.organization if held else actions.create_organization(user, name)


def _token(user: User, again: bool) -> str | None:
    if ApiToken.objects.filter(user=user, name=TOKEN_NAME).exists() and not again:
        return None
    return create_token(user, TOKEN_NAME)
