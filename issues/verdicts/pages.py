"""Marks of where a report came from: copies of the page, crawlers, browser bugs, altered policies, forgeries, development."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from issues.verdicts.evidence import Evidence, covers, is_address, policy_key, preview_service, registrable
from issues.verdicts.lists import hosts
from issues.verdicts.lists.agents import agent_of
from issues.verdicts.model import Mark
from issues.verdicts.pages_rules import RULES
from policies.directives import DIRECTIVES

NEEDS_SITES = frozenset({"doc-foreign", "doc-local", "doc-preview"})
"""Rules that ask what the project declares."""

UNKEYED = NEEDS_SITES | {"own-test"}
"""They never count for an issue's key: what they say depends on the project, or on a report of our own making."""

TEST_HOST = "test-report.invalid"
"""The blocked host of the set-up page's test report; no such host can exist (RFC 2606)."""

_BY_ID = {rule.id: rule for rule in RULES}
_STAGE = re.compile(
    r"(?:^|[.\-])(?:staging|stage|stg|dev|develop|development|test|testing|qa|uat|preview|sandbox|preprod|pre-prod|int|local|demo|pr-?\d+)(?:[.\-\d]|$)"
)
_VIEWED = re.compile(r"\.(?:pdf|xml|json|txt|rss|atom|csv)$|/(?:robots\.txt|sitemap[\w\-]*|feed/?|rss/?)$", re.IGNORECASE)
_SHOWN = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp|ico|mp[34]|m4[av]|webm|og[gv]|wav)$", re.IGNORECASE)
_VIEWERS = (
    (
        re.compile(rf"{_VIEWED.pattern}|\.(?:md|log|js|mjs|css|webmanifest|map|ya?ml)$", re.IGNORECASE),
        re.compile(r"^\s*word-wrap: ?break-word; ?white-space: ?pre-"),
    ),
    (re.compile(r"\.pdf$", re.IGNORECASE), re.compile(r"^\s*height: ?100%; ?width: ?100%; ?overflow: ?hid")),
    (
        _SHOWN,
        re.compile(
            re.compile(
                r"^\s*(?:margin: ?0px; ?(?:height: ?100%|background)|display: ?block; ?-webkit-user-s|-webkit-user-select: ?none; ?mar"
                r"|position: ?absolute; ?top: ?0)"
            ),
        ),
    ),
)
"""What files a browser shows in which style: Chromium's viewers of text, of PDF, of pictures and of films."""
_JQUERY_PROBE = re.compile(r"^on(?:submit|change|focusin|selectstart) attribute on DIV element")
_TAMPERED = re.compile(
    r"kaspersky-labs|zscaler|zscloud|blackspider|ibosscloud|ibosstest|scansafe|threatpulse|mailcontrol\.com|goguardian|securly"
    r"|contentkeeper|lightspeedsystems|nikkomsgchannel|adguard\.(?:com|org)|avast\.com|netdefender|trendmicro|barracuda|forcepoint|goskope|ahrefs\.(?:com|me)|smoothwall"
    r"|websense|\bbloxx\.|cloudsoc|menlosecurity|netskope|opendns\.|techloq|netstar-inc|fortinet|fortiguard|lanschool|gaggle\.net|\biboss\.com|linewize|familyzone"
    r"|sophosxl|noscript\.net|noscript-csp|\bmcafee\.com|bitdefender|trusteer",
    re.IGNORECASE,
)
_DAY = 86_400_000


def marks(evidence: Evidence) -> Iterator[Mark]:
    """Every mark that fires; those in NEEDS_SITES only where the project declares sites."""
    if evidence.violation.blocked.host == TEST_HOST:
        yield _BY_ID["own-test"].mark()
    yield from _copy_marks(evidence)
    yield from _site_marks(evidence)
    yield from _agent_marks(evidence)
    yield from _bug_marks(evidence)
    yield from _policy_marks(evidence)
    yield from _forged_marks(evidence)


def _copy_marks(evidence: Evidence) -> Iterator[Mark]:
    document = evidence.violation.document
    host = document.host
    while host:
        found = hosts.COPIES.get(host)
        if found and not covers(evidence.sites, document.host):
            yield _BY_ID[found[0]].mark(found[1])
            return
        host = host.partition(".")[2]
    if not document.host and document.scheme not in ("", "http", "https") and not evidence.violation.source.host:
        yield _BY_ID["doc-no-site"].mark(f"{document.scheme}:")


