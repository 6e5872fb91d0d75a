"""Paste anything that holds a policy: it is recognised and read, and nothing of it is ever run."""

from __future__ import annotations

from collections.abc import Callable

from policies.importers.django_settings import read_django
from policies.importers.headers import read_cloudflare, read_curl, read_headers, read_meta, read_value, read_worker
from policies.importers.helmet import read_helmet
from policies.importers.pasted import MAX_TEXT, FoundPolicy, NotRecognised, Pasted
from policies.importers.server_text import read_apache, read_caddy, read_nginx

__all__ = ["FORMATS", "MAX_TEXT", "FoundPolicy", "NotRecognised", "Pasted", "read_pasted"]

FORMATS: dict[str, str] = {
    "value": "Header value",
    "headers": "Headers",
    "curl": "curl -sI",
    "meta": "<meta>",
    "django-csp": "django-csp 4",
    "django-csp-3": "django-csp 3",
    "django": "Django 6",
    "helmet": "helmet",
    "nginx": "nginx",
    "apache": "Apache",
    "caddy": "Caddy",
    "cloudflare": "Cloudflare",
}

# Those that can be told for certain come first.
READERS: tuple[Callable[[str], Pasted | None], ...] = (
    read_curl,
    read_meta,
    read_nginx,
    read_apache,
    read_caddy,
    read_cloudflare,
    read_django,
    read_helmet,
    read_worker,
    read_value,
    read_headers,
)


def read_pasted(text: str) -> Pasted:
    """Recognise a text and read its policies; raises NotRecognised with a sentence to show."""
    if len(text) > MAX_TEXT:
        raise NotRecognised(f"The text is longer than {MAX_TEXT:,} characters.")
    for reader in READERS:
        pasted = reader(text)
        if pasted is not None:
            return pasted
    raise NotRecognised(
        "This is no policy we can read: paste a header, several headers, curl -sI output, <meta>, django-csp settings, "
        "or the configuration of helmet, nginx, Apache, Caddy or Cloudflare."
    )
