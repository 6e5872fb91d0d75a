"""Organizations, projects and keys as scripts, MCP servers and Terraform read them."""

from __future__ import annotations

import pytest

from projects.models import Project, ProjectKey, Role
from tests.api.calls import api, links
from tests.factories import add_member, make_project, make_user


def test_without_a_token_the_answer_is_401_in_json(db, client):
    response = client.get("/api/0/projects/")
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert "detail" in response.json()


def test_the_root_says_who_asks(owner):
    answer = api(owner, "read").get("/api/0/").json()
    assert answer["user"]["email"] == "owner@acme.example"
    assert answer["auth"] == {"scopes": ["read"]}


def test_organizations_are_those_of_the_person(owner, stranger):
    assert [one["slug"] for one in api(owner).get("/api/0/organizations/").json()] == ["acme"]
    assert api(owner).get("/api/0/organizations/acme/").json()["name"] == "Acme"
    assert api(stranger).get("/api/0/organizations/acme/").status_code == 404


@pytest.mark.parametrize("path", ["/api/0/projects/", "/api/0/organizations/acme/projects/"])
def test_projects_name_their_endpoint(path, owner, shop):
    (project,) = api(owner).get(path).json()
    assert (project["id"], project["slug"], project["sites"]) == (str(shop.pk), "shop", ["shop.example"])
    assert project["securityEndpoint"] == shop.key.security_endpoint
    assert project["organization"]["slug"] == "acme"


def test_a_project_is_found_by_its_address_and_hidden_from_strangers(viewer, stranger, shop):
    assert api(viewer).get("/api/0/projects/acme/shop/").json()["id"] == str(shop.pk)
    assert api(stranger).get("/api/0/projects/acme/shop/").status_code == 404
    assert api(stranger).get("/api/0/projects/").json() == []


def test_projects_come_in_pages_both_ways(owner, acme):
    for number in range(5):
        make_project(acme, f"site-{number}")
    http = api(owner)
    first = http.get("/api/0/projects/?limit=2")
    second = http.get(links(first)["next"][1])
    third = http.get(links(second)["next"][1])
    assert [[one["slug"] for one in page.json()] for page in (first, second, third)] == [
        ["site-0", "site-1"],
        ["site-2", "site-3"],
        ["site-4"],
    ]
    assert [links(page)["next"][0] for page in (first, second, third)] == [True, True, False]
    assert [links(page)["previous"][0] for page in (first, second)] == [False, True]
    back = http.get(links(third)["previous"][1])
    assert back.json() == second.json()
    assert http.get(links(back)["previous"][1]).json() == first.json()


@pytest.mark.parametrize("query", ["limit=0", "limit=many", "cursor=x", "cursor=1:2"])
def test_a_bad_limit_or_cursor_is_400_with_words(query, owner, shop):
    response = api(owner).get(f"/api/0/projects/?{query}")
    assert response.status_code == 400
    assert "detail" in response.json()


def test_a_huge_limit_is_a_hundred(owner, shop):
    assert api(owner).get("/api/0/projects/?limit=99999999999999999999").status_code == 200


def test_keys_carry_both_families_names(viewer, shop):
    (key,) = api(viewer).get("/api/0/projects/acme/shop/keys/").json()
    public = shop.key.public_key
    assert key["id"] == key["public"] == public
    assert key["projectId"] == key["projectID"] == shop.pk
    assert key["dsn"] == {
        "public": f"http://{public}@127.0.0.1:8000/{shop.pk}",
        "secret": f"http://{public}@127.0.0.1:8000/{shop.pk}",
        "security": f"http://127.0.0.1:8000/api/{shop.pk}/security/?sentry_key={public}",
        "csp": f"http://127.0.0.1:8000/api/{shop.pk}/csp-report/?sentry_key={public}",
    }


def test_a_key_is_made_renamed_revoked_and_deleted(admin, shop):
    http = api(admin)
    made = http.post("/api/0/projects/acme/shop/keys/", {"name": "Terraform"}, content_type="application/json")
    assert made.status_code == 201
    address = f"/api/0/projects/acme/shop/keys/{made.json()['id']}/"
    changed = http.put(address, {"name": "Old", "isActive": False}, content_type="application/json").json()
    assert (changed["label"], changed["isActive"]) == ("Old", False)
    assert not ProjectKey.objects.get(label="Old").is_active
    assert http.delete(address).status_code == 204
    assert http.get(address).status_code == 404


def test_changing_keys_moves_the_settings_version_that_the_door_looks_at(admin, shop):
    key = shop.key
    api(admin).delete(f"/api/0/projects/acme/shop/keys/{key.public_key}/")
    assert Project.objects.get(pk=shop.pk).settings_version > shop.settings_version


def test_keys_are_changed_by_admins_with_a_writing_token_only(member, admin, stranger, shop, admin_client):
    path = "/api/0/projects/acme/shop/keys/"
    make = {"name": "New"}
    assert api(member).post(path, make, content_type="application/json").status_code == 403
    assert api(admin, "read").post(path, make, content_type="application/json").status_code == 403
    assert api(stranger).post(path, make, content_type="application/json").status_code == 404
    assert admin_client.post(path, make, content_type="application/json").status_code == 403, "a session needs the page"
    assert shop.keys.count() == 1


def test_a_token_dies_with_the_membership(acme, shop):
    leaving = add_member(acme, make_user("leaving@acme.example"), Role.ADMIN)
    http = api(leaving)
    assert http.get("/api/0/projects/acme/shop/").status_code == 200
    leaving.memberships.all().delete()
    assert http.get("/api/0/projects/acme/shop/").status_code == 404


def test_an_organization_that_requires_two_factor_requires_it_here_too(owner, acme, shop):
    acme.requires_two_factor = True
    acme.save()
    http = api(owner)
    assert http.get("/api/0/projects/acme/shop/").status_code == 403
    assert http.get("/api/0/projects/").json() == []


def test_the_schema_describes_every_path(client, db):
    response = client.get("/api/0/schema/")
    assert response["Content-Type"].startswith("application/vnd.oai.openapi+json")
    schema = response.json()
    assert {"/api/0/projects/{org}/{project}/keys/", "/api/0/issues/{id}/events/{which}/"} <= set(schema["paths"])
    assert schema["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    operations = [operation["operationId"] for path in schema["paths"].values() for operation in path.values()]
    assert len(operations) == len(set(operations))
