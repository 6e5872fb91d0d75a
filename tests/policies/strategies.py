"""Hypothesis strategies: policies that overlap often, hostile texts, loads and evidence that hit and miss them."""

from __future__ import annotations

from hypothesis import strategies as st

from policies.address import parse_address
from policies.evidence import Evidence, is_whole
from policies.live import hash_of

SELVES = ["https://shop.test", "http://shop.test", "https://shop.test:8443", "http://shop.test:8080"]
HOSTS = ["shop.test", "cdn.test", "a.cdn.test", "b.a.cdn.test", "evil.test", "192.0.2.7", "localhost"]
SCHEMES = ["http", "https", "ws", "wss", "ftp"]
PORTS = ["", ":80", ":443", ":8080", ":8443"]
PATHS = ["", "/", "/js/", "/js/app.js", "/js", "/js/v1/app.js", "/a%20b", "/JS/"]
CODE = ["go()", "stop()", "color:red"]
HASHES = [f"'sha256-{hash_of(code)}'" for code in CODE] + [f"'sha512-{hash_of(CODE[0], 'sha512')}'"]
KEYWORDS = [
    "'self'", "'none'", "'unsafe-inline'", "'unsafe-eval'", "'strict-dynamic'", "'unsafe-hashes'", "'wasm-unsafe-eval'",
    "'trusted-types-eval'", "'report-sample'", "*", "data:", "blob:", "https:", "http:", "ws:", "wss:", "'nonce-abc'", "'nonce-xyz'",
    "nonsense'", "self", "*:*", "https://*", "http://*:*",
]
SOURCE_DIRECTIVES = [
    "default-src", "script-src", "script-src-elem", "script-src-attr", "style-src", "style-src-elem", "style-src-attr", "img-src",
    "connect-src", "child-src", "frame-src", "worker-src", "font-src", "form-action", "base-uri", "frame-ancestors",
]

host_sources = st.builds(
    lambda scheme, wild, host, port, path: f"{scheme}{wild}{host}{port}{path}",
    st.sampled_from(["", "http://", "https://", "wss://", "ws://", "ftp://"]), st.sampled_from(["", "", "*."]),
    st.sampled_from(HOSTS), st.sampled_from([*PORTS, "", ":*"]), st.sampled_from(["", "", *PATHS]),
)
sources = st.one_of(st.sampled_from(KEYWORDS), st.sampled_from(HASHES), host_sources)
source_directives = st.builds(
    lambda name, words: " ".join([name, *words]), st.sampled_from(SOURCE_DIRECTIVES), st.lists(sources, max_size=4)
)
other_directives = st.sampled_from([
    "require-trusted-types-for 'script'", "trusted-types foo bar", "trusted-types *", "trusted-types 'allow-duplicates' foo",
    "trusted-types", "sandbox allow-scripts", "upgrade-insecure-requests", "report-uri /csp",
])
policy_texts = st.lists(st.one_of(source_directives, source_directives, source_directives, other_directives), max_size=5).map("; ".join)
"""Policies in which hosts, paths and keywords meet again and again."""

hostile_texts = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="abc-':;,*/ \t\n\x0b\x00\x85\xa0é'nonce-sha256{NONCE}", max_size=200),
    st.lists(st.one_of(source_directives, st.text(max_size=20)), max_size=5).map(";".join),
)

urls = st.builds(
    lambda scheme, host, port, path: f"{scheme}://{host}{port}{path}",
    st.sampled_from(SCHEMES), st.sampled_from(HOSTS), st.sampled_from([*PORTS, ""]), st.sampled_from([*PATHS, "/js/v1/x.js", "/other"]),
)
targets = st.one_of(urls, urls, urls, st.sampled_from(["data:,x", "blob:https://shop.test/1", "moz-extension://abc/x.js"]))

REQUEST_DIRECTIVES = ["script-src-elem", "style-src-elem", "img-src", "connect-src", "frame-src", "worker-src", "font-src", "manifest-src",
                      "form-action", "base-uri", "frame-ancestors"]


def _evidence(directive: str, kind: str, blocked: str, document: str, sample: str) -> Evidence:
    address = parse_address(blocked if kind in ("url", "scheme") else kind)
    blocked_kind = address.kind if kind in ("url", "scheme") else kind
    return Evidence(
        document=document, directives=(directive,), blocked_kind=blocked_kind, blocked=address, sample=sample,
        sample_complete=is_whole(sample), disposition="report",
    )


url_evidence = st.builds(_evidence, st.sampled_from([*REQUEST_DIRECTIVES, "default-src", "script-src"]), st.just("url"), urls,
                         st.sampled_from(SELVES), st.just(""))
scheme_evidence = st.builds(_evidence, st.sampled_from(REQUEST_DIRECTIVES), st.just("scheme"), st.sampled_from(["data", "blob", "about"]),
                            st.sampled_from(SELVES), st.just(""))
inline_evidence = st.builds(
    _evidence, st.sampled_from(["script-src-elem", "script-src-attr", "style-src-elem", "style-src-attr", "script-src", "default-src"]),
    st.just("inline"), st.just(""), st.sampled_from(SELVES), st.sampled_from(["", *CODE, "x" * 40]),
)
code_evidence = st.builds(
    _evidence, st.just("script-src"), st.sampled_from(["eval", "wasm-eval"]), st.just(""), st.sampled_from(SELVES), st.just("")
)
types_evidence = st.builds(_evidence, st.just("trusted-types"), st.just("trusted-types-policy"), st.just(""), st.sampled_from(SELVES),
                           st.sampled_from(["", "foo", "baz"]))
evidence = st.one_of(url_evidence, url_evidence, scheme_evidence, inline_evidence, code_evidence, types_evidence)
