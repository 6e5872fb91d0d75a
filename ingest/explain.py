"""Everything the rules have to say about one request, as `manage.py explain` prints it. Pure: no database, no settings."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ingest.normalise import normalise
from ingest.wire import RawReport, read
from issues.fingerprint import fingerprint, title_of
from issues.verdicts import ProjectFacts, judge
from policies.words import NOISE_SLUGS

_LISTS = ("sites", "own_extensions", "own_schemes", "sensitive", "paused")


class BadRequest(ValueError):
    """The line is no request, or its body no report; the message is for a person."""


def explain_line(line: str) -> Iterator[dict[str, object]]:
    """One answer for each report in the request on this line."""
    request = _request(line)
    envelope = read(_body(request))
    if envelope.error:
        raise BadRequest(f"the body holds no report ({envelope.error})")
    facts = _facts(request)
    for report in envelope.reports:
        yield explain(report, facts, _text(request, "user_agent"), _text(request, "origin"))


def explain(report: RawReport, facts: ProjectFacts, user_agent: str, origin: str = "") -> dict[str, object]:
    """One report's verdict with its reasons, and the issue it belongs to."""
    violation = normalise(report, user_agent=user_agent, origin=origin)
    judgement = judge(violation, facts)
    found = fingerprint(violation, judgement)
    return {
        "directive": violation.directive,
        "source": found.source,
        "verdict": judgement.verdict,
        "noise": judgement.verdict in NOISE_SLUGS,
        "confidence": judgement.confidence,
        "reason": judgement.reason,
        "rules": [mark.rule for mark in judgement.marks],
        "tags": list(judgement.tags),
        "fingerprint": found.key,
        "title": title_of(found.title, enforced=violation.disposition != "report"),
        "grouped_by": found.grouped_by,
        "why": [
            {"rule": mark.rule, "verdict": mark.verdict, "confidence": mark.confidence, "reason": mark.reason} for mark in judgement.marks
        ],
    }


def _request(line: str) -> dict[str, object]:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        raise BadRequest("this is no JSON") from None
    if not isinstance(request, dict):
        raise BadRequest("this is no JSON object")
    if "body" not in request:
        raise BadRequest('"body" is missing: the raw text of the request')
    return request


def _body(request: dict[str, object]) -> bytes:
    body = request["body"]
    text = body if isinstance(body, str) else json.dumps(body)
    return text.encode("utf-8", "surrogatepass")


def _text(request: dict[str, object], name: str) -> str:
    value = request.get(name)
    if value is not None and not isinstance(value, str):
        raise BadRequest(f'"{name}" is not text')
    return value or ""


def _facts(request: dict[str, object]) -> ProjectFacts:
    found: dict[str, tuple[str, ...]] = {}
    for name in _LISTS:
        value = request.get(name)
        if value is None:
            continue
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise BadRequest(f'"{name}" is not a list of texts')
        found[name] = tuple(value)
    paused = frozenset(found.pop("paused", ()))
    return ProjectFacts(**found, paused=paused)
