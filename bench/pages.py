"""Pages with 100,000 issues and 50 million counted reports in PostgreSQL: server time and queries, best half of 12."""

from __future__ import annotations

import os
import statistics
import time

from bench.figure import Figure

MILLISECONDS = 60.0
QUERIES = 15
TIMES = 12
LIST_QUERIES = {
    "list": "",
    "list, everything": "?q=",
    "list, ignored": "?q=is:ignored",
    "list, resolved": "?q=is:resolved",
    "list, noise": "?q=is:open+is:noise",
    "list, new": "?q=is:new",
    "list by reports": "?sort=reports",
    "list by pages": "?sort=pages",
    "list by newest": "?sort=newest",
    "list, everything by reports": "?q=&sort=reports",
    "list, noise by pages": "?q=is:open+is:noise&sort=pages",
    "search of a host": "?q=host:host4711.example.net",
    "search of hosts under": "?q=host:*.example.net",
    "search of a word": "?q=host77770",
    "search of a word that is nowhere": "?q=zebra",
    "search of a directive": "?q=directive:script-src",
    "search of a verdict": "?q=verdict:attack",
    "search of a mode": "?q=mode:report",
    "search of a page": "?q=page:/checkout",
    "search of a page that is nowhere": "?q=page:/nowhere",
    "search of a browser": "?q=browser:Chrome",
    "search of many reports": "?q=reports:>1000",
    "search of what is new": "?q=first:<7d",
    "search of what isn't": "?q=-directive:script-src+-verdict:attack",
}


def figures() -> list[Figure]:
    """Over a database of its own on DATABASE_URL's server, made and dropped here."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0)
    try:
        return measured()
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


def measured() -> list[Figure]:
    from django.test import Client

    from bench.seed import seed
    from issues.models import Issue
    from projects.models import User

    start = time.monotonic()
    project = seed()
    found = [Figure("seeding", time.monotonic() - start, "s")]
    client = Client(SERVER_NAME="127.0.0.1")  # no test environment: it copies every template's context, which costs more than the page
    client.force_login(User.objects.get(email="owner@bench.example"))
    home = project.get_absolute_url()
    biggest = Issue.objects.order_by("-reports").first()
    small = Issue.objects.order_by("reports").first()
    assert biggest is not None
    assert small is not None
    pages = {"overview": "/", **{name: home + query for name, query in LIST_QUERIES.items()}}
    pages |= {"detail of the biggest issue": biggest.get_absolute_url(), "detail of a small issue": small.get_absolute_url()}
    for days in ("7d", "30d", "90d"):
        pages[f"detail of the biggest issue, {days}"] = f"{biggest.get_absolute_url()}?trend={days}"
    pages |= {f"API: {name}": address for name, address in api_addresses(project, biggest.pk).items()}
    for name, address in pages.items():
        found += _page(client, name, address)
    return found


def api_addresses(project: object, issue: int) -> dict[str, str]:
    """With 100 rows a page, as much as a client can ask for."""
    organization, slug = project.organization.slug, project.slug  # type: ignore[attr-defined]
    issues = f"/api/0/projects/{organization}/{slug}/issues/"
    return {
        "issues": f"{issues}?limit=100",
        "everything by reports": f"{issues}?limit=100&query=&sort=freq",
        "search of a word": f"{issues}?limit=100&query=host77770",
        "issues of the organization": f"/api/0/organizations/{organization}/issues/?limit=100",
        "an issue": f"/api/0/issues/{issue}/",
        "its events": f"/api/0/issues/{issue}/events/",
        "its tags": f"/api/0/issues/{issue}/tags/",
        "projects": "/api/0/projects/",
        "intake": f"/api/0/projects/{organization}/{slug}/intake/",
    }


def _page(client: object, name: str, address: str) -> list[Figure]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times = []
    for _ in range(TIMES):
        start = time.perf_counter()
        answer = client.get(address)  # type: ignore[attr-defined]
        times.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200, f"{address} answers {answer.status_code}"
    with CaptureQueriesContext(connection) as queries:
        client.get(address)  # type: ignore[attr-defined]
    if os.environ.get("BENCH_SQL"):
        for query in sorted(queries.captured_queries, key=lambda query: -float(query["time"]))[:3]:
            print(f"    {query['time']} {query['sql'][:600]}")
    best_half = sorted(times)[: TIMES // 2]
    return [
        Figure(name, statistics.mean(best_half), "ms", MILLISECONDS),
        Figure(f"{name}: queries", len(queries), "queries", None if "organization" in name else QUERIES),  # two for each of its projects
    ]
