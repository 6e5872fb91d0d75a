from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from issues.rekey import rekey


class Command(BaseCommand):
    help = "Bring issues grouped by an older version of the rules to today's keys. Can be stopped and started again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=int, default=500, help="issues at a time (default 500)")

    def handle(self, *, limit: int, **_: object) -> None:
        while outcomes := rekey(limit):
            self.stdout.write(", ".join(f"{count} {word}" for word, count in sorted(outcomes.items())))
        self.stdout.write("All issues have today's keys.")
