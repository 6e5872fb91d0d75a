"""The cast and the rules every test lives under.

acme has an owner, an admin, a member and a viewer, and a project `shop`; the stranger belongs to `elsewhere`.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker
from redis import Redis

from issues import memory
from projects.models import Organization, Project, Role, User
from tests import services
from tests.factories import add_member, client_of, make_organization, make_project, make_user
from tests.processes.prepared import Durable, Embedded, Full

ONCE = {"processes", "browser", "once"}
FOLDERS_OF_THE_BUFFER = {"ingest"}
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for the other pair of database and buffer, and on the full pair what is the same on both."""
    unwanted = [item for item in items if _is_for_another_run(item)]
    if unwanted:
        config.hook.pytest_deselected(items=unwanted)
        items[:] = [item for item in items if item not in set(unwanted)]


def _is_for_another_run(item: pytest.Item) -> bool:
    marks = {mark.name for mark in item.iter_markers()}
    if django_settings.MODE == "embedded":
        return "full" in marks
    return "embedded" in marks or bool(marks & ONCE) or not _touches_database_or_buffer(item, marks)


def _touches_database_or_buffer(item: pytest.Item, marks: set[str]) -> bool:
    if item.path.relative_to(Path(__file__).parent).parts[0] in FOLDERS_OF_THE_BUFFER:
        return True
    return "django_db" in marks or bool(DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """In CI nothing is skipped: a missing server or browser is a failure."""
    report = yield
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """PostgreSQL drops no database that somebody is connected to: threads that tests left running are cut off first.

    Django makes the cache's table after a migration of ours has, and would say so under every test that fails.
    """
    with redirect_stdout(io.StringIO()):
        request.getfixturevalue("django_db_setup")
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


@pytest.fixture(autouse=True)
def _nothing_left_over(request: pytest.FixtureRequest) -> Iterator[None]:
    """Streams of Redis and a process's cache are not rolled back with the database."""
    yield
    caches["process"].clear()
    memory.forget()
    if django_settings.MODE == "full":
        with Redis.from_url(django_settings.REDIS_URL) as server:
            server.flushdb()


@pytest.fixture
def acme(db: None) -> Organization:
    return make_organization("acme")


@pytest.fixture
def shop(acme: Organization) -> Project:
    """acme's project: SHOP-1, SHOP-2, ... Its one site is shop.example."""
    return make_project(acme, "shop", sites=["shop.example"])


@pytest.fixture
def owner(acme: Organization) -> User:
    return add_member(acme, make_user("owner@acme.example"), Role.OWNER)


@pytest.fixture
def admin(acme: Organization) -> User:
    return add_member(acme, make_user("admin@acme.example"), Role.ADMIN)


@pytest.fixture
def member(acme: Organization) -> User:
    return add_member(acme, make_user("member@acme.example"), Role.MEMBER)


@pytest.fixture
def viewer(acme: Organization) -> User:
    return add_member(acme, make_user("viewer@acme.example"), Role.VIEWER)


@pytest.fixture
def stranger(db: None) -> User:
    return add_member(make_organization("elsewhere"), make_user("stranger@elsewhere.example"), Role.OWNER)


@pytest.fixture
def owner_client(owner: User) -> Client:
    return client_of(owner)


@pytest.fixture
def admin_client(admin: User) -> Client:
    return client_of(admin)


@pytest.fixture
def member_client(member: User) -> Client:
    return client_of(member)


@pytest.fixture
def viewer_client(viewer: User) -> Client:
    return client_of(viewer)


@pytest.fixture
def stranger_client(stranger: User) -> Client:
    return client_of(stranger)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL server for tests that start processes of their own."""
    yield from _started(services.postgresql())


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis server for tests that start processes of their own."""
    yield from _started(services.redis())


@pytest.fixture(scope="session")
def embedded_instances(tmp_path_factory: pytest.TempPathFactory) -> Embedded:
    return Embedded(tmp_path_factory.mktemp("embedded"))


@pytest.fixture(scope="session")
def full_instances(durable_instances: Durable, redis_url: str) -> Iterator[Full]:
    with durable_instances.server() as url:
        yield Full(durable_instances.made, url, redis_url)


@pytest.fixture(scope="session")
def durable_instances(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Durable]:
    try:
        made = Durable(tmp_path_factory.mktemp("durable"))
    except services.MissingProgram as missing:
        pytest.skip(str(missing))
    yield made
    made.close()


def _started(service: object) -> Iterator[str]:
    try:
        with service as url:  # type: ignore[attr-defined]
            yield url
    except services.MissingProgram as missing:
        pytest.skip(str(missing))
