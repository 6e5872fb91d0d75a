"""Requests that no browser sends, as bytes on a socket, with the answers that a reasonable endpoint gives them.

`malformed.json.gz` holds bodies; these are its neighbours by class, and all that can be wrong around a body. `{path}` and
`{key}` in a request are the project's.
"""

from __future__ import annotations

import gzip
import json
import re
import socket
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from tests.factories import report_uri_body

GOOD = report_uri_body()
FIELDS = json.loads(GOOD)["csp-report"]
API = {
    "type": "csp-violation",
    "age": 1,
    "url": "https://shop.example/a",
    "user_agent": "UA",
    "body": {"blockedURL": "inline", "effectiveDirective": "x-src"},
}
TAKEN = frozenset({204})
REFUSED = frozenset({302, 400, 403, 404, 405, 408, 411, 413, 414, 415, 417, 431, 501, 505})
"""302: where pages are served as well, what is no endpoint's path is sent to sign in."""
EITHER = TAKEN | REFUSED
CUT = frozenset({0})
"""The connection was closed without an answer: fine for what is no HTTP."""
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})[^\r\n]*\r\n")
PATIENCE = 5.0


class Case(NamedTuple):
    name: str
    raw: bytes
    fine: frozenset[int]
    answers: int = 1


def ask(address: tuple[str, int], raw: bytes, answers: int = 1, half_close: bool = False) -> list[int]:
    """The statuses of as many answers, [0] where the connection was closed or reset without one, [-1] where nothing came in time."""
    end = time.monotonic() + PATIENCE
    with socket.create_connection(address, timeout=PATIENCE) as client:
        with suppress(OSError):  # closed while we still send: the answer may lie there all the same
            client.sendall(raw)
            if half_close:
                client.shutdown(socket.SHUT_WR)
        got = b""
        while len(_STATUS.findall(got)) < answers and time.monotonic() < end:
            try:
                part = client.recv(65536)
            except TimeoutError:
                return [-1]
            except OSError:
                break
            if not part:
                break
            got += part
    return [int(status) for status in _STATUS.findall(got)] or [0]


def request(
    body: bytes = GOOD,
    *headers: str,
    method: str = "POST",
    target: str = "{path}?{key}",
    kind: str = "application/csp-report",
    length: str = "",
) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {length or len(body)}"]
    lines += [f"Content-Type: {kind}"] if kind else []
    return "\r\n".join([*lines, *headers, "", ""]).encode("utf-8", "surrogateescape") + body


def raw(head: str, body: bytes = GOOD) -> bytes:
    return head.replace("\n", "\r\n").encode("latin-1") + body


def packed(body: bytes, encoding: str = "gzip") -> bytes:
    return request(body, f"Content-Encoding: {encoding}")


def batch(*entries: object) -> bytes:
    return request(json.dumps(entries).encode(), kind="application/reports+json")


def report(**fields: object) -> bytes:
    return request(json.dumps({"csp-report": {**FIELDS, **{name.replace("_", "-"): value for name, value in fields.items()}}}).encode())


def cases() -> Iterator[Case]:
    yield from _compressed()
    yield from _framed()
    yield from _headers()
    yield from _methods()
    yield from _targets()
    yield from _encodings()
    yield from _shapes()
    yield from _values()


