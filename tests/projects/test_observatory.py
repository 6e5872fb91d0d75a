"""A pasted header set gets MDN's grade offline; our own pages score A+."""

from __future__ import annotations

import pytest
from django.test import Client

from policies.observatory import Response, grade_csp, observe

pytestmark = pytest.mark.django_db

CURL = """HTTP/2 200
content-type: text/html
content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-ancestors 'none'
strict-transport-security: max-age=63072000
x-content-type-options: nosniff
referrer-policy: same-origin
"""


def test_a_header_set_is_graded(viewer_client):
    page = viewer_client.post("/observatory/", {"headers": CURL, "site": "https://shop.example"}).content.decode()
    assert "A+</span>" in page
    assert "https://developer.mozilla.org/en-US/observatory/analyze?host=shop.example" in page


def test_a_policy_alone_is_graded_with_the_fix_for_each_loss(viewer_client):
    page = viewer_client.post("/observatory/", {"headers": "script-src 'unsafe-inline' *"}).content.decode()
    assert "Strict-Transport-Security: max-age=63072000" in page
    assert "What the policy leaves open" in page


@pytest.mark.parametrize("given", [{"headers": "{{{"}, {"headers": CURL, "site": "https://no site"}, {"headers": ""}])
def test_what_can_not_be_read_is_said(viewer_client, given):
    answer = viewer_client.post("/observatory/", given)
    assert answer.status_code == 422
    assert b"form-errors" in answer.content


def test_it_wants_a_sign_in(viewer):
    assert Client().get("/observatory/").status_code == 302


@pytest.mark.parametrize("path", ["/", "/acme/shop/", "/acme/shop/policy/", "/account/", "/login/no-such-page/"])
def test_our_own_pages_score_a_plus(shop, owner_client, settings, path):
    settings.HTTPS, settings.SECURE_HSTS_SECONDS, settings.CSRF_COOKIE_SECURE, settings.SESSION_COOKIE_SECURE = True, 63_072_000, True, True
    response = owner_client.get(path, secure=True)
    cookies = [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
    report = observe(Response((*response.headers.items(), *cookies), site="https://testserver/"))
    assert grade_csp(report.csp)[2] == "A+"
    assert (report.grade, [test for test in report.tests if test.score.modifier < 0]) == ("A+", [])


def test_x_frame_options_and_the_policy_do_not_contradict_each_other(viewer_client):
    """Without frame-ancestors the old header decides; with one it does not count."""
    open_words = "Every site can show your pages in a frame"
    cases = (("SAMEORIGIN", "default-src 'self'", False), ("SAMEORIGIN", "frame-ancestors *", True), ("x", "default-src 'self'", True))
    for header, policy, is_open in cases:
        headers = f"HTTP/2 200\nx-frame-options: {header}\ncontent-security-policy: {policy}\n"
        assert (open_words in viewer_client.post("/observatory/", {"headers": headers}).content.decode()) == is_open, (header, policy)
