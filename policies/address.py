"""Parse one address field of a report, exactly as browsers parse addresses (WHATWG URL, through ada)."""

from __future__ import annotations

import re
from functools import lru_cache

from ada_url import URL

from policies.violation import EMPTY, Address

MAX_TEXT = 8192
DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}

# `chrome-extension`, `chrome-extension:`, `chrome-extension://`, `chrome-extension:2:248774` (scheme:line:column).
_BARE_SCHEME = re.compile(r"([a-z][a-z0-9+.\-]*)(?::(?://+)?(?:\d+(?::\d+)?)?)?", re.IGNORECASE)
_AUTHORITY_ONLY = re.compile(r"[a-z][a-z0-9+.\-]*://[^/?#\\]*", re.IGNORECASE)
_HAS_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]*:", re.IGNORECASE)

# Words that stand alone in blocked-uri or source-file and are schemes (policy-lab.md 1.6, wire/README.md);
# a word with a hyphenated tail (`safari-web-extension`) is one too. Anything else without a colon is a word.
BARE_SCHEMES = frozenset(
    """data blob about filesystem file intent javascript mediastream http https ws wss ftp chrome resource res jar
    opera view-source webviewprogress webviewprogressproxy chromenull chromeinvoke chromeinvokeimmediate tmtbff
    mbinit symres mx mxjscall gsa sraf weixin weixinping sinaweibo wvjbscheme bytedance nativebaiduhd bdvideo iabjs
    moz-extension chrome-extension safari-extension safari-web-extension ms-browser-extension mxaddon-pkg
    se-extension webkit-masked-url safari-resource ms-appx ms-appx-web android-webview
    android-webview-video-poster app custom-app capacitor ionic edge brave vivaldi""".split()
)


@lru_cache(maxsize=16384)
def parse_address(text: str) -> Address:
    """Never raises. See `Address` for what comes out; a text over 8,192 characters is cut first."""
    text = text[:MAX_TEXT]
    bare = text.strip()
    if not bare:
        return Address(text=text) if text else EMPTY
    match = _BARE_SCHEME.fullmatch(bare)
    if match:
        scheme = match[1].lower()
        if ":" in bare or scheme in BARE_SCHEMES or scheme.endswith("-extension"):
            # `localhost:3000` also reads as scheme:line; a host with a port is never sent without a scheme.
            return Address(text=text, kind="scheme", scheme=scheme)
        return Address(text=text, kind="word")
    if not _HAS_SCHEME.match(bare):
        return Address(text=text, kind="word")
    try:
        url = URL(bare)
    except ValueError:
        return Address(text=text, kind="broken", scheme=bare.partition(":")[0].lower())
    scheme = url.protocol.rstrip(":")
    host = url.hostname.rstrip(".")
    if not host:
        # data:, blob:, about:, javascript: and their like: browsers report the scheme alone, so do we.
        return Address(text=text, kind="scheme", scheme=scheme, path=url.pathname[:256])
    return Address(
        text=text,
        kind="origin" if _AUTHORITY_ONLY.fullmatch(bare) else "url",
        scheme=scheme,
        host=host,
        port=int(url.port) if url.port else 0,
        path=url.pathname,
        query=url.search[1:],
    )