def _compressed() -> Iterator[Case]:
    small, zeros = gzip.compress(GOOD), gzip.compress(bytes(100_000_000), 9)
    yield Case("gzip", packed(small), TAKEN)
    yield Case("gzip, its name in capitals", packed(small, "GZIP"), TAKEN)
    yield Case("gzip cut off", packed(small[:-9]), REFUSED)
    yield Case("gzip cut off in its head", packed(small[:5]), REFUSED)
    yield Case("gzip with a wrong checksum", packed(small[:-8] + bytes(8)), REFUSED)
    yield Case("gzip and garbage", packed(small + b"garbage" * 99), EITHER)
    yield Case("two gzip members", packed(gzip.compress(GOOD[:50]) + gzip.compress(GOOD[50:])), EITHER)
    yield Case("gzip of nothing", packed(gzip.compress(b"")), REFUSED)
    yield Case("bomb: 100 MB of zeros", packed(zeros), REFUSED)
    yield Case("bomb: gzip in gzip, 1 kB", packed(gzip.compress(zeros)), REFUSED)
    yield Case("bomb: gzip in gzip, both named", packed(gzip.compress(zeros), "gzip, gzip"), REFUSED)
    yield Case("bomb: 100 MB of blanks", packed(gzip.compress(b" " * 100_000_000, 9)), REFUSED)
    yield Case("bomb: an array of 100 MB", packed(gzip.compress(b"[" + b"0," * 50_000_000 + b"0]", 9)), EITHER)
    yield Case("bomb: 4 MB of brackets", packed(gzip.compress(b"[" * 4_000_000)), REFUSED)
    yield Case("bomb: a million empty objects", packed(gzip.compress(b"[" + b"{}," * 1_000_000 + b"{}]")), EITHER)
    yield Case("bomb: deflate", packed(zlib.compress(bytes(100_000_000), 9), "deflate"), REFUSED)
    yield Case("deflate", packed(zlib.compress(GOOD), "deflate"), TAKEN)
    yield Case("raw deflate", packed(zlib.compress(GOOD)[2:-4], "deflate"), TAKEN)
    yield Case("deflate that is gzip", packed(small, "deflate"), REFUSED)
    yield Case("br", packed(b"\x0b\x02\x80{}\x03", "br"), REFUSED)
    yield Case("zstd, identity and a comma", packed(GOOD, "zstd,,identity"), REFUSED)
    yield Case("two Content-Encoding headers", request(small, "Content-Encoding: gzip", "Content-Encoding: identity"), EITHER)


