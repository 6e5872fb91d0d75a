"""The Observatory's verdicts on the headers beside CSP, as far as a header set shows them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

SIX_MONTHS = 15_552_000
PRIVATE_REFERRER = frozenset({"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"})
UNSAFE_REFERRER = frozenset({"origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade"})
CORP_VALUES = frozenset({"same-site", "same-origin", "cross-origin"})
COEP_VALUES = frozenset({"require-corp", "credentialless", "unsafe-none"})
COOP_VALUES = frozenset({"same-origin", "same-origin-allow-popups", "noopener-allow-popups", "unsafe-none"})
# From best to worst: a cookie can only make the result worse.
COOKIE_ORDER = (
    "cookies-without-secure-flag-but-protected-by-hsts",
    "cookies-without-secure-flag",
    "cookies-session-without-secure-flag-but-protected-by-hsts",
    "cookies-samesite-flag-invalid",
    "cookies-anticsrf-without-samesite-flag",
    "cookies-session-without-httponly-flag",
    "cookies-session-without-secure-flag",
)
IGNORED_COOKIES = frozenset({"heroku-session-affinity"})

_INTEGER = re.compile(r"\s*([+-]?\d+)")
_TOKEN = re.compile(r"[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*")
# RFC 8941 parameters: `;key` or `;key=bare-item`, where a bare item is a string, token, number, boolean or bytes.
_PARAMETER = re.compile(
    r";[ ]*[a-z*][a-z0-9_\-.*]*"
    r"(?:=(?:\"(?:[ !#-\[\]-~]|\\[\"\\])*\"|[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*|-?\d{1,15}(?:\.\d{1,3})?|\?[01]|:[A-Za-z0-9+/=]*:))?"
)


def hsts(values: Sequence[str], *, https: bool = True) -> str:
    """`Strict-Transport-Security`. Whether the host is preloaded cannot be seen from a header set."""
    if not https:
        return "hsts-not-implemented-no-https"
    if not values:
        return "hsts-not-implemented"
    text = values[0][:1024]
    ages = [part[8:128] for part in (piece.strip().lower() for piece in text.split(";")) if part.startswith("max-age=")]
    if "," in text or not ages:
        return "hsts-header-invalid"
    age = _INTEGER.match(ages[-1])
    # An age that is no number passes there (NaN is not less than six months), so it does here.
    short = age is not None and int(age[1]) < SIX_MONTHS
    return "hsts-implemented-max-age-less-than-six-months" if short else "hsts-implemented-max-age-at-least-six-months"


def referrer_policy(values: Sequence[str], meta: Sequence[str] = ()) -> str:
    """The last known value wins, and <meta> comes after the header."""
    if not values and not meta:
        return "referrer-policy-not-implemented"
    words = [word.strip().lower() for word in ", ".join([*values, *meta]).split(",")]
    known = [word for word in words if word in PRIVATE_REFERRER | UNSAFE_REFERRER]
    if not known:
        return "referrer-policy-header-invalid"
    return "referrer-policy-private" if known[-1] in PRIVATE_REFERRER else "referrer-policy-unsafe"


def x_content_type_options(values: Sequence[str]) -> str:
    """Only `nosniff` counts."""
    if not values or not values[0]:
        return "x-content-type-options-not-implemented"
    right = values[0][:256].strip().lower() == "nosniff"
    return "x-content-type-options-nosniff" if right else "x-content-type-options-header-invalid"


def x_frame_options(values: Sequence[str], *, frame_ancestors: bool = False) -> str:
    """A frame-ancestors directive takes the place of the header."""
    if frame_ancestors:
        return "x-frame-options-implemented-via-csp"
    if not values or not values[0]:
        return "x-frame-options-not-implemented"
    value = values[0][:1024].strip().lower()
    if value in ("deny", "sameorigin"):
        return "x-frame-options-sameorigin-or-deny"
    return "x-frame-options-allow-from-origin" if value.startswith("allow-from") else "x-frame-options-header-invalid"


def cross_origin_resource_policy(values: Sequence[str], meta: Sequence[str] = ()) -> str:
    """The header, else the last <meta>."""
    value = values[0] if values and values[0] else (meta[-1] if meta else "")
    value = value[:256].strip().lower()
    if not value:
        return "corp-not-implemented"
    return f"corp-implemented-with-{value}" if value in CORP_VALUES else "corp-header-invalid"


def cross_origin_embedder_policy(values: Sequence[str]) -> str:
    """A structured field token: quotes, capitals and a second header make it invalid."""
    return _token_result("coep", values, COEP_VALUES)


def cross_origin_opener_policy(values: Sequence[str]) -> str:
    """As `cross_origin_embedder_policy`."""
    return _token_result("coop", values, COOP_VALUES)


def cross_origin_resource_sharing(allow_origin: Sequence[str], credentials: Sequence[str] = (), *, asked_origin: str = "") -> str:
    """`asked_origin` is the Origin the request carried: an answer that echoes it with credentials opens the site to all."""
    prefix = "cross-origin-resource-sharing"
    value = allow_origin[0] if allow_origin else ""
    if not value:
        return f"{prefix}-not-implemented"
    if value[:256].strip() == "*":
        return f"{prefix}-implemented-with-public-access"
    with_credentials = bool(credentials) and credentials[0].strip().lower() == "true"
    universal = bool(asked_origin) and value == asked_origin and with_credentials
    return f"{prefix}-implemented-with-universal-access" if universal else f"{prefix}-implemented-with-restricted-access"


@dataclass(frozen=True, slots=True)
class Cookie:
    """One Set-Cookie header. `same_site` is "" when the attribute is missing or not one of the three words."""

    name: str
    secure: bool
    http_only: bool
    same_site: str
    same_site_broken: bool
    domain: str = ""
    path: str = ""

    @property
    def is_kept(self) -> bool:
        """Browsers throw away a cookie whose name promises what its attributes do not keep (RFC 6265bis 4.1.3)."""
        name = self.name.lower()
        if name.startswith("__host-"):
            return self.secure and self.path == "/" and not self.domain
        return self.secure or not name.startswith("__secure-")

    @property
    def is_session(self) -> bool:
        return any(word in self.name.lower() for word in ("login", "sess"))

    @property
    def is_anticsrf(self) -> bool:
        return "csrf" in self.name.lower()


def parse_cookie(text: str) -> Cookie:
    """Read one Set-Cookie value; never raises."""
    first, *rest = text.split(";")
    pairs = [(key.strip().lower(), value.strip()) for key, _, value in (part.partition("=") for part in rest)]
    words = [value.lower() for key, value in pairs if key == "samesite"]
    attributes = dict(pairs)
    known = [word for word in words if word in ("lax", "strict", "none")]
    return Cookie(
        name=first.partition("=")[0].strip() if "=" in first else "",
        secure="secure" in attributes,
        http_only="httponly" in attributes,
        same_site=words[-1] if words and words[-1] in known else "",
        same_site_broken=len(known) != len(words),
        domain=attributes.get("domain", "").lower().removeprefix("."),
        path=attributes.get("path", ""),
    )


def cookies(values: Sequence[str], *, protected_by_hsts: bool = False, host: str = "") -> str:
    """All Set-Cookie headers together; the worst one decides. A later cookie takes the place of one of its name, domain and path."""
    read = [cookie for cookie in map(parse_cookie, values) if cookie.name and cookie.name not in IGNORED_COOKIES and cookie.is_kept]
    jar = list({(cookie.name, cookie.domain or host, cookie.path or "/"): cookie for cookie in read}.values())
    if not jar:
        return "cookies-not-found"
    broken = ["cookies-samesite-flag-invalid"] if any(parse_cookie(value).same_site_broken for value in values) else []
    faults = [*broken, *(fault for cookie in jar for fault in _cookie_faults(cookie, protected_by_hsts))]
    if faults:
        return max(faults, key=COOKIE_ORDER.index)
    if all(cookie.same_site for cookie in jar):
        return "cookies-secure-with-httponly-sessions-and-samesite"
    return "cookies-secure-with-httponly-sessions"


def _cookie_faults(cookie: Cookie, protected: bool) -> list[str]:
    faults = []
    if not cookie.secure:
        faults.append("cookies-without-secure-flag" + ("-but-protected-by-hsts" if protected else ""))
        if cookie.is_session:
            faults.append("cookies-session-without-secure-flag" + ("-but-protected-by-hsts" if protected else ""))
        if cookie.same_site == "none":
            faults.append("cookies-samesite-flag-invalid")
    if cookie.is_anticsrf and not cookie.same_site:
        faults.append("cookies-anticsrf-without-samesite-flag")
    if cookie.is_session and not cookie.http_only:
        faults.append("cookies-session-without-httponly-flag")
    return faults


def _token_result(prefix: str, values: Sequence[str], known: frozenset[str]) -> str:
    if len(values) > 1:
        return f"{prefix}-header-invalid"
    if not values or not values[0]:
        return f"{prefix}-not-implemented"
    token = structured_token(values[0][:1024].strip())
    return f"{prefix}-implemented-with-{token}" if token in known else f"{prefix}-header-invalid"


def structured_token(text: str) -> str:
    """The token of an RFC 8941 item, or "" when the text is no such item."""
    match = _TOKEN.match(text)
    if not match:
        return ""
    position = match.end()
    while position < len(text):
        parameter = _PARAMETER.match(text, position)
        if not parameter:
            return ""
        position = parameter.end()
    return match[0]
