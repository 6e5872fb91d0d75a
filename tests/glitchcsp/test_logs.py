"""Logs as JSON."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from glitchcsp.logs import JsonFormatter, logging_config


def said(message: str, *values: object, exc_info: object = None) -> str:
    record = logging.LogRecord("ingest.drain", logging.WARNING, "drain.py", 1, message, values, exc_info)  # type: ignore[arg-type]
    return JsonFormatter().format(record)


def test_a_line_is_one_json_object():
    line = json.loads(said("%s reports set aside", 3))
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "ingest.drain", "3 reports set aside")
    assert line["at"].endswith("+00:00")


def test_what_a_stranger_sent_cannot_start_a_line_of_its_own():
    text = said("path %s", '/x\n{"level": "INFO"}\u2028\x1b[2J')
    assert "\n" not in text
    assert text.isascii()
    assert "\x1b" not in text


def test_an_exception_comes_along():
    try:
        raise ValueError("why")
    except ValueError:
        line = json.loads(said("broken", exc_info=sys.exc_info()))
    assert "ValueError: why" in line["exception"]


def test_a_level_that_is_none_stops_the_start():
    assert logging_config(json_lines=True, level="warning")["root"]["level"] == "WARNING"
    with pytest.raises(ImproperlyConfigured, match="LOG_LEVEL"):
        logging_config(json_lines=False, level="LOUD")
