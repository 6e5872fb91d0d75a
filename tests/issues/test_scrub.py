from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issues.scrub import CUT, mask_path, page_template, scrub, scrub_policy, scrub_received, scrub_sample
from policies.address import parse_address
from tests.issues.reports import violation

SECRETS = ("s3cr3t", "joe@mail.example", "9f8a77b1c2d3e4f5", "hunter2", "k3y")
LEAKY = {
    "document-uri": "https://joe:hunter2@shop.example/reset/9f8a77b1c2d3e4f5?token=s3cr3t#k3y",
    "referrer": "https://mail.example/inbox/joe@mail.example?x=s3cr3t",
    "blocked-uri": "https://cdn.service.example/u/joe@mail.example/a.png?sig=s3cr3t",
    "source-file": "https://shop.example/app.9f8a77b1c2d3e4f5.js?v=k3y",
    "effective-directive": "img-src",
    "script-sample": "send('joe@mail.example','9f8a77b1c2d3e4f5')",
    "original-policy": "img-src 'self'; report-uri https://k3y@r.example/1?key=s3cr3t /csp?t=hunter2",
}


def test_nothing_private_is_left() -> None:
    clean = scrub(violation(LEAKY))
    assert not [secret for secret in SECRETS if secret in repr(clean)]
    assert clean.document.url == "https://shop.example/reset/*"
    assert clean.referrer.url == "https://mail.example"
    assert clean.blocked.url == "https://cdn.service.example/u/*/a.png"
    assert clean.source.url == "https://shop.example/app.*.js"
    assert clean.policy == "img-src 'self'; report-uri https://r.example/1 /csp"
    assert clean.user_agent == ""


def test_as_received_marks_each_cut() -> None:
    shown = scrub_received(json.dumps({"csp-report": LEAKY, "user_agent": "Firefox"}).encode())
    assert not [secret for secret in SECRETS if secret in shown]
    report = json.loads(shown)["csp-report"]
    assert report["document-uri"] == f"https://shop.example/reset/{CUT}?{CUT}#{CUT}"
    assert report["referrer"] == f"https://mail.example/{CUT}"
    assert report["effective-directive"] == "img-src"
    assert json.loads(shown)["user_agent"] == CUT
    assert not [secret for secret in SECRETS if secret in scrub_received(b"{broken " + json.dumps(LEAKY["blocked-uri"]).encode())]


def test_queries_of_own_sites_can_be_kept_without_their_secrets() -> None:
    found = violation({"document-uri": "https://shop.example/s?q=shoes&token=s3cr3t&page=2", "blocked-uri": "https://x.example/?q=1"})
    assert scrub(found, {"shop.example"}).document.query == f"q=shoes&token={CUT}&page=2"
    assert scrub(found, {"shop.example"}).blocked.query == ""


@pytest.mark.parametrize(
    "path, masked",
    [
        ("/", "/"),
        ("/orders/12345", "/orders/*"),
        ("/p/7/edit", "/p/*/edit"),
        ("/wiki/Main_Page", "/wiki/Main_Page"),
        ("/v2/api", "/v2/api"),
        ("/static/vendor.ffee0011.js", "/static/vendor.*.js"),
        ("/a/B1D671CF-E532-4481-99AA-19F420D90332/x.js", "/a/*/x.js"),
        ("/reset/AbCdEfGhXyZ", "/reset/*"),
        ("/reset/password", "/reset/password"),
        ("/u/joe%40mail.example", "/u/*"),
        ("/how-to-build-a-very-long-slug-with-many-words", "/how-to-build-a-very-long-slug-with-many-words"),
        ("/cafe/face", "/cafe/face"),
        ("/t/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln", "/t/*.c2ln"),
        ("/getProductDetailsPage", "/getProductDetailsPage"),
    ],
)
def test_paths(path: str, masked: str) -> None:
    assert mask_path(path) == masked


@pytest.mark.parametrize(
    "sample, scrubbed",
    [
        ("window.dataLayer=window.dataLayer||[];da", "window.dataLayer=window.dataLayer||[];da"),
        (".css-9q8w7e{display:grid;}", ".css-9q8w7e{display:grid;}"),
        ('var csrf="Zk9x81kslq02ab"; send()', f'var csrf="{CUT}"; send()'),
        ("x" * 29 + "…", "x" * 29 + "…"),
        ("mail joe@mail.example", f"mail {CUT}"),
        ("x();" * 20, "x();" * 10),
    ],
)
def test_samples(sample: str, scrubbed: str) -> None:
    assert scrub_sample(sample) == scrubbed


@pytest.mark.parametrize(
    "text, stored",
    [
        ("moz-extension://5b0a1c9e-6d43-4f0e-9c57-6a3b5b8f2a10/x.js", "moz-extension:"),
        ("data:text/html,<b>joe@mail.example", "data:"),
        ("mailto:joe@mail.example", "mailto:"),
        ("inline", "inline"),
        ("https://[email]", "https://[email]"),
        ("https://joe:pw@[x]/a?b", "https://[x]"),
        ("acme-app://cart/add?u=1", "acme-app://cart/add"),
    ],
)
def test_addresses_without_a_host_of_the_web(text: str, stored: str) -> None:
    clean = scrub(violation({"blocked-uri": text, "effective-directive": "frame-src"}))
    assert clean.blocked.url == stored
    assert clean.blocked.text in (stored, text)


def test_page_templates() -> None:
    assert page_template(parse_address("https://shop.example:8443/orders/12345/items?x=1")) == "shop.example:8443/orders/*/items"
    assert page_template(parse_address("about")) == "about:"


def test_policies_without_addresses_are_left_alone() -> None:
    assert scrub_policy("default-src 'self'; report-to csp") == "default-src 'self'; report-to csp"


paths = st.text(alphabet="/abcXYZ019-_.~%@=+*é", max_size=60).map(lambda path: "/" + path)


@settings(max_examples=400, deadline=None)
@given(paths)
def test_masking_twice_masks_nothing_more(path: str) -> None:
    assert mask_path(mask_path(path)) == mask_path(path)


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet="abcXYZ0189-_.@='\"(){};[] ", max_size=60))
def test_cutting_a_sample_twice_cuts_nothing_more(sample: str) -> None:
    once = scrub_sample(sample)
    assert scrub_sample(once) == once
    assert len(once) <= 40
