"""docs/configuration.md has every variable that the settings read, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from glitchcsp.boot import Environment
from glitchcsp.own_csp import DIRECTIVES, variable_of

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \| (.+) \|$", re.M)
ROWS = {name: (default, words) for name, default, words in ROW.findall((ROOT / "docs/configuration.md").read_text())}
READ = re.compile(r"\benv\.\w+\(\s*\"([A-Z_]+)\"(?:, (?:default=)?([^)\n]*))?")
SOURCES = "\n".join((ROOT / "glitchcsp" / name).read_text() for name in ("settings.py", "own_csp.py", "boot.py"))
READS = dict(READ.findall(SOURCES))


class Given(Environment):
    ENVIRON = {
        "PORT": "abc",
        "SAMPLE_DAYS": "-5",
        "LOG_JSON": "maybe",
        "KEY_RATE": "many",
        "DEBUG": "Yes",
        "HSTS_PRELOAD": "",
        "HOURLY_DAYS": "7",
        "RAW_DAYS": "",
    }


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (lambda env: env.int("PORT", 8000), "PORT is 'abc'; it must be a number"),
        (lambda env: env.float("KEY_RATE", 1.0), "KEY_RATE is 'many'; it must be a number"),
        (lambda env: env.int("SAMPLE_DAYS", 30), "SAMPLE_DAYS is '-5'; it must be 0 or more"),
        (lambda env: env.bool("LOG_JSON", False), "LOG_JSON is 'maybe'; it must be true or false"),
    ],
)
def test_what_is_no_number_or_switch_stops_the_start(read, said):
    with pytest.raises(ImproperlyConfigured, match=said):
        read(Given())


def test_what_is_one_is_read():
    env = Given()
    assert env.int("RAW_DAYS", 7) == 7, "an empty value is none"
    assert (env.bool("DEBUG", False), env.bool("HSTS_PRELOAD", False), env.int("HOURLY_DAYS", 90), env.int("DAILY_DAYS", 400)) == (
        True,
        False,
        7,
        400,
    )


def test_the_table_has_every_variable_and_no_other():
    assert set(ROWS) == set(READS) | {variable_of(directive) for directive in DIRECTIVES}


def test_no_variable_is_read_past_the_settings():
    """Two scripts that run without Django read the address and the port; the supervisor marks its children."""
    allowed = {"healthy.py", "processes.py", "serve.py", "parts.py"}
    for path in (ROOT / "glitchcsp").rglob("*.py"):
        if path.name not in allowed:
            found = set(re.findall(r"os\.environ(?:\.get\(|\.setdefault\(|\[)\"([A-Z_]+)\"", path.read_text()))
            assert found <= {"DJANGO_SETTINGS_MODULE"}, path.name
    for app in ("policies", "projects", "issues", "ingest", "alerts"):
        assert not [path for path in (ROOT / app).rglob("*.py") if "os.environ" in path.read_text()]


def test_plain_defaults_are_those_of_the_code():
    for name, default in READS.items():
        value = default.replace("_", "").strip('" ')
        if re.fullmatch(r"\d+(\.\d+)?", value):
            assert float(ROWS[name][0]) == float(value), name
        elif value in ("True", "False"):
            assert ROWS[name][0] == value.lower(), name


def test_the_defaults_of_our_own_policy_are_those_of_the_code():
    for directive, default in DIRECTIVES.items():
        words = "not sent" if default is None else str(default).lower() if isinstance(default, bool) else f"`{','.join(default)}`"
        assert ROWS[variable_of(directive)][0] == words
