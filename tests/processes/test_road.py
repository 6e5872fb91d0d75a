"""The whole road with real processes: what real browsers sent, through HTTP, buffer and worker, into issues."""

from __future__ import annotations

import pytest

from tests.processes.instance import Instance
from tests.processes.senders import replay
from tests.recorded import BROWSERS, all_recorded, recorded, types_of

pytestmark = pytest.mark.processes
REQUEST_LINES = [
    "{project_id}/security/?glitchtip_key={public_key}",
    "{project_id}/security/?sentry_key={public_key}",
    "{project_id}/csp-report/?glitchtip_key={public_key}",
]
"""A GlitchTip or Sentry header works by changing the host."""


def test_every_recorded_violation_is_stored_and_counted_once(instance: Instance) -> None:
    expected = types_of(all_recorded())
    violations = expected.pop("csp-violation")
    instance.start()

    for request_line, browser in zip(REQUEST_LINES, BROWSERS, strict=True):
        endpoint = f"{instance.ingest_url}/api/{request_line.format(**instance.project)}"
        assert set(replay(recorded(browser), endpoint)) == {204}

    intake = instance.drained(violations)
    assert intake["counted"] == violations
    assert {kind: intake["by_type"][kind] for kind in expected} == expected
    assert intake["set_aside"] == 0
    assert stored(instance) == violations


def stored(instance: Instance) -> int:
    """Reports in the issues themselves, read page by page through the API."""
    found = instance.api("projects/acme/shop/issues/?query=&limit=100")
    return sum(int(issue["count"]) for issue in found)
