"""`manage.py replay`: try again what was set aside, once its cause is mended. Each entry is counted at most once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from ingest.entry import Unreadable
from ingest.models import SetAside
from ingest.poison import replay


class Command(BaseCommand):
    help = "Record set-aside entries again: all that were not replayed yet, or those whose ids are given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="*", type=int, metavar="ID", help="ids of set-aside entries, as the admin lists them")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = SetAside.objects.filter(replayed_at=None).order_by("id")
        if options["ids"]:
            rows = rows.filter(id__in=options["ids"])
        done = 0
        for row in rows:
            try:
                done += replay(row)
            except (DatabaseError, ValueError, Unreadable) as error:
                self.stderr.write(f"{row.pk}: still can't be recorded ({type(error).__name__}: {error})")
        self.stdout.write(f"{done} of {len(rows)} set-aside entries recorded.")
