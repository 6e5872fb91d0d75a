"""policies.importers: every format is recognised, nothing is run, hostile texts end quickly."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.importers import FORMATS, MAX_TEXT, NotRecognised, Pasted, read_pasted
from tests.linear import assert_linear


def texts(pasted: Pasted) -> list[tuple[str, str]]:
    return [(policy.disposition, str(policy)) for policy in pasted.policies]


def one(text: str) -> tuple[str, str, str]:
    pasted = read_pasted(text)
    [(disposition, policy)] = texts(pasted)
    return pasted.format, disposition, policy


STARTS = (
    "", "CSP_X = ", "directives: {", "add_header ", "<meta ", "HTTP/1.1 200\n", "header {\n", "Header set Content-Security-Policy ",
)
PLAIN = "default-src 'self'; img-src *"

CURL = """HTTP/1.1 301 Moved Permanently
Location: https://shop.example/
Content-Security-Policy: default-src 'none'

HTTP/2 200
content-type: text/html
content-security-policy: default-src 'self'; img-src *
strict-transport-security: max-age=1

"""
DJANGO_CSP_4 = """
from csp.constants import NONCE, SELF
import os
CDN = ["https://cdn.example"]
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin"],
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE, "'strict-dynamic'"] + CDN,
        "img-src": (constants.SELF, *CDN),
        "upgrade-insecure-requests": True,
        "block-all-mixed-content": False,
        "report-uri": "/csp/",
        "font-src": None,
    },
}
"""
DJANGO_CSP_3 = """
CSP_DEFAULT_SRC = ("'none'",)
CSP_SCRIPT_SRC = ["'self'", "https://cdn.example"]
CSP_INCLUDE_NONCE_IN = ["script-src"]
CSP_REPORT_ONLY = True
CSP_UPGRADE_INSECURE_REQUESTS = True
CSP_REPORT_PERCENTAGE = 0.1
"""
HELMET = """
app.use(
  helmet({
    contentSecurityPolicy: {
      useDefaults: false, // ours only
      directives: {
        defaultSrc: ["'self'"],
        "script-src": ["'self'", (req, res) => `'nonce-${res.locals.cspNonce}'`, 'cdn.example'],
        upgradeInsecureRequests: [],
        objectSrc: null,
      },
      reportOnly: true,
    },
  })
);
"""
NGINX = r"""
server {
    set $CSP "default-src 'self'";
    set $CSP "${CSP}; script-src 'self' 'nonce-$request_id'";
    # add_header Content-Security-Policy "default-src *";
    add_header Content-Security-Policy $CSP always;
    add_header Content-Security-Policy-Report-Only 'img-src "none"' always;
}
"""
APACHE = """
<IfModule mod_headers.c>
  # Header set Content-Security-Policy "default-src *"
  Header always set Content-Security-Policy "default-src 'self'; \\
      img-src https://a.example/%%20/"
