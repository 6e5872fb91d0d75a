"""All that the endpoint answers, made once."""

from __future__ import annotations

import msgspec

from ingest import limits
from ingest.buffer import Outcome

_CORS = [(b"access-control-allow-origin", b"*"), (b"cache-control", b"no-store")]
_PREFLIGHT = [
    *_CORS,
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
]


class Answer:
    """What each interface wants of it, made once: two messages for ASGI, headers as text for RSGI."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
        self.start = {"type": "http.response.start", "status": status, "headers": headers}
        self.rest = {"type": "http.response.body", "body": body}
        self.status, self.body = status, body
        self.headers = [(name.decode("ascii"), value.decode("ascii")) for name, value in headers]


TAKEN = Answer(204, _CORS[:1])
PREFLIGHT = Answer(204, _PREFLIGHT)


def _refusal(status: int, reason: str, words: str, *more: tuple[bytes, bytes]) -> Answer:
    body = msgspec.json.encode({"reason": reason, "detail": words})
    return Answer(status, [*_CORS, *more, (b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))], body)


WRONG_KEY = _refusal(403, "wrong-key", "No project has this address and this key. Copy the endpoint from the project's set-up page.")
NOT_POST = _refusal(405, "method", "Reports are sent with POST.", (b"allow", b"POST, OPTIONS"))
WRONG_TYPE = _refusal(415, "content-type", "Send application/csp-report, application/reports+json or another JSON type.")
TOO_LARGE = _refusal(413, "too-big", f"One report may have {limits.MAX_SINGLE} bytes, a batch {limits.MAX_BODY}.")
TOO_SLOW = _refusal(408, "too-slow", f"The body did not arrive within {limits.BODY_SECONDS:.0f} seconds.", (b"connection", b"close"))
BROKEN_OFF = _refusal(400, "broken-off", "The body ended before it was whole.", (b"connection", b"close"))
ODD_ADDRESS = _refusal(400, "odd-address", "X-Forwarded-For or Forwarded holds bytes that are not ASCII.")
FULL = _refusal(503, "busy", "Too many bytes are in flight. Send it again later.", (b"retry-after", b"5"))
UNKNOWN = _refusal(503, "unknown", "Nobody can tell whether it was kept: the buffer did not answer.", (b"retry-after", b"5"))
NOT_KEPT = _refusal(503, "not-kept", "Nothing durable could take the report. Send it again later.", (b"retry-after", b"5"))
_NO_REPORT = {
    "empty": "The body is empty.",
    "not-json": "The body is not JSON.",
    "too-deep": "The JSON is nested too deeply.",
    "too-many-values": "The JSON holds more values than a thousand reports of any browser.",
    "not-a-report": "No entry of the body is a report: expected an object with csp-report, or type and body.",
    "unknown-encoding": "Send the body plain, gzip or deflate.",
    "not-compressed": "The body is not what its Content-Encoding says.",
}
OUTCOMES = {Outcome.TAKEN: TAKEN, Outcome.REFUSED: NOT_KEPT, Outcome.UNKNOWN: UNKNOWN}
NO_REPORT = {reason: _refusal(400, reason, words) for reason, words in _NO_REPORT.items()}
