"""Where browsers are known to answer otherwise than `policies` does in its browser profile, each with the reason.

KNOWN explains a difference of a generated pair; DIVERGENCES are asked for themselves, so that the list stays true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policies.live import match_url
from policies.sources import Item
from policies.target import target_of
from tests.browser.oracle_pairs import KINDS, ORIGINS, Load, Page, code_of, expected


@dataclass(frozen=True)
class Known:
    """`engine` "" is every engine."""

    engine: str
    reason: str
    holds: Callable[[Page, Load], bool]


def known(engine: str, page: Page, load: Load) -> str:
    """Why this pair may differ, "" if nothing explains it."""
    found = (entry.reason for entry in KNOWN if entry.engine in ("", engine) and entry.holds(page, load))
    return next(found, "")


def _items(page: Page, load: Load) -> Iterator[Item]:
    for policy in page.policies:
        op = policy.operative(load.directive)
        yield from op.items if op else ()


def _says(*texts: str) -> Callable[[Page, Load], bool]:
    return lambda page, load: any(text in item.raw for item in _items(page, load) for text in texts)


def _frame_refused(page: Page, load: Load) -> bool:
    policies = (match_url(policy, "frame-src", load.address, page.origin, profile="chromium") for policy in page.policies)
    return load.directive == "object-src" and any(decision.verdict == "blocked" for decision in policies)


def _other_default_port(page: Page, load: Load) -> bool:
    targets = [target_of(address) for address in (load.hop, load.address)]
    crossed = any((target.scheme, target.port) in (("https", 80), ("wss", 80), ("http", 443), ("ws", 443)) for target in targets)
    return crossed or any(item.port == "80" for item in _items(page, load))


def _socket_under_self(page: Page, load: Load) -> bool:
    return load.kind == "socket" and any(item.kind == "self" for item in _items(page, load))


def _dynamic_default(page: Page, load: Load) -> bool:
    default = (policy.operative(load.directive) for policy in page.policies)
    return load.directive.startswith("style-src") and any(
        op is not None and op.name == "default-src" and "strict-dynamic" in op.sources.keywords for op in default
    )


def _as_specified(page: Page, load: Load) -> bool:
    return expected(page, load, "spec") != expected(page, load, "chromium")


def _rises_on_443(page: Page, load: Load) -> bool:
    """The page's frames and forms are judged in Chromium's browser process, which has matching code of its own."""
    return load.directive in ("frame-src", "object-src", "form-action") and any(
        item.port == "443" and item.scheme in ("", "http") for item in _items(page, load)
    )


KNOWN = (
    Known("chromium", "an object or embed that shows a document is a frame: Chromium asks frame-src as well as object-src", _frame_refused),
    Known("", "'self' covers ws: and wss: by now, as in CSP3; the shared cases hold the profile to Chromium's older rule",
          _socket_under_self),
    Known("firefox", "Firefox takes port 443 for port 80 whatever the scheme, and the default port of the source's scheme",
          _other_default_port),
    Known("firefox", "Firefox follows CSP3 where Chromium does not", _as_specified),
    Known("chromium", "http://h:443 and https://h: Chromium's renderer says they match (images, scripts), its browser process not (frames)",
          _rises_on_443),
    Known("chromium", "default-src with 'strict-dynamic': Chromium takes it to close inline style too", _dynamic_default),
    Known("", "a source with ?query: the grammar refuses it, browsers drop the query", _says("?")),
    Known("", "%2F in a source's path: browsers decode the whole path, CSP3 each segment", _says("%2F")),
)  # fmt: skip


@dataclass(frozen=True)
class Divergence:
    """One load for which these engines, and no other, answer otherwise than we do."""

    policy: str
    kind: str
    address: str = ""
    engines: tuple[str, ...] = ("chromium", "firefox")


DIVERGENCES = (
    # The grammar of CSP3 refuses these; browsers drop the query and the fragment, and decode the whole path.
    Divergence("img-src http://a.example/a/b?q", "img", "http://a.example/a/b"),
    Divergence("img-src http://a.example/a/b#f", "img", "http://a.example/a/b"),
    Divergence("img-src http://a.example/a%2Fb", "img", "http://a.example/a/b"),
    Divergence("img-src http://a.example/%zz", "img", "http://a.example/%zz", ("chromium",)),
    Divergence("img-src //a.example", "img", "http://a.example/", ()),
    Divergence("default-src 'unsafe-inline' 'strict-dynamic'", "inline style", engines=("chromium",)),
    Divergence("default-src 'unsafe-inline' 'strict-dynamic'", "style attribute", engines=("chromium",)),
    Divergence("style-src 'unsafe-inline' 'strict-dynamic'", "inline style", engines=()),
    Divergence("connect-src 'self'", "socket", "ws://page.example/"),
    Divergence("connect-src 'self'", "socket", "wss://page.example/"),
    Divergence("img-src 'self'", "img", "https://page.example:80/", ()),
    Divergence("frame-src http://a.example:443", "frame", "https://a.example/", ("chromium",)),
    Divergence("img-src http://a.example:443", "img", "https://a.example/", ()),
    Divergence("object-src *; frame-src 'none'", "object", "http://a.example/", ("chromium",)),
    Divergence("img-src https://a.example:80", "img", "https://a.example/", ("firefox",)),
    Divergence("img-src http://a.example", "img", "https://a.example:80/", ("firefox",)),
    Divergence("img-src http://a.example", "img", "http://a.example:443/", ("firefox",)),
    Divergence("img-src http://a.example:8080", "img", "https://a.example:8080/", ("firefox",)),
    Divergence("img-src a.example.", "img", "http://a.example./", ("firefox",)),
    Divergence("img-src a.example:08080", "img", "http://a.example:8080/", ("firefox",)),
)
"""Not asked: `*` and ftp:, which no browser fetches any more; http: images on https pages, which browsers fetch by https."""


def divergence_pages() -> list[Page]:
    numbered = enumerate(DIVERGENCES, 1)
    return [Page(number, ORIGINS[0], (each.policy,), (_load(number, each.kind, each.address),)) for number, each in numbered]


def extreme_pages() -> list[Page]:
    """Every kind of load under no policy, and under one that allows nothing."""
    open_loads = tuple(_load(number, kind, f"{ORIGINS[0]}/x") for number, kind in enumerate(KINDS, 1))
    closed_loads = tuple(_load(number, kind, f"{ORIGINS[0]}/x") for number, kind in enumerate(KINDS, 1 + len(KINDS)))
    nothing = ("default-src 'none'; form-action 'none'; base-uri 'none'",)
    return [Page(1, ORIGINS[0], (), open_loads), Page(2, ORIGINS[0], nothing, closed_loads)]


def _load(number: int, kind: str, address: str) -> Load:
    directive, answer = KINDS[kind]
    if not answer:
        return Load(number, kind, directive, code=code_of(kind, number))
    return Load(number, kind, directive, "ws" + address[4:] if kind == "socket" and address.startswith("http") else address, answer=answer)