def _site_marks(evidence: Evidence) -> Iterator[Mark]:
    host = evidence.violation.document.host
    if not host or evidence.document_is_declared:
        return
    if evidence.document_is_local:
        yield _BY_ID["doc-local"].mark(host[:60])
    elif preview_service(host):
        yield _BY_ID["doc-preview"].mark(host[:80])
    elif any(registrable(host) == registrable(site.removeprefix("*.")) for site in evidence.sites) and not is_address(host):
        if _STAGE.search(host):
            yield _BY_ID["doc-preview"].mark(host[:80])
    else:
        yield _BY_ID["doc-foreign"].mark(host[:80])


def _agent_marks(evidence: Evidence) -> Iterator[Mark]:
    agent = agent_of(evidence.violation.user_agent)
    if agent.bot == "Google Read Aloud":
        yield _BY_ID["read-aloud"].mark()
    elif agent.bot:
        yield _BY_ID["bot-agent"].mark(agent.bot)
    elif agent.headless:
        yield _BY_ID["headless"].mark()
    unable = (agent.tool or not evidence.violation.user_agent) and evidence.violation.policy and not _can_report(evidence)
    if agent.command or unable:
        yield _BY_ID["forged-agent" if unable else "forged-command"].mark()


def _can_report(evidence: Evidence) -> bool:
    return any(directive.name in ("report-uri", "report-to") for directive in evidence.policy.directives)


def _bug_marks(evidence: Evidence) -> Iterator[Mark]:
    violation = evidence.violation
    directive, blocked = violation.directive, violation.blocked
    if "view-source" in (violation.source.scheme, violation.source.text, violation.document.scheme):
        yield _BY_ID["view-source"].mark()
    if _is_firefox_self(evidence):
        yield _BY_ID["firefox-self"].mark()
    if blocked.scheme == "about" and not evidence.source_is_own_file:
        yield _BY_ID["browser-about"].mark()
    if directive == "base-uri" and blocked.host == violation.document.host != "" and "'self'" in evidence.sources_of("base-uri"):
        yield _BY_ID["base-uri-own"].mark()
    if _JQUERY_PROBE.match(violation.sample):
        yield _BY_ID["jquery-probe"].mark()
    if evidence.inline and evidence.family == "style" and _is_viewers_style(violation.sample, violation.document.path):
        yield _BY_ID["viewer"].mark()
    if directive == "prefetch-src":
        yield _BY_ID["prefetch"].mark()


def _is_viewers_style(sample: str, path: str) -> bool:
    """Browsers show files in pages that they make themselves. Where a sample is sent it has to be theirs: a site may have a page
    called `feed` or `terms.txt`."""
    return (
        bool(_VIEWED.search(path) or _SHOWN.search(path))
        if not sample
        else any(kind.search(path) and style.match(sample) for kind, style in _VIEWERS)
    )


def _is_firefox_self(evidence: Evidence) -> bool:
    violation = evidence.violation
    old = violation.browser == "Firefox" and 0 < violation.browser_version < 43
    return old and evidence.family == "script" and not violation.sample and ("blocked", "self") in violation.extra


def _policy_marks(evidence: Evidence) -> Iterator[Mark]:
    if "x-apple-ql-id:" in evidence.violation.policy:
        yield _BY_ID["quicklook"].mark()
    tampered = _tampered_by(policy_key(evidence.violation.policy))
    if tampered and not any(tampered in domain for domain in evidence.own_domains):
        yield _BY_ID["policy-tampered"].mark(tampered)
    if evidence.violation.age > _DAY or evidence.violation.status == 304:
        yield _BY_ID["old-report"].mark()


@lru_cache(maxsize=4096)
def _tampered_by(policy: str) -> str:
    match = _TAMPERED.search(policy)
    return match[0].lower() if match else ""


def _forged_marks(evidence: Evidence) -> Iterator[Mark]:
    violation = evidence.violation
    if violation.blocked.scheme == "javascript" and len(violation.blocked.text) > len("javascript:"):
        yield _BY_ID["forged-script-address"].mark()
    if violation.directive and violation.directive not in DIRECTIVES:
        yield _BY_ID["forged-directive"].mark(re.sub(r"[^\w\-]", "", violation.directive)[:40])
    document = violation.document
    if document.host in ("example.com", "example.org") and document.path == "/signup.html":
        yield _BY_ID["forged-tutorial"].mark()
    if violation.origin.startswith("http") and document.host and registrable(_host(violation.origin)) != registrable(document.host):
        yield _BY_ID["origin-differs"].mark()


def _host(origin: str) -> str:
    return origin.partition("://")[2].partition("/")[0].partition(":")[0].lower()
