"""100,000 issues with counters of 50 million reports, written by the database itself: no report travels the road here."""

from __future__ import annotations

from typing import Any

from django.db import connection, models
from django.utils import timezone

from issues.models import (
    Activity,
    DailyCount,
    Evidence,
    EvidenceDay,
    Facet,
    HourlyCount,
    Issue,
    ObservedPolicy,
    ProjectHour,
    Sample,
)
from projects.models import Membership, Organization, Project, ProjectKey, Role, Site, User

ISSUES = 100_000
REPORTS = 50_000_000
BIG_ISSUES = 20
"""Issues with as many rows of everything as the caps allow; the detail page is measured on these."""

FACETS = {"page": 50, "browser": 20, "family": 6, "os": 6, "source": 20, "referrer": 5, "environment": 2, "release": 20}


def seed(reports: int = REPORTS) -> Project:
    """The project; its owner is owner@bench.example."""
    with connection.cursor() as cursor:  # the product's own limits are for statements that somebody waits for
        cursor.execute("SET statement_timeout = 0")
        connection.connection.answer_seconds = 600.0
    project = _project()
    _issues(project, reports)
    _counts(project, reports)
    _rows_of_big_issues(project)
    _rows_of_the_others()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return project


def _project() -> Project:
    owner = User.objects.create_user("owner@bench.example", "correct horse battery")
    organization = Organization.objects.create(slug="acme", name="Acme")
    Membership.objects.create(organization=organization, user=owner, role=Role.OWNER)
    for number in range(9):
        _empty_project(organization, f"small-{number}")
    return _empty_project(organization, "shop")


def _empty_project(organization: Organization, slug: str) -> Project:
    now = timezone.now()
    project = Project.objects.create(
        organization=organization, slug=slug, name=slug, prefix=slug.upper(), last_number=ISSUES, first_report_at=now
    )
    ProjectKey.objects.create(project=project)
    Site.objects.create(project=project, host="shop.example")
    return project


def insert(model: type[models.Model], rows: str, /, **expressions: str) -> None:
    """INSERT ... SELECT; columns that are not named get the model's own default."""
    columns: dict[str, str] = {}
    parameters: list[Any] = []
    for field in model._meta.concrete_fields:
        if field.attname in expressions:
            columns[field.column] = expressions[field.attname]
        elif not field.primary_key and not field.null:
            columns[field.column] = "%s"
            parameters.append(field.get_db_prep_save(field.get_default(), connection))
    names, values = ", ".join(columns), ", ".join(columns.values())
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {values} FROM {rows}', parameters)


def _issues(project: Project, reports: int) -> None:
    """Every tenth is open and no noise, so that the default tab is long as well; they fall off as 1/n and sum up to `reports`."""
    harmonic = f"(SELECT SUM(1.0 / k) FROM generate_series(1, {ISSUES}) k)"
    insert(
        Issue,
        f"(SELECT n, GREATEST(1, {reports} / (n * {harmonic}))::bigint AS share FROM generate_series(1, {ISSUES}) n) numbered",
        project_id=str(project.pk),
        number="n",
        key="md5(n::text)",
        family="(ARRAY['script-src', 'img-src', 'connect-src', 'style-src', 'frame-src'])[1 + n %% 5]",
        directive="(ARRAY['script-src-elem', 'img-src', 'connect-src', 'style-src-elem', 'frame-src'])[1 + n %% 5]",
        source="'host' || n || '.example.net'",
        title="'Script from host' || n || '.example.net'",
        verdict="CASE WHEN n %% 10 = 0 THEN 'third-party' WHEN n %% 1000 = 1 THEN 'attack' ELSE 'extension' END",
        noise="n %% 10 <> 0 AND n %% 1000 <> 1",
        status="CASE n %% 20 WHEN 1 THEN 'resolved' WHEN 2 THEN 'ignored' ELSE 'open' END",
        first_seen="now() - (n %% 90 || ' days')::interval",
        last_seen="now() - (n * 7 %% 500000 || ' seconds')::interval",
        reports="share",
        enforced="share / 2",
        pages="1 + n %% 40",
        browsers="1 + n %% 8",
        visitors="n %% 500",
    )