def _framed() -> Iterator[Case]:
    head = "POST {path}?{key} HTTP/1.1\nHost: 127.0.0.1\nContent-Type: application/csp-report\n"
    chunked = head + "Transfer-Encoding: chunked\n\n"
    one_by_one = b"".join(b"1\r\n%c\r\n" % byte for byte in GOOD) + b"0\r\n\r\n"
    whole = b"%x\r\n%b\r\n0\r\n" % (len(GOOD), GOOD)
    yield Case("chunked", raw(chunked, whole + b"\r\n"), TAKEN)
    yield Case("chunks of one byte", raw(chunked, one_by_one), TAKEN)
    yield Case("chunked with trailers", raw(chunked, whole + b"X-A: b\r\n\r\n"), TAKEN)
    yield Case("chunks with an endless extension", raw(chunked, b"5;" + b"a" * 1_000_000), REFUSED | CUT)
    yield Case("a chunk whose size is no number", raw(chunked, b"zz\r\nabc\r\n0\r\n\r\n"), REFUSED | CUT)
    yield Case("a chunk of 2^70 bytes", raw(chunked, b"F" * 18 + b"\r\n" + GOOD), REFUSED | CUT)
    yield Case("Content-Length and chunked", raw(head + "Content-Length: 5\nTransfer-Encoding: chunked\n\n", whole + b"\r\n"), EITHER | CUT)
    yield Case(
        "Transfer-Encoding twice", raw(head + "Transfer-Encoding: chunked\nTransfer-Encoding: identity\n\n", whole + b"\r\n"), EITHER | CUT
    )
    yield Case("Transfer-Encoding: gzip", raw(head + "Transfer-Encoding: gzip\n\n", GOOD), REFUSED | CUT)
    yield Case("Content-Length of less than the body", request(length="20"), REFUSED, 1)
    yield Case("Content-Length: -1", request(length="-1"), REFUSED | CUT)
    yield Case("Content-Length: +5", request(length="+5"), REFUSED | CUT)
    yield Case("Content-Length: 0x10", request(length="0x10"), REFUSED | CUT)
    yield Case("Content-Length of 30 digits", request(length="9" * 30), REFUSED | CUT)
    yield Case("two lengths that differ", request(GOOD, f"Content-Length: {len(GOOD) + 1}"), REFUSED | CUT)
    yield Case("a length of 5 GB", request(length="5000000000"), REFUSED)
    yield Case("no length at all", raw(head + "\n", GOOD), REFUSED, 1)
    yield Case("length 0", request(b""), REFUSED)
    yield Case("Expect: 100-continue", request(GOOD, "Expect: 100-continue"), frozenset({100, 204}), 2)
    yield Case("Expect: nonsense", request(GOOD, "Expect: nonsense"), EITHER)
    yield Case("HTTP/1.0", request().replace(b"HTTP/1.1", b"HTTP/1.0", 1), TAKEN)
    yield Case("HTTP/3.7", request().replace(b"HTTP/1.1", b"HTTP/3.7", 1), REFUSED | CUT)
    yield Case("HTTP/0.9", b"GET /\r\n\r\n", REFUSED | CUT)
    yield Case("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), REFUSED | CUT)
    yield Case("a TLS handshake", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(512), REFUSED | CUT)
    yield Case("lines that end in LF", request().replace(b"\r\n", b"\n"), EITHER | CUT)
    yield Case("blank lines before the request", b"\r\n\r\n" + request(), EITHER | CUT)
    yield Case("three requests at once", request() * 3, TAKEN, 3)
    yield Case("a good request behind a bad one", request(b"{") + request(), frozenset({400, 204}), 2)
    yield Case("binary rubbish", bytes(range(256)) * 40 + b"\r\n\r\n", REFUSED | CUT)


def _headers() -> Iterator[Case]:
    yield Case("5,000 headers", request(GOOD, *(f"X-{number}: a" for number in range(5_000))), EITHER | CUT)
    yield Case("a header of 1 MB", request(GOOD, "X-Long: " + "a" * 1_000_000), REFUSED | CUT)
    yield Case("headers without end", request(GOOD)[: -len(GOOD) - 2] + b"X-A: bbbbbbbbbbbbbbbb\r\n" * 100_000, REFUSED | CUT)
    yield Case("a cookie of 60 kB", request(GOOD, "Cookie: " + "c=d; " * 12_000), EITHER | CUT)
    yield Case("a header without a colon", request(GOOD, "nonsense"), REFUSED | CUT)
    yield Case("a header with NUL", request(GOOD, "X-A: a\x00b"), REFUSED | CUT)
    yield Case("a folded header", request(GOOD, "X-A: a\r\n  b"), EITHER | CUT)
    yield Case("a name with a blank", request(GOOD, "X A : b"), REFUSED | CUT)
    yield Case("no Host", request().replace(b"Host: 127.0.0.1\r\n", b""), EITHER)
    yield Case("a wrong Host", request().replace(b"Host: 127.0.0.1", b"Host: evil.example"), EITHER)
    yield Case("two Hosts", request(GOOD, "Host: evil.example"), EITHER)
    yield Case("a Host that is none", request().replace(b"Host: 127.0.0.1", b"Host: \xff\xfe<script>"), EITHER | CUT)
    yield Case("a User-Agent of 50 kB that is no UTF-8", request(GOOD, "User-Agent: " + "\udcff\udcfe" * 25_000), EITHER)
    yield Case("an Origin that is none", request(GOOD, "Origin: \udcff://[::1"), TAKEN)
    yield Case("forwarded by rubbish", request(GOOD, "X-Forwarded-For: " + "1.2.3.4.5, " * 999, 'Forwarded: for=;for="[::g"'), TAKEN)
    yield Case(
        "a peer that is a proxy of proxies", request(GOOD, "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: gopher", "Via: x"), TAKEN
    )
    yield Case("no Content-Type", request(kind=""), TAKEN)
    yield Case("two Content-Types", request(GOOD, "Content-Type: image/png"), EITHER)
    yield Case("a Content-Type of 20 kB", request(kind="application/json; " + "a=b; " * 4_000), TAKEN)
    yield Case("a Content-Type of semicolons", request(kind=";;;"), EITHER)
    yield Case("a charset that lies", request(kind="application/csp-report; charset=utf-16"), EITHER)
    yield Case("a charset that does not exist", request(kind="application/csp-report; charset=klingon"), EITHER)
    yield Case("a picture", request(kind="image/png"), REFUSED)
    yield Case("Upgrade: websocket", request(GOOD, "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: x"), EITHER)
    yield Case(
        "Upgrade: h2c", request(GOOD, "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQAAP"), EITHER
    )


def _methods() -> Iterator[Case]:
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "post", "M-SEARCH"):
        yield Case(f"method {method}", request(method=method), REFUSED)
    yield Case("a method of 10 kB", request(method="A" * 10_000), REFUSED | CUT)
    yield Case("a method that is no word", request(method="PO(ST"), REFUSED | CUT)
    yield Case("OPTIONS with a body", request(method="OPTIONS"), TAKEN)
    yield Case("OPTIONS *", request(b"", method="OPTIONS", target="*"), EITHER | CUT)
    yield Case("CONNECT", request(b"", method="CONNECT", target="evil.example:443"), REFUSED | CUT)


