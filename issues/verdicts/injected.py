"""Marks of what visitors' software puts into pages: extensions, antivirus, filters, carriers, adware, apps, browsers, translators."""

from __future__ import annotations

import re
from collections.abc import Iterator

from issues.verdicts.evidence import EVERYWHERE, Evidence, has_unknown_ending, is_local, parse_ip
from issues.verdicts.injected_rules import RULES
from issues.verdicts.lists import hosts, schemes
from issues.verdicts.lists.addresses import INJECTS, grammar_of
from issues.verdicts.lists.agents import agent_of
from issues.verdicts.lists.samples import hides_ads, signature_of
from issues.verdicts.lists.services import KNOWN, LIBRARIES
from issues.verdicts.model import Mark
from policies.violation import Address

_BY_ID = {rule.id: rule for rule in RULES}
_HOSTS = {host: (rule, name) for rule, table in reversed(hosts.BY_RULE.items()) for host, name in table.items()}
_SCHEMES = {
    scheme: (rule, whose)
    for rule, table in (
        ("browser-scheme", schemes.BROWSER),
        ("in-app-scheme", schemes.IN_APP),
        ("av-scheme", schemes.NETWORK),
        ("ext-scheme", schemes.EXTENSION),
    )
    for scheme, whose in table.items()
}
_SOURCE_SCHEMES = schemes.EXTENSION
_OLD_ADD_ONS = ("chrome://kango", "resource://jid1", "resource://gre/modules/addons")
# A browser's own files, user scripts and consoles, as browsers name them in `source-file`.
_INNER_SOURCE = re.compile(r"(?:resource|chrome|res)(?:$|:)", re.IGNORECASE)
_TOOL_SOURCE = re.compile(r"userscript|user-script:|debugger eval|^snippet:|__puppeteer_|__playwright_|^pptr:|monkey\b", re.IGNORECASE)
# Firefox's name for what an extension runs inside the page (its ExtensionContent.sys.mjs); text that a page runs has a file.
_NAMELESS = "<anonymous code>"
# What a style sheet asks for as well as a script.
_ASKED_BY_STYLES = frozenset({"font", "img", "style"})
_BOTH = ("script-src-elem", "style-src-elem")
# Whose hosts some sites use on purpose: not a mark where the report points at a line in the page.
_CHOSEN_TOO = frozenset({"ext-host", "tool-host", "translate-host", "av-maker"})
_WHOEVER_ASKS = frozenset({"av-address", "isp-address", "forged-value"})
TRANSLATORS = frozenset({"translate-address", "translate-call"})
_FILTERS = re.compile(
    r"(?:wsa|proxy)-?error\d*\.|(?:web-?)?filter(?:ing|s)?\d*\.|login\.[\w\-]*wi-?fi|(?:captive|hotspot|wifi-?login|wlan-?login|blockpage|webblock)[\w\-]*\."
)
_SUBSCRIBER_KEYS = ("msisdn=", "imsi=", "subscriberid=", "subno=", "subscriber=")
_CLIPPER_FONTS = ("/soleil.woff", "/soleil.woff2")
# A jumble of letters and digits, or a word of the trade, under a domain that costs next to nothing. Either alone says nothing.
_ABUSED = re.compile(
    r"(?:[\w\-]+\.)*(?:(?=[a-z\d]*[a-z]\d+[a-z]|[a-z\d]*\d[a-z]+\d|[a-z\d]*[bcdfghjklmnpqrstvwxz]{5})[a-z\d]{6,}"
    r"\.(?:men|win|pw|bid|loan|download|racing|date|stream|trade|review|science|accountant|faith|cricket|party|gdn|icu|buzz|cfd|sbs)"
    r"|[a-z\d\-]*(?:ads|adv|partner|traff|cpm|popup|coupon)[a-z\d\-]*\.(?:men|win|pw|bid|loan|racing|date|gdn)"
    r"|(?=[a-z\d]{8,}\.)[a-z\d]*\d[a-z]+\d+[a-z]{2,}[a-z\d]*\.(?:ru|su))"
)
# Broadcasters' streams are at `-vh`, `-lh`, `-i`; what runs as code from `-a` was an injector in every list we read.
_AKAMAI = re.compile(r"(?!(?:steamcdn|fbcdn|fbstatic|fbexternal)[\w\-]*-a\.)[\w\-]+-a\.akamaihd\.net")
_RUNS = frozenset({"script", "frame", "object", "worker"})
# Facebook's, Messenger's and Instagram's apps load such files; sites load the pixel and the SDK from the same host.
_META_BRIDGE = re.compile(
    r"^connect\.facebook\.net/(?:[\w\-]+/)*(?:iab|pcm|autofill)(?:[._\-][\w.\-]*)?\.js(?:\?|$)|^static\.xx\.fbcdn\.net/rsrc\.php/",
    re.IGNORECASE,
)
WEBSENSE_PORT = 15871


