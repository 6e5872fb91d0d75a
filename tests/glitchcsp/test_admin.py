"""Django's admin: every list and form opens for a superuser, and nobody else gets in."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse

from ingest.models import Position
from tests.factories import client_of, make_issue, make_token, make_user

OURS = [model for model in admin.site._registry if model._meta.app_label in ("projects", "issues", "ingest")]


@pytest.fixture
def superuser_client(db):
    return client_of(make_user("root@acme.example", is_staff=True, is_superuser=True))


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_list_opens(model, superuser_client, shop, owner):
    make_issue(shop)
    Position.objects.create(partition="0")
    response = superuser_client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
    assert response.status_code == 200
    assert b"<script>" not in response.content, "our policy would refuse it"
    assert b"style=" not in response.content


def test_roles_keys_and_issues_can_be_seen_and_not_changed(superuser_client, shop, owner):
    issue = make_issue(shop)
    for row in (issue, shop.key, owner.memberships.get()):
        path = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        assert superuser_client.get(path).status_code == 200
        assert superuser_client.post(path, {}).status_code == 403


def test_a_tokens_hash_is_not_shown(superuser_client, owner):
    make_token(owner)
    token = owner.tokens.get()
    response = superuser_client.get(reverse("admin:projects_apitoken_change", args=[token.pk]))
    assert token.token_hash not in response.content.decode()


def test_an_owner_of_an_organization_is_not_let_in(owner_client):
    assert owner_client.get("/admin/").status_code == 302
    assert owner_client.get("/admin/projects/user/").status_code in (302, 403)


def test_the_admins_own_sign_in_form_is_closed(client, owner):
    response = client.post("/admin/login/", {"username": owner.email, "password": "correct horse battery"})
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")
