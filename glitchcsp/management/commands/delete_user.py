"""Delete an account; what the person decided stays in the history, without their name."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from projects.models import Membership, Role, User


class Command(BaseCommand):
    help = "Delete the account of an e-mail address, with its memberships and tokens. The history stays, anonymous."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"There is no account {options['email']}.")
        owned = Membership.objects.filter(user=user, role=Role.OWNER, organization__deleted_at=None).select_related("organization")
        for membership in owned:
            if not Membership.objects.filter(organization=membership.organization, role=Role.OWNER).exclude(user=user).exists():
                raise CommandError(f"{membership.organization} would be without an owner. Make somebody else one, or delete it, first.")
        user.delete()
        self.stdout.write(f"Deleted {options['email']}.")
