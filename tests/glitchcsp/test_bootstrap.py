"""manage.py bootstrap: the road into GlitchCSP for scripts."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from projects.models import Membership, Organization, Project, User
from tests.factories import add_member, make_organization, make_user

pytestmark = pytest.mark.django_db


def bootstrap(*more: str, email: str = "me@acme.example", password: str = "correct horse battery") -> dict:
    out = io.StringIO()
    given = ["--password", password] if password else []
    call_command("bootstrap", "--email", email, *given, "--organization", "Acme Ltd", "--project", "My shop", *more, stdout=out)
    return json.loads(out.getvalue())


def test_the_first_run_makes_everything(client):
    answer = bootstrap("--site", "https://Shop.example/cart", "--site", "*.acme.example")
    project = Project.objects.get(pk=answer["project_id"])
    assert {site.host for site in project.sites.all()} == {"shop.example", "*.acme.example"}
    assert answer["security_endpoint"] == f"http://127.0.0.1:8000/api/{project.pk}/security/?glitchtip_key={answer['public_key']}"
    assert answer["url"] == "http://127.0.0.1:8000/acme-ltd/my-shop/"
    assert Membership.objects.get(user__email="me@acme.example").role == "owner"
    projects = client.get("/api/0/projects/", headers={"Authorization": f"Bearer {answer['api_token']}"}).json()
    assert [one["name"] for one in projects] == ["My shop", "GlitchCSP"]
    assert client.login(email="me@acme.example", password="correct horse battery")


def test_the_second_run_changes_nothing_and_keeps_the_token_secret():
    first, second = bootstrap(), bootstrap(password="")
    assert second == {**first, "api_token": None}
    assert (User.objects.count(), Organization.objects.count(), Project.objects.count()) == (1, 1, 2)


def test_a_new_token_is_made_on_request_and_the_old_one_keeps_working(client):
    first, second = bootstrap(), bootstrap("--new-token")
    assert second["api_token"] not in (None, first["api_token"])
    for answer in (first, second):
        assert client.get("/api/0/", headers={"Authorization": f"Bearer {answer['api_token']}"}).status_code == 200


def test_a_later_run_adds_sites_and_takes_none_away():
    bootstrap("--site", "shop.example")
    answer = bootstrap("--site", "www.shop.example")
    assert {site.host for site in Project.objects.get(pk=answer["project_id"]).sites.all()} == {"shop.example", "www.shop.example"}


def test_somebody_elses_organization_of_the_same_name_stays_theirs():
    theirs = make_organization("acme-ltd", "Acme Ltd")
    add_member(theirs, make_user("other@acme.example"), "owner")
    bootstrap()
    assert Organization.objects.filter(name="Acme Ltd").count() == 2
    assert not theirs.projects.exists()


def test_the_password_comes_from_a_file_or_a_pipe(tmp_path, client, monkeypatch):
    file = tmp_path / "password"
    file.write_text("from a file, long enough\n")
    bootstrap("--password-file", str(file), password="")
    assert client.login(email="me@acme.example", password="from a file, long enough")
    monkeypatch.setattr("sys.stdin", io.StringIO("from a pipe, long enough\n"))
    bootstrap(email="two@acme.example", password="")
    assert client.login(email="two@acme.example", password="from a pipe, long enough")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--site", "not a site"], "is not a site"),
        (["--email", "nobody"], "is not an e-mail address"),
        (["--project", " "], "1 to 100 characters"),
        (["--password-file", "/no/such/file"], "can't be read"),
    ],
)
def test_bad_input_is_one_clear_line(more, said):
    with pytest.raises(CommandError, match=said):
        bootstrap(*more, password="" if "--password-file" in more else "x" * 12)
    assert not User.objects.exists()