def host_of_list(host: str) -> tuple[str, str] | None:
    """(rule id, name) of the host or of the nearest domain above it that a list knows."""
    while host:
        found = _HOSTS.get(host)
        if found:
            return found
        host = host.partition(".")[2]
    return None


def listed(host: str, table: dict[str, str]) -> str:
    """What the table calls the host or the nearest domain above it; "" where it is unknown."""
    while host:
        if host in table:
            return table[host]
        host = host.partition(".")[2]
    return ""


def _scheme_of_list(scheme: str) -> tuple[str, str] | None:
    """(rule id, whose it is) of a scheme that a list knows, by its name or by its beginning."""
    return _SCHEMES.get(scheme) or next(((rule, whose) for start, rule, whose in schemes.PREFIXES if scheme.startswith(start)), None)


def marks(evidence: Evidence) -> Iterator[Mark]:
    """Every mark that fires, whatever the project declares."""
    yield from _scheme_marks(evidence)
    yield from _sample_marks(evidence)
    yield from _source_marks(evidence)
    if evidence.family != "ancestors" and (evidence.violation.blocked.host or evidence.violation.blocked.kind in ("broken", "word")):
        yield from _blocked_marks(evidence)
        yield from _network_marks(evidence)
    yield from _in_app_marks(evidence)
    yield from _font_marks(evidence)


def _scheme_marks(evidence: Evidence) -> Iterator[Mark]:
    violation = evidence.violation
    source = violation.source.scheme
    if source in _SOURCE_SCHEMES or violation.source.text.lower().startswith(_OLD_ADD_ONS):
        yield _BY_ID["ext-scheme"].mark(_SOURCE_SCHEMES.get(source, "an old add-on"))
    if violation.blocked.host and violation.blocked.scheme in schemes.ORDINARY:
        return
    scheme = violation.blocked.scheme
    found = _scheme_of_list(scheme)
    if found and found[0] == "ext-scheme":
        yield _BY_ID["ext-blocked-by-own" if evidence.source_is_own_file else "ext-scheme"].mark(found[1])
    elif found:
        yield _BY_ID[found[0]].mark(found[1])
    elif scheme and scheme not in schemes.ORDINARY and not evidence.source_is_own:
        yield _BY_ID["unknown-scheme"].mark(scheme[:40])
    if violation.blocked.text.lower().startswith("data:text/html,chromewebdata"):
        yield _BY_ID["browser-scheme"].mark("Chrome")


def _sample_marks(evidence: Evidence) -> Iterator[Mark]:
    violation = evidence.violation
    if not violation.sample:
        return
    found = signature_of(violation.sample)
    if found and _may_be_injected(found[0], evidence):
        yield _BY_ID[found[0]].mark(found[1])
    elif evidence.family == "style" and evidence.inline and not evidence.source_is_page_line and hides_ads(violation.sample):
        yield _BY_ID["ext-ad-selectors"].mark()


