"""`manage.py serve`: everything this machine needs in one command, or one part of it (docs/production.md)."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor

from glitchcsp.before_start import CantStart, check_data_folder, check_database, check_port, check_redis, lock_data_folder
from glitchcsp.parts import PARTS, parts_of
from glitchcsp.processes import stop_with_parent
from glitchcsp.serve import Supervisor
from projects import firstrun


class Command(BaseCommand):
    help = "Start GlitchCSP under a supervisor: endpoint and pages, worker and beat. Ctrl-C stops it."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", choices=sorted(PARTS), default="", help="start one part alone; migrations are then yours to run")

    def handle(self, *args: Any, **options: Any) -> None:
        only: str = options["only"]
        if "MAKELEVEL" in os.environ:
            stop_with_parent()
        try:
            lock = self._prepare(only)
        except CantStart as trouble:
            raise CommandError(str(trouble)) from None
        try:
            Supervisor(parts_of(only), self._say).run(self._welcome)
        finally:
            lock and lock.close()
        self._say("GlitchCSP has stopped.")

    def _prepare(self, only: str) -> Any:
        """Everything that can be wrong, cheapest first; then the migrations. Returns the lock to hold."""
        check_data_folder(settings.DATA_DIR)
        if only in ("", "web", "ingest"):
            check_port(settings.BIND, settings.PORT)
        lock = lock_data_folder(settings.DATA_DIR) if settings.MODE == "embedded" else None
        check_database()
        self._look_for_redis(only)
        if not only:
            self._migrate()
        connections.close_all()
        import_module(settings.ROOT_URLCONF)  # once, before the children are forked
        return lock

    def _look_for_redis(self, only: str) -> None:
        """Whoever takes reports or shows pages is of use without it, and started again all the more while it is away."""
        try:
            check_redis()
        except CantStart as trouble:
            if only not in ("web", "ingest"):
                raise
            self._say(f"{trouble}. Starting all the same: reports wait in the spool until it is there.")

    def _migrate(self) -> None:
        try:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                call_command("migrate", verbosity=0, interactive=False)
        except DatabaseError as error:
            raise CantStart(f"The database can't be brought up to date: {str(error).strip().splitlines()[0]}") from None

    def _welcome(self) -> None:
        if not firstrun.is_new():
            self._say(f"GlitchCSP is ready at {settings.PUBLIC_URL}/")
            return
        self._say(f"GlitchCSP is ready. Make the first account at {settings.PUBLIC_URL}/welcome/")
        if code := firstrun.code():
            self._say(f"The page asks for this one-time code: {code}")

    def _say(self, line: str) -> None:
        print(line, file=sys.stdout, flush=True)
