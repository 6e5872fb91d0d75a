"""Addresses: what is reserved is what the URLconf holds, and names become addresses."""

from __future__ import annotations

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from projects.slugs import RESERVED, RESERVED_PROJECTS, free_slug, prefix_of, slug_of


def first_segments(patterns: list[URLPattern | URLResolver]) -> set[str]:
    """The fixed first segments of the site's map; included modules without a prefix count as the map itself."""
    found: set[str] = set()
    for pattern in patterns:
        route = pattern.pattern._route if isinstance(pattern.pattern, RoutePattern) else pattern.pattern.regex.pattern.lstrip("^")
        if route:
            found.add(route.partition("/")[0])
        elif isinstance(pattern, URLResolver):
            found |= first_segments(pattern.url_patterns)
    return {segment for segment in found if segment and not segment.startswith("<")}


def test_every_first_segment_is_reserved() -> None:
    assert first_segments(get_resolver().url_patterns) - RESERVED == set()


def test_every_word_beside_the_projects_is_reserved() -> None:
    routes = {
        str(pattern.pattern)
        for resolver in get_resolver().url_patterns
        if isinstance(resolver, URLResolver)
        for pattern in resolver.url_patterns
    }
    second = {route.split("/")[1] for route in routes if route.startswith("<slug:org>/")}
    assert {segment for segment in second if segment and not segment.startswith("<")} - RESERVED_PROJECTS == set()


@pytest.mark.parametrize(
    "name, slug",
    [("Acme Dev, Ltd.", "acme-dev-ltd"), ("Ünïcode Café", "unicode-cafe"), ("---", "site"), ("日本", "site"), ("a" * 80, "a" * 50)],
)
def test_slug_of(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@pytest.mark.parametrize(
    "name, taken, slug",
    [
        ("shop", (), "shop"),
        ("shop", {"shop"}, "shop-2"),
        ("shop", {"shop", "shop-2"}, "shop-3"),
        ("Login", (), "login-2"),
        ("a" * 60, {"a" * 50}, "a" * 48 + "-2"),
    ],
)
def test_free_slug(name: str, taken: set[str], slug: str) -> None:
    assert free_slug(name, taken) == slug


@pytest.mark.parametrize("name, prefix", [("My shop", "MYSHOP"), ("A very long project name", "AVERYLONGPRO"), ("!!!", "SITE")])
def test_prefix_of(name: str, prefix: str) -> None:
    assert prefix_of(name) == prefix
