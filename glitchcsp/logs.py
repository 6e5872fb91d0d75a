"""Logs as one JSON object a line (LOG_JSON=true)."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class JsonFormatter(logging.Formatter):
    """`at` in UTC. Text goes out as ASCII escapes: nothing that a stranger sent can start a line of its own or move the cursor."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)


def logging_config(json_lines: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, where whoever runs us collects it."""
    if level.upper() not in LEVELS:
        raise ImproperlyConfigured(f"LOG_LEVEL is {level!r}; it is one of {', '.join(LEVELS)}.")
    form = {"()": "glitchcsp.logs.JsonFormatter"} if json_lines else {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": form},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level.upper()},
        "loggers": {"django.security.DisallowedHost": {"level": "ERROR"}},
    }
