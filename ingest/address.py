"""The client's address: one function for door, sign-in and visitor hash; and the day's hashes of it. Never stored, never logged."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

IPAddress = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_FORWARDED_FOR = re.compile(r'(?:^|;)\s*for="?\[?([0-9A-Fa-f:.]+)')


def networks(words: Sequence[str]) -> tuple[Network, ...]:
    """TRUSTED_PROXIES. Raises ValueError naming the word that is no network."""
    return tuple(ip_network(word.strip(), strict=False) for word in words if word.strip())


def client_address(peer: str, forwarded: str, forwarded_for: str, trusted: tuple[Network, ...]) -> IPAddress | None:
    """The right-most hop that is not one of our proxies. Headers count only when the peer is a trusted proxy.

    `forwarded_for`, X-Forwarded-For, wins over `forwarded` (RFC 7239): nearly every proxy writes the first and lets the
    second through as the client sent it. A hop that can't be read ends the walk at the last one that could: what stands
    left of it may be the client's invention.
    """
    address = _address(peer)
    if address is None or not _is_trusted(address, trusted):
        return address
    for hop in reversed(_hops(forwarded, forwarded_for)):
        found = _address(hop)
        if found is None:
            return address
        address = found
        if not _is_trusted(address, trusted):
            return address
    return address


def _hops(forwarded: str, forwarded_for: str) -> list[str]:
    if hops := [hop for hop in forwarded_for.split(",") if hop.strip()]:
        return hops
    return [match[1] if (match := _FORWARDED_FOR.search(hop.lower())) else "" for hop in forwarded.split(",")] if forwarded else []


def _address(text: str) -> IPAddress | None:
    """Also with a port (`192.0.2.1:55`, `[2001:db8::1]:55`), and IPv4 that came mapped into IPv6."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _is_trusted(address: IPAddress, trusted: tuple[Network, ...]) -> bool:
    return any(address in network for network in trusted if network.version == address.version)


class Client(NamedTuple):
    """What the door wants to know of an address: whom it counts as, where it lives. Empty for an unknown peer."""

    key: bytes = b""
    network: bytes = b""
    is_private: bool = True


@lru_cache(maxsize=8192)
def client_of(peer: str, forwarded: str, forwarded_for: str, trusted: tuple[Network, ...]) -> Client:
    address = client_address(peer, forwarded, forwarded_for, trusted)
    return Client(client_key(address), network_key(address), address.is_private) if address else Client()


def client_key(address: IPAddress) -> bytes:
    """What one client is: an IPv4 address, or the /64 of an IPv6 one."""
    return address.packed if isinstance(address, IPv4Address) else address.packed[:8]


def network_key(address: IPAddress) -> bytes:
    """The neighbourhood that shares a budget: a /24 or a /48."""
    return address.packed[:3] if isinstance(address, IPv4Address) else address.packed[:6]


def day_hash(salt: bytes, *parts: bytes) -> int:
    """63 bits under the day's salt, never 0 (which means unknown). Tomorrow's salt makes another number of the same person."""
    digest = hashlib.blake2b(b"\0".join(parts), key=salt, digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 1) or 1
