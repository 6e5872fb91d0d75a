"""What the rules look at, worked out once per violation: whose hosts these are, what the addresses say, what the policy says."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import unquote_plus

from publicsuffixlist import PublicSuffixList

from issues.verdicts.lists.previews import PREVIEWS
from issues.verdicts.model import ProjectFacts
from policies.address import parse_address
from policies.directives import family_of
from policies.evaluate import deciding
from policies.policy import Policy, parse_policy
from policies.sources import NONCE_PLACEHOLDER
from policies.violation import Address, Violation

_SUFFIXES = PublicSuffixList()
_KNOWN_SUFFIXES = PublicSuffixList(accept_unknown=False)
_RESERVED = (".example", ".invalid", ".onion", ".alt")
_NONCE = re.compile(r"'nonce-[^'\s;,]*'", re.IGNORECASE)
MAX_READABLE = 1024
_NETWORK_SCHEMES = frozenset({"http", "https", "ws", "wss"})
_CARRIER_GRADE = ipaddress.ip_network("100.64.0.0/10")
_LOCAL_NAMES = (
    *(".localhost", ".local", ".test", ".internal", ".lan", ".home.arpa", ".localdomain"),
    *(".home", ".corp", ".intranet", ".intra", ".private", ".hole", "fritz.box", "easy.box", "speedport.ip"),
    *("router.asus.com", "tplinkwifi.net", "tplinklogin.net", "routerlogin.net", "mywifiext.net", "miwifi.com"),
)
"""Ends of names that no public resolver answers, routers' own names among them."""
_INNER = re.compile(r"(?:^|\.)(?:corp|intranet|intra|intern|internal|lan|vpn)\.")
EVERYWHERE = frozenset({"https:", "*", "https://*", "http:"})
_SHARED_NAME = 6
"""Letters two registrable names must begin with alike to look like one company's (`brackenshop`, `brackencdn`)."""


