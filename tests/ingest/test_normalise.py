from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.browsers import Browser, browser_of
from ingest.normalise import MAX_AGE, normalise
from ingest.wire import RawReport, read
from issues.fingerprint import fingerprint
from issues.scrub import page_template, scrub, scrub_received
from issues.verdicts import ProjectFacts, judge
from policies.violation import Violation
from policies.words import VERDICTS


def of(**fields: Any) -> Violation:
    report = {"document-uri": "https://shop.example/a", **{name.replace("_", "-"): value for name, value in fields.items()}}
    return normalise(RawReport(report, "csp-report", 0, "", "", b""))


@pytest.mark.parametrize(
    "fields, directive",
    [
        ({"effective_directive": "img-src", "violated_directive": "default-src"}, "img-src"),
        ({"violated_directive": "script-src 'self' https://a.example", "blocked_uri": "https://b.example/x"}, "script-src-elem"),
        ({"violated_directive": "inline script base restriction", "blocked_uri": "self"}, "script-src"),
        ({"violated_directive": "IMG-SRC;", "blocked_uri": "data"}, "img-src"),
        ({"effective_directive": None, "violated_directive": "frame-src 'self'"}, "frame-src"),
        ({"violated_directive": "default-src 'self'", "blocked_uri": "https://b.example/fonts/a.woff2"}, "font-src"),
        ({"violated_directive": "default-src 'self'", "blocked_uri": "https://b.example/"}, "default-src"),
        ({"effective_directive": "made-up-src"}, "made-up-src"),
        ({"effective_directive": ["x"], "blocked_uri": "inline"}, ""),
        ({"effective_directive": "child-src", "blocked_uri": "blob"}, "worker-src"),
    ],
)
def test_the_directive(fields: dict[str, Any], directive: str) -> None:
    fields = {name: value for name, value in fields.items() if not isinstance(value, list)}
    assert of(**fields).directive == directive


@pytest.mark.parametrize(
    "fields, kind, text",
    [
        ({"blocked_uri": "inline", "effective_directive": "script-src-elem"}, "inline", "inline"),
        ({"blocked_uri": "self", "violated_directive": "script-src 'self'"}, "inline", "inline"),
        ({"blocked_uri": "", "effective_directive": "style-src"}, "inline", "inline"),
        ({"effective_directive": "script-src"}, "inline", "inline"),
        (
            {
                "blocked_uri": "self",
                "violated_directive": "script-src",
                "script_sample": "call to eval() or related function blocked by CSP",
            },
            "eval",
            "eval",
        ),
        ({"blocked_uri": "self", "violated_directive": "eval script base restriction"}, "eval", "eval"),
        ({"blocked_uri": "self", "violated_directive": "img-src data:"}, "origin", "https://shop.example"),
        ({"blocked_uri": "wasm-eval", "effective_directive": "script-src"}, "wasm-eval", "wasm-eval"),
        ({"blocked_uri": "", "effective_directive": "frame-src"}, "unknown", ""),
        ({"blocked_uri": "null", "effective_directive": "frame-src"}, "unknown", "null"),
        ({"blocked_uri": None, "effective_directive": "img-src"}, "unknown", ""),
        ({"blocked_uri": 7, "effective_directive": "img-src"}, "unknown", "7"),
        ({"blocked_uri": "data", "effective_directive": "img-src"}, "scheme", "data"),
        ({"blocked_uri": "DATA:image/png;base64,AAAA", "effective_directive": "img-src"}, "scheme", "DATA:image/png;base64,AAAA"),
        ({"blocked_uri": "chrome-extension:2:248774", "effective_directive": "img-src"}, "scheme", "chrome-extension:2:248774"),
        ({"blocked_uri": "custom-app://open/x?y=1", "effective_directive": "frame-src"}, "scheme", "custom-app://open/x?y=1"),
        ({"blocked_uri": "https://b.example", "effective_directive": "frame-src"}, "origin", "https://b.example"),
        ({"blocked_uri": "https://[email]", "effective_directive": "img-src"}, "unknown", "https://[email]"),
        (
            {"blocked_uri": "trusted-types-sink", "effective_directive": "require-trusted-types-for"},
            "trusted-types-sink",
            "trusted-types-sink",
        ),
    ],
)
def test_what_was_blocked(fields: dict[str, Any], kind: str, text: str) -> None:
    found = of(**fields)
    assert (found.blocked_kind, found.blocked.text) == (kind, text)


def test_addresses_as_browsers_parse_them() -> None:
    found = of(blocked_uri="HTTPS://www.Köln-Café.example:443/Karte.png?x=1#y", effective_directive="img-src").blocked
    assert (found.host, found.port, found.path, found.query) == ("www.xn--kln-caf-hya4i.example", 0, "/Karte.png", "x=1")
    assert of(blocked_uri="https://b.example:8443", effective_directive="img-src").blocked.netloc == "b.example:8443"


