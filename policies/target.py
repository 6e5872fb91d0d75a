"""Target: an address as the matching rules need it, parsed once (WHATWG URL) and matched against many expressions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote_to_bytes

from ada_url import URL

from policies.address import DEFAULT_PORTS
from policies.violation import Address

_IPV4 = re.compile(r"[0-9.]+")
# Addresses that the URL parser would leave as they are, which nearly all are; the host's last label begins with a letter.
_PLAIN = re.compile(r"(https?|wss?)://((?:[a-z0-9\-]+\.)*[a-z][a-z0-9\-]*)(/(?!\.)(?:[A-Za-z0-9_~!$&()*+,;=:@.\-]|/(?!\.))*)?(?:[?#].*)?")
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.\-]*):")
_CHROMIUM_STANDARD = frozenset({*DEFAULT_PORTS, "file", "filesystem", "chrome", "chrome-extension"})
_WS_AS_HTTP = {"ws": "http", "wss": "https"}

HostSort = Literal["domain", "ip", "opaque", "none"]


@dataclass(frozen=True, slots=True)
class Target:
    """`port` is the effective one, 0 where the scheme has no default and none is written.

    `sort` says what the host is: only a domain takes part in host matching by CSP3 #match-hosts; `standard` tells
    whether Chromium looks at the host at all.
    """

    scheme: str
    host: str = ""
    port: int = 0
    path: str = ""
    sort: HostSort = "none"
    standard: bool = False

    @property
    def is_default_port(self) -> bool:
        """Whether the port is the default of the scheme."""
        return self.port == DEFAULT_PORTS.get(self.scheme, 0)

    @property
    def opaque(self) -> bool:
        """Whether the origin is opaque (URL standard, "origin"): it is no tuple of scheme, host and port."""
        return self.scheme not in DEFAULT_PORTS

    @property
    def origin(self) -> str:
        """The origin serialised, "" for an opaque one."""
        if self.opaque:
            return ""
        return f"{self.scheme}://{self.host}" + ("" if self.is_default_port else f":{self.port}")


@lru_cache(maxsize=8192)
def target_of(text: str) -> Target:
    """Parse an address. What the URL parser refuses keeps its scheme alone, so that no host rule can match it."""
    plain = _PLAIN.fullmatch(text)
    if plain and "xn--" not in plain[2]:
        scheme, host, path = plain.groups("/")
        return Target(scheme, host, DEFAULT_PORTS[scheme], path, "domain", True)
    try:
        url = URL(text)
    except ValueError:
        match = _SCHEME.match(text)
        return Target(match[1].lower() if match else "")
    return make_target(url.protocol[:-1], url.hostname, int(url.port) if url.port else 0, url.pathname)


@lru_cache(maxsize=8192)
def target_of_address(address: Address) -> Target:
    """The same from an address of a report, which is parsed already (its host has lost a trailing dot)."""
    return make_target(address.scheme, address.host, address.port, address.path or ("/" if address.host else ""))


@lru_cache(maxsize=4096)
def self_of(text: str | None) -> Target | None:
    """The self-origin of a document's address; None stays None (an opaque origin)."""
    return None if text is None else target_of(text)


@lru_cache(maxsize=8192)
def as_http(target: Target) -> Target:
    """ws: as http:, wss: as https:, as Fetch writes a WebSocket's URL before CSP sees it."""
    scheme = _WS_AS_HTTP.get(target.scheme)
    return make_target(scheme, target.host, target.port, target.path) if scheme else target


def make_target(scheme: str, host: str, port: int, path: str) -> Target:
    """A target from its parts, as the URL parser would serialise them; port 0 is the scheme's default."""
    return Target(scheme, host, port or DEFAULT_PORTS.get(scheme, 0), path, _sort(scheme, host), scheme in _CHROMIUM_STANDARD)


def _sort(scheme: str, host: str) -> HostSort:
    if not host:
        return "none"
    if host.startswith("[") or _IPV4.fullmatch(host):
        return "ip"
    return "domain" if scheme in DEFAULT_PORTS or scheme == "file" else "opaque"


@lru_cache(maxsize=8192)
def path_pieces(path: str) -> tuple[bytes, ...]:
    """The segments of a path, each percent-decoded on its own: "%2F" is no slash (CSP3 #match-paths)."""
    return tuple(unquote_to_bytes(piece) for piece in path.split("/"))
