"""manage.py erase: counted first, then gone from every table and from the buffer, with the counts intact."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from ingest import erase as raw
from ingest.buffer import Buffer, Held, Outcome
from ingest.drain import drain
from ingest.entry import pack
from ingest.intake import intake_of
from ingest.management.commands import erase as command
from ingest.models import ErasureRequest, Position, SetAside
from ingest.spool import Spool
from issues.models import Activity, Evidence, Facet, Issue, ObservedPolicy, RuleHit, Sample
from issues.record import Sighting, record
from policies.address import parse_address
from projects.models import Project
from tests.ingest.door import Broken
from tests.ingest.test_drain import body, put, reports
from tests.issues.test_record import NOON, violation

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "jordan-unmistakable"
HOST = f"{TEXT}.example"


@pytest.fixture(autouse=True)
def one_buffer(buffer: Buffer, monkeypatch: pytest.MonkeyPatch, settings, tmp_path: Path) -> None:
    """The command's own way to the buffer leads to the test's."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(command, "open_buffer", lambda: buffer)


def run(*options: str) -> str:
    out = StringIO()
    call_command("erase", "--contains", TEXT.upper(), *options, stdout=out)
    return out.getvalue()


def fill(shop: Project) -> None:
    page = violation(HOST, f"/u/{TEXT}", source=parse_address(f"https://{HOST}/a.js"), policy=f"script-src {HOST}")
    received = json.dumps({"csp-report": {"blocked-uri": f"https://{HOST}/w.js"}}).replace("/", "\\/").encode()
    record([Sighting(shop.pk, page, received, NOON), Sighting(shop.pk, violation(), b"{}", NOON)])
    RuleHit.objects.create(project=shop, rule="some", day=1, reports=1, example=f"about {TEXT}")
    issue = Issue.objects.get(evidence__blocked__contains=TEXT)
    Activity.objects.create(project=shop, issue=issue, action="0" * 32, kind="x", words=f"on {HOST}", before={"known": [HOST]})
    Issue.objects.filter(pk=issue.pk).update(source=HOST, until={"kind": "page", "known": [f"shop.example/u/{TEXT}", "shop.example/b"]})
    SetAside.objects.create(project_id=shop.pk, partition="0", entry="1", raw=TEXT.encode(), error="x", created_at=timezone.now())


def everything() -> str:
    """All text of all rows, for the last word."""
    tables = (Sample, Evidence, Facet, ObservedPolicy, RuleHit, Issue, Activity)
    aside = [bytes(one.raw) for one in SetAside.objects.all()]
    return json.dumps([list(table.objects.values()) for table in tables], default=str) + str(aside)


def test_a_dry_run_counts_and_changes_nothing(shop: Project) -> None:
    fill(shop)
    before = everything()
    words = run()
    for place in ("samples", "evidence", "facets", "observed policies", "rule examples", "issues' words", "history", "set aside"):
        assert f"       0  {place}" not in words
        assert f"  {place}" in words
    assert "Nothing was erased" in words
    assert everything() == before


def test_it_is_gone_from_every_table_and_the_counts_stay(shop: Project) -> None:
    fill(shop)
    assert TEXT in everything()
    assert "Erased." in run("--yes")
    assert ErasureRequest.objects.get().text == TEXT.upper()
    assert TEXT not in everything().lower()
    assert Issue.objects.count() == 2
    erased = Issue.objects.get(source__contains="(erased)")
    assert (erased.reports, erased.until["known"][1]) == (1, "shop.example/b")
    assert sum(Facet.objects.filter(issue=erased, kind="page").values_list("reports", flat=True)) == 1
    assert Evidence.objects.count() == 1
    assert run("--yes").count("       0  ") == 10


def test_what_waits_is_recorded_and_then_erased(shop: Project, buffer: Buffer) -> None:
    put(buffer, shop, reports(shop, body(f"https://{HOST}/x.js")), reports(shop))
    Position.objects.get_or_create(partition=buffer.partition_of(shop.pk), defaults={"position": buffer.START})
    assert raw.count(buffer, TEXT)["buffer"] == 1
    assert "Erased." in run("--yes")
    assert raw.count(buffer, TEXT)["buffer"] == 0
    found = intake_of(shop.pk, buffer)
    assert (found.accepted, found.counted, found.backlog) == (2, 2, 0)
    assert TEXT not in everything()
    drain(buffer, 5)
    assert intake_of(shop.pk, buffer).counted == 2


def test_what_can_t_leave_the_spool_yet_is_said(shop: Project, buffer: Buffer, monkeypatch: pytest.MonkeyPatch, settings) -> None:
    full = Broken(buffer, Outcome.REFUSED)
    spool = Spool(settings.DATA_DIR / "spool", full, 10**6)
    entry = reports(shop, body(f"https://{HOST}/x.js"))
    assert spool.write([Held(buffer.partition_of(shop.pk), shop.pk, 1, pack(entry))])
    monkeypatch.setattr(raw, "another_buffer", lambda: full)
    with pytest.raises(CommandError, match="1 in spool"):
        run("--yes")
    spool._let_go(next((settings.DATA_DIR / "spool").glob("*.spool")))
    monkeypatch.setattr(raw, "another_buffer", lambda: buffer)
    assert "Erased." in run("--yes")
    assert intake_of(shop.pk, buffer).counted == 1


def test_too_little_is_refused() -> None:
    with pytest.raises(CommandError, match="at least 4"):
        call_command("erase", "--contains", " a ")