def _targets() -> Iterator[Case]:
    yield Case("the whole address", request(target="http://127.0.0.1{path}?{key}"), EITHER)
    yield Case("somebody else's whole address", request(target="http://evil.example{path}?{key}"), EITHER)
    tricks = {
        "two slashes": "/{path}?{key}",
        "slashes inside": "/api//{id}//security/?{key}",
        "dots": "/x/../{path}?{key}",
        "escaped dots": "/%2e%2e/%2e%2e{path}?{key}",
        "an escaped letter": "/api/{id}/%73ecurity/?{key}",
        "an escaped slash": "/api%2f{id}/security/?{key}",
        "a path parameter": "/api/{id}/security/;x=y?{key}",
        "NUL": "/api/{id}/security/%00?{key}",
        "a leading zero": "/api/0{id}/security/?{key}",
        "project 0": "/api/0/security/?{key}",
        "a negative project": "/api/-1/security/?{key}",
        "a project of 19 digits": f"/api/{'9' * 19}/security/?{{key}}",
        "a project of 10,000 digits": f"/api/{'9' * 10_000}/security/?{{key}}",
        "Arabic digits": "/api/%D9%A1/security/?{key}",
        "another path": "/api/{id}/store/?{key}",
        "the key in the path": "/api/{id}/security/{key}",
    }
    for name, target in tricks.items():
        yield Case(f"path: {name}", request(target=target), EITHER)
    yield Case("path: a blank", request(target="{path} x?{key}"), REFUSED | CUT)
    yield Case("path: bytes that are no UTF-8", request(target="/api/\udcff{path}?{key}"), EITHER | CUT)
    yield Case("path: broken escapes", request(target="/%zz%{path}?{key}"), EITHER)
    keys = {
        "none": "",
        "empty": "glitchtip_key=",
        "short": "glitchtip_key=abc",
        "long": "glitchtip_key=" + "a" * 33,
        "not hex": "glitchtip_key=" + "g" * 32,
        "SQL": "glitchtip_key='%20OR%201=1--",
        "SQL in 32 characters": "glitchtip_key=%27%20OR%20%271%27=%271%27%20----------------",
        "NUL": "glitchtip_key=" + "a" * 31 + "%00",
        "an array": "glitchtip_key[]=" + "a" * 32,
        "wrong": "glitchtip_key=" + "a" * 32,
        "10,000 parameters": "&".join(f"a{number}=b" for number in range(10_000)),
        "separators": "&&&&====&&&;;;",
        "broken escapes": "glitchtip_key=%zz%%%u1234",
    }
    for name, query in keys.items():
        yield Case(f"key: {name}", request(target="{path}?" + query), REFUSED)
    yield Case("key: of another project", request(target="/api/{id}9999/security/?{key}"), REFUSED)
    yield Case("key: twice", request(target="{path}?{key}&{key}&sentry_key=x"), TAKEN)
    yield Case(
        "key: and rubbish beside it",
        request(target="{path}?{key}&sentry_environment=%00%ff%fe" + "x" * 500 + "&sentry_release=%0d%0a"),
        TAKEN,
    )
    yield Case("key: SQL in the environment", request(target="{path}?{key}&sentry_environment=');DROP%20TABLE%20issues_issue;--"), TAKEN)
    yield Case("a query of 1 MB", request(target="{path}?{key}&x=" + "a" * 1_000_000), REFUSED | CUT)
    yield Case("a query of 50 kB", request(target="{path}?{key}&x=" + "a" * 50_000), TAKEN)
    yield Case("a fragment", request(target="{path}?{key}#fragment"), EITHER | CUT)


