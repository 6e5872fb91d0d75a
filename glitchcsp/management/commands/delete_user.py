"""Delete an account; what the person decided stays in the history, without their name."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from projects.actions import Refused
from projects.members import delete_account
from projects.models import User


class Command(BaseCommand):
    help = "Delete the account of an e-mail address, with its memberships and tokens. The history stays, anonymous."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"There is no account {options['email']}.")
        try:
            delete_account(user)
        except Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"Deleted {options['email']}.")
