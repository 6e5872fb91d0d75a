"""Bad input of every kind, end to end: never a 5xx, the answer a reasonable design may give, and the next good report is counted."""

from __future__ import annotations

import base64
import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest

from ingest.drain import drain
from ingest.intake import intake_of
from ingest.keys import look_up
from ingest.models import SetAside
from projects.models import Project
from tests.ingest.door import Door

CASES = json.loads(gzip.decompress((Path(__file__).parent.parent / "cases" / "malformed.json.gz").read_bytes()))["cases"]
SLOWEST = 1.0


@pytest.mark.django_db(transaction=True)
def test_bad_input_is_answered_well_and_harms_nobody(buffer: Any, shop: Project) -> None:
    key = shop.key
    assert key
    door, wrong, accepted = Door(buffer, look_up), [], 0
    place = {"path": f"/api/{shop.id}/security/", "query": f"glitchtip_key={key.public_key}".encode()}
    for case in CASES:
        headers = {"content-type": case["content_type"], **case["headers"]}
        start = time.process_time()
        status = door.post(base64.b64decode(case["body_base64"]), headers, **place)[0]
        seconds = time.process_time() - start
        answer = "accepted" if status == 204 else "4xx" if 400 <= status < 500 else str(status)
        accepted += case["reports_stored"] if case["expect"] == answer == "accepted" else 0
        if answer not in [case["expect"], *(case.get("also_acceptable") or [])] or seconds > SLOWEST:
            wrong.append(f"{case['id']} {case['description']}: {status} in {seconds:.2f} s, expected {case['expect']}")
    assert wrong == []
    assert door.post(**place)[0] == 204
    while drain(buffer, 5):
        pass
    found = intake_of(shop.id, buffer)
    assert found.counted >= accepted + 1
    assert found.accepted == found.counted + sum(found.shed.values()) + sum(found.rejected.values())
    assert (found.backlog, found.set_aside, SetAside.objects.count()) == (0, 0, 0)
