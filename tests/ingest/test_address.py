from __future__ import annotations

from ipaddress import ip_address

import pytest

from ingest.address import client_address, client_key, day_hash, network_key, networks

PROXIES = networks(["10.0.0.0/8", " 2001:db8:ffff::/48 ", ""])


@pytest.mark.parametrize(
    "peer, forwarded, forwarded_for, client",
    [
        # Nobody who is not our proxy may say who he is.
        ("198.51.100.7", "", "8.8.8.8", "198.51.100.7"),
        ("198.51.100.7", "for=8.8.8.8", "", "198.51.100.7"),
        ("10.0.0.1", "", "", "10.0.0.1"),
        ("10.0.0.1", "", "8.8.8.8", "8.8.8.8"),
        # The right-most untrusted hop: what stands left of it is the client's invention.
        ("10.0.0.1", "", "1.1.1.1, 8.8.8.8, 10.2.2.2", "8.8.8.8"),
        ("10.0.0.1", "", "10.9.9.9, 10.2.2.2", "10.9.9.9"),
        ("10.0.0.1", "", "8.8.8.8, nonsense, 10.2.2.2", "10.2.2.2"),
        ("10.0.0.1", "", "8.8.8.8:51034", "8.8.8.8"),
        ("10.0.0.1", "", "2001:db8::5", "2001:db8::5"),
        ("10.0.0.1", "", "[2001:db8::5]:443", "2001:db8::5"),
        ("10.0.0.1", "for=1.1.1.1, for=8.8.8.8;proto=https;by=10.0.0.1", "", "8.8.8.8"),
        ("10.0.0.1", 'for="[2001:db8::5]:47011"', "", "2001:db8::5"),
        ("10.0.0.1", "for=unknown", "", "10.0.0.1"),
        ("10.0.0.1", "For=9.9.9.9", "", "9.9.9.9"),
        ("10.0.0.1", "xfor=9.9.9.9", "", "10.0.0.1"),
        # A proxy that writes the one header lets the other through as the client made it up.
        ("10.0.0.1", "for=9.9.9.9", "8.8.8.8", "8.8.8.8"),
        ("10.0.0.1", "for=9.9.9.9", " , ", "9.9.9.9"),
        ("2001:db8:ffff::1", "", "8.8.8.8", "8.8.8.8"),
        ("::ffff:10.0.0.1", "", "8.8.8.8", "8.8.8.8"),
        ("", "", "8.8.8.8", None),
    ],
)
def test_the_client_is_the_first_hop_that_is_not_ours(peer: str, forwarded: str, forwarded_for: str, client: str | None) -> None:
    found = client_address(peer, forwarded, forwarded_for, PROXIES)
    assert (str(found) if found else None) == client


def test_a_network_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.300"):
        networks(["10.0.0.300"])


def test_one_client_is_an_ipv4_address_or_a_64() -> None:
    assert client_key(ip_address("192.0.2.1")) != client_key(ip_address("192.0.2.2"))
    assert client_key(ip_address("2001:db8:1:2::1")) == client_key(ip_address("2001:db8:1:2:ffff::1"))
    assert client_key(ip_address("2001:db8:1:2::1")) != client_key(ip_address("2001:db8:1:3::1"))


def test_one_network_is_a_24_or_a_48() -> None:
    assert network_key(ip_address("192.0.2.1")) == network_key(ip_address("192.0.2.254"))
    assert network_key(ip_address("192.0.2.1")) != network_key(ip_address("192.0.3.1"))
    assert network_key(ip_address("2001:db8:1::1")) == network_key(ip_address("2001:db8:1:ffff::1"))


def test_a_day_hash_means_nothing_under_another_salt_and_fits_a_bigint() -> None:
    assert day_hash(b"monday", b"a", b"b") == day_hash(b"monday", b"a", b"b")
    assert day_hash(b"monday", b"a", b"b") != day_hash(b"tuesday", b"a", b"b")
    assert day_hash(b"monday", b"a", b"b") != day_hash(b"monday", b"ab", b"")
    assert all(0 < day_hash(b"salt", b"%d" % number) < 2**63 for number in range(1000))
