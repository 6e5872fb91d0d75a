"""Our own policy: every variable, every kind of answer."""

from __future__ import annotations

import environ
import pytest
from csp.utils import DEFAULT_DIRECTIVES
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings

from glitchcsp.own_csp import DIRECTIVES, own_policies, own_reporting, variable_of
from policies.observatory import Response, observe
from projects import own
from projects.models import Instance, User
from tests.factories import make_organization, make_project, make_user

pytestmark = pytest.mark.django_db

PATHS = {
    200: "/login/fine/",
    403: "/login/refused/",
    404: "/login/no-such-page/",
    500: "/login/broken/",
    "admin": "/admin/",
    "static": "/static/admin/css/base.css",
}


def configured(values: dict[str, str], **more: object) -> override_settings:
    """The settings that an environment with these values would give."""

    class Given(environ.Env):
        ENVIRON = values

    policy, report_only = own_policies(Given())
    return override_settings(
        ROOT_URLCONF="tests.glitchcsp.pages_that_fail",
        CONTENT_SECURITY_POLICY=policy,
        CONTENT_SECURITY_POLICY_REPORT_ONLY=report_only,
        OWN_REPORTING=own_reporting(Given()),
        **more,
    )


def answer(path: str):
    client = Client(raise_request_exception=False)
    if path.startswith("/admin/"):
        client.force_login(
            User.objects.filter(is_superuser=True).first() or make_user("root@acme.example", is_staff=True, is_superuser=True)
        )
    return client.get(path)


def directives(header: str) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in header.split(";"))


@pytest.mark.parametrize("kind", PATHS)
def test_the_default_policy_is_on_every_kind_of_answer(kind):
    with configured({}):
        response = answer(PATHS[kind])
    assert response.status_code == (kind if isinstance(kind, int) else 200)
    expected = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    if kind == "admin":
        del expected["require-trusted-types-for"], expected["trusted-types"]
    assert directives(response["Content-Security-Policy"]) == expected
    assert "Content-Security-Policy-Report-Only" not in response


@pytest.mark.parametrize("kind", PATHS)
def test_the_other_headers_are_on_every_kind_of_answer(kind):
    with configured({}):
        response = answer(PATHS[kind])
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert "camera=()" in response["Permissions-Policy"]
    assert kind == "static" or response["X-Frame-Options"] == "DENY"


def test_every_directive_django_csp_knows_has_a_variable():
    assert set(DIRECTIVES) | {"report-uri", "report-to"} == set(DEFAULT_DIRECTIVES)


@pytest.mark.parametrize("kind", PATHS)
def test_every_variable_sets_its_directive(kind):
    lists = [name for name, default in DIRECTIVES.items() if not isinstance(default, bool)]
    switches = [name for name, default in DIRECTIVES.items() if isinstance(default, bool)]
    values = {variable_of(name): f"'self',https://{number}.example" for number, name in enumerate(lists)}
    values |= {variable_of(name): "true" for name in switches}
    expected = {name: f"'self' https://{number}.example" for number, name in enumerate(lists)} | dict.fromkeys(switches, "")
    if kind == "admin":
        del expected["require-trusted-types-for"], expected["trusted-types"]
    values |= {"CSP_REPORT_URI": "https://a.example/csp/", "CSP_REPORT_TO": "group-1", "CSP_REPORT_PERCENTAGE": "100"}
    with configured(values):
        response = answer(PATHS[kind])
    assert directives(response["Content-Security-Policy"]) == {
        **expected,
        "report-uri": "https://a.example/csp/",
        "report-to": "group-1",
    }
    assert response["Reporting-Endpoints"] == 'group-1="https://a.example/csp/"'


@pytest.mark.parametrize("kind", PATHS)
def test_report_only_sends_the_policy_as_report_only(kind):
    with configured({"CSP_REPORT_ONLY": "true", "CSP_IMG_SRC": "https://images.example"}):
        response = answer(PATHS[kind])
    assert directives(response["Content-Security-Policy-Report-Only"])["img-src"] == "https://images.example"
    assert "Content-Security-Policy" not in response


def test_an_empty_value_leaves_the_directive_out():
    with configured({"CSP_TRUSTED_TYPES": "", "CSP_REQUIRE_TRUSTED_TYPES_FOR": ""}):
        found = directives(answer("/login/fine/")["Content-Security-Policy"])
    assert "trusted-types" not in found
    assert "require-trusted-types-for" not in found


