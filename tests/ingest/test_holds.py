from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.ingest.holds import ENCODINGS, check
from tests.ingest.test_normalise import fields, texts
from tests.ingest.test_wire import json_values
from tests.recorded import BROWSERS, recorded

pytestmark = pytest.mark.once
PRESSED = {
    "": lambda body: body,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "gzip, gzip": lambda body: gzip.compress(gzip.compress(body)),
}
envelopes = st.builds(
    lambda report, kind, age, url: {"csp-report": report} if kind == "" else {"type": kind, "age": age, "url": url, "body": report},
    fields | json_values,
    st.sampled_from(["", "csp-violation", "deprecation"]) | texts,
    st.integers() | st.floats() | texts,
    texts | st.none(),
)
bodies = (envelopes | st.lists(envelopes | json_values, max_size=25) | fields | json_values).map(lambda found: json.dumps(found).encode())


@settings(max_examples=300, deadline=None)
@given(bodies | st.binary(max_size=300), st.sampled_from(ENCODINGS), texts, texts)
@example(b'{"csp-report":{"effective-directive":"img-src","x":"\\q"}}', "", "", "")
def test_it_holds_of_what_we_think_of(body: bytes, encoding: str, agent: str, origin: str) -> None:
    check(PRESSED[encoding](body), encoding, agent, origin)
    check(body, encoding, agent, origin)


@pytest.mark.parametrize("browser", BROWSERS)
def test_it_holds_of_what_browsers_send(browser: str) -> None:
    for body in {request.body for request in recorded(browser)}:
        check(body)


FOUND: dict[str, Mapping[str, Any]] = {
    "a broken address with a query: it was in the issue's title": {
        "blocked-uri": "https://cdn.wid\ufffdget.example/w.js?token=s3cr3t",
        "effective-directive": "img-src",
    },
    "a broken address whose host ends in a blank": {
        "blocked-uri": "https://www; frame-src 'self'; report-uri /csp",
        "effective-directive": "x",
    },
    "a broken address with nothing but userinfo": {"document-uri": "https://portal.linde@", "blocked-uri": "inline"},
    "a broken address whose scheme holds the query": {
        "document-uri": "https:/\ufffdshop.example:8443/r?to=https://cdn.example:8443",
        "blocked-uri": "inline",
    },
    "a report address in a policy, relative and with a key": {
        "original-policy": "img-src 'self'; report-uri csp?key=s3cr3t",
        "blocked-uri": "x",
    },
    "a policy's word with an address in its query": {"original-policy": "?q=https://a.example/_csp", "blocked-uri": "x"},
    "page and file that differ in an id only": {
        "document-uri": "https://app.example/b/1",
        "source-file": "https://app.example/b/2",
        "blocked-uri": "inline",
        "effective-directive": "script-src-elem",
    },
    "an extension's page, which storage leaves no host": {
        "document-uri": "moz-extension://portal.example/queue",
        "source-file": "https://portal.example/js/queue.js",
        "blocked-uri": "data",
        "effective-directive": "media-src",
    },
}
"""What the fuzzer found, smallest first form."""


@pytest.mark.parametrize("report", FOUND.values(), ids=FOUND)
def test_it_holds_of_what_the_fuzzer_found(report: Mapping[str, Any]) -> None:
    check(json.dumps({"csp-report": report}).encode())


def test_it_holds_of_an_address_with_nul_beside_the_body() -> None:
    """The fuzzer's as well: it would have been set aside by PostgreSQL."""
    check(json.dumps({"type": "csp-violation", "url": "a\x00b", "body": {"effectiveDirective": "img-src"}}).encode())