@pytest.mark.parametrize(
    "value, number",
    [
        (3, 3),
        ("3", 3),
        (3.7, 3),
        (-1, 0),
        ("abc", 0),
        (None, 0),
        (True, 0),
        (2**64, 0),
        (float("inf"), 0),
        (float("nan"), 0),
        ("9" * 400, 0),
        ("٣", 0),
    ],
)
def test_numbers(value: object, number: int) -> None:
    assert of(blocked_uri="inline", effective_directive="script-src", line_number=value).line == number
    assert of(blocked_uri="inline", effective_directive="script-src", status_code=99999).status == 0


def test_samples_lose_what_browsers_add() -> None:
    code = "(function(){function c(){var b=a.content"
    assert {of(blocked_uri="inline", effective_directive="script-src", script_sample=code + end).sample for end in ("", "…", "...")} == {
        code
    }


@pytest.mark.parametrize(
    "said, path, line",
    [  # as Firefox 153 sent them for a page that runs text as code in each of these ways
        ("https://shop.example/a.js%20line%203%20%3E%20eval", "/a.js", 3),
        ("https://shop.example/a.js%20line%2013%20%3E%20eval%20line%201%20%3E%20eval", "/a.js", 13),
        ("https://shop.example/%20line%208%20%3E%20injectedScript", "/", 8),
        ("https://shop.example/a.js line 4 > Function", "/a.js", 4),
        ("https://shop.example/on%20line%203%20store.js", "/on%20line%203%20store.js", 1),
    ],
)
def test_text_that_was_run_stands_in_the_file_that_ran_it(said: str, path: str, line: int) -> None:
    found = of(effective_directive="img-src", blocked_uri="https://b.example/", source_file=said, line_number=1, column_number=1)
    assert (found.source.path, found.line) == (path, line)


def test_webkit_names_the_page_where_it_knows_no_code() -> None:
    page = "https://shop.example/a"
    assert of(blocked_uri="https://b.example/", source_file=page, line_number=0, column_number=1).source.kind == "empty"
    assert of(blocked_uri="https://b.example/", source_file=page, line_number=3, column_number=1).source.url == page


def test_every_spelling_of_the_names() -> None:
    for fields in (
        {
            "documentURL": "https://shop.example/a",
            "blockedURL": "inline",
            "effectiveDirective": "script-src-elem",
            "sample": "x()",
            "lineNumber": 3,
        },
        {
            "document_uri": "https://shop.example/a",
            "blocked_uri": "inline",
            "effective_directive": "script-src-elem",
            "script_sample": "x()",
            "line_number": "3",
        },
        {
            "documentURI": "https://shop.example/a",
            "blockedURI": "inline",
            "effectiveDirective": "script-src-elem",
            "sample": "x()",
            "lineNumber": 3.0,
        },
    ):
        found = normalise(RawReport(dict(fields), "reporting-api", 0, "", "", b""))
        assert (found.document.path, found.blocked_kind, found.directive, found.sample, found.line) == (
            "/a",
            "inline",
            "script-src-elem",
            "x()",
            3,
        )


def test_the_fallbacks_that_an_old_name_may_mean() -> None:
    assert of(blocked_uri="inline", effective_directive="script-src").directives == ("script-src-elem", "script-src-attr")
    assert of(blocked_uri="eval", effective_directive="script-src").directives == ("script-src",)
    assert of(blocked_uri="https://b.example/", effective_directive="style-src").directives == ("style-src-elem",)


def test_age_and_envelope() -> None:
    report = RawReport(
        {"blockedURL": "inline", "effectiveDirective": "script-src"}, "reporting-api", 10**12, "https://shop.example/b", "", b""
    )
    found = normalise(report, user_agent="UA/1", origin="https://shop.example")
    assert (found.age, found.document.path, found.user_agent, found.origin) == (MAX_AGE, "/b", "UA/1", "https://shop.example")


def test_reports_that_differ_only_in_nonces_are_one_object() -> None:
    first, second = (
        of(blocked_uri="inline", effective_directive="script-src", original_policy=f"script-src 'nonce-{nonce}'")
        for nonce in ("abc", "xyz")
    )
    assert first.policy == second.policy == "script-src 'nonce-{NONCE}'"
    assert of(blocked_uri="inline", effective_directive="script-src") is of(blocked_uri="inline", effective_directive="script-src")


@pytest.mark.parametrize(
    "agent, browser",
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
            Browser("Chrome", 141, "Windows"),
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:42.0) Gecko/20100101 Firefox/42.0", Browser("Firefox", 42, "Linux")),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1",
            Browser("Safari", 18, "iOS"),
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            Browser("Edge", 140, "Windows"),
        ),
        (
            "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/528.0.0.38.107;FBBV/785021844]",
            Browser("Facebook", 528, "iOS"),
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
            Browser("Samsung Internet", 27, "Android"),
        ),
        ("curl/8.5.0", Browser()),
        ("", Browser()),
    ],
)
def test_browsers(agent: str, browser: Browser) -> None:
    assert browser_of(agent) == browser


