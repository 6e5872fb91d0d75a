"""What lies in the buffer: one request's reports, or the folded tally of what a micro-batch shed and rejected.

MessagePack, bodies as received. The tag is the format's version: a drain that meets an unknown one sets the entry aside.
"""

from __future__ import annotations

import msgspec


class Reports(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="r1"):
    """One accepted request. `reports` is what the door counted in the body and what `accepted` grows by.

    `received_at` in milliseconds since 1970; `visitor` and `network` are day hashes (ingest.address), 0 for unknown.
    `spool` and `offset` say where in which spool file the entry waited, so that a replay counts once. `private`: the
    client's address was a private one, as a proxy's is that nobody declared (ingest.proxies).
    """

    project: int
    key: int
    received_at: int
    reports: int
    body: bytes
    user_agent: str = ""
    origin: str = ""
    visitor: int = 0
    network: int = 0
    environment: str = ""
    release: str = ""
    test: bool = False
    spool: str = ""
    offset: int = 0
    private: bool = False


class Tallied(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Reports of one project that were not taken. `kind` is shed or rejected; `sample` describes one, never quotes it."""

    project: int
    kind: str
    reason: str
    reports: int
    sample: str = ""


class Tally(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="t1"):
    received_at: int
    counts: tuple[Tallied, ...]
    spool: str = ""
    offset: int = 0


_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Reports | Tally] = msgspec.msgpack.Decoder(Reports | Tally)


class Unreadable(ValueError):
    """The bytes are no entry, or one of a format this version does not know."""


def pack(entry: Reports | Tally) -> bytes:
    return _encoder.encode(entry)


def unpack(data: bytes) -> Reports | Tally:
    try:
        return _decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise Unreadable(str(error)) from None
