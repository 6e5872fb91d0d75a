"""Addresses of organizations and projects: which words are taken, and how a name becomes one. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

# First segments of paths that are pages of ours, or that browsers, crawlers and proxies ask for on their own.
# tests/projects/test_slugs.py compares the first block with the root URLconf.
RESERVED = frozenset(
    """
    account admin api health help invite login logout metrics new observatory own-policy password signup static try welcome
    favicon.ico robots.txt .well-known
    about app assets docs media search security.txt settings setup sitemap.xml status user users www
    """.split()
)
# Second segments under /<organization>/, third ones belong to the project itself.
RESERVED_PROJECTS = frozenset({"members", "settings", "new", "delete", "rules", "invitations", "two-factor-needed"})

MAX_SLUG = 50
MAX_PREFIX = 12

_APART = re.compile(r"[^a-z0-9]+")


def slug_of(name: str, fallback: str = "site") -> str:
    """`Acme Dev, Ltd.` -> `acme-dev-ltd`; what leaves nothing is the fallback."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _APART.sub("-", plain).strip("-")[:MAX_SLUG].strip("-") or fallback


def free_slug(name: str, taken: Container[str], reserved: Container[str] = RESERVED, fallback: str = "site") -> str:
    """The name's slug, or the first of `shop-2`, `shop-3`, ... that is neither taken nor reserved."""
    wanted = slug_of(name, fallback)
    if wanted not in taken and wanted not in reserved:
        return wanted
    number = 2
    while (candidate := f"{wanted[: MAX_SLUG - len(str(number)) - 1]}-{number}") in taken or candidate in reserved:
        number += 1
    return candidate


def prefix_of(name: str) -> str:
    """The word before an issue's number: `My shop` -> `MYSHOP`, so that its first issue is MYSHOP-1."""
    return slug_of(name, "site").replace("-", "").upper()[:MAX_PREFIX]
