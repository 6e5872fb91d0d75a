"""What a request says before its body, and who sends it, in one cached step: a page's reports come from one browser to one address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

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
_NAMES = (
    b"user-agent", b"origin", b"content-type", b"content-encoding", b"x-sentry-auth", b"forwarded", b"x-forwarded-for",
)  # fmt: skip


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


def head_of(scope: Mapping[str, Any], headers: Mapping[bytes, bytes], trusted: tuple[Network, ...], salt: bytes) -> Head:
    """`salt` is the day's, b"" when nobody can be told apart."""
    query: bytes = scope["query_string"]
    get, peer = headers.get, scope.get("client")
    said = tuple([get(name, b"") for name in _NAMES])
    read: Callable[..., Head] = _head if len(query) + sum(map(len, said)) < MOST_BYTES else _head.__wrapped__
    return read(scope["path"], query, peer[0] if peer else "", said, trusted, salt)


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
