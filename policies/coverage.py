"""Does a source list cover everything that one expression covers? Asked of the matcher itself, by probes.

Each expression is turned into the few addresses that stand for all it covers; labels and path segments that the
grammar of CSP can't write ("_", "<") make sure that only a wildcard or a prefix can answer for them. A WebSocket
counts as http by the specification, as Fetch has it (see `target.as_http`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import count, product

from policies.address import DEFAULT_PORTS
from policies.sourcelist import Profile, SourceList
from policies.sources import Item
from policies.target import Target, make_target, target_of

URL_KINDS = frozenset({"star", "self", "scheme", "host"})
_UNWRITABLE_HOST = "_"
_ANY_PATHS = ("/", "/<>", "/<a>/<b>")
_PROFILES: tuple[Profile, ...] = ("spec", "chromium")


def origins_for(self_url: str | None) -> tuple[Target, ...]:
    """The page's origin; where it is not known, one of http: and one of https: that no expression can name."""
    if self_url:
        return (target_of(self_url),)
    return (make_target("http", "_self", 0, "/"), make_target("https", "_self", 0, "/"))


def covers(sources: SourceList, item: Item, origins: tuple[Target, ...]) -> bool:
    """Whether every address that `item` covers is covered by `sources`, in both profiles and for each origin."""
    if item.kind not in URL_KINDS:
        return True
    single = SourceList((item,))
    ports = _ports(item, sources)
    for origin, profile in product(origins, _PROFILES):
        for probe in _probes(item, origin, profile, ports):
            if single.match(probe, origin, False, profile) and not sources.match(probe, origin, False, profile):
                return False
    return True


def item_covers(wide: Item, narrow: Item, origins: tuple[Target, ...]) -> bool:
    """Whether one expression makes another needless."""
    return wide.kind in URL_KINDS and narrow.kind in URL_KINDS and covers(_alone(wide), narrow, origins)


@lru_cache(maxsize=4096)
def _alone(item: Item) -> SourceList:
    return SourceList((item,))


def _ports(item: Item, sources: SourceList) -> tuple[int, ...]:
    """Ports that matter: the defaults, the item's own, and one that nobody wrote."""
    if item.kind == "self":
        return (0,)
    if item.kind == "host" and item.port not in ("", "*"):
        return (0, int(item.port[-9:]))
    if item.kind == "host" and item.port == "":
        return (0,)
    return (0, 80, 443, next(port for port in count(61234) if port not in sources.ports))


def _probes(item: Item, origin: Target, profile: Profile, ports: tuple[int, ...]) -> Iterator[Target]:
    schemes = _schemes(item, origin, profile)
    if item.kind == "self":
        for scheme, port in product(schemes, {origin.port, 0}):
            yield make_target(scheme, origin.host, port, "/<a>/<b>")
        return
    if item.kind in ("scheme", "star"):
        for scheme in schemes:
            yield make_target(scheme, "", 0, "")
    for scheme, host, port, path in product(schemes, _hosts(item), ports, _paths(item)):
        yield make_target(scheme, host, port, path)


def _schemes(item: Item, origin: Target, profile: Profile) -> set[str]:
    known = {"http", "https", "ftp", item.scheme or origin.scheme, origin.scheme}
    return known if profile == "spec" else {*known, *DEFAULT_PORTS}


def _hosts(item: Item) -> tuple[str, ...]:
    if item.kind != "host":
        return (_UNWRITABLE_HOST, "192.0.2.1")
    if item.host == "*":
        return (_UNWRITABLE_HOST, "192.0.2.1")
    return (_UNWRITABLE_HOST + item.host[1:] if item.host.startswith("*.") else item.host,)


def _paths(item: Item) -> tuple[str, ...]:
    if item.path.endswith("/"):
        return (item.path, item.path + "<>", item.path + "<a>/<b>")
    return (item.path,) if item.path else _ANY_PATHS