@dataclass(frozen=True)
class Evidence:
    """One violation with what a project declares; every derived fact is computed when a rule first asks."""

    violation: Violation
    facts: ProjectFacts

    @cached_property
    def family(self) -> str:
        return family_of(self.violation.directive)

    @cached_property
    def sites(self) -> frozenset[str]:
        return declared_hosts(self.facts.sites)

    @cached_property
    def own_domains(self) -> frozenset[str]:
        """Registrable domains of the page and of the declared sites that the page is one of."""
        document = registrable(self.violation.document.host)
        declared = frozenset(registrable(host.removeprefix("*.")) for host in self.sites)
        return declared | {document} if not declared or document in declared else frozenset({document})

    def is_own(self, host: str) -> bool:
        """Is this a host of the page's own company, as far as the name shows?"""
        return bool(host) and registrable(host) in self.own_domains

    @cached_property
    def document_is_local(self) -> bool:
        return is_local(self.violation.document.host)

    @cached_property
    def document_is_inner(self) -> bool:
        """A page of an inner network, where private addresses are ordinary."""
        return self.document_is_local or bool(_INNER.search(self.violation.document.host))

    @cached_property
    def document_is_declared(self) -> bool:
        """True as well where nothing is declared."""
        return not self.sites or covers(self.sites, self.violation.document.host)

    @cached_property
    def source_is_page(self) -> bool:
        """The source file is the page itself, or not named at all."""
        source, document = self.violation.source, self.violation.document
        return (
            not source.host
            or (source.host, source.path) == (document.host, document.path)
            or (source.host == document.host and source.kind == "origin")
        )

    @cached_property
    def source_is_page_line(self) -> bool:
        """The report points at a line in the page, past the first, where what visitors bring along is written to."""
        return bool(self.violation.source.host) and self.source_is_page and self.violation.line > 1

    @cached_property
    def source_is_own_file(self) -> bool:
        """The source file is a file of the page's own company, and not the page itself."""
        return bool(self.violation.source.host) and not self.source_is_page and self.is_own(self.violation.source.host)

    @cached_property
    def source_is_own(self) -> bool:
        return bool(self.violation.source.host) and self.is_own(self.violation.source.host)

    @cached_property
    def blocked_is_own(self) -> bool:
        return self.is_own(self.violation.blocked.host)

    @cached_property
    def blocked_is_foreign(self) -> bool:
        """A network address of somebody else, by name."""
        blocked = self.violation.blocked
        return bool(blocked.host) and blocked.scheme in _NETWORK_SCHEMES and not self.blocked_is_own and not self.blocked_is_related

    @cached_property
    def blocked_is_related(self) -> bool:
        """Not the same registrable domain, yet a name that begins like the site's own."""
        return self.is_related(self.violation.blocked.host)

    def is_related(self, host: str) -> bool:
        return any(_related(registrable(host), domain) for domain in self.own_domains)

    @cached_property
    def inline(self) -> bool:
        return self.violation.blocked_kind == "inline"

    @cached_property
    def blocked_text(self) -> str:
        """Host, path and query of the blocked address, percent-decoded: what URL grammars are matched against."""
        return readable(self.violation.blocked)

    @cached_property
    def source_text(self) -> str:
        return readable(self.violation.source)

    @cached_property
    def query(self) -> str:
        """The page's own path and query, decoded: what a reflected payload is looked for in."""
        document = self.violation.document
        return unquote_plus(f"{document.path}?{document.query}") if document.query else ""

    @cached_property
    def policy(self) -> Policy:
        return policy_of(self.violation.policy)

    @cached_property
    def policy_names_blocked(self) -> bool:
        """Some directive of the policy names the blocked host's domain: the site knows this vendor."""
        return registrable(self.violation.blocked.host) in self.policy_domains

    @cached_property
    def policy_names_translator(self) -> bool:
        """The site has Google's translation widget: its policy names the host, or the host's name as a script's source."""
        return "translate.g" in self.violation.policy or any(
            item.kind == "host" and _covers(item.host, self.violation.blocked.host)
            for directive in self.policy.directives
            for item in directive.items
        )

    @cached_property
    def policy_domains(self) -> frozenset[str]:
        """Registrable domains that the policy's directives name, addresses for reports apart."""
        return _domains(policy_key(self.violation.policy))

    @cached_property
    def policy_allows(self) -> str:
        """Why the reported policy allows what it is said to have blocked (a reason of policies.decision), or "". A redirect is
        behind it, another policy, or somebody changed it."""
        if not self.violation.policy:
            return ""
        decision = deciding(self.policy, self.violation)
        return decision.reason if decision.verdict == "allowed" else ""

    def may_let_in(self, directive: str, host: str) -> bool:
        """Could the reported policy let something of this host in? By name of its domain, or by a source that names no host."""
        found = self.policy.operative(directive)
        if found is None or registrable(host) in self.policy_domains:
            return True
        return any(item.raw.lower() in EVERYWHERE or item.kind in ("nonce", "hash") or "strict-dynamic" in item.raw for item in found.items)

    @cached_property
    def blocked_names_page_in_hex(self) -> bool:
        """The blocked path holds the page's host in hexadecimal, as some injectors tell their server where they run."""
        host = self.violation.document.host.removeprefix("www.")
        return len(host) > 5 and host.encode().hex() in self.violation.blocked.path.lower()

    def sources_of(self, directive: str) -> tuple[str, ...]:
        """The words of the directive that decided, in lower case."""
        found = self.policy.operative(directive)
        return tuple(value.lower() for value in found.values) if found else ()


def readable(address: Address) -> str:
    """`host/path?query`, decoded and bounded; the text of anything that has no host."""
    if not address.host:
        broken = address.text.partition("://")[2] if address.kind == "broken" else ""
        return (broken or address.text)[:512]
    text = (address.host + address.path + (f"?{address.query}" if address.query else ""))[:MAX_READABLE]
    return unquote_plus(text) if "%" in text or "+" in text else text


