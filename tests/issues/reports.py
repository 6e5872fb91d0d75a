"""Violations from the few fields that matter to a test; everything usual is filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ingest.normalise import normalise
from ingest.wire import read
from issues.verdicts import Judgement, ProjectFacts, judge
from policies.violation import Violation

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15"
USUAL = {
    "document-uri": "https://shop.example/page",
    "original-policy": "default-src 'self'; script-src 'self' 'report-sample'; style-src 'self'; img-src 'self'; report-uri /csp",
    "disposition": "enforce",
}
_APART = ("user-agent", "sites", "origin")


def violation(fields: Mapping[str, str]) -> Violation:
    """What `normalise` makes of a csp-report with these fields; `user-agent` and `origin` are headers."""
    report = {**USUAL, **{name: value for name, value in fields.items() if name not in _APART}}
    body = json.dumps({"csp-report": report}).encode()
    return normalise(read(body).reports[0], user_agent=fields.get("user-agent", CHROME), origin=fields.get("origin", ""))


def judged(fields: Mapping[str, str], facts: ProjectFacts | None = None) -> Judgement:
    """The judgement of a project that declares the report's `sites`."""
    sites = tuple(fields["sites"].split()) if "sites" in fields else ()
    return judge(violation(fields), facts or ProjectFacts(sites=sites))
