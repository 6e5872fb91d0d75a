"""What `make lint` says, and what Django says of its models and of a deployment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.once


def said_by(*command: str, **environment: str) -> tuple[int, str]:
    settings = {**os.environ, "DJANGO_SETTINGS_MODULE": "glitchcsp.settings", **environment}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=settings)
    return done.returncode, (done.stdout + done.stderr)[-6000:]


def program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def test_ruff_finds_nothing() -> None:
    assert said_by(program("ruff"), "check", "--no-cache", ".") == (0, "All checks passed!\n")


def test_mypy_finds_nothing() -> None:
    code, words = said_by(program("mypy"), ".")
    assert code == 0, words


def test_no_migration_is_missing() -> None:
    code, words = said_by(sys.executable, "manage.py", "makemigrations", "--check", "--dry-run")
    assert code == 0, words


def test_django_finds_nothing_wrong_with_a_deployment(tmp_path: Path) -> None:
    """Behind TLS, as docs/production.md describes it; every warning counts."""
    code, words = said_by(
        *[sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        GLITCHCSP_URL="https://csp.example.com",
        TRUSTED_PROXIES="10.0.0.0/8",
        GLITCHCSP_DATA=str(tmp_path),
        SECRET_KEY="0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    )
    assert code == 0, words
