"""Hosts that pretend to be others: swapped letters, foreign alphabets, one letter off, a known name with something added."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from issues.verdicts.evidence import is_address, registrable

_MIN_NAME = 5
_MIN_SWAPPED = 4
"""Of a name so short only two swapped letters count (`shpo`): one letter more or less makes another word."""
_MIN_INSIDE = 6
"""Letters of a name that may stand inside another; shorter ones are in many words."""
_REGISTRIES = PublicSuffixList(only_icann=True)
_VENDORS = frozenset(
    [
        "google-analytics",
        "googletagmanager",
        "googleapis",
        "googleadservices",
        "googlesyndication",
        "doubleclick",
        "gstatic",
        "jquery",
        "jsdelivr",
        "cloudflare",
        "cloudfront",
        "bootstrapcdn",
        "stripe",
        "paypal",
        "paypalobjects",
        "braintree",
        "braintreegateway",
        "adyen",
        "klarna",
        "facebook",
        "instagram",
        "hotjar",
        "shopify",
        "magento",
        "woocommerce",
        "prestashop",
        "bigcommerce",
        "amazon",
        "microsoft",
        "recaptcha",
        "segment",
        "mixpanel",
        "optimizely",
        "newrelic",
        "zendesk",
        "intercom",
        "hubspot",
        "mailchimp",
        "cdnjs",
        "fontawesome",
        "typekit",
        "akamai",
        "akamaihd",
        "fastly",
        "cloudinary",
        "twitter",
        "linkedin",
        "pinterest",
        "tiktok",
        "youtube",
        "vimeo",
        "visa",
        "mastercard",
        "worldpay",
        "checkout",
        "authorize",
        "squareup",
        "klaviyo",
        "trustpilot",
        "criteo",
    ]
)
# Letters that look like others. Cyrillic and Greek first, then digits and pairs that pass in small print.
_LOOKS = {
    ord(char): looks
    for looks, chars in {
        "a": "аα",
        "b": "вь",
        "c": "с",
        "d": "ԁ",
        "e": "еҽ3",
        "g": "ɡ",
        "h": "н",
        "i": "",
        "j": "ј",
        "k": "к",
        "l": "іɩi1|",
        "m": "м",
        "o": "оο0",
        "p": "р",
        "s": "ѕ5",
        "t": "т",
        "u": "",
        "v": "ν",
        "x": "х",
        "y": "у",
    }.items()
    for char in chars
}


@lru_cache(maxsize=8192)
def skeleton(name: str) -> str:
    """What a name looks like at a glance: accents off, look-alike letters as one."""
    if name.startswith("xn--"):
        try:
            name = name[4:].encode("ascii").decode("punycode")
        except (UnicodeError, ValueError):
            return name
    plain = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    return plain.translate(_LOOKS).replace("rn", "m").replace("vv", "w")


_VENDOR_SKELETONS = {skeleton(name): name for name in _VENDORS}


def name_of(host: str) -> str:
    """`shop` of `www.shop.co.uk`."""
    return registrable(host).partition(".")[0]


@lru_cache(maxsize=8192)
def imitates(host: str, own: frozenset[str]) -> str:
    """The name that the host imitates letter by letter (an own registrable domain's or a vendor's), or ""."""
    if is_address(host) or registrable(host) in own:
        return ""
    own_names = {name_of(domain) for domain in own}
    for label in host.split(".")[:-1]:
        if len(label) < _MIN_NAME or label in _VENDORS or label in own_names:
            continue
        look = skeleton(label)
        for name in own_names:
            if len(name) >= _MIN_NAME and look == skeleton(name):
                return name
        if look in _VENDOR_SKELETONS:
            return _VENDOR_SKELETONS[look]
    return ""


@lru_cache(maxsize=8192)
def borrows(host: str, own: frozenset[str]) -> str:
    """The own name that a foreign host carries with something added (`secure-pay-shop.example.net`), or ""."""
    if is_address(host) or registrable(host) in own:
        return ""
    for domain in own:
        name = name_of(domain)
        if len(name) >= _MIN_NAME and any(name in label.split("-") and label != name for label in host.split(".")):
            return name
    return ""


@lru_cache(maxsize=8192)
def resembles(host: str, own: frozenset[str]) -> str:
    """The own domain that a foreign host passes for at a glance, or "": its name under another ending, with hyphens for dots,
    with words added, one or two letters off, in look-alike letters, or whole in front of another domain."""
    if is_address(host) or registrable(host) in own:
        return ""
    letters = _letters(name_of(host))
    for domain in own:
        name = _letters(name_of(domain))
        if len(name) < _MIN_NAME or is_address(domain):
            continue
        if letters == name and is_hosted(host):
            continue
        if f".{domain}." in f".{host}" or _is_near(letters, name) or (name in letters and len(name) >= _MIN_INSIDE):
            return domain
    return ""


@lru_cache(maxsize=8192)
def is_hosted(host: str) -> bool:
    """Does a platform give out such hosts (`shop.web.app`)? The public suffix list has them in its private part."""
    return _REGISTRIES.privatesuffix(host) != registrable(host)


def is_served(host: str, domain: str) -> bool:
    """A host on a platform, or nothing but a word for files added to the own name (`shop-cdn`, `shopstatic`): companies call and
    keep their own so."""
    if is_hosted(host):
        return True
    added = _letters(name_of(host)).replace(_letters(name_of(domain)), "", 1)
    return added in _SERVING


def _letters(name: str) -> str:
    return skeleton(name).replace("-", "")


def _is_near(one: str, other: str) -> bool:
    limit = 1 if len(other) < 8 else 2
    return abs(len(one) - len(other)) <= limit and distance(one, other, limit) <= limit


_SERVING = frozenset(
    skeleton(word)
    for word in ("cdn", "static", "assets", "asset", "media", "img", "images", "files", "content", "scripts", "js", "usercontent")
)


@lru_cache(maxsize=8192)
def typo_of(host: str, known: frozenset[str]) -> str:
    """The known host that this one is one or two letters off, or "". Names only differ in their registrable part."""
    domain = registrable(host)
    name = domain.partition(".")[0]
    if len(name) < _MIN_SWAPPED or is_address(host):
        return ""
    for other in known:
        if other == domain or abs(len(other) - len(domain)) > 2 or other.partition(".")[0] == name:
            continue
        if len(name) < _MIN_NAME:
            if sorted(other) == sorted(domain) and distance(domain, other, 1) == 1:
                return other
            continue
        limit = 1 if len(name) < 8 else 2
        if 0 < distance(domain, other, limit) <= limit:
            return other
    return ""


def distance(one: str, other: str, limit: int) -> int:
    """Letters to change, add, drop or swap to make one the other; `limit` + 1 when it is more than that."""
    last: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        before, last, row = last, row, [i]
        for j, against in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (char != against))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == against:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]
