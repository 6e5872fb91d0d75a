"""What a request says before its body, and who sends it, in one cached step: a page's reports come from one browser to one address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from granian.rsgi import Scope

from ingest.address import Client, Network, client_of, day_hash
from ingest.keys import Wanted
from ingest.request import Target, key_of_header, may_hold_report, target_of

MAX_AGENT = 512
MAX_ORIGIN = 256
MOST_KEPT = 4096
MOST_BYTES = 2048
"""Of what is kept by one request's head; a longer one is read anew each time."""
MOST_HOPS = 1024
MOST_TYPE = 200
_ADDRESSES = ("forwarded", "x-forwarded-for")
_PLAIN_NAMES = ("user-agent", "origin", "content-type", "content-encoding", "x-sentry-auth")
_NAMES = tuple(name.encode() for name in (*_PLAIN_NAMES, *_ADDRESSES))


@dataclass(frozen=True, slots=True)
class Head:
    """`bucket` is who the client counts as, b"" for a private address, behind which a whole site may stand. `visitor` and
    `network` are the day's hashes, 0 for unknown."""

    target: Target
    wanted: Wanted
    client: Client
    bucket: bytes
    visitor: int
    network: int
    agent: str
    origin: str
    content_type: str
    encoding: str
    may_hold_report: bool


class Asked(NamedTuple):
    """A request before its body. `said` are the headers of _NAMES, b"" for absent, `length` what Content-Length announces, else 0."""

    method: str
    path: str
    query: bytes
    peer: str
    said: tuple[bytes, ...]
    length: int


def of_asgi(scope: Mapping[str, Any]) -> Asked:
    headers, peer = dict(scope["headers"]), scope.get("client")
    said = tuple([headers.get(name, b"") for name in _NAMES])
    length = _length(headers.get(b"content-length", b"").decode("latin-1"))
    return Asked(scope["method"], scope["path"], scope["query_string"], peer[0] if peer else "", said, length)


def of_rsgi(scope: Scope) -> Asked | None:
    """None where a header of addresses can't be read: Granian leaves out lines that are not all ASCII, and a client that makes
    a proxy send such a one would count as the proxy, whom nothing limits. Of a header given twice the last counts, as above;
    proxies add a line or join all of them."""
    headers = scope.headers
    get = headers.get
    said = [get(name, "") for name in _PLAIN_NAMES]
    for name in _ADDRESSES:
        lines: list[str] = headers.get_all(name) if name in headers else [""]  # type: ignore[attr-defined]  # its stub leaves it out
        if not lines:
            return None
        said.append(lines[-1])
    encoded = tuple([text.encode("ascii") for text in said])
    peer = scope.client.rpartition(":")[0].strip("[]")
    return Asked(scope.method, scope.path, scope.query_string.encode("latin-1"), peer, encoded, _length(get("content-length", "")))


def _length(announced: str) -> int:
    return int(announced) if announced.isdecimal() and len(announced) < 12 else 0


def head_of(asked: Asked, trusted: tuple[Network, ...], salt: bytes) -> Head:
    """`salt` is the day's, b"" when nobody can be told apart."""
    _, path, query, peer, said, _ = asked
    read: Callable[..., Head] = _head if len(query) + sum(map(len, said)) < MOST_BYTES else _head.__wrapped__
    return read(path, query, peer, said, trusted, salt)


@lru_cache(maxsize=MOST_KEPT)
def _head(path: str, query: bytes, peer: str, said: tuple[bytes, ...], trusted: tuple[Network, ...], salt: bytes) -> Head:
    """What is passed on is cut: it is kept by caches of its own. Of proxies' hops the right-most count."""
    agent, origin, content_type, encoding, authorization, forwarded, forwarded_for = said
    target = target_of(path, query[:MOST_BYTES])
    client = client_of(peer, forwarded[-MOST_HOPS:].decode("latin-1"), forwarded_for[-MOST_HOPS:].decode("latin-1"), trusted)
    project, agent, known = b"%d" % target.project, agent[:MAX_AGENT], bool(salt and client.key)
    kind = content_type[:MOST_TYPE].decode("latin-1")
    return Head(
        target,
        Wanted(target.project, target.public_key or key_of_header(authorization.decode("latin-1"))),
        client,
        b"" if client.is_private else client.key,
        day_hash(salt, client.key, agent, project) if known else 0,
        day_hash(salt, client.network, project) if known else 0,
        agent.decode("utf-8", "replace"),
        origin.decode("latin-1")[:MAX_ORIGIN],
        kind,
        encoding.decode("latin-1"),
        may_hold_report(kind),
    )
