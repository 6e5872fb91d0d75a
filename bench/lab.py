"""The Policy Lab's pages over a project of 100 million reports, its evidence at its caps: PostgreSQL, or SQLite without DATABASE_URL."""

from __future__ import annotations

import os
import time
from typing import Any

from bench.figure import Figure

REPORTS = 100_000_000
BIG, SMALL = 100, 10_000
"""Issues with 200 rows of evidence and 30 days each, and issues with three rows and two days each."""
MILLISECONDS = 1_000.0
TIMES = 5
POLICY = (
    "default-src 'self'; script-src 'self' 'report-sample' https://js.stripe.com https://*.cdn.example; style-src 'self'; "
    "img-src 'self' https://images.example; connect-src 'self'; object-src 'none'; base-uri 'self'"
)
_DIRECTIVES = "CASE i.number %% 4 WHEN 0 THEN 'script-src-elem' WHEN 1 THEN 'img-src' WHEN 2 THEN 'connect-src' ELSE 'style-src-elem' END"


def figures() -> list[Figure]:
    """Over a database of its own, made and dropped here."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0)
    try:
        return _measured(connection.vendor)
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


def _measured(vendor: str) -> list[Figure]:
    from django.test import Client

    from issues.lab_actions import save_draft
    from issues.models import Evidence, EvidenceDay, Issue
    from projects.models import User

    start = time.monotonic()
    project = seed()
    seeded = time.monotonic() - start
    owner = User.objects.get()
    draft = save_draft(project, owner, name="Next", text=POLICY + " https://more.example")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(owner)
    biggest = Issue.objects.order_by("-reports").first()
    assert biggest is not None
    policy = f"{project.get_absolute_url()}policy/"
    pages = {
        "policy": policy, "a draft and its replay": f"{policy}drafts/{draft.pk}/", "sources": f"{policy}sources/",
        "compare": f"{policy}compare/?from=d{draft.pk}&to=d{draft.pk}", "script inventory": f"{policy}sources/sources.csv?sensitive=1",
        "an issue's card": biggest.get_absolute_url(),
    }  # fmt: skip
    found = [
        Figure(f"seeding ({vendor})", seeded, "s"), Figure("rows of evidence", Evidence.objects.count(), "rows"),
        Figure("days of evidence", EvidenceDay.objects.count(), "rows"),
    ]  # fmt: skip
    for name, address in pages.items():
        found.append(Figure(f"{name} ({vendor})", min(_once(client, address) for _ in range(TIMES)), "ms", MILLISECONDS))
    return found


def _once(client: Any, address: str) -> float:
    start = time.perf_counter()
    answer = client.get(address)
    assert answer.status_code == 200, f"{address} answers {answer.status_code}"
    return (time.perf_counter() - start) * 1000


def seed() -> Any:
    """A project with a confirmed policy; its owner is owner@bench.example."""
    from django.db import connection
    from django.utils import timezone

    from issues.lab_actions import confirm
    from issues.models import Evidence, EvidenceDay, Issue, ObservedPolicy
    from policies.policy import observed
    from projects.models import Membership, Organization, Project, ProjectKey, Role, Site, User

    owner = User.objects.create_user("owner@bench.example", "correct horse battery")
    organization = Organization.objects.create(slug="acme", name="Acme")
    Membership.objects.create(organization=organization, user=owner, role=Role.OWNER)
    now = timezone.now()
    project = Project.objects.create(
        organization=organization, slug="shop", name="shop", prefix="SHOP", first_report_at=now, sensitive_pages=["/p/1*"]
    )
    ProjectKey.objects.create(project=project)
    Site.objects.create(project=project, host="shop.example")
    fingerprint, text = observed(POLICY)
    seen = ObservedPolicy.objects.create(
        project=project, fingerprint=fingerprint, text=text, first_seen=now, last_seen=now, reports=REPORTS
    )
    confirm(project, owner, text=POLICY, disposition="report")
    issues = [_issue(Issue, project, number, now) for number in range(1, BIG + SMALL + 1)]
    Issue.objects.bulk_create(issues, batch_size=1_000)
    rows = f"issues_issue i JOIN {_numbers(200)} ON n <= CASE WHEN i.number <= {BIG} THEN 200 ELSE 3 END"
    _insert(
        Evidence, rows, issue_id="i.id", digest="i.id || ' ' || n", directive=_DIRECTIVES, blocked_kind="'url'", origin="'https://shop.example'",
        blocked="'https://' || i.source || '/a' || (n %% 20) || '.js'", page="'shop.example/p/' || n", disposition="'report'",
        policy_id=str(seen.pk), reports="i.reports / 200", first_seen="i.first_seen", last_seen="i.last_seen",
    )  # fmt: skip
    today = int(time.time()) // 86_400
    most = f"CASE WHEN i.number <= {BIG} THEN 30 ELSE 2 END"
    rows = f"issues_evidence e JOIN issues_issue i ON i.id = e.issue_id JOIN {_numbers(30)} ON n <= {most}"
    networks = f"CASE WHEN i.number <= {BIG} OR i.number %% 2 = 0 THEN 1 + 4 * n + 256 * (i.number %% 7) ELSE 1 END"
    _insert(EvidenceDay, rows, evidence_id="e.id", day=f"{today} - n + 1", reports="1 + e.reports / 30", networks=networks)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return project


def _issue(model: Any, project: Any, number: int, now: Any) -> Any:
    """Every third is noise; the reports fall off as 1/n."""
    return model(
        project=project, number=number, key=str(number), family="script-src", directive="script-src-elem",
        source=f"host{number}.example.net", title=f"Script from host{number}.example.net",
        verdict="extension" if number % 3 == 0 else "third-party", noise=number % 3 == 0, first_seen=now,
        last_seen=now, reports=max(600, REPORTS // (10 * number)), pages=200, browsers=3,
    )  # fmt: skip


def _numbers(most: int) -> str:
    """A table of 1 .. most that both databases understand."""
    return "(" + " UNION ALL ".join(f"SELECT {number} AS n" for number in range(1, most + 1)) + ") numbers"


def _insert(model: Any, rows: str, /, **expressions: str) -> None:
    """INSERT ... SELECT; columns that are not named are empty texts."""
    from django.db import connection

    columns = {field.column: "''" for field in model._meta.concrete_fields if not field.primary_key and not field.null}
    columns |= {
        model._meta.get_field(name.removesuffix("_id") if name.endswith("_id") else name).column: sql for name, sql in expressions.items()
    }
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{model._meta.db_table}" ({", ".join(columns)}) SELECT {", ".join(columns.values())} FROM {rows}', [])
