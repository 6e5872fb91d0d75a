"""`make secrets`: .env with fresh secrets for compose.yaml. What is there already is kept. Needs Python alone."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

ENV = Path(__file__).resolve().parent.parent / ".env"
SECRETS = ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD")
ADDRESS = "GLITCHCSP_URL"
HEAD = "# Made by `make secrets`; compose.yaml reads it. Keep a copy with your backups, and out of git.\n"
ADDRESS_LINES = f"# The address people and browsers use. Change it before the first start.\n{ADDRESS}=https://localhost\n"


def missing_lines(text: str) -> str:
    """The lines that this .env still needs."""
    held = {line.partition("=")[0].strip() for line in text.splitlines() if "=" in line and not line.lstrip().startswith("#")}
    lines = "".join(f"{name}={secrets.token_urlsafe(40)}\n" for name in SECRETS if name not in held)
    return (lines if text else HEAD + lines) + ("" if ADDRESS in held else ADDRESS_LINES)


def write(path: Path) -> str:
    """What happened, in words. The file is never readable by others, not even while it is written."""
    text = path.read_text() if path.exists() else ""
    lines = missing_lines(text)
    if not lines:
        return f"{path.name} has all secrets already; nothing was changed."
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(("\n" if text and not text.endswith("\n") else "") + lines)
    return f"Wrote {path.name} (readable by you alone). Set {ADDRESS} in it, then: docker compose up -d"


if __name__ == "__main__":
    try:
        print(write(ENV))
    except OSError as error:
        sys.exit(f"{ENV} can't be written: {error.strerror}.")