@lru_cache(maxsize=8192)
def registrable(host: str) -> str:
    """`shop.co.uk` for `www.shop.co.uk` (public suffix list); an address or a single label is its own."""
    if not host or is_address(host):
        return host
    return str(_SUFFIXES.privatesuffix(host) or host)


def preview_service(host: str) -> str:
    """`vercel.app` for `shop-git-fix.vercel.app`; "" for any other host."""
    return next((name for name in (registrable(host), host.partition(".")[2]) if name in PREVIEWS), "")


def domain_of(source: str) -> str:
    """`x.io` of an issue's source (`cdn.x.io`, `http://x.io:8080`); "" where it is no host."""
    host = source.rpartition("://")[2].partition(":")[0]
    return registrable(host) if "." in host else ""


@lru_cache(maxsize=8192)
def has_unknown_ending(host: str) -> bool:
    """A name under an ending that the internet does not have (`annuaire.ssi.mi`); those kept for documents and tests aside."""
    if "." not in host or is_address(host) or is_local(host) or host.endswith(_RESERVED):
        return False
    return _KNOWN_SUFFIXES.publicsuffix(host) is None


@lru_cache(maxsize=8192)
def is_address(host: str) -> bool:
    return parse_ip(host) is not None


def parse_ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if not host or not (host[-1].isdigit() or host[0] == "["):
        return None
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def is_local(host: str) -> bool:
    """localhost, a loopback, private, link-local or carrier-grade address, or a name that only a local resolver knows."""
    if host == "localhost" or host.endswith(_LOCAL_NAMES):
        return True
    if host and "." not in host and host[0] != "[":
        return True
    address = parse_ip(host)
    if address is None:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        if any(address in block for block in _DOCUMENTATION):
            return False
        return address.is_private or address.is_loopback or address.is_link_local or address in _CARRIER_GRADE
    return address.is_private or address.is_loopback or address.is_link_local


_DOCUMENTATION = tuple(ipaddress.ip_network(block) for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"))


@lru_cache(maxsize=4096)
def declared_hosts(sites: tuple[str, ...]) -> frozenset[str]:
    """Host names from what people type: with or without scheme and port, in Unicode or punycode, `*.` kept."""
    hosts = set()
    for site in sites:
        wildcard = "*." if "*." in site else ""
        bare = site.strip().replace("*.", "", 1)
        host = parse_address(bare if "://" in bare else f"https://{bare}").host
        if host:
            hosts.add(wildcard + host)
    return frozenset(hosts)


def covers(sites: frozenset[str], host: str) -> bool:
    return host in sites or any(site.startswith("*.") and host.endswith(site[1:]) for site in sites)


def _covers(pattern: str, host: str) -> bool:
    return pattern == host or (pattern.startswith("*.") and host.endswith(pattern[1:]))


@lru_cache(maxsize=4096)
def _related(first: str, second: str) -> bool:
    one, other = first.partition(".")[0], second.partition(".")[0]
    return len(one) > _SHARED_NAME and len(other) > _SHARED_NAME and one[: _SHARED_NAME + 1] == other[: _SHARED_NAME + 1]


def policy_key(text: str) -> str:
    """The policy's text with one nonce for all, since each page view has its own."""
    return _NONCE.sub(f"'nonce-{NONCE_PLACEHOLDER}'", text) if "'nonce-" in text.lower() else text


def policy_of(text: str) -> Policy:
    """The reported policy; one that differs only in its nonces is parsed once."""
    return _parsed(policy_key(text))


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Policy:
    return parse_policy(text)


@lru_cache(maxsize=4096)
def _domains(policy: str) -> frozenset[str]:
    items = (item for directive in _parsed(policy).directives for item in directive.items)
    return frozenset(registrable(item.host.removeprefix("*.")) for item in items if item.kind == "host")
