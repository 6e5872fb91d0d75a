"""What is cut before anything is stored: queries, fragments, tokens in paths, e-mails, all but 40 characters of a sample."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache

from policies.violation import EMPTY, Address, Violation

CUT = "[cut]"
MAX_SAMPLE = 40
MAX_RECEIVED = 8192

_EMAIL = re.compile(r"[A-Za-z0-9._+\-]+(?:@|%40)[A-Za-z0-9.\-]+\.[A-Za-z]{2,}", re.IGNORECASE)
_NUMBER = re.compile(r"\d{3,}|\d+(?:[\-_.]\d+)+")
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
_LONG_MIXED = re.compile(r"(?=[^/]*\d)[A-Za-z0-9_\-=+.~%]{20,}")


def scrub(violation: Violation, keep_query_hosts: Collection[str] = ()) -> Violation:
    """The violation as it may be stored (trust.md, "What is kept")."""
    return replace(
        violation,
        document=_address(violation.document, keep_query_hosts),
        referrer=_host_only(violation.referrer),
        blocked=_address(violation.blocked, keep_query_hosts),
        source=_address(violation.source, keep_query_hosts),
        sample=scrub_sample(violation.sample),
        policy=scrub_policy(violation.policy),
        violated=scrub_policy(violation.violated),
        user_agent="",
    )


def _address(address: Address, keep_query_hosts: Collection[str]) -> Address:
    query = address.query if address.host and address.host in keep_query_hosts else ""
    path = mask_path(address.path)
    if not address.host:
        text = f"{address.scheme}:" if address.kind == "scheme" else _EMAIL.sub("*", address.text[:MAX_SAMPLE])
        return replace(address, text=text, path="", query="")
    clean = replace(address, path=path, query=query)
    return replace(clean, text=clean.url)


def _host_only(address: Address) -> Address:
    if not address.host:
        return EMPTY
    return Address(text=address.origin, kind="origin", scheme=address.scheme, host=address.host, port=address.port)


@lru_cache(maxsize=8192)
def mask_path(path: str) -> str:
    """`/reset/*` for `/reset/9f8a...`: each segment that looks like a token, an e-mail or an id becomes `*`."""
    return "/".join("*" if _is_private(segment) else segment for segment in path[:1024].split("/"))


def _is_private(segment: str) -> bool:
    return bool(_EMAIL.search(segment) or _UUID.search(segment) or _NUMBER.fullmatch(segment) or _LONG_MIXED.fullmatch(segment))


def page_template(document: Address) -> str:
    """Host and path with ids starred: `shop.example/orders/*`."""
    return f"{document.netloc}{mask_path(document.path) or '/'}" if document.host else document.url[:64]


def scrub_sample(sample: str) -> str:
    """At most 40 characters, e-mails and long tokens masked."""
    return _LONG_MIXED.sub("*", _EMAIL.sub("*", sample[:MAX_SAMPLE]))


_REPORT_URI = re.compile(r"(report-uri\s[^;]*?)\?[^\s;]*", re.IGNORECASE)


@lru_cache(maxsize=2048)
def scrub_policy(policy: str) -> str:
    """Queries of report addresses hold keys."""
    return _REPORT_URI.sub(r"\1", policy)


def scrub_received(text: bytes) -> str:
    """The received JSON, scrubbed with each cut marked, at most 8 kB."""
    plain = text[:MAX_RECEIVED].decode("utf-8", "replace")
    return re.sub(r"[?#][^\"\\\s]*", f"?{CUT}", _EMAIL.sub(CUT, plain))
