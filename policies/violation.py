"""Violation: the one shape that crosses the middle. ingest makes it, issues judges it, the Policy Lab replays it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

AddressKind = Literal["url", "origin", "scheme", "word", "empty", "broken"]
BlockedKind = Literal[
    "url", "origin", "scheme", "inline", "eval", "wasm-eval",
    "trusted-types-policy", "trusted-types-sink", "unknown",
]
Disposition = Literal["enforce", "report", ""]


@dataclass(frozen=True, slots=True)
class Address:
    """One address field of a report, parsed as the WHATWG URL standard does.

    `text` is what the report said (bounded, surrogates repaired, nothing else changed). `kind`:
    - `url`: scheme, host, port, path, query are set as the URL parser serialises them;
    - `origin`: the same, and the report held no path at all (browsers cut frames and objects to the origin);
    - `scheme`: only `scheme` is known: `data`, `chrome-extension`, also written `x:`, `x://`, `x:LINE:COL`;
    - `word`: no address (`inline`, `<anonymous code>`); `empty`: missing, null or ""; `broken`: refused by the parser.
    `host` is lower-case punycode, with no trailing dot; `port` is 0 when it is the scheme's default; userinfo and
    fragment are never kept; `query` is without "?".
    """

    text: str = ""
    kind: AddressKind = "empty"
    scheme: str = ""
    host: str = ""
    port: int = 0
    path: str = ""
    query: str = ""

    @property
    def origin(self) -> str:
        """`https://host:port`, or "" where there is no host."""
        if not self.host:
            return ""
        return f"{self.scheme}://{self.host}:{self.port}" if self.port else f"{self.scheme}://{self.host}"

    @property
    def netloc(self) -> str:
        """`host`, or `host:port` where the port is not the scheme's default."""
        return f"{self.host}:{self.port}" if self.port else self.host

    @property
    def url(self) -> str:
        """Origin, path and query; for a bare scheme `scheme:`; else the text."""
        if self.host:
            return self.origin + self.path + (f"?{self.query}" if self.query else "")
        if self.kind == "scheme":
            return f"{self.scheme}:"
        return self.text


EMPTY = Address()


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation, the same whatever browser and envelope it came in. Unknown text is "", unknown numbers are 0.

    `directive` is the effective directive in lower case as the browser meant it (`script-src-elem`); where the
    browser only named a fallback, `directives` holds every directive it may have been (policy-lab.md 2.1), else
    just the one. `blocked_kind` says what `blocked` is: for the keyword kinds `blocked` is a `word`.
    `sample` is as received (at most 512 characters here; scrub cuts it to 40 before storage).
    `age` is the milliseconds between the violation and its sending. `browser` is a family
    (`Chrome`, `Firefox`, `Safari`, `Edge`, `Opera`, `Samsung Internet`, an in-app name, or "" when it can't be told)
    and `browser_version` its major version. `origin` is the Origin header of the request that carried the report.
    """

    document: Address = EMPTY
    referrer: Address = EMPTY
    directive: str = ""
    directives: tuple[str, ...] = ()
    blocked: Address = EMPTY
    blocked_kind: BlockedKind = "unknown"
    source: Address = EMPTY
    line: int = 0
    column: int = 0
    sample: str = ""
    disposition: Disposition = ""
    policy: str = ""
    status: int = 0
    age: int = 0
    user_agent: str = ""
    browser: str = ""
    browser_version: int = 0
    os: str = ""
    origin: str = ""
    nonces: tuple[str, ...] = field(default=(), repr=False)
    """The nonces of the policy as received, at most four; `policy` has them masked. Never stored, only compared (issues.nonces)."""
    violated: str = ""
    """The `violated-directive` field as received, bounded: old browsers put the whole directive text there."""
    extra: tuple[tuple[str, str], ...] = field(default=())
    """Bounded odd facts that rules read: ("type", "csp-violation"), ("envelope", "csp-report"), ..."""