def _counts(project: Project, reports: int) -> None:
    now_hour = int(timezone.now().timestamp()) // 3600
    hours = "(SELECT id, reports, h FROM issues_issue, generate_series(0, 23) h WHERE (id + h) %% 2 = 0) rows"
    insert(HourlyCount, hours, issue_id="id", hour=f"{now_hour} - h", reports="1 + reports / 60")
    days = "(SELECT id, reports, d FROM issues_issue, generate_series(0, 29) d WHERE (id + d) %% 3 = 0) rows"
    insert(DailyCount, days, issue_id="id", day=f"{now_hour // 24} - d", reports="1 + reports / 10")
    each = "generate_series(0, 2159) h, projects_project p, (VALUES (true), (false)) noises(noise)"
    insert(ProjectHour, each, project_id="p.id", hour=f"{now_hour} - h", noise="noises.noise", reports=f"{reports // 4320}")
    policies = "generate_series(1, 40) n"
    insert(
        ObservedPolicy, policies, project_id=str(project.pk), fingerprint="md5(n::text)", last_seen="now()", reports="1000000 / n",
        text="'default-src ''self''; script-src ''self'' https://cdn' || n || '.example; img-src ''self'' data:'",
        first_seen="now() - (n || ' days')::interval",
    )  # fmt: skip


def _rows_of_big_issues(project: Project) -> None:
    """Ninety days of every hour, 200 pieces of evidence with 30 days each, every facet, 20 samples."""
    now_hour = int(timezone.now().timestamp()) // 3600
    big = f"(SELECT id, reports FROM issues_issue ORDER BY reports DESC LIMIT {BIG_ISSUES}) big"
    hours = f"{big}, generate_series(24, 2159) h"
    insert(HourlyCount, hours, issue_id="big.id", hour=f"{now_hour} - h", reports="1 + big.reports / 2160")
    days = f"{big}, generate_series(30, 399) d"
    insert(DailyCount, days, issue_id="big.id", day=f"{now_hour // 24} - d", reports="1 + big.reports / 400")
    _evidence(project, big, 200)
    evidence = f"issues_evidence e JOIN {big} ON big.id = e.issue_id, generate_series(0, 29) d"
    insert(EvidenceDay, evidence, evidence_id="e.id", day=f"{now_hour // 24} - d", reports="1 + e.reports / 30", networks="7")
    for kind, number in FACETS.items():
        rows = f"{big}, generate_series(1, {number}) n"
        insert(Facet, rows, issue_id="big.id", kind=f"'{kind}'", value=f"'{kind} ' || n", reports="big.reports / n")
    samples = f"{big}, generate_series(0, 19) n"
    insert(
        Sample, samples, issue_id="big.id", slot="n", seen_at="now()", page="'https://shop.example/p/' || n", browser="'Chrome 156'",
        disposition="'enforce'", received="'{\"csp-report\": {\"blocked-uri\": \"https://host.example.net/\"}}'",
    )  # fmt: skip
    activity = f"{big}, generate_series(1, 30) n"
    insert(
        Activity, activity, project_id=str(project.pk), issue_id="big.id", action="gen_random_uuid()", kind="'ignore'",
        words="'Ignored for good'", at="now()",
    )  # fmt: skip


def _rows_of_the_others() -> None:
    big = f"(SELECT id FROM issues_issue ORDER BY reports DESC LIMIT {BIG_ISSUES})"
    _evidence(None, f"(SELECT id, reports FROM issues_issue WHERE id NOT IN {big}) others", 3)
    for kind, value in {"page": "/checkout", "browser": "Chrome 156"}.items():
        others = f"issues_issue i WHERE i.id NOT IN {big}"
        insert(Facet, others, issue_id="i.id", kind=f"'{kind}'", value=f"'{value}'", reports="i.reports")


def _evidence(project: Project | None, issues: str, number: int) -> None:
    alias = issues.split()[-1]
    insert(
        Evidence, f"{issues}, generate_series(1, {number}) n", issue_id=f"{alias}.id", digest=f"md5({alias}.id || ' ' || n)",
        directive="'script-src-elem'", blocked_kind="'url'", blocked="'https://host.example.net/a' || n || '.js'",
        origin="'https://shop.example'", page="'https://shop.example/p/' || n", disposition="'enforce'",
        first_seen="now() - interval '20 days'", last_seen="now()", reports=f"{alias}.reports / n",
    )  # fmt: skip