@pytest.mark.parametrize(
    "values",
    [
        {"CSP_IMG_SRC": "'self'; script-src *"},
        {"CSP_IMG_SRC": "'self'\nSet-Cookie: a=b"},
        {"CSP_REPORT_URI": "https://a.example/;x"},
        {"CSP_REPORT_URI": 'https://a.example/",b="x'},
        {"CSP_REPORT_TO": 'x="https://b.example"'},
        {"CSP_REPORT_PERCENTAGE": "110"},
    ],
)
def test_a_value_that_would_write_another_header_is_refused(values):
    with pytest.raises(ImproperlyConfigured), configured(values):
        pass


def test_several_report_addresses_go_without_report_to():
    with configured({"CSP_REPORT_URI": "https://a.example/,https://b.example/"}):
        response = answer("/login/fine/")
    found = directives(response["Content-Security-Policy"])
    assert found["report-uri"] == "https://a.example/ https://b.example/"
    assert "report-to" not in found
    assert "Reporting-Endpoints" not in response


def test_an_empty_report_uri_reports_nowhere(this_app):
    with configured({"CSP_REPORT_URI": ""}):
        assert "report" not in answer("/login/fine/")["Content-Security-Policy"]


@pytest.fixture
def this_app(db):
    """The project that watches this instance, as the first run makes it."""
    project = make_project(make_organization("home"), "glitchcsp", label=own.LABEL)
    Instance.objects.create(own_project=project)
    return project.key


@pytest.mark.parametrize("kind", PATHS)
def test_it_reports_to_the_project_that_watches_this_instance(kind, this_app):
    with configured({}, INGEST_URL="http://127.0.0.1:8000"):
        response = answer(PATHS[kind])
    found = directives(response["Content-Security-Policy"])
    assert found["report-uri"] == f"http://127.0.0.1:8000/api/{this_app.project_id}/security/?glitchtip_key={this_app.public_key}"
    assert "report-to" not in found, "browsers ignore an http address there and would send nothing"
    assert "Reporting-Endpoints" not in response


def test_an_https_instance_sends_both(this_app):
    with configured({}, INGEST_URL="https://csp.example.com"):
        response = answer("/login/fine/")
    found = directives(response["Content-Security-Policy"])
    address = f"https://csp.example.com/api/{this_app.project_id}/security/?glitchtip_key={this_app.public_key}"
    assert (found["report-uri"], found["report-to"]) == (address, "csp")
    assert response["Reporting-Endpoints"] == f'csp="{address}"'


def test_a_page_with_a_token_in_its_address_reports_to_nobody(this_app):
    with configured({}, INGEST_URL="https://csp.example.com"):
        response = answer("/login/secret/")
    assert "report" not in response["Content-Security-Policy"]
    assert "Reporting-Endpoints" not in response
    assert response["Referrer-Policy"] == "no-referrer"


def test_a_percentage_thins_out_the_reports(this_app):
    with configured({"CSP_REPORT_PERCENTAGE": "0"}):
        assert "report" not in answer("/login/fine/")["Content-Security-Policy"]
    with configured({"CSP_REPORT_PERCENTAGE": "50"}):
        found = ["report-uri" in answer("/login/fine/")["Content-Security-Policy"] for _ in range(100)]
    assert 15 < sum(found) < 85


def test_hsts_is_this_host_alone_and_only_with_an_https_address():
    with configured({}, HTTPS=True, SECURE_HSTS_SECONDS=31536000):
        assert answer("/login/fine/")["Strict-Transport-Security"] == "max-age=31536000"
    with configured({}):
        assert "Strict-Transport-Security" not in answer("/login/fine/")


def test_the_policy_reads_the_same_from_every_process():
    """default-src first, as people write it; a report address last."""
    with configured({"CSP_REPORT_URI": "https://a.example/"}):
        header = answer("/login/fine/")["Content-Security-Policy"]
    assert header == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'; "
        "report-uri https://a.example/; report-to csp"
    )


def test_crawlers_and_browsers_get_the_files_they_ask_for():
    with configured({}):
        assert answer("/robots.txt").content == b"User-agent: *\nDisallow: /\n"
        assert answer(answer("/favicon.ico")["Location"]).status_code == 200


@pytest.mark.parametrize("path", ["/login/", "/admin/", "/login/no-such-page/", "/static/css/base.css"])
def test_our_own_engine_gives_us_the_best_grade(path, this_app):
    """As MDN's Observatory would grade an https instance, cookies included."""
    https = {"SECURE_HSTS_SECONDS": 31536000, "SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True}
    with configured({}, HTTPS=True, INGEST_URL="https://csp.example.com", **https):
        response = answer(path)
    cookies = [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
    report = observe(Response((*response.items(), *cookies), site="https://csp.example.com/"))
    losses = {test.name: test.result for test in report.tests if test.score.modifier < 0}
    assert (report.grade, losses) == ("A+", {})
