"""Small stories on the pages of people and projects, each with its happy end."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.core.cache import caches
from django.test import Client

from ingest.models import IntakeCount
from issues.models import Issue
from issues.record import Sighting, record
from policies.address import parse_address
from policies.violation import Violation
from projects import firstrun
from projects.models import ApiToken, Invitation, Membership, Organization, Project, User
from projects.tokens import create_token
from tests.factories import PASSWORD, client_of, make_issue, make_user
from tests.projects.signing import fresh_client

pytestmark = pytest.mark.django_db
WITH_MAIL = {"HAS_MAIL": True, "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}


@pytest.fixture
def with_mail(settings: Any) -> None:
    for name, value in WITH_MAIL.items():
        setattr(settings, name, value)


@pytest.fixture
def watched(acme: Organization) -> Iterator[None]:
    """Our own pages report to a project, so that a page that does not can be told from the others."""
    firstrun.watch_ourselves(acme)
    caches["process"].delete("own-endpoint")
    assert "report-uri" in Client().get("/help/").headers["Content-Security-Policy"]
    yield
    caches["process"].delete("own-endpoint")


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_sign_in_and_out(owner: User, shop: Project) -> None:
    client = Client()
    assert client.get("/acme/shop/setup/").headers["Location"].startswith("/login/")
    wrong = client.post("/login/", {"login": owner.email, "password": "not it"})
    assert "not correct" in text(wrong)
    right = client.post("/login/", {"login": owner.email.upper(), "password": PASSWORD, "next": "/acme/shop/setup/"})
    assert right.headers["Location"] == "/acme/shop/setup/"
    assert client.get("/logout/").status_code == 200
    client.post("/logout/")
    assert client.get("/acme/").status_code == 302


def test_registration_is_closed_unless_a_setting_opens_it(owner: User, settings: Any) -> None:
    form = {"email": "new@acme.example", "password1": "a sentence to keep"}
    assert "by invitation" in text(Client().post("/signup/", form))
    assert User.objects.count() == 1
    settings.REGISTRATION_OPEN = True
    assert Client().post("/signup/", form).status_code == 302
    assert User.objects.filter(email="new@acme.example").exists()


def test_without_a_mail_server_nothing_pretends_to_have_sent_mail(owner: User) -> None:
    page = text(Client().get("/password/reset/"))
    assert "manage.py changepassword" in page
    assert "<input" not in page.split("<main")[1]
    assert Client().post("/password/reset/", {"email": owner.email}).status_code == 405


def test_password_reset_swaps_its_token_for_a_session(owner: User, with_mail: None, watched: None) -> None:
    client = Client()
    client.post("/password/reset/", {"email": owner.email})
    link = re.search(r"/password/reset/key/\S+", str(mail.outbox[0].body))
    assert link is not None
    first = client.get(link[0])
    assert first.status_code == 302
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert "report-uri" not in first.headers.get("Content-Security-Policy", "")
    assert link[0] not in first.headers["Location"]
    assert client.get(first.headers["Location"]).status_code == 200
    client.post(first.headers["Location"], {"password1": "another sentence", "password2": "another sentence"})
    owner.refresh_from_db()
    assert owner.check_password("another sentence")
    stale = Client().get(link[0])
    assert "used already" in text(stale)
    assert "report-uri" not in stale.headers["Content-Security-Policy"]
    assert stale.headers["Referrer-Policy"] == "no-referrer"


def test_a_reset_of_an_unknown_address_says_the_same(owner: User, with_mail: None) -> None:
    known, unknown = (Client().post("/password/reset/", {"email": email}) for email in (owner.email, "nobody@acme.example"))
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])


def test_account_settings(owner: User) -> None:
    client = client_of(owner)
    answer = client.post("/account/", {"name": "Ana", "time_zone": "Europe/Berlin", "theme": "dark"})
    assert answer.cookies["theme"].value == "dark"
    owner.refresh_from_db()
    assert (owner.name, owner.time_zone, owner.theme, owner.shortcuts) == ("Ana", "Europe/Berlin", "dark", False)
    assert 'data-theme="dark"' in text(client.get("/account/"))
    assert client.post("/account/", {"time_zone": "Mars/Olympus"}).status_code == 422


def test_a_token_is_shown_once_and_deleted(owner: User) -> None:
    client = fresh_client(owner)
    page = text(client.post("/account/tokens/", {"name": "deploy", "scopes": ["read"]}))
    shown = re.search(r"gcsp_[\w-]{40,}", page)
    assert shown is not None
    token = ApiToken.objects.get()
    assert token.token_hash == ApiToken.hash_of(shown[0])
    assert shown[0] not in text(client.get("/account/"))
    client.post(f"/account/tokens/{token.pk}/delete/")
    assert not ApiToken.objects.exists()


def test_nobody_deletes_another_persons_token(owner: User, stranger: User) -> None:
    token = ApiToken.objects.create(user=stranger, name="x", token_hash="x")
    assert fresh_client(owner).post(f"/account/tokens/{token.pk}/delete/").status_code == 404


def test_an_invitation_without_mail(acme: Organization, owner: User, watched: None) -> None:
    page = text(fresh_client(owner).post("/acme/members/invite/", {"email": "New@acme.example", "role": "member"}))
    assert "no mail server" in page
    link = re.search(r"http://[^\"]+(/invite/[\w-]+/)", page)
    assert link is not None
    newcomer = Client()
    swapped = newcomer.get(link[1])
    assert swapped.headers["Location"] == "/invite/"
    assert swapped.headers["Referrer-Policy"] == "no-referrer"
    assert "report-uri" not in swapped.headers.get("Content-Security-Policy", "")
    assert "new@acme.example" in text(newcomer.get("/invite/"))
    assert newcomer.post("/invite/", {"name": "New", "password": "short"}).status_code == 422
    joined = newcomer.post("/invite/", {"name": "New", "password": "a sentence to keep"})
    assert joined.headers["Location"] == "/acme/"
    assert newcomer.get("/acme/").status_code == 200
    assert Client().get(link[1], follow=True).status_code == 410


def test_an_invitation_of_somebody_who_has_an_account(acme: Organization, owner: User, stranger: User) -> None:
    page = text(fresh_client(owner).post("/acme/members/invite/", {"email": stranger.email, "role": "viewer"}))
    path = re.search(r"/invite/[\w-]+/", page)
    assert path is not None
    client = client_of(stranger)
    client.get(path[0])
    assert client.post("/invite/").headers["Location"] == "/acme/"
    assert Membership.objects.get(user=stranger, organization=acme).role == "viewer"


def test_somebody_else_can_not_take_an_invitation(acme: Organization, owner: User, stranger: User) -> None:
    page = text(fresh_client(owner).post("/acme/members/invite/", {"email": "new@acme.example", "role": "viewer"}))
    path = re.search(r"/invite/[\w-]+/", page)
    assert path is not None
    client = client_of(stranger)
    client.get(path[0])
    assert "signed in as stranger" in text(client.get("/invite/"))
    client.post("/invite/")
    assert not acme.memberships.filter(user=stranger).exists()


def test_an_invitation_by_mail(acme: Organization, owner: User, with_mail: None) -> None:
    Organization.objects.update(name="Acme\r\nBcc: x@evil.example")
    fresh_client(owner).post("/acme/members/invite/", {"email": "new@acme.example", "role": "member"})
    message = mail.outbox[0]
    assert message.to == ["new@acme.example"]
    assert "\n" not in message.subject
    assert "/invite/" in str(message.body)
    assert Invitation.objects.get().token_hash not in str(message.body)


def test_a_withdrawn_invitation(acme: Organization, owner: User) -> None:
    client = fresh_client(owner)
    page = text(client.post("/acme/members/invite/", {"email": "new@acme.example", "role": "member"}))
    path = re.search(r"/invite/[\w-]+/", page)
    assert path is not None
    client.post(f"/acme/invitations/{Invitation.objects.get().pk}/withdraw/")
    assert Client().get(path[0], follow=True).status_code == 410


def test_roles_change_and_the_last_owner_stays(acme: Organization, owner: User, member: User) -> None:
    client = fresh_client(owner)
    theirs, mine = (Membership.objects.get(user=user) for user in (member, owner))
    client.post(f"/acme/members/{theirs.pk}/role/", {"role": "admin"})
    assert Membership.objects.get(pk=theirs.pk).role == "admin"
    assert "last owner" in text(client.post(f"/acme/members/{mine.pk}/remove/", follow=True))
    client.post(f"/acme/members/{theirs.pk}/remove/")
    assert not Membership.objects.filter(pk=theirs.pk).exists()


def test_a_new_project_in_a_new_organization(stranger: User) -> None:
    client = client_of(stranger)
    answer = client.post("/new/", {"organization": "", "organization_name": "Second", "name": "Blog", "sites": "blog.example"})
    assert answer.headers["Location"] == "/second/blog/setup/"
    assert client.get("/second/blog/setup/").status_code == 200
    answer = client.post("/new/", {"organization": "second", "name": "Blog"})
    assert answer.headers["Location"] == "/second/blog-2/setup/"


def test_a_viewer_can_not_name_another_organization_in_new(viewer: User, acme: Organization) -> None:
    assert client_of(viewer).post("/new/", {"organization": "acme", "name": "Blog"}).status_code == 422


def test_project_settings(owner: User, shop: Project) -> None:
    form = {
        "name": "Shop",
        "sites": "https://shop.example/\nwww.shop.example",
        "sensitive_pages": "/checkout/*",
        "own_schemes": "myapp",
        "own_extensions": "",
        "sample_percent": "100",
        "daily_quota": "0",
    }
    client = client_of(owner)
    assert client.post("/acme/shop/settings/", form).status_code == 302
    shop.refresh_from_db()
    assert (shop.sensitive_pages, shop.own_schemes, shop.settings_version) == (["/checkout/*"], ["myapp"], 2)
    assert client.post("/acme/shop/settings/", {**form, "sample_percent": "0"}).status_code == 422
    assert client.post("/acme/shop/settings/", {**form, "sites": "*.com"}).status_code == 422
    shop.refresh_from_db()
    assert shop.settings_version == 2


def test_keys_come_and_go(owner: User, shop: Project) -> None:
    client = fresh_client(owner)
    client.post("/acme/shop/settings/keys/", {"label": "Staging"})
    first, second = shop.keys.order_by("id")
    client.post(f"/acme/shop/settings/keys/{second.pk}/rename/", {"label": "Next"})
    client.post(f"/acme/shop/settings/keys/{first.pk}/switch/")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_active, second.label, shop.key) == (False, "Next", second)
    client.post(f"/acme/shop/settings/keys/{first.pk}/switch/", {"active": "yes"})
    assert shop.key == first


def test_deletion_wants_the_name(owner: User, shop: Project) -> None:
    client = fresh_client(owner)
    assert client.post("/acme/shop/settings/delete/", {"name": "blog"}).status_code == 422
    assert client.post("/acme/shop/settings/delete/", {"name": "shop"}).headers["Location"] == "/acme/"
    assert client.get("/acme/shop/setup/").status_code == 404


def test_an_organization_that_wants_two_factor(acme: Organization, shop: Project, owner: User) -> None:
    acme.requires_two_factor = True
    acme.save()
    client = client_of(owner)
    for path in ("/acme/", "/acme/shop/setup/", "/acme/shop/"):
        assert client.get(path).headers["Location"] == "/acme/two-factor-needed/"
    headers = {"authorization": f"Bearer {create_token(owner, 'script')}"}
    assert Client().get("/api/0/projects/acme/shop/issues/", headers=headers).status_code == 403
    assert client.get("/acme/two-factor-needed/").status_code == 200
    TOTP.activate(owner, generate_totp_secret())
    assert client.get("/acme/").status_code == 200


def test_two_factor_asks_for_a_code_at_sign_in(owner: User) -> None:
    TOTP.activate(owner, generate_totp_secret())
    codes = RecoveryCodes.activate(owner).get_unused_codes()
    client = Client()
    answer = client.post("/login/", {"login": owner.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/login/two-factor/"
    assert client.get("/acme/").status_code == 302
    assert client.get("/login/two-factor/").status_code == 200
    client.post("/login/two-factor/", {"code": codes[0]})
    assert client.get("/acme/").status_code == 200


@pytest.mark.parametrize("path", ["app/activate/", "recovery-codes/", "recovery-codes/generate/", "app/deactivate/"])
def test_the_pages_of_two_factor(owner: User, path: str) -> None:
    if path != "app/activate/":
        TOTP.activate(owner, generate_totp_secret())
        RecoveryCodes.activate(owner)
    page = text(fresh_client(owner).get(f"/account/two-factor/{path}"))
    assert "<h1>" in page
    assert "data:image" not in page
    assert Authenticator.objects.filter(user=owner).count() == (0 if path == "app/activate/" else 2)


@pytest.mark.parametrize("server", ["nginx", "apache", "caddy", "django", "express", "rails", "next", "cloudflare", "other", "unknown"])
def test_set_up_for_each_server(owner: User, shop: Project, server: str) -> None:
    client = client_of(owner)
    key = shop.key
    assert key is not None
    page = client.get(f"/acme/shop/setup/?for={server}&start=learn")
    assert f"glitchtip_key={key.public_key}" in text(page)
    assert (page.cookies["setup_for"].value == server) if server != "unknown" else "setup_for" not in page.cookies


def test_set_up_on_https_sends_both(owner: User, shop: Project, settings: Any) -> None:
    settings.INGEST_URL = "https://csp.acme.example"
    page = client_of(owner).get("/acme/shop/setup/?for=other")
    assert "Reporting-Endpoints" in text(page)
    assert "This address is http" not in text(page)
    assert "connect-src 'self' https://csp.acme.example" in page.headers["Content-Security-Policy"]


def test_set_up_says_who_can_reach_it(owner: User, shop: Project, settings: Any) -> None:
    client = client_of(owner)
    assert "GLITCHCSP_BIND" in text(client.get("/acme/shop/setup/"))
    settings.BIND, settings.PUBLIC_URL = "0.0.0.0", "https://csp.acme.example"
    assert "GLITCHCSP_BIND" not in text(client.get("/acme/shop/setup/"))


def test_set_up_turns_with_the_first_report(owner: User, shop: Project) -> None:
    client = client_of(owner)
    assert client.get("/acme/shop/setup/status/").json()["first_report_at"] is None
    issue = make_issue(shop)
    Project.objects.filter(pk=shop.pk).update(first_report_at=issue.first_seen)
    answer = client.get("/acme/shop/setup/status/").json()
    assert answer["first_report_at"] is not None
    assert answer["words"].startswith("First report received")
    assert "First report received" in text(client.get("/acme/shop/setup/"))


def test_set_up_without_a_key_says_so(owner: User, shop: Project) -> None:
    shop.keys.update(is_active=False)
    assert "Every key of this project is revoked" in text(client_of(owner).get("/acme/shop/setup/"))


def test_a_pasted_policy_comes_back_with_reporting(owner: User, shop: Project) -> None:
    client = client_of(owner)
    page = text(client.post("/acme/shop/setup/policy/", {"policy": "default-src 'self'; img-src *"}))
    assert "<ins>report-uri http://127.0.0.1:8000/api/" in page
    assert client.post("/acme/shop/setup/policy/", {"policy": "hello"}).status_code == 422
    hostile = text(client.post("/acme/shop/setup/policy/", {"policy": "default-src <script>alert(1)</script>"}))
    assert "<script>alert" not in hostile


def test_only_the_set_ups_own_test_issue_can_be_removed(owner: User, shop: Project) -> None:
    real = make_issue(shop, "cdn.example.net", test=True)
    test = make_issue(shop, "test-report.invalid", test=True)
    client = client_of(owner)
    assert client.get("/acme/shop/setup/test/status/").json()["issue"] == test.short_id
    assert test.short_id in text(client.get("/acme/shop/setup/test/result/?at=0"))
    client.post("/acme/shop/setup/test/remove/")
    assert [issue.pk for issue in shop.issues.all()] == [real.pk]


def test_the_try_page_has_a_policy_of_its_own(shop: Project, client: Client) -> None:
    make_user()
    key = shop.key
    assert key is not None
    page = client.get(f"/try/{key.public_key}/", headers={"host": "127.0.0.1"})
    assert key.security_endpoint in page.headers["Content-Security-Policy-Report-Only"]
    assert "Content-Security-Policy" not in page.headers
    assert 'src="http://localhost/try/' in text(page)
    enforced = client.get(f"/try/{key.public_key}/?mode=enforce", headers={"host": "localhost"})
    assert key.security_endpoint in enforced.headers["Content-Security-Policy"]
    assert "Content-Security-Policy-Report-Only" not in enforced.headers
    assert 'src="http://127.0.0.1/try/' in text(enforced)
    picture = client.get(f"/try/{key.public_key}/picture.svg")
    assert (picture.headers["Content-Type"], picture.headers["Cross-Origin-Resource-Policy"]) == ("image/svg+xml", "cross-origin")


def test_the_try_page_with_one_name_allows_no_picture(shop: Project, client: Client, settings: Any) -> None:
    make_user()
    settings.ALLOWED_HOSTS, settings.PUBLIC_URL, settings.INGEST_URL = (
        ["csp.acme.example"],
        "https://csp.acme.example",
        "https://csp.acme.example",
    )
    page = client.get(f"/try/{shop.key.public_key}/", headers={"host": "csp.acme.example"})  # type: ignore[union-attr]
    assert "img-src 'none'" in page.headers["Content-Security-Policy-Report-Only"]
    assert page.headers["Reporting-Endpoints"].startswith('csp="https://csp.acme.example/api/')


def test_a_number_leads_only_members_to_the_try_page(shop: Project, owner: User, stranger: User) -> None:
    path = f"/try/{shop.pk}/"
    assert Client().get(path).headers["Location"].startswith("/login/")
    assert client_of(stranger).get(path).status_code == 404
    assert client_of(owner).get(path).headers["Location"] == f"/try/{shop.key.public_key}/"  # type: ignore[union-attr]
    assert Client().get("/try/ffffffffffffffffffffffffffffffff/").status_code == 404


@pytest.mark.parametrize("path", ["/login/", "/help/", "/own-policy/", "/password/reset/", "/signup/", "/invite/"])
def test_pages_for_everybody(owner: User, path: str) -> None:
    assert Client().get(path).status_code in (200, 410)


def test_our_own_policy_is_graded_and_explained(client: Client) -> None:
    make_user()
    page = text(client.get("/own-policy/"))
    assert "Grade A" in page
    assert page.count("<p data-finding>") == 1, "only what 'self' may mean where a host serves uploads"
    assert "<code>default-src &#x27;none&#x27;</code>" in page


def test_set_up_tells_what_was_turned_away_today(owner: User, shop: Project) -> None:
    client = client_of(owner)
    assert "Rejected today: 0" in text(client.get("/acme/shop/setup/"))
    today = datetime.now(UTC).date()
    for project_id, reason, reports in ((shop.pk, "wrong-key", 12), (shop.pk, "too-big", 3), (shop.pk + 1, "quota", 100)):
        IntakeCount.objects.create(project_id=project_id, kind="rejected", reason=reason, day=today, reports=reports, sample="<b>")
    page = text(client.get("/acme/shop/setup/"))
    assert "Rejected today: 15" in page
    assert page.index("Wrong key") < page.index("Too big")
    assert "&lt;b&gt;" in page


def test_switching_two_factor_off_wants_a_fresh_sign_in(owner: User) -> None:
    TOTP.activate(owner, generate_totp_secret())
    old = fresh_client(owner, seconds_ago=601)
    assert old.post("/account/two-factor/app/deactivate/").headers["Location"].startswith("/account/confirm/")
    fresh_client(owner).post("/account/two-factor/app/deactivate/")
    assert not Authenticator.objects.filter(user=owner, type=Authenticator.Type.TOTP).exists()


def test_the_test_report_needs_no_decision_and_its_page_says_what_it_is(owner: User, shop: Project) -> None:
    violation = Violation(
        document=parse_address("https://shop.example/"), directive="img-src", directives=("img-src",),
        blocked=parse_address("https://test-report.invalid/picture.png"), blocked_kind="url", disposition="report",
        policy="default-src 'self'; report-uri /csp",
    )  # fmt: skip
    record([Sighting(shop.pk, violation, b"{}", int(time.time() * 1000), test=True)])
    client, test = client_of(owner), shop.issues.get()
    assert (test.source, test.noise) == ("test-report.invalid", True)
    assert not Issue.objects.needing_decision().filter(project=shop).exists()
    page = text(client.get(test.get_absolute_url()))
    assert "This is your test report" in page
    assert "Remove it" in page
    assert "Ask who added it" not in page
    setup = text(client.get("/acme/shop/setup/"))
    assert ">Test received; waiting for the first real report." in setup
    assert "Waiting for your first report" not in setup
