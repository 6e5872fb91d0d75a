"""Rows the tests start from. Every function saves and returns what it made; what a test does not name is a plain default."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F
from django.test import Client
from django.utils import timezone

from issues.models import DailyCount, Evidence, Facet, HourlyCount, Issue, ObservedPolicy, Sample
from policies.words import VERDICTS
from projects.models import ApiToken, Membership, Organization, Project, ProjectKey, Role, Site, User

PASSWORD = "correct horse battery"
POLICY = "default-src 'self'; script-src 'self'; img-src 'self'"


def make_user(email: str = "somebody@acme.example", password: str = PASSWORD, **fields: object) -> User:
    return User.objects.create_user(email, password, **fields)


def make_organization(slug: str = "acme", name: str = "", **fields: object) -> Organization:
    return Organization.objects.create(slug=slug, name=name or slug.capitalize(), **fields)


def add_member(organization: Organization, user: User, role: str = Role.MEMBER) -> User:
    Membership.objects.create(organization=organization, user=user, role=role)
    return user


def make_project(organization: Organization, slug: str = "shop", *, sites: Iterable[str] = (), **fields: object) -> Project:
    """A project with one active key."""
    usual = {"name": slug.capitalize(), "prefix": slug.upper()[:12]}
    project = Project.objects.create(organization=organization, slug=slug, **{**usual, **fields})
    make_key(project)
    Site.objects.bulk_create(Site(project=project, host=host) for host in sites)
    return project


def make_key(project: Project, label: str = "Default", **fields: object) -> ProjectKey:
    return ProjectKey.objects.create(project=project, label=label, **fields)


def make_token(user: User, name: str = "script", scopes: Iterable[str] = (), **fields: object) -> str:
    """A bearer token's plain text; only its hash is in the database."""
    plain = hashlib.sha256(f"{user.pk} {name}".encode()).hexdigest()
    ApiToken.objects.create(user=user, name=name, token_hash=ApiToken.hash_of(plain), scopes=list(scopes), **fields)
    return plain


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make_issue(project: Project, source: str = "cdn.example.net", verdict: str = "third-party", **fields: object) -> Issue:
    """An open issue about scripts from `source`, last seen just now."""
    Project.objects.filter(pk=project.pk).update(last_number=F("last_number") + 1)
    number = Project.objects.values_list("last_number", flat=True).get(pk=project.pk)
    now = timezone.now()
    usual = {
        "number": number,
        "key": hashlib.md5(f"{project.pk} {number}".encode()).hexdigest(),
        "family": "script",
        "directive": "script-src-elem",
        "title": f"Script from {source}",
        "noise": VERDICTS[verdict].noise,
        "reason": "The policy does not name this host.",
        "first_seen": now - timedelta(days=2),
        "last_seen": now,
        "reports": 10,
        "enforced": 10,
        "pages": 1,
    }
    return Issue.objects.create(project=project, source=source, verdict=verdict, **{**usual, **fields})


def make_policy(project: Project, text: str = POLICY, **fields: object) -> ObservedPolicy:
    now = timezone.now()
    fingerprint = hashlib.md5(text.encode()).hexdigest()
    return ObservedPolicy.objects.create(project=project, fingerprint=fingerprint, text=text, first_seen=now, last_seen=now, **fields)


def make_evidence(issue: Issue, page: str = "https://shop.example/checkout", **fields: object) -> Evidence:
    usual = {
        "digest": hashlib.md5(f"{issue.pk} {page} {fields}".encode()).hexdigest(),
        "directive": issue.directive,
        "blocked_kind": "url",
        "blocked": f"https://{issue.source}/widget.js",
        "origin": "https://shop.example",
        "disposition": "enforce",
        "first_seen": issue.first_seen,
        "last_seen": issue.last_seen,
        "reports": issue.reports,
    }
    return Evidence.objects.create(issue=issue, page=page, **{**usual, **fields})


def make_sample(issue: Issue, slot: int = 0, **fields: object) -> Sample:
    usual = {
        "seen_at": issue.last_seen,
        "page": "https://shop.example/checkout",
        "browser": "Chrome 156",
        "disposition": "enforce",
        "received": report_uri_body(blocked=f"https://{issue.source}/widget.js").decode(),
    }
    return Sample.objects.create(issue=issue, slot=slot, **{**usual, **fields})


def make_facet(issue: Issue, kind: str = "browser", value: str = "Chrome 156", reports: int = 10) -> Facet:
    return Facet.objects.create(issue=issue, kind=kind, value=value, reports=reports)


def make_counts(issue: Issue, reports: int, at: datetime | None = None) -> None:
    """Reports of one hour, in both the hourly and the daily table."""
    hour = int((at or timezone.now()).timestamp()) // 3600
    HourlyCount.objects.create(issue=issue, hour=hour, reports=reports)
    DailyCount.objects.create(issue=issue, day=hour // 24, reports=reports)


def report_uri_body(
    blocked: str = "https://cdn.example.net/widget.js",
    document: str = "https://shop.example/checkout",
    directive: str = "script-src-elem",
    policy: str = POLICY,
    **fields: object,
) -> bytes:
    """What a browser posts to a report-uri, content type application/csp-report."""
    report = {
        "document-uri": document,
        "referrer": "",
        "violated-directive": directive,
        "effective-directive": directive,
        "original-policy": policy,
        "disposition": "enforce",
        "blocked-uri": blocked,
        "status-code": 200,
        "script-sample": "",
    }
    return json.dumps({"csp-report": {**report, **fields}}).encode()


def report_to_body(
    *blocked: str, document: str = "https://shop.example/checkout", directive: str = "script-src-elem", age: int = 0
) -> bytes:
    """What a browser posts to a report-to endpoint, content type application/reports+json: one report for each address."""
    body = {"documentURL": document, "effectiveDirective": directive, "originalPolicy": POLICY, "disposition": "enforce", "statusCode": 200}
    reports = [
        {"type": "csp-violation", "age": age, "url": document, "user_agent": "Mozilla/5.0", "body": {**body, "blockedURL": address}}
        for address in blocked or ("https://cdn.example.net/widget.js",)
    ]
    return json.dumps(reports).encode()
