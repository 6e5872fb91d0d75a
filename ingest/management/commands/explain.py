from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from ingest.explain import BadRequest, explain_line


class Command(BaseCommand):
    help = (
        "Say what each report is, why, and which issue it belongs to. Reads JSON lines with content_type, user_agent, body (the raw text) "
        "and sites; prints a JSON line for each report. Needs no database."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", metavar="FILE", help="read from here; without it or with - from standard input")

    def handle(self, *, file: str | None = None, **_: Any) -> None:
        try:
            if file in (None, "-"):
                self._explain(sys.stdin)
            else:
                with Path(str(file)).open(encoding="utf-8", errors="replace") as lines:
                    self._explain(lines)
        except OSError as problem:
            raise CommandError(f"{file}: {problem.strerror or problem}") from None

    def _explain(self, lines: TextIO) -> None:
        for number, explained in _numbered(lines):
            if isinstance(explained, str):
                raise CommandError(f"line {number}: {explained}")
            self.stdout.write(json.dumps(explained, ensure_ascii=False))


def _numbered(lines: TextIO) -> Iterator[tuple[int, dict[str, object] | str]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            for explained in explain_line(line):
                yield number, explained
        except BadRequest as problem:
            yield number, str(problem)