texts = st.text(max_size=60) | st.sampled_from(
    [
        "https://shop.example/a?b#c",
        "inline",
        "self",
        "",
        "null",
        "data:",
        "moz-extension",
        "https://[email]",
        "script-src 'self'",
        "\ud83d".encode("utf-8", "replace").decode(),
        "http://user:pass@10.0.0.1:99999/",
        "wss://x.example:443",
        "xn--\u20ac.example",
        "javascript:alert(1)",
        "//",
        "https://",
        "\x00",
        "chrome-extension://a/b",
    ]
)
values = texts | st.none() | st.booleans() | st.integers() | st.floats()
fields = st.dictionaries(
    st.sampled_from(
        [
            "document-uri",
            "blocked-uri",
            "effective-directive",
            "violated-directive",
            "original-policy",
            "source-file",
            "script-sample",
            "referrer",
            "line-number",
            "status-code",
            "disposition",
        ]
    )
    | texts,
    values,
    max_size=11,
)
facts = st.builds(
    ProjectFacts,
    sites=st.lists(texts, max_size=2).map(tuple),
    own_schemes=st.lists(texts, max_size=2).map(tuple),
    own_extensions=st.lists(texts, max_size=2).map(tuple),
    sensitive=st.lists(texts, max_size=2).map(tuple),
)


@settings(max_examples=400, deadline=None)
@given(fields, texts, texts, facts)
def test_the_whole_road_never_raises(report: dict[str, Any], agent: str, origin: str, declared: ProjectFacts) -> None:
    violation = normalise(RawReport(report, "csp-report", 3, "", "", b""), user_agent=agent, origin=origin)
    judgement = judge(violation, declared)
    assert judgement.verdict in VERDICTS
    assert judgement.noise_class in VERDICTS or not judgement.noise_class
    assert judgement.marks[0].reason == judgement.reason
    found = fingerprint(violation, judgement)
    assert len(found.key) == 32
    assert found.title
    clean = scrub(violation)
    assert len(clean.sample) <= 40
    page_template(clean.document)
    json.dumps([clean.blocked.url, clean.document.url, found.title, found.grouped_by, judgement.reason]).encode()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | fields.map(lambda report: json.dumps({"csp-report": report}).encode()))
def test_received_text_is_scrubbed_and_bounded(text: bytes) -> None:
    assert len(scrub_received(text)) <= 8192
    scrub_received(text).encode()
    read(text)


HOSTILE = [
    "https://x.example/metric/?mid=" + "&wid=rid" * 900,
    "https://x.example" + "/metric/?mid=&wid=" * 400,
    "https://" + "a-" * 4000 + ".pw/",
    "https://x.pw/" + "a1" * 4000,
    "https://x.example/" + "a.b-c_" * 1300,
    "<script " * 1000,
    "https://x.example/?q=" + "<img " * 1500,
    "a-" * 4000 + "extension:",
    "https://" * 900,
    "joe." * 2000 + "@",
    "https://x.example/" + "%40a." * 1500,
    ".ad,#Ad" * 1000,
    "report-uri " * 1400 + "?",
    "http://" * 2300 + "@?",
    "/ext/" * 1600,
    "'" * 8000,
    "{" * 8000,
    "/" * 8000,
    "content-script" * 500,
    "loaders/1" * 900,
    "Mozilla/5.0 " + "FBAN " * 1500 + "Trident/" * 500,
    "bot" * 2700,
    "\u0430" * 4000 + ".example",
    "1" * 8000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_is_slow(text: str) -> None:
    names = ("document-uri", "blocked-uri", "source-file", "referrer", "script-sample", "original-policy", "violated-directive")
    report: dict[str, object] = dict.fromkeys(names, text)
    begun = time.process_time()
    for directive in ("script-src-elem", "style-src-elem", "font-src", "connect-src", "base-uri"):
        for blocked in (text, "inline"):
            fields = {**report, "effective-directive": directive, "blocked-uri": blocked}
            violation = normalise(RawReport(fields, "csp-report", 0, "", "", b""), user_agent=text, origin=text)
            judgement = judge(violation, ProjectFacts(sites=("x.example",)))
            fingerprint(violation, judgement)
            scrub(violation)
    scrub_received(json.dumps({"csp-report": report}).encode())
    scrub_received(text.encode())
    assert time.process_time() - begun < 0.5


def test_no_text_keeps_a_character_that_databases_refuse() -> None:
    report = RawReport({"effectiveDirective": "img\x00-src", "sample": "a\x00"}, "reports", 0, "https://a.example/\x00", "Moz\x00illa", b"")
    assert "\\x00" not in repr(normalise(report, origin="https://a.example\x00"))