def _encodings() -> Iterator[Case]:
    text = GOOD.decode()
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7", "cp037"):
        yield Case(f"in {name}", request(text.encode(name)), EITHER)
    yield Case("with a BOM", request(b"\xef\xbb\xbf" + GOOD), TAKEN)
    yield Case("with two BOMs", request(b"\xef\xbb\xbf" * 2 + GOOD), EITHER)
    surrogates = text.replace("example", "ex\\ud83dample")
    yield Case("a lone surrogate, escaped", request(surrogates.encode()), TAKEN)
    yield Case("a lone surrogate, raw", request(GOOD.replace(b"example", b"ex\xed\xa0\xbdample")), EITHER)
    yield Case("overlong UTF-8", request(GOOD.replace(b"example", b"ex\xc0\x80\xe0\x80\xafample")), EITHER)
    yield Case("bytes that are no UTF-8", request(GOOD.replace(b"example", b"ex\xff\xfe\xfdample")), EITHER)
    yield Case("NUL, escaped", request(GOOD.replace(b"example", b"ex\\u0000ample")), TAKEN)
    yield Case("NUL, raw", request(GOOD.replace(b"example", b"ex\x00ample")), EITHER)
    yield Case("NULs behind it", request(GOOD + bytes(1000)), EITHER)
    yield Case(
        "every control character",
        request(json.dumps({"csp-report": {**FIELDS, "script-sample": "".join(map(chr, range(32)))}}).encode()),
        TAKEN,
    )