</IfModule>
"""


@pytest.mark.parametrize(
    ("text", "format", "disposition", "policy"),
    [
        (PLAIN, "value", "enforce", PLAIN),
        ("  default-src 'self';\n  img-src *;\n", "value", "enforce", PLAIN),
        (f"Content-Security-Policy: {PLAIN}", "headers", "enforce", PLAIN),
        (f"content-security-policy-report-only: {PLAIN}\nServer: x", "headers", "report", PLAIN),
        ("Content-Security-Policy: default-src 'self';\r\n  img-src *\r\n", "headers", "enforce", PLAIN),
        (CURL, "curl", "enforce", PLAIN),
        (f'<head><META HTTP-EQUIV="Content-Security-Policy" content="{PLAIN}">', "meta", "enforce", PLAIN),
        ("<meta content='img-src https://a.example/?&amp;' http-equiv=content-security-policy>", "meta", "enforce", "img-src https://a.example/?&"),
        (
            DJANGO_CSP_4,
            "django-csp",
            "enforce",
            "default-src 'self'; script-src 'self' 'nonce-{NONCE}' 'strict-dynamic' https://cdn.example; "
            "img-src 'self' https://cdn.example; upgrade-insecure-requests; report-uri /csp/",
        ),
        ('CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"img-src": "*"}}', "django-csp", "enforce", PLAIN),
        (
            DJANGO_CSP_3,
            "django-csp-3",
            "report",
            "default-src 'none'; script-src 'self' https://cdn.example 'nonce-{NONCE}'; upgrade-insecure-requests",
        ),
        ('SECURE_CSP_REPORT_ONLY = {"default-src": [CSP.SELF], "img-src": ["*"]}', "django", "report", PLAIN),
        (HELMET, "helmet", "report", "default-src 'self'; script-src 'self' 'nonce-{NONCE}' cdn.example; upgrade-insecure-requests"),
        (APACHE, "apache", "enforce", "default-src 'self'; img-src https://a.example/%20/"),
        (f'header Content-Security-Policy "{PLAIN}"', "caddy", "enforce", PLAIN),
        ("shop.example {\n\theader {\n\t\t-Server\n\t\t?Content-Security-Policy `" + PLAIN + "`\n\t}\n}", "caddy", "enforce", PLAIN),
        (f"/*\n  X-Frame-Options: DENY\n  Content-Security-Policy: {PLAIN}\n", "cloudflare", "enforce", PLAIN),
        (f'response.headers.set("Content-Security-Policy", "{PLAIN}");', "cloudflare", "enforce", PLAIN),
    ],
)
def test_formats(text: str, format: str, disposition: str, policy: str) -> None:
    assert one(text) == (format, disposition, policy)
    assert format in FORMATS


def test_nginx_variables_and_both_headers() -> None:
    assert texts(read_pasted(NGINX)) == [
        ("enforce", "default-src 'self'; script-src 'self' 'nonce-{NONCE}'"),
        ("report", 'img-src "none"'),
    ]


def test_unknown_variable_is_noted() -> None:
    assert read_pasted('add_header Content-Security-Policy "img-src $cdn";').notes


def test_curl_keeps_all_headers_of_the_last_response() -> None:
    pasted = read_pasted(CURL)
    assert [name for name, _ in pasted.headers] == ["content-type", "content-security-policy", "strict-transport-security"]
    assert pasted.notes == ("2 responses: the last one was read.",)


def test_several_headers_are_several_policies_and_a_comma_parts_too() -> None:
    pasted = read_pasted("Content-Security-Policy: img-src *, font-src *\nContent-Security-Policy: media-src *\nX: y")
    assert [policy for _, policy in texts(pasted)] == ["img-src *", "font-src *", "media-src *"]
    assert len(pasted.of("report")) == 0


def test_report_only_meta_is_not_a_policy() -> None:
    ignored = '<meta http-equiv="Content-Security-Policy-Report-Only" content="x">'
    pasted = read_pasted(f'{ignored}<meta http-equiv=Content-Security-Policy content="{PLAIN}">')
    assert (len(pasted.policies), len(pasted.notes)) == (1, 1)


def test_helmet_adds_its_defaults_and_null_takes_one_away() -> None:
    [(_, policy)] = texts(read_pasted("helmet.contentSecurityPolicy({directives: {scriptSrc: ['x.example'], imgSrc: null}})"))
    assert "script-src x.example;" in policy
    assert "object-src 'none'" in policy
    assert "img-src" not in policy


def test_settings_are_never_run(tmp_path) -> None:
    witness = tmp_path / "ran"
    text = f'CONTENT_SECURITY_POLICY = {{"DIRECTIVES": {{"img-src": [open({str(witness)!r}, "w").name]}}}}\nCSP_IMG_SRC = ["\'self\'"]'
    pasted = read_pasted(text)
    assert not witness.exists()
    assert "CONTENT_SECURITY_POLICY could not be read without running it." in pasted.notes


def test_what_is_no_policy_is_said_so() -> None:
    for text in ("", "hello world", "x" * (MAX_TEXT + 1), "{", "HTTP"):
        with pytest.raises(NotRecognised):
            read_pasted(text)


@pytest.mark.parametrize(
    "text",
    [
        "CSP_A = ['x']\n" + "CSP_A = CSP_A + CSP_A\n" * 2_000,
        "CSP_A = ['x']\n" + "CSP_A = [CSP_A, CSP_A]\n" * 2_000,
        "CSP_A = ['x']\nCSP_B = [" + "*CSP_A, " * 6_000 + "]",
        "CSP_A = " + "(" * 50_000,
        "CSP_A = " + "-" * 50_000 + "1",
        "CSP_A = " + "a+" * 25_000 + "a",
        'add_header a b;set $a "x";' + 'set $a "$a$a$a$a$a$a$a$a";' * 5_000,
        "add_header " + '"\\"' * 50_000,
        "directives: {" * 15_000,
        "directives " + "/*" * 90_000,
        "directives " + '"\\"' * 60_000,
        "\n" * 190_000 + "Header set Content-Security-Policy x",
        "header " + " " * 190_000,
        "<meta " * 30_000,
        "<meta " + "a" * 190_000 + ">",
        '<meta ' + 'a="' * 60_000 + ">",
        "HTTP/1.1 200\n" * 15_000,
        "headers.set('Content-Security-Policy', '" + "\\'" * 90_000,
        "/a\n" * 60_000,
        "A: b\n" * 39_000,
    ],
)
def test_hostile_texts_are_read_in_linear_time(text: str) -> None:
    def read(text: str) -> None:
        with suppress(NotRecognised):
            list(read_pasted(text).policies)

    assert_linear(read, text)


@given(st.text("'\"{}[]();:,$%\\`<>=/*#\n aHCS_-", max_size=200))
@settings(deadline=None, max_examples=300)
def test_nothing_breaks_the_readers(text: str) -> None:
    for start in STARTS:
        with suppress(NotRecognised):
            assert read_pasted(start + text).format in FORMATS
