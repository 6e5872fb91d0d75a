"""The browsers' own requests in tests/wire/: every line is one HTTP request a real browser sent to a report endpoint."""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "firefox", "webkit")


@dataclass(frozen=True, slots=True)
class Recorded:
    browser: str
    version: str
    page: str
    mode: str
    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def types(self) -> list[str]:
        """The report types in the body, in order; a body without a type is a csp-report. Told by a reading of its own, not by ours."""
        if self.method != "POST":
            return []
        body: Any = json.loads(self.body.decode("utf-8", "replace"))
        return [report.get("type", "csp-violation") for report in (body if isinstance(body, list) else [body])]


@cache
def recorded(browser: str) -> tuple[Recorded, ...]:
    with gzip.open(Path(__file__).parent / "wire" / f"{browser}.jsonl.gz", "rt") as lines:
        return tuple(_request(json.loads(line)) for line in lines)


def all_recorded() -> list[Recorded]:
    return [request for browser in BROWSERS for request in recorded(browser)]


def types_of(requests: Iterable[Recorded]) -> Counter[str]:
    return Counter(kind for request in requests for kind in request.types)


def _request(line: dict[str, Any]) -> Recorded:
    words = (line[name] for name in ("browser", "version", "page", "mode", "method"))
    return Recorded(*words, headers=tuple((name, value) for name, value in line["headers"]), body=base64.b64decode(line["body_b64"] or ""))