def _shapes() -> Iterator[Case]:
    for name, body in {
        "nothing but brackets": b"[" * 100_000,
        "nothing but braces": b'{"a":' * 100_000,
        "nesting that ends": b"[" * 100_000 + b"]" * 100_000,
        "nesting in a field": b'{"csp-report":{"x":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_002,
        "true": b"true",
        "a number": b"1e5",
        "a text": b'"x"',
        "an escape that is none": b'{"csp-report":{"effective-directive":"\\q"}}',
        "comments": b"/* x */ " + GOOD,
        "NDJSON": GOOD + b"\n" + GOOD,
        "single quotes": GOOD.replace(b'"', b"'"),
        "a comma too many": GOOD.replace(b"}", b",}", 1),
        "a bracket too few": GOOD[:-1],
        "a form": b"csp-report=" + GOOD,
        "XML": b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        "a quote without end": b'{"csp-report":"' + b"a" * 200_000,
    }.items():
        yield Case(f"body: {name}", request(body), REFUSED)
    yield Case("nesting in a batch", request(b"[" + GOOD + b"," + b"[" * 100_000 + b"]" * 100_001), EITHER)
    yield Case("a million zeros in an array", request(b"[" + b"0," * 1_000_000 + b"0]"), EITHER)
    yield Case("an array of 1,001 reports", batch(*[API] * 1001), TAKEN)
    yield Case("an array of 1,000 reports", batch(*[API] * 1000), TAKEN)
    yield Case(
        "good and bad in one batch",
        batch(API, None, 7, "x", [], {}, {"type": "csp-violation"}, {"type": "csp-violation", "body": []}, API),
        TAKEN,
    )
    yield Case("only bad in one batch", batch(None, 7, "x", [], {}), EITHER)
    yield Case("batches in a batch", batch([API], [[API]], API), EITHER)
    yield Case("an empty batch", batch(), EITHER)
    yield Case("200 kinds that are none of ours", batch(*({"type": f"kind-{number}", "body": {}} for number in range(200))), TAKEN)
    yield Case("a kind that is markup", batch({"type": "<script>alert(1)</script>", "body": {}}), EITHER)
    yield Case("reports in a report", request(json.dumps({"csp-report": {"csp-report": {"csp-report": FIELDS}}}).encode()), EITHER)
    yield Case(
        "10,000 keys",
        request(json.dumps({"csp-report": {**FIELDS, **{f"key{number}": number for number in range(10_000)}}}).encode()),
        EITHER,
    )
    yield Case("a key of 60 kB", request(json.dumps({"csp-report": {**FIELDS, "k" * 60_000: 1}}).encode()), EITHER)
    twice = b'{"csp-report":{"effective-directive":"img-src","effective-directive":"x-src","blocked-uri":"a"},"csp-report":null}'
    yield Case("every key twice", request(twice), EITHER)
    yield Case("__proto__", report(__proto__={"a": 1}, constructor={"prototype": 1}), TAKEN)
    yield Case("a batch of more than 4 MB", batch(*[{**API, "x": "a" * 5_000}] * 990), EITHER)
    yield Case("one report of 300 kB", report(x="a" * 300_000), REFUSED)
    yield Case("one report of 250 kB", report(x="a" * 250_000), TAKEN)


def _values() -> Iterator[Case]:
    for name, text in {
        "NaN": "NaN",
        "Infinity": "-Infinity",
        "1e400": "1e400",
        "1e-400": "1e-400",
        "-0": "-0.0",
        "007": "007",
        "0x1F": "0x1F",
    }.items():
        yield Case(
            f"line-number {name}",
            request(GOOD.replace(b"{", b"{", 1).replace(b'"csp-report": {', b'"csp-report": {"line-number": %b, ' % text.encode())),
            EITHER,
        )
    for digits in (20, 5_000, 200_000):
        body = GOOD.replace(b'"csp-report": {', b'"csp-report": {"column-number": %b, ' % (b"9" * digits))
        yield Case(f"a number of {digits} digits", request(body), EITHER)
    for name in (
        "document_uri",
        "blocked_uri",
        "effective_directive",
        "violated_directive",
        "original_policy",
        "disposition",
        "script_sample",
        "source_file",
    ):
        for value in (None, 7, True, [], {"a": 1}, "\u0000\u202e\ufeff\U0001f600", "x" * 100_000):
            yield Case(f"{name} is {str(value)[:20]!r}", report(**{name: value}), EITHER)
    for age in (-1, 1e300, "x", None, [1], 10**18):
        yield Case(f"age {age!r}", batch({**API, "age": age}), TAKEN)
    for name in ("url", "user_agent", "body"):
        for value in (None, 7, [], {}, "", "x" * 100_000):
            yield Case(f"{name} of a batch is {str(value)[:10]!r}", batch({**API, name: value}, API), TAKEN)
    for blocked in (
        "https://[",
        "https://@",
        "//",
        "javascript:alert(1)",
        "data:" + "a" * 100_000,
        "https://" + "a." * 30_000,
        "http://a:99999/",
        "https://\u0430pple.example/",
    ):
        yield Case(f"blocked-uri {blocked[:24]}", report(blocked_uri=blocked), TAKEN)
