"""The sources that would cover reported addresses, from narrow to wide (policy-lab.md 2.3, step 2)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote

from publicsuffixlist import PublicSuffixList

from policies.sources import parse_item
from policies.violation import Address

MAX_ITEMS = 10
"""More exact addresses than this in one change is a list nobody reads."""

_VERSION = re.compile(r"v?\d+(?:\.\d+)+.*|v\d+|.*[0-9a-f]{8,}.*|\d{4,}", re.IGNORECASE)
_PATH_SAFE = "/-._~!$&'()*+=:@"
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NETWORK = frozenset({"http", "https", "ws", "wss"})


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=16384)
def registrable(host: str) -> str:
    """The domain that somebody registered, "" for a public suffix, a shared host such as github.io, an address or one label."""
    if "." not in host or host.startswith("[") or host.rpartition(".")[2].isdigit():
        return ""
    return _suffixes().privatesuffix(host) or ""


def exact(addresses: Iterable[Address]) -> list[str]:
    """`https://host/path/file.js` for each address that has a path."""
    return _valid(address.origin + _escaped(address.path) for address in addresses if _has_path(address))


def directories(addresses: Iterable[Address]) -> list[str]:
    """`https://host/dir/`: the longest directory that all addresses of a host share, without versions and build hashes."""
    paths: dict[str, list[list[str]]] = defaultdict(list)
    for address in addresses:
        paths[address.origin].append(address.path.split("/")[1:-1] if _has_path(address) else [])
    found = []
    for origin, lists in paths.items():
        shared = list(_stable(_common(lists)))
        if not shared:
            return []
        found.append(origin + _escaped("/" + "/".join(shared) + "/"))
    return _valid(found)


def hosts(addresses: Iterable[Address]) -> list[str]:
    """`https://host`, with the port where it is not the default."""
    return _valid(address.origin for address in addresses)


def wildcards(addresses: Iterable[Address]) -> list[str]:
    """`https://*.domain` where three or more names of one registrable domain were seen and nobody else owns some of them."""
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for address in addresses:
        domain = registrable(address.host)
        if not domain or address.port:
            return []
        seen[address.scheme, domain].add(address.host)
    if not all(len(names - {domain}) >= 3 for (_, domain), names in seen.items()):
        return []
    found = [f"{scheme}://*.{domain}" for scheme, domain in seen]
    return _valid([*found, *(f"{scheme}://{domain}" for (scheme, domain), names in seen.items() if domain in names)])


def schemes(addresses: Iterable[Address]) -> list[str]:
    """`https:` and its like."""
    return _valid(f"{address.scheme}:" for address in addresses)


def is_network(address: Address) -> bool:
    """Whether the address is one that a host source can cover."""
    return bool(address.host) and address.scheme in _NETWORK


def is_versioned(address: Address) -> bool:
    """Whether the path holds a version or a build hash, so that an exact source breaks with the next release."""
    return any(_VERSION.fullmatch(part) for part in address.path.split("/"))


def _has_path(address: Address) -> bool:
    return len(address.path) > 1 and "*" not in address.path and not address.path.startswith("//")


def _common(lists: list[list[str]]) -> Iterator[str]:
    for parts in zip(*lists, strict=False):
        if len(set(parts)) > 1:
            return
        yield parts[0]


def _stable(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        if not part or _VERSION.fullmatch(part):
            return
        yield part


def _escaped(path: str) -> str:
    """The path as a source may hold it: what the grammar has no place for, `;` and `,` first of all, is percent-encoded."""
    return quote(_BAD_ESCAPE.sub("%25", path), safe=_PATH_SAFE + "%")


def _valid(texts: Iterable[str]) -> list[str]:
    """Each text once, and nothing at all if one of them is no source: half a fix is none."""
    found = list(dict.fromkeys(texts))
    whole = all(parse_item(text).kind in ("host", "scheme") and text.isascii() for text in found)
    return sorted(found) if whole and len(found) <= MAX_ITEMS else []
