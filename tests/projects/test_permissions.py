"""Every page of projects, for everybody: who gets in, who is told no, who learns nothing."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from projects.models import Membership, Organization, Project, User
from tests.factories import add_member, client_of, make_project, make_user
from tests.projects.signing import fresh_client

pytestmark = pytest.mark.django_db

# Path, the weakest role that may read it, the weakest role that may post to it. "" is nobody: the method is not allowed.
PAGES = [
    ("/acme/", "viewer", ""),
    ("/acme/new/", "admin", "admin"),
    ("/acme/settings/", "admin", "admin"),
    ("/acme/delete/", "", "owner"),
    ("/acme/members/", "viewer", ""),
    ("/acme/members/invite/", "", "admin"),
    ("/acme/members/{membership}/role/", "", "admin"),
    ("/acme/members/{membership}/remove/", "", "admin"),
    ("/acme/shop/setup/", "viewer", ""),
    ("/acme/shop/setup/status/", "viewer", ""),
    ("/acme/shop/setup/policy/", "", "viewer"),
    ("/acme/shop/setup/test/", "", "member"),
    ("/acme/shop/setup/test/status/", "viewer", ""),
    ("/acme/shop/setup/test/result/", "viewer", ""),
    ("/acme/shop/setup/test/remove/", "", "member"),
    ("/acme/shop/settings/", "viewer", "admin"),
    ("/acme/shop/settings/delete/", "", "admin"),
    ("/acme/shop/settings/keys/", "viewer", "admin"),
    ("/acme/shop/settings/keys/{key}/rename/", "", "admin"),
    ("/acme/shop/settings/keys/{key}/switch/", "", "admin"),
]
ROLES = ["viewer", "member", "admin", "owner"]
OF_A_PERSON = ["/account/", "/new/", "/account/password/", "/account/two-factor/"]


@pytest.fixture
def cast(owner: User, admin: User, member: User, viewer: User, stranger: User) -> dict[str, User]:
    return {"owner": owner, "admin": admin, "member": member, "viewer": viewer, "stranger": stranger}


def filled(path: str, shop: Project) -> str:
    """Its membership is somebody else's, for leaving is open to everybody."""
    key = shop.keys.first()
    if "{membership}" in path:
        add_member(shop.organization, make_user(f"bystander{User.objects.count()}@acme.example"), "viewer")
    membership = Membership.objects.order_by("-pk").first()
    return path.format(key=key.pk if key else 0, membership=membership.pk if membership else 0)


@pytest.mark.parametrize("path, reads, posts", PAGES)
def test_reading(path: str, reads: str, posts: str, shop: Project, cast: dict[str, User]) -> None:
    found = {role: client_of(user).get(filled(path, shop)).status_code for role, user in cast.items()}
    assert found == {role: expected(role, reads) for role in cast}


@pytest.mark.parametrize("path, reads, posts", [page for page in PAGES if page[0] != "/acme/shop/setup/test/"])
def test_posting(path: str, reads: str, posts: str, shop: Project, cast: dict[str, User]) -> None:
    """An empty form: whoever may post is answered by the form, or by what an empty form does; nobody else gets that far."""
    found = {role: fresh_client(user).post(filled(path, shop)).status_code for role, user in reversed(cast.items())}
    assert {role: 200 if status in (302, 422) else status for role, status in found.items()} == {
        role: expected(role, posts) for role in cast
    }


def expected(role: str, needed: str) -> int:
    if not needed:
        return 405
    if role == "stranger":
        return 404
    return 200 if ROLES.index(role) >= ROLES.index(needed) else 403


def test_signed_out_everything_is_the_same_redirect(shop: Project, owner: User) -> None:
    paths = [*(page[0] for page in PAGES), *OF_A_PERSON, "/nowhere/", "/acme/nowhere/", "/acme/shop/", "/x/y/z/", "/admin/", "/acme"]
    for path in (filled(path, shop) for path in paths):
        for answer in (Client().get(path), Client().post(path)):
            assert (answer.status_code, answer.headers["Location"]) == (302, "/login/?" + urlencode({"next": path}))


def test_next_is_not_anybody_elses_host(owner: User) -> None:
    for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        answer = Client().post("/login/", {"login": owner.email, "password": "correct horse battery", "next": target})
        assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("path", [page[0] for page in PAGES if page[1]] + OF_A_PERSON + ["/help/"])
def test_reading_never_writes_and_asks_little(path: str, shop: Project, owner: User) -> None:
    client = fresh_client(owner)
    for number in range(20):
        make_project(shop.organization, f"project-{number}", sites=["a.example", "b.example"])
    client.get(filled(path, shop))
    with CaptureQueriesContext(connection) as queries:
        client.get(filled(path, shop))
    words = [query["sql"] for query in queries]
    assert [sql for sql in words if sql.split(" ", 1)[0] in ("INSERT", "UPDATE", "DELETE")] == []
    assert len(words) < 15, words


def test_another_organizations_rows_are_out_of_reach(acme: Organization, shop: Project, owner: User, stranger: User) -> None:
    """Ids in an address are looked up below what the person may see."""
    theirs = make_project(Organization.objects.get(slug="elsewhere"), "theirs")
    key, membership = theirs.key, Membership.objects.get(user=stranger)
    assert key is not None
    client = fresh_client(owner)
    for path in (
        f"/acme/shop/settings/keys/{key.pk}/switch/",
        f"/acme/members/{membership.pk}/remove/",
        f"/acme/members/{membership.pk}/role/",
    ):
        assert client.post(path, {"role": "viewer"}).status_code == 404
    key.refresh_from_db()
    assert key.is_active


FRESH = [
    ("/acme/settings/", {"name": "New"}),
    ("/acme/delete/", {"name": "acme"}),
    ("/acme/members/invite/", {"email": "new@acme.example", "role": "member"}),
    ("/acme/members/{membership}/role/", {"role": "admin"}),
    ("/acme/members/{membership}/remove/", {}),
    ("/acme/shop/settings/delete/", {"name": "shop"}),
    ("/acme/shop/settings/keys/", {"label": "New"}),
    ("/acme/shop/settings/keys/{key}/switch/", {}),
    ("/account/tokens/", {"name": "script", "scopes": ["read"]}),
]


@pytest.mark.parametrize("path, form", FRESH)
def test_an_old_sign_in_is_asked_for_the_password_and_then_goes_on(
    path: str, form: dict[str, str], shop: Project, owner: User, viewer: User
) -> None:
    client = fresh_client(owner, seconds_ago=601)
    path = filled(path, shop)
    answer = client.post(path, form)
    assert answer.headers["Location"] == "/account/confirm/?" + urlencode({"next": path})
    again = client.post(answer.headers["Location"], {"password": "correct horse battery", "next": path})
    assert again.status_code in (200, 302)
    if again.status_code == 302:
        assert not again.headers["Location"].startswith("/account/confirm/")
