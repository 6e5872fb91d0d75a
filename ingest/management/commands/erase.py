"""Take a text out of all that is stored of reports; a dry run unless told otherwise."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ingest import erase as raw
from ingest.buffer import BufferAway, open_buffer
from issues import erase as stored

SHORTEST = 4


class Command(BaseCommand):
    help = (
        "Count what holds a text: samples, evidence, facets, observed policies, rule examples, issues' words, history, set-aside, "
        "buffer and this machine's spool. With --yes, erase it there and in the spools of all machines. Counts of reports stay."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--contains", required=True, metavar="TEXT", help=f"at least {SHORTEST} characters; case does not matter")
        parser.add_argument("--yes", action="store_true", help="erase it; without it only counts are printed")

    def handle(self, *, contains: str, yes: bool = False, **_: Any) -> None:
        if len(contains.strip()) < SHORTEST or "\x00" in contains:
            raise CommandError(f"Name at least {SHORTEST} characters: less would take too much with it.")
        try:
            self._erase(contains) if yes else self._count(contains)
        except BufferAway as problem:
            raise CommandError(f"The buffer is away, so nothing can be said of it: {problem}") from None

    def _count(self, text: str) -> None:
        self._tell({**raw.count(open_buffer(), text), **stored.count(text)})
        self.stdout.write("Nothing was erased. Run it again with --yes to erase them.")

    def _erase(self, text: str) -> None:
        buffer = open_buffer()
        raw.ask_all_machines(text)
        raw.record_what_waits(buffer)
        self._tell({**raw.erase(buffer, text), **stored.erase(text)})
        waiting = {name: number for name, number in raw.count(buffer, text).items() if number}
        if waiting:
            left = ", ".join(f"{number} in {name}" for name, number in waiting.items())
            raise CommandError(f"Not all of it is gone: {left}. Run it again once that is recorded.")
        self.stdout.write(
            "Erased. Other machines' spools follow within seconds, and workers look again each hour for as long as a report "
            "may be on its way. Backups made before still hold it."
        )

    def _tell(self, numbers: dict[str, int]) -> None:
        for name, number in numbers.items():
            self.stdout.write(f"{number:>8,}  {name}")