def _may_be_injected(rule: str, evidence: Evidence) -> bool:
    """Not where a line in the page holds the code: sites run BlockAdBlock too, and ship hooks of developer tools. Proxies do
    write into pages. A bridge to an app that runs in no app is the page's own attempt to find one."""
    if rule == "in-app-sample" and not agent_of(evidence.violation.user_agent).webview:
        return False
    if rule == "ext-sample-seen" and evidence.source_is_own_file:
        return False
    return not evidence.source_is_page_line or rule == "av-sample" or "extension:" in evidence.violation.sample


def _source_marks(evidence: Evidence) -> Iterator[Mark]:
    """A script that ran from such an address did the blocked thing: the strongest mark beside an extension's scheme."""
    source = evidence.violation.source
    if _INNER_SOURCE.match(source.text) and not evidence.blocked_is_own:
        yield _BY_ID["browser-source"].mark()
    elif _TOOL_SOURCE.search(source.text) and not source.host:
        yield _BY_ID["tool-source"].mark()
    if source.text == _NAMELESS:
        yield _BY_ID["ext-code"].mark()
    if not source.host:
        return
    found = grammar_of(evidence.source_text)
    if found and (not evidence.source_is_own or found[0] == "av-address"):
        yield _BY_ID[found[0]].mark(found[1])
    listed_source = host_of_list(source.host)
    if listed_source and not evidence.is_own(source.host):
        yield _BY_ID[listed_source[0]].mark(listed_source[1])
    elif not found and _never_let_in(evidence):
        yield _BY_ID["ext-source"].mark(source.host)


def _never_let_in(evidence: Evidence) -> bool:
    """The source is a stranger's script or style sheet, and the enforced policy lets none of that host run: nobody but the
    visitor's software could put it there. Not where nonces, hashes or whole schemes may let it in, nor for well-known services,
    whose scripts reach pages by roads that one report does not show."""
    source = evidence.violation.source
    if evidence.violation.disposition != "enforce" or source.scheme not in schemes.NETWORKED or is_local(source.host):
        return False
    if evidence.is_own(source.host) or evidence.is_related(source.host) or listed(source.host, KNOWN):
        return False
    directives = _BOTH if evidence.family in _ASKED_BY_STYLES else _BOTH[:1]
    return not any(evidence.may_let_in(directive, source.host) for directive in directives)


def _blocked_marks(evidence: Evidence) -> Iterator[Mark]:
    """Not where the site knows the host: its own, named in its policy, or asked for by a file of its own."""
    found = grammar_of(evidence.blocked_text)
    known = evidence.blocked_is_own or evidence.blocked_is_related or evidence.policy_names_blocked or evidence.source_is_own_file
    if found and (found[0] in _WHOEVER_ASKS or not _is_expected(found, evidence, known)):
        yield _BY_ID[found[0]].mark(found[1])
    if known:
        return
    if not found and evidence.blocked_names_page_in_hex:
        yield _BY_ID["adware-address"].mark("an ad injector, which writes your host in hexadecimal")
    by_host = host_of_list(evidence.violation.blocked.host)
    if (
        by_host
        and not (by_host[0] in _CHOSEN_TOO and evidence.source_is_page_line)
        and (by_host[0], evidence.family) != ("av-maker", "img")
    ):
        yield _BY_ID[by_host[0]].mark(by_host[1])
    elif _ABUSED.fullmatch(evidence.violation.blocked.host) or (
        evidence.family in _RUNS and _AKAMAI.fullmatch(evidence.violation.blocked.host)
    ):
        yield _BY_ID["adware-name"].mark(evidence.violation.blocked.host)


def _is_expected(found: tuple[str, str], evidence: Evidence, known: bool) -> bool:
    """Does the site use this itself? Of a translator's host the policy has to name just that: `google.com` says nothing of it."""
    rule, whose = found
    if rule in TRANSLATORS:
        return evidence.blocked_is_own or evidence.source_is_own_file or evidence.source_is_page_line or evidence.policy_names_translator
    if whose == INJECTS and _is_public(evidence.violation.blocked):
        return True
    return known or (rule == "ext-address" and _is_cdn(evidence))


