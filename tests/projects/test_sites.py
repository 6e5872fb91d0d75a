"""What people type as a site, a page, a scheme or an extension, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from projects.sites import MAX_LINES, extension_of, page_of, read_lines, scheme_of, site_of


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("shop.example", "shop.example"),
        (" https://Shop.Example/cart?x=1 ", "shop.example"),
        ("http://shop.example:8080/", "shop.example:8080"),
        ("localhost:3000", "localhost:3000"),
        ("localhost", "localhost"),
        ("*.shop.example", "*.shop.example"),
        ("https://*.shop.example", "*.shop.example"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("192.0.2.7", "192.0.2.7"),
        ("shop.example.", "shop.example"),
    ],
)
def test_site_of(typed: str, kept: str) -> None:
    assert site_of(typed) == kept


@pytest.mark.parametrize("typed", ["", "*", "*.com", "shop example", "'self'", "*.*.example", "https://", "javascript:alert(1)"])
def test_no_site(typed: str) -> None:
    with pytest.raises(ValueError):
        site_of(typed)


@pytest.mark.parametrize(
    "read, typed, kept",
    [
        (page_of, "/checkout/*", "/checkout/*"),
        (page_of, "https://shop.example/pay?x=1", "/pay"),
        (scheme_of, "MyApp://", "myapp"),
        (extension_of, "chrome-extension://abcdefghijklmnop/page.html", "abcdefghijklmnop"),
        (extension_of, "{0b8f0a7e-1111-2222-3333-444444444444}", "{0b8f0a7e-1111-2222-3333-444444444444}"),
    ],
)
def test_other_lines(read: Callable[[str], str], typed: str, kept: str) -> None:
    assert read(typed) == kept


@pytest.mark.parametrize("read, typed", [(page_of, "checkout"), (scheme_of, "https"), (scheme_of, "1x"), (extension_of, "<script>")])
def test_refused_lines(read: Callable[[str], str], typed: str) -> None:
    with pytest.raises(ValueError):
        read(typed)


def test_lines_are_read_once_each_and_bounded() -> None:
    assert read_lines("b.example\na.example, b.example", site_of) == ["b.example", "a.example"]
    with pytest.raises(ValueError, match=str(MAX_LINES)):
        read_lines(" ".join(f"h{number}.example" for number in range(MAX_LINES + 1)), site_of)
