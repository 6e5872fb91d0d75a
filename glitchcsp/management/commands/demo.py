"""A project with a believable month of reports, through the real road."""

from __future__ import annotations

import secrets
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from glitchcsp.demo import fill
from projects import firstrun
from projects.models import Membership, Organization, Role, User

EMAIL = "demo@shop.example"


class Command(BaseCommand):
    help = "Fill the project “Demo shop” with a month of reports: noise, a deploy that breaks something, an attack. Safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", default="", help="where the project goes; the oldest one if not given")

    def handle(self, *args: Any, **options: Any) -> None:
        organization, actor = self._place(options["organization"])
        project = fill.project_for(organization)
        if fill.days_done(project) == fill.DAYS:
            self.stdout.write(f"The sample data is there already: {settings.PUBLIC_URL}{project.get_absolute_url()}")
            return
        began = time.monotonic()
        while left := fill.fill_next_day(project.pk):
            if self.stderr.isatty():
                self.stderr.write(f"\r{fill.DAYS - left} of {fill.DAYS} days", ending="")
        fill.decide(project, actor)
        self.stdout.write(f"A month of reports, recorded in {time.monotonic() - began:.0f} s.")
        self.stdout.write(f"{settings.PUBLIC_URL}{project.get_absolute_url()}")

    def _place(self, slug: str) -> tuple[Organization, User]:
        """Where it goes and who decides there. An installation without an account gets one, its password said once."""
        if firstrun.is_new():
            password = secrets.token_urlsafe(12)
            user, project = firstrun.begin(EMAIL, password, "Demo", "My site")
            self.stdout.write(f"There was no account, so one was made: {EMAIL}, password {password}")
            return project.organization, user
        owners = Membership.objects.filter(role=Role.OWNER, organization__deleted_at=None).select_related("organization", "user")
        owner = (owners.filter(organization__slug=slug) if slug else owners).order_by("organization_id", "id").first()
        if owner is None:
            raise CommandError(f"There is no organization {slug!r} with an owner." if slug else "There is no organization yet.")
        return owner.organization, owner.user