def _is_cdn(evidence: Evidence) -> bool:
    """A library's or shop's own folder of extensions (CodeMirror's `addon/`, MathJax's and Shopify's `extensions/`)."""
    return bool(listed(evidence.violation.blocked.host, LIBRARIES)) and evidence.family in ("script", "style")


def _network_marks(evidence: Evidence) -> Iterator[Mark]:
    blocked, document = evidence.violation.blocked, evidence.violation.document
    if not blocked.host or blocked.scheme not in schemes.NETWORKED or evidence.document_is_inner:
        return
    nameless = "." not in blocked.host and blocked.host != "localhost" and parse_ip(blocked.host) is None
    if nameless or has_unknown_ending(blocked.host):
        yield _BY_ID["gateway-name"].mark(blocked.host[:60])
    elif is_local(blocked.host) and not evidence.source_is_own_file:
        certain = parse_ip(blocked.host) is not None and not evidence.source_is_own
        yield _BY_ID["private-address" if certain else "local-helper"].mark(blocked.host[:60])
    elif ".corp." in blocked.host or blocked.port == WEBSENSE_PORT or (_FILTERS.match(blocked.host) and not _is_familiar(evidence)):
        yield _BY_ID["gateway-name"].mark(blocked.host[:60])
    if blocked.scheme == "http" and document.scheme == "https" and any(key in blocked.query.lower() for key in _SUBSCRIBER_KEYS):
        yield _BY_ID["isp-subscriber"].mark()


def _is_familiar(evidence: Evidence) -> bool:
    return (
        evidence.blocked_is_own
        or evidence.blocked_is_related
        or evidence.policy_names_blocked
        or evidence.source_is_own_file
        or evidence.source_is_page_line
    )


def _in_app_marks(evidence: Evidence) -> Iterator[Mark]:
    violation = evidence.violation
    agent = agent_of(violation.user_agent)
    placeless = evidence.inline and not violation.sample and evidence.source_is_page and violation.line <= 1
    if agent.vendor and not agent.in_app and placeless:
        yield _BY_ID["vendor-browser-inline"].mark()
    if not agent.in_app:
        return
    if agent.meta and evidence.family == "script" and not evidence.source_is_own_file and _META_BRIDGE.search(evidence.blocked_text):
        yield _BY_ID["in-app-script"].mark(violation.blocked.path.rpartition("/")[2][:60])
    if placeless:
        yield _BY_ID["in-app-inline"].mark(violation.browser)
    elif violation.blocked.text == "null":
        yield _BY_ID["in-app-null"].mark(violation.browser)


def _font_marks(evidence: Evidence) -> Iterator[Mark]:
    blocked = evidence.violation.blocked
    if evidence.family != "font" or not blocked.host:
        return
    if evidence.blocked_is_own and blocked.path.lower().endswith(_CLIPPER_FONTS):
        yield _BY_ID["ext-font-file"].mark()
    elif evidence.blocked_is_foreign and not evidence.source_is_own and not _is_public(blocked) and not _lets_in_strangers(evidence):
        yield _BY_ID["ext-font"].mark(blocked.host)


def _is_public(address: Address) -> bool:
    """A service that sites choose as well, which the font rule must leave alone."""
    host = address.host
    while host:
        if host in hosts.SHARED or host in KNOWN:
            return True
        host = host.partition(".")[2]
    return False


def _lets_in_strangers(evidence: Evidence) -> bool:
    """Can a foreign font or style sheet come in under the reported policy at all? True as well where no policy was reported."""
    for name in ("font-src", "style-src"):
        directive = evidence.policy.operative(name)
        if directive is None:
            return True
        for item in directive.items:
            if item.kind in ("star", "scheme") and item.raw.lower() in EVERYWHERE:
                return True
            if item.kind == "host" and not evidence.is_own(item.host.removeprefix("*.")):
                return True
    return False
