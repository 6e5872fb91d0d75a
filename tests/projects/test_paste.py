"""A pasted policy comes back with reporting added, and with every other word as it was."""

from __future__ import annotations

import pytest

from policies.policy import parse_policy
from projects.paste import add_reporting

HTTPS = "https://csp.example.com/api/3/security/?glitchtip_key=0123"
HTTP = "http://127.0.0.1:8000/api/3/security/?glitchtip_key=0123"


def test_reporting_is_added() -> None:
    pasted = add_reporting("default-src 'self'; img-src 'self' data:", HTTPS)
    assert pasted.policy == f"default-src 'self'; img-src 'self' data:; report-uri {HTTPS}; report-to csp"
    assert [(line.sign, line.text) for line in pasted.lines] == [
        ("", "default-src 'self'"),
        ("", "img-src 'self' data:"),
        ("+", f"report-uri {HTTPS}"),
        ("+", "report-to csp"),
    ]
    assert pasted.directives == (("default-src", ("'self'",)), ("img-src", ("'self'", "data:")))


def test_only_report_uri_for_an_http_endpoint() -> None:
    assert add_reporting("default-src 'self'", HTTP).policy == f"default-src 'self'; report-uri {HTTP}"


def test_other_addresses_stay_and_another_group_goes_with_a_word() -> None:
    pasted = add_reporting("default-src 'self'; report-uri https://old.example/r; report-to main", HTTPS)
    assert parse_policy(pasted.policy).get("report-uri").values == ("https://old.example/r", HTTPS)  # type: ignore[union-attr]
    assert [line.sign for line in pasted.lines] == ["", "-", "+", "-", "+"]
    assert "main" in pasted.notes[0]


def test_twice_is_once() -> None:
    once = add_reporting("default-src 'self'", HTTPS).policy
    again = add_reporting(once, HTTPS)
    assert again.policy == once
    assert {line.sign for line in again.lines} == {""}


@pytest.mark.parametrize("name", ["Content-Security-Policy: ", "content-security-policy-report-only:"])
def test_a_whole_header_line_may_be_pasted(name: str) -> None:
    assert add_reporting(f"{name}default-src 'self'", HTTP).directives == (("default-src", ("'self'",)),)


@pytest.mark.parametrize("text", ["", " ; ;", "hello", "hello world; good day", "default-src 'self', default-src 'none'"])
def test_what_is_no_policy_is_answered_in_words(text: str) -> None:
    with pytest.raises(ValueError):
        add_reporting(text, HTTPS)
