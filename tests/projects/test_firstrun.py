"""The first account is made once, whoever else tries at the same moment, and only by who can read the terminal."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from projects import firstrun, own
from projects.actions import Refused
from projects.models import Instance, Organization, Project, User

FORM = {
    "email": "Ana@acme.example",
    "password": "a sentence to keep",
    "organization": "Acme",
    "project": "Shop",
    "sites": "https://shop.example/\n*.shop.example",
}


@pytest.fixture
def known_to_others(settings: Settings) -> None:
    settings.BIND = "0.0.0.0"
    settings.PUBLIC_URL = "https://csp.acme.example"


@pytest.mark.django_db
def test_one_form_makes_everything(client: Client) -> None:
    assert client.get("/").headers["Location"] == "/welcome/"
    assert client.get("/welcome/").status_code == 200
    answer = client.post("/welcome/", FORM)
    assert answer.headers["Location"] == "/acme/shop/setup/"
    user = User.objects.get()
    assert (user.email, user.is_superuser) == ("ana@acme.example", True)
    shop = Project.objects.get(slug="shop")
    assert [site.host for site in shop.sites.all()] == ["*.shop.example", "shop.example"]
    assert client.get("/acme/shop/setup/").status_code == 200
    assert Client().get("/welcome/").headers["Location"] == "/"


@pytest.mark.django_db
def test_the_project_that_watches_us(client: Client) -> None:
    assert own.endpoint() is None
    client.post("/welcome/", FORM)
    watching = Instance.objects.get().own_project
    assert watching is not None
    assert (watching.name, watching.label) == ("GlitchCSP", "This app")
    assert own.endpoint() == watching.key.security_endpoint  # type: ignore[union-attr]
    watching.keys.update(is_active=False)
    assert own.endpoint() is None


@pytest.mark.django_db
def test_a_code_is_asked_for_unless_only_this_computer_can_come(client: Client, known_to_others: None) -> None:
    code = firstrun.code()
    assert code is not None
    client.post("/welcome/", FORM)
    client.post("/welcome/", {**FORM, "code": "aaaa-bbbb-cccc"})
    assert not User.objects.exists()
    client.post("/welcome/", {**FORM, "code": code.upper().replace("-", " ")})
    assert User.objects.count() == 1
    assert firstrun.code() is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "bind, url, asks",
    [
        ("127.0.0.1", "http://127.0.0.1:8000", False),
        ("::1", "http://localhost:8000", False),
        ("0.0.0.0", "http://127.0.0.1:8000", True),
        ("127.0.0.1", "https://csp.acme.example", True),
        ("192.168.1.4", "http://192.168.1.4:8000", True),
    ],
)
def test_when_a_code_is_asked_for(settings: Settings, bind: str, url: str, asks: bool) -> None:
    settings.BIND, settings.PUBLIC_URL = bind, url
    assert (firstrun.code() is not None) == asks


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"password": "short"}, {"email": "ana"}, {"sites": "*.com"}, {"organization": ""}])
def test_a_form_that_is_wrong_makes_nothing(client: Client, wrong: dict[str, str]) -> None:
    answer = client.post("/welcome/", {**FORM, **wrong})
    assert answer.status_code == 422
    assert not User.objects.exists()
    assert not Organization.objects.exists()


@pytest.mark.django_db
def test_it_opens_again_when_every_account_is_gone(client: Client) -> None:
    client.post("/welcome/", FORM)
    User.objects.all().delete()
    assert Client().post("/welcome/", FORM).headers["Location"] == "/acme-2/shop/setup/"


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_one_wins() -> None:
    together = threading.Barrier(8)
    made: list[str] = []
    refused: list[str] = []

    def begin(number: int) -> None:
        try:
            together.wait(10)
            firstrun.begin(f"user{number}@acme.example", "a sentence to keep", "Acme", "Shop")
            made.append(f"user{number}@acme.example")
        except Refused as words:
            refused.append(str(words))
        finally:
            connection.close()

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(made), len(refused)) == (1, 7)
    assert [user.email for user in User.objects.all()] == made
    assert Organization.objects.count() == 1
    assert Project.objects.count() == 2
