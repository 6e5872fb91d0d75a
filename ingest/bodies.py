"""A request's body, read whole as each interface gives it, counted against the budget of bytes in flight."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from granian.rsgi import HTTPProtocol, ProtocolClosed

from ingest import limits
from ingest.limits import Share

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
AT_ONCE = 16 * 1024
"""Bytes up to which RSGI's server gathers a body, counted once announced: all the requests it lets in at once
(glitchcsp.parts) could announce half the budget, so that nobody is refused for bytes that never came."""


class Gone(Exception):
    """The client hung up before its body was whole, or its chunks are none; the server does not say which."""


class TooLarge(Exception):
    """The body is longer than MAX_BODY; the rest is not read."""

    def __init__(self, beginning: bytes) -> None:
        super().__init__()
        self.beginning = beginning


async def asgi_body(receive: Receive, declared: int, share: Share) -> bytes:
    """Counted as it comes: what was only announced holds nothing."""
    message = await receive()
    if not message.get("more_body") and message["type"] == "http.request":
        body: bytes = message.get("body", b"")
        share.grow(len(body))
        if len(body) > limits.MAX_BODY:
            raise TooLarge(body)
        return body
    return await _in_parts(message, receive, declared, share)


async def _in_parts(message: Mapping[str, Any], receive: Receive, declared: int, share: Share) -> bytes:
    parts: list[bytes] = []
    while True:
        if message["type"] == "http.disconnect":
            raise Gone
        _add(parts, bytes(message.get("body", b"")), declared, share)
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()


async def rsgi_body(protocol: HTTPProtocol, declared: int, share: Share) -> bytes:
    """The server reads no more than was announced. Its parts end alike whether the body is whole or not."""
    if 0 < declared <= AT_ONCE:
        share.grow(declared)
        try:
            return await protocol()
        except ProtocolClosed:
            raise Gone from None
    parts: list[bytes] = []
    async for part in protocol:
        _add(parts, part, declared, share)
    if share.held < declared:
        raise Gone
    return b"".join(parts)


def _add(parts: list[bytes], part: bytes, declared: int, share: Share) -> None:
    parts.append(part)
    share.grow(len(part))
    if max(share.held, declared) > limits.MAX_BODY:
        raise TooLarge(b"".join(parts))
