"""What a request to the endpoint says besides its body: path, key, environment, content type. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs

_PATH = re.compile(r"/api/([1-9][0-9]{0,17})/(?:security|csp-report)/?")
_KEY = re.compile(r"[0-9a-f]{32}")
_HEADER_KEY = re.compile(r"(?:sentry|glitchtip)_key=([0-9A-Fa-f]{32})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
MAX_NAME = 64


@dataclass(frozen=True, slots=True)
class Target:
    """`public_key` is "" where none that could be one was given."""

    project: int
    public_key: str = ""
    environment: str = ""
    release: str = ""
    test: bool = False


def is_endpoint(path: str) -> bool:
    return _PATH.fullmatch(path) is not None


@lru_cache(maxsize=4096)
def target_of(path: str, query: bytes) -> Target:
    """The same few addresses come again and again. Of a parameter given twice the first counts."""
    found = _PATH.fullmatch(path)
    project = int(found[1]) if found else 0
    given = parse_qs(query[:2048].decode("latin-1"), keep_blank_values=False, encoding="utf-8", errors="replace", max_num_fields=None)
    key = _first(given, "glitchtip_key", "sentry_key").lower()
    return Target(
        project,
        key if _KEY.fullmatch(key) else "",
        _name(_first(given, "sentry_environment", "environment")),
        _name(_first(given, "sentry_release", "release")),
        _first(given, "glitchcsp_test") == "1",
    )


def key_of_header(value: str) -> str:
    """The key in `X-Sentry-Auth: Sentry sentry_version=7, sentry_key=...`."""
    found = _HEADER_KEY.search(value[:512])
    return found[1].lower() if found else ""


def _first(given: Mapping[str, list[str]], *names: str) -> str:
    return next((given[name][0] for name in names if name in given), "")


def _name(text: str) -> str:
    return _CONTROL.sub("", text)[:MAX_NAME]


@lru_cache(maxsize=256)
def may_hold_report(content_type: str) -> bool:
    """Any JSON-ish type, plain text (a beacon's default), or none: the body's shape decides what it is."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind in ("", "text/plain", "application/csp-report") or "json" in kind
