"""`manage.py policy`: match, check, diff, suggest and replay on files, which needs no database; the last two also on a project."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from issues.lab import read
from issues.lab_advice import add_issues, candidates_of
from issues.lab_api import replay_as_json
from issues.lab_replay import replayed
from policies import command_line
from policies.command_line import BadInput
from policies.strength import SEVERITIES
from projects.models import Project


class Command(BaseCommand):
    help = "Match, check, compare, suggest and replay policies, from files or standard input (-)."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        match = actions.add_parser("match", help="JSON lines of loads -> verdicts")
        match.add_argument("file", nargs="?", default="-")
        match.add_argument("--profile", choices=["spec", "chromium"], default="spec")
        check = actions.add_parser("check", help="policies -> findings and grade; JSON lines or anything that holds a policy")
        check.add_argument("file", nargs="?", default="-")
        check.add_argument("--fail-on", choices=[name.lower() for name in SEVERITIES if name != "NONE"])
        check.add_argument("--profile", choices=["evaluator", "full"], default="evaluator", help="JSON lines: csp-evaluator's list or ours")
        diff = actions.add_parser("diff", help="what changes from one policy to another")
        diff.add_argument("old")
        diff.add_argument("new")
        for name, words in (("suggest", "changes that would allow reported violations"), ("replay", "what a policy says to reports")):
            action = actions.add_parser(name, help=words)
            action.add_argument("policy")
            action.add_argument("reports", nargs="?", default="-")
            action.add_argument("--project", metavar="ORG/PROJECT", default="", help="on what is stored of it instead of a file")
            action.add_argument("--days", type=int, default=30, help="of the project's evidence")
        action.add_argument("--profile", choices=["spec", "chromium", "both"], default="both")

    def handle(self, *, action: str, **options: Any) -> None:
        try:
            getattr(self, f"_{action}")(options)
        except BadInput as error:
            raise CommandError(str(error)) from error
        except BrokenPipeError:
            # The reader (head, less) left; nothing more can be said to it.
            sys.stderr.close()

    def _match(self, options: dict[str, Any]) -> None:
        self._print(command_line.match_lines(_lines(options["file"]), options["profile"]))

    def _check(self, options: dict[str, Any]) -> None:
        text = _text(options["file"])
        findings = []
        if command_line.looks_like_json_lines(text):
            for line, found in command_line.check_lines(text.split("\n"), options["profile"]):
                self.stdout.write(line)
                findings += found
        else:
            lines, findings = command_line.check_pasted(command_line.read_policies(text, options["file"]))
            self._print(iter(lines))
        severity = (options["fail_on"] or "").upper()
        failed = command_line.at_least(findings, severity) if severity else []
        if failed:
            raise CommandError(f"{len(failed)} {'finding' if len(failed) == 1 else 'findings'} of severity {severity} or worse.")

    def _diff(self, options: dict[str, Any]) -> None:
        old, new = (command_line.read_policies(_text(options[name]), options[name]).policies for name in ("old", "new"))
        self._print(iter(command_line.diff_lines(old, new)))

    def _suggest(self, options: dict[str, Any]) -> None:
        policies = command_line.read_policies(_text(options["policy"]), options["policy"]).policies
        if not options["project"]:
            self._print(command_line.suggest_lines(policies, _lines(options["reports"])))
            return
        reading = read(_project(options["project"]), options["days"])
        text = ", ".join(map(str, policies))
        added = add_issues(text, reading, [candidate.number for candidate in candidates_of(text, reading)])
        for option in added.options:
            self.stdout.write(json.dumps({"change": option.code, "values": option.values, "opens": option.opens, "risk": option.risk}))
        self.stdout.write(json.dumps({"policy": added.text, "fixed": added.fixed, "left": added.left}))

    def _replay(self, options: dict[str, Any]) -> None:
        policies = command_line.read_policies(_text(options["policy"]), options["policy"]).policies
        if not options["project"]:
            self._print(command_line.replay_lines(policies, _lines(options["reports"]), options["profile"]))
            return
        answered = replayed(policies, read(_project(options["project"]), options["days"]).pieces)
        shown = replay_as_json(answered)
        for issue in shown["issues"]:
            self.stdout.write(json.dumps(issue))
        self.stdout.write(json.dumps({"total": shown["total"], "pages": shown["pages"]}))

    def _print(self, lines: Iterator[str]) -> None:
        for line in lines:
            self.stdout.write(line)


def _project(name: str) -> Project:
    org, _, slug = name.partition("/")
    found = Project.objects.live().filter(organization__slug=org, slug=slug).first()
    if found is None:
        raise BadInput(f"There is no project {name}; write it like acme/shop.")
    return found


def _lines(name: str) -> Iterator[str]:
    return iter(_text(name).split("\n"))


def _text(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise BadInput(f"{name}: {error.strerror or 'cannot be read'}.") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name}: this is not UTF-8 text.") from error
