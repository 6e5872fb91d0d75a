"""Starting: fast the second time, and one clear line when it can't."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.processes.instance import ROOT, clean_environment, embedded, free_port
from tests.processes.prepared import Embedded

pytestmark = pytest.mark.processes
SECOND_START_SECONDS = 3.0
SERVE = [sys.executable, "manage.py", "serve"]


def test_a_second_start_takes_under_three_seconds(tmp_path: Path, embedded_instances: Embedded) -> None:
    """Best of three: the machine's other work is not ours."""
    with embedded_instances.instance(tmp_path) as instance:
        instance.start()
        instance.stop()
        took = []
        for _ in range(3):
            start = time.monotonic()
            instance.start()
            took.append(time.monotonic() - start)
            instance.stop()
        assert min(took) < SECOND_START_SECONDS, took


def serve(environment: dict[str, str]) -> tuple[int, str]:
    done = subprocess.run(SERVE, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, (done.stdout + done.stderr).strip()


BAD_SETTINGS = {
    "a bad DATABASE_URL": ({"DATABASE_URL": "mysql://root@localhost/x", "REDIS_URL": "redis://localhost/0"}, "DATABASE_URL"),
    "a bad REDIS_URL": ({"DATABASE_URL": "postgres://localhost/x", "REDIS_URL": "localhost:6379", "SECRET_KEY": "x"}, "REDIS_URL"),
    "SQLite with Redis": ({"REDIS_URL": "redis://localhost/0"}, "REDIS_URL"),
    "PostgreSQL without Redis": ({"DATABASE_URL": "postgres://localhost/x"}, "REDIS_URL"),
    "no PostgreSQL there": (
        {"DATABASE_URL": "postgres://u:p@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": "x"},
        "DATABASE_URL",
    ),
    "an address without a scheme": ({"GLITCHCSP_URL": "csp.example.com"}, "GLITCHCSP_URL"),
}


@pytest.mark.parametrize(("settings", "named"), BAD_SETTINGS.values(), ids=BAD_SETTINGS)
def test_a_bad_setting_is_one_line_that_names_it(tmp_path: Path, settings: dict[str, str], named: str) -> None:
    code, words = serve(clean_environment(GLITCHCSP_DATA=str(tmp_path / "data"), PORT=str(free_port()), **settings))
    assert code != 0
    assert named in words
    assert len(words.splitlines()) == 1, words


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    instance = embedded(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(instance.environment["PORT"])))
        taken.listen()
        code, words = serve(instance.environment)
    assert code != 0
    assert instance.environment["PORT"] in words
    assert len(words.splitlines()) == 1, words
    assert instance.pids() == []


def test_an_unwritable_data_folder_is_one_line(tmp_path: Path) -> None:
    """A file stands where the folder should be: that stops root as well."""
    (tmp_path / "taken").write_text("")
    code, words = serve(clean_environment(GLITCHCSP_DATA=str(tmp_path / "taken" / "data"), PORT=str(free_port())))
    assert code != 0
    assert "GLITCHCSP_DATA" in words
    assert len(words.splitlines()) == 1, words
