"""A source list made ready for matching, and the matching of one address (CSP3 #match-url-to-source-list).

Profile "spec" is the text of CSP3; "chromium" is what Chromium does where it differs (policy-lab.md 1.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from policies.sources import Item
from policies.target import Target, path_pieces

Profile = Literal["spec", "chromium"]

# CSP3 #match-schemes: what an expression of this scheme allows beside the scheme itself.
_UPGRADES: dict[Profile, dict[str, tuple[str, ...]]] = {
    "spec": {"http": ("https",), "ws": ("wss", "http", "https"), "wss": ("https",)},
    "chromium": {"http": ("https",), "ws": ("wss",)},
}
_CHROMIUM_NETWORK = frozenset({"http", "https", "ws", "wss", "ftp"})


class HostRule:
    """One host-source, its parts turned into what the rules compare. Port: -1 any, 0 none written."""

    __slots__ = ("host", "index", "item", "pieces", "port", "prefix", "scheme")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.index = item.index
        self.scheme = item.scheme
        self.host = item.host
        self.port = -1 if item.port == "*" else _number(item.port)
        self.prefix = item.path.endswith("/")
        pieces = path_pieces(item.path) if item.path else ()
        self.pieces = pieces[:-1] if self.prefix else pieces


def _number(port: str) -> int:
    """0 where none is written; a port that no URL can have matches no URL."""
    if not port:
        return 0
    return int(port[-9:]) or 1 << 30 if not port[:-9].strip("0") else 1 << 30


class SourceList:
    """The expressions of one directive, indexed by host, so that ten thousand cost no more than ten."""

    __slots__ = ("any_host", "exact", "hashes", "hosts", "itself", "keywords", "nonces", "ports", "schemes", "star", "under")

    def __init__(self, items: Iterable[Item]) -> None:
        self.star: Item | None = None
        self.itself: Item | None = None
        self.keywords: dict[str, Item] = {}
        self.nonces: dict[str, Item] = {}
        self.hashes: list[Item] = []
        self.schemes: dict[str, Item] = {}
        self.exact: dict[str, list[HostRule]] = {}
        self.under: dict[str, list[HostRule]] = {}
        self.any_host: list[HostRule] = []
        self.ports: set[int] = set()
        for item in items:
            self._take(item)
        self.hosts = bool(self.exact or self.under or self.any_host)

    def _take(self, item: Item) -> None:
        if item.kind == "host":
            self._take_host(HostRule(item))
        elif item.kind == "scheme":
            self.schemes.setdefault(item.scheme, item)
        elif item.kind == "keyword":
            self.keywords.setdefault(item.keyword, item)
        elif item.kind == "self":
            self.itself = self.itself or item
        elif item.kind == "star":
            self.star = self.star or item
        elif item.kind == "nonce":
            self.nonces.setdefault(item.nonce, item)
        elif item.kind == "hash":
            self.hashes.append(item)

    def _take_host(self, rule: HostRule) -> None:
        self.ports.add(rule.port)
        if rule.host == "*":
            self.any_host.append(rule)
        elif rule.host.startswith("*."):
            self.under.setdefault(rule.host[1:], []).append(rule)
        else:
            self.exact.setdefault(rule.host, []).append(rule)

    def match(self, url: Target, origin: Target | None, redirected: bool = False, profile: Profile = "spec") -> Item | None:
        """The expression that covers the address, or None (CSP3 #match-url-to-source-list)."""
        star = self.star
        if star is not None and star_covers(url, origin, profile):
            return star
        if self.itself is not None and origin is not None and self_covers(url, origin, profile):
            return self.itself
        if self.schemes:
            found = self._match_scheme(url.scheme, profile)
            if found is not None:
                return found
        return self._match_host(url, origin, redirected, profile) if self.hosts else None

    def _match_scheme(self, scheme: str, profile: Profile) -> Item | None:
        found = self.schemes.get(scheme)
        if found is None:
            for item in self.schemes.values():
                if scheme_covers(item.scheme, scheme, profile):
                    return item
        return found

    def _match_host(self, url: Target, origin: Target | None, redirected: bool, profile: Profile) -> Item | None:
        if profile == "spec":
            if url.sort != "domain":
                return None
        elif not url.standard:
            return _first(self.any_host, url, origin, redirected, profile)
        found = None
        if self.exact:
            found = _first(self.exact.get(url.host, ()), url, origin, redirected, profile)
        if found is None and self.under:
            found = self._match_under(url, origin, redirected, profile)
        if found is None and self.any_host:
            found = _first(self.any_host, url, origin, redirected, profile)
        return found

    def _match_under(self, url: Target, origin: Target | None, redirected: bool, profile: Profile) -> Item | None:
        """`*.x`: each end of the host that begins with a dot, the longest first."""
        host = url.host
        dot = host.find(".")
        while dot != -1:
            rules = self.under.get(host[dot:])
            found = _first(rules, url, origin, redirected, profile) if rules else None
            if found is not None:
                return found
            dot = host.find(".", dot + 1)
        return None


def _first(rules: Iterable[HostRule], url: Target, origin: Target | None, redirected: bool, profile: Profile) -> Item | None:
    for rule in rules:
        if _covers(rule, url, origin, redirected, profile):
            return rule.item
    return None


def _covers(rule: HostRule, url: Target, origin: Target | None, redirected: bool, profile: Profile) -> bool:
    scheme = rule.scheme
    if not scheme:
        if origin is None or not origin.scheme:
            return False
        scheme = origin.scheme
    upgraded = scheme != url.scheme
    if upgraded and url.scheme not in _UPGRADES[profile].get(scheme, ()):
        return False
    if rule.port != -1 and not _port_covers(rule, url, upgraded, profile):
        return False
    return redirected or not rule.pieces or path_covers(rule.pieces, rule.prefix, url.path)


def _port_covers(rule: HostRule, url: Target, upgraded: bool, profile: Profile) -> bool:
    """CSP3 #match-ports; in Chromium a rise to the secure scheme needs its default port, from 80 or from itself."""
    if not rule.port:
        return url.is_default_port
    if upgraded and profile == "chromium":
        return url.is_default_port and rule.port in (80, url.port)
    return rule.port == url.port


def star_covers(url: Target, origin: Target | None, profile: Profile = "spec") -> bool:
    """The bare `*` (CSP3 #match-url-to-source-expression): http, https and the page's own scheme; in Chromium ws, wss, ftp too."""
    if url.scheme in ("http", "https") or (origin is not None and url.scheme == origin.scheme):
        return True
    return profile == "chromium" and url.scheme in _CHROMIUM_NETWORK


def scheme_covers(allowed: str, scheme: str, profile: Profile = "spec") -> bool:
    """`allowed:` against a URL's scheme (CSP3 #match-schemes): never from secure to insecure."""
    return allowed == scheme or scheme in _UPGRADES[profile].get(allowed, ())


def self_covers(url: Target, origin: Target, profile: Profile = "spec") -> bool:
    """`'self'` (CSP3 #match-url-to-source-expression): the same origin, or its secure sister."""
    if profile == "chromium" and origin.scheme == "file":
        return url.scheme == "file"
    if url.host != origin.host or url.opaque or origin.opaque:
        return False
    if url.scheme == origin.scheme and url.port == origin.port:
        return True
    if not (url.is_default_port and origin.is_default_port) and not _same_port(url, origin, profile):
        return False
    if profile == "chromium":
        return origin.scheme == "http" and url.scheme == "https"
    return url.scheme in ("https", "wss") or (origin.scheme == "http" and url.scheme in ("http", "ws"))


def _same_port(url: Target, origin: Target, profile: Profile) -> bool:
    """By the URL standard https://h:80 has a port and http://h has none, its default being left out; browsers compare the numbers."""
    written = not url.is_default_port and not origin.is_default_port
    return url.port == origin.port and (written or profile == "chromium")


def path_covers(pieces: tuple[bytes, ...], prefix: bool, path: str) -> bool:
    """CSP3 #match-paths: with a slash at its end a path covers what is under it, else that one file."""
    given = path_pieces(path or "/")
    if prefix:
        return given[: len(pieces)] == pieces and len(given) > len(pieces)
    return given == pieces
