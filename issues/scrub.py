"""What is cut before anything is stored: queries, tokens in paths, e-mails, all but 40 characters of a sample.

Cutting twice cuts nothing more, and issues.fingerprint works on the cut forms, so stored evidence has the key of its reports.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache

from policies.address import parse_address
from policies.violation import EMPTY, Address, Violation

CUT = "[cut]"
STAR = "*"
MAX_SAMPLE = 40
MAX_RECEIVED = 8192
MAX_PATH = 1024
MAX_CACHED = 8_192
_MAX_OTHER_TEXT = 200
_MAX_KEYS = 40

_EMAIL = re.compile(r"(?<![A-Za-z0-9._+\-])[A-Za-z0-9._+\-]+(?:@|%40)[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_PIECE = re.compile(r"[A-Za-z0-9_~=+%$!,;:@]+")
_DIGITS = re.compile(r"\d{3,}")
_HEX = re.compile(r"(?=[a-f]*\d|\d*[a-f])[0-9a-f]{6,}", re.IGNORECASE)
_MIXED = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_~=+%$]{10,}")
_LONG = re.compile(r"[A-Za-z0-9_~=+%$]{28,}")
_HUMPS = re.compile(r"[a-z](?=[A-Z])|[A-Z]{2}(?=[a-z])")
_BEFORE_SECRETS = frozenset(
    [
        "reset",
        "token",
        "tokens",
        "invite",
        "invites",
        "invitation",
        "invitations",
        "verify",
        "verification",
        "confirm",
        "confirmation",
        "activate",
        "activation",
        "magic",
        "share",
        "shared",
        "unsubscribe",
        "login",
        "session",
        "sessions",
        "auth",
        "password",
        "key",
        "keys",
        "download",
        "s",
        "i",
    ]
)
_STARS = re.compile(r"\*(?:[.\-]\*)+")
_RANDOM = re.compile(r"[A-Za-z0-9_+/=\-]{8,}")
_SECRET_PARAMETER = re.compile(
    r"((?:^|&)[^=&]*(?:token|key|secret|passw|session|sid|auth|code|sig|email|mail|phone|name)[^=&]*=)[^&]*", re.IGNORECASE
)
_POLICY_WORD = re.compile(r"[^\s;,]+")
_ADDRESS_IN_TEXT = re.compile(r"\b(?:https?|wss?|ftp|data|blob|javascript|(?:[a-z]{1,12}-){1,3}extension):[^\s\"'<>)\\]{2,}", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]{0,39}", re.IGNORECASE)
# scheme:// and what may follow without naming a page
NO_HOST_IN = frozenset({"moz-extension", "safari-web-extension", "safari-extension", "webkit-masked-url"})

_ADDRESS_KEYS = frozenset(
    [
        "document-uri",
        "documentURL",
        "blocked-uri",
        "blockedURL",
        "source-file",
        "sourceFile",
        "url",
        "documentURI",
        "blockedURI",
        "document_uri",
        "blocked_uri",
    ]
)
_REFERRER_KEYS = frozenset({"referrer"})
_SAMPLE_KEYS = frozenset({"script-sample", "sample", "script_sample"})
_POLICY_KEYS = frozenset(
    [
        "original-policy",
        "originalPolicy",
        "violated-directive",
        "violatedDirective",
        "effective-directive",
        "effectiveDirective",
        "original_policy",
    ]
)


@lru_cache(maxsize=4096)
def _scrubbed(violation: Violation, keep_query_hosts: frozenset[str]) -> Violation:
    return replace(
        violation,
        document=scrub_address(violation.document, keep_query_hosts),
        referrer=_host_only(violation.referrer),
        blocked=scrub_address(violation.blocked, keep_query_hosts),
        source=scrub_address(violation.source, keep_query_hosts),
        sample=scrub_sample(violation.sample),
        policy=scrub_policy(violation.policy),
        violated=scrub_policy(violation.violated),
        user_agent="",
        origin=parse_address(violation.origin).origin if violation.origin else "",
    )


def scrub(violation: Violation, keep_query_hosts: Collection[str] = ()) -> Violation:
    """The violation as it may be stored. `keep_query_hosts`: hosts of the project whose queries it chose to keep; secrets
    in them are cut all the same. The user agent goes; what it told is in `browser` and `os`."""
    small = len(violation.policy) + len(violation.document.text) + len(violation.blocked.text) < MAX_CACHED
    return (_scrubbed if small else _scrubbed.__wrapped__)(violation, frozenset(keep_query_hosts))


def scrub_address(address: Address, keep_query_hosts: Collection[str] = ()) -> Address:
    """Without query and with private path segments starred; `text` is made anew, it may have held userinfo and fragment."""
    if not address.host or address.scheme in NO_HOST_IN:
        return _nameless(address)
    query = _EMAIL.sub(CUT, _SECRET_PARAMETER.sub(rf"\1{CUT}", address.query)) if address.host in keep_query_hosts else ""
    clean = replace(address, path=mask_path(address.path), query=query)
    return replace(clean, text=clean.origin if clean.kind == "origin" else clean.url)


def _nameless(address: Address) -> Address:
    if address.kind == "empty":
        return EMPTY
    if address.scheme and address.kind != "broken":
        return Address(text=f"{address.scheme}:", kind="scheme", scheme=address.scheme)
    if address.kind == "broken":
        return replace(address, text=_broken(address.text), path="", query="")
    return replace(address, text=_free_text(address.text[:MAX_SAMPLE]))


def _broken(text: str) -> str:
    """The address that no parser took, up to its path, without userinfo."""
    scheme, _, rest = text.strip().partition("://")
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2]
    named = _EMAIL.sub(CUT, authority[:100]).strip()
    return f"{scheme}://{named}" if named and _SCHEME.fullmatch(scheme) else CUT


def _host_only(address: Address) -> Address:
    if not address.host:
        return EMPTY
    return Address(text=address.origin, kind="origin", scheme=address.scheme, host=address.host, port=address.port)


@lru_cache(maxsize=8192)
def mask_path(path: str) -> str:
    """`/reset/*` for `/reset/9f8a77...`, `/app.*.js` for `/app.9f8a77b1.js`: what looks like a token, an e-mail or an id."""
    kept: list[str] = []
    before = ""
    for segment in path[:MAX_PATH].split("/"):
        secret = before.lower() in _BEFORE_SECRETS and len(segment) > 5 and not segment.islower()
        kept.append(STAR if secret else _masked(segment))
        before = segment
    return "/".join(kept)


def _masked(segment: str) -> str:
    if segment.isalpha() and segment.isascii() and len(segment) < 28:
        return STAR if len(_HUMPS.findall(segment)) > 4 else segment
    if segment.isdigit():
        return STAR
    if _EMAIL.search(segment) or "@" in segment or "%40" in segment:
        return STAR
    starred = _PIECE.sub(lambda match: STAR if _is_private(match[0]) else match[0], _UUID.sub(STAR, segment))
    return _STARS.sub(STAR, starred)


def _is_private(piece: str) -> bool:
    return bool(_DIGITS.fullmatch(piece) or _HEX.fullmatch(piece) or _MIXED.fullmatch(piece) or _LONG.fullmatch(piece))


def page_template(document: Address) -> str:
    """Host and path with ids starred: `shop.example/orders/*`."""
    if not document.host:
        return scrub_address(document).url[:64]
    return f"{document.netloc}{mask_path(document.path) or '/'}"


@lru_cache(maxsize=8192)
def scrub_sample(sample: str) -> str:
    """At most 40 characters; e-mails, queries and whatever could be a token cut."""
    return _free_text(sample[:MAX_SAMPLE])[:MAX_SAMPLE]


def _free_text(text: str) -> str:
    return _RANDOM.sub(lambda match: CUT if _is_random(match[0]) else match[0], _EMAIL.sub(CUT, text))


def _is_random(word: str) -> bool:
    """Letters and digits mixed, a long number, or a word longer than words are."""
    digits = sum(char.isdigit() for char in word)
    letters = sum(char.isalpha() for char in word)
    return digits >= 6 or (digits >= 2 and letters >= 2 and len(word) >= 12) or (len(word) >= 30 and word.isalnum())


@lru_cache(maxsize=2048)
def scrub_policy(policy: str) -> str:
    """Addresses in a policy lose userinfo and query: report addresses hold keys there."""
    if "?" not in policy and "@" not in policy and "#" not in policy:
        return policy
    return _POLICY_WORD.sub(lambda match: _bare(match[0]), policy)


def _bare(word: str) -> str:
    """A word of a policy without query, fragment and userinfo, whether it has a scheme or not: no source has any of these."""
    bare = re.split(r"[?#]", word, maxsplit=1)[0]
    scheme, found, rest = bare.partition("://")
    authority, slash, tail = (rest if found else bare).partition("/")
    return f"{scheme + found if found else ''}{authority.rpartition('@')[2]}{slash}{tail}"


def scrub_received(text: bytes) -> str:
    """The report's own JSON with each cut marked `[cut]`, at most 8 kB; what can't be read as JSON is cut as plain text."""
    plain = text.decode("utf-8", "replace")
    try:
        found = json.loads(plain)
    except (ValueError, RecursionError):
        return _scrub_text(plain[:MAX_RECEIVED]).replace("\x00", "\ufffd")[:MAX_RECEIVED]
    shown = json.dumps(_received(found, "", 0), ensure_ascii=False, indent=1)
    return shown.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")[:MAX_RECEIVED]


def _received(value: object, key: str, depth: int) -> object:
    if isinstance(value, dict) and depth < 4:
        return {str(name)[:64]: _received(inner, str(name), depth + 1) for name, inner in list(value.items())[:_MAX_KEYS]}
    if isinstance(value, list) and depth < 4:
        return [_received(inner, key, depth + 1) for inner in value[:_MAX_KEYS]]
    if isinstance(value, str):
        return _received_text(value, key)
    if isinstance(value, float) and not abs(value) < 1e300:
        return None
    return value if value is None or isinstance(value, bool | int | float) else CUT


def _received_text(text: str, key: str) -> str:
    if key in _REFERRER_KEYS:
        return _marked_referrer(text)
    if key in _ADDRESS_KEYS:
        return marked_address(text)
    if key in _POLICY_KEYS:
        return scrub_policy(text[:4096]) + (CUT if len(text) > 4096 else "")
    if key in _SAMPLE_KEYS:
        return scrub_sample(text) + (CUT if len(text) > MAX_SAMPLE + 1 else "")
    if key in ("user_agent", "user-agent"):
        return CUT if text else ""
    return _scrub_text(text[:_MAX_OTHER_TEXT]) + (CUT if len(text) > _MAX_OTHER_TEXT else "")


def _scrub_text(text: str) -> str:
    """Text of unknown meaning: every address in it, every e-mail and every token."""
    return _free_text(_ADDRESS_IN_TEXT.sub(lambda match: marked_address(match[0]), text))


def _marked_referrer(text: str) -> str:
    address = parse_address(text)
    rest = address.path.strip("/") or address.query
    return (address.origin + (f"/{CUT}" if rest else "")) if address.host else ("" if not text else CUT)


def marked_address(text: str) -> str:
    """An address as received, with what was cut from it marked: `https://shop.example/reset/[cut]?[cut]`."""
    address = parse_address(text)
    clean = scrub_address(address)
    if not clean.host:
        longer = address.kind == "scheme" and len(text.strip().rstrip(":/")) > len(address.scheme)
        return (clean.text or "") + (CUT if longer else "")
    shown = clean.text.replace(STAR, CUT)
    return shown + (f"?{CUT}" if address.query else "") + (f"#{CUT}" if "#" in text else "")
