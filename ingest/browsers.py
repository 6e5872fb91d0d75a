"""Which browser a User-Agent header speaks of: family, major version, operating system. Enough for facets and version gates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

MAX_TEXT = 512


@dataclass(frozen=True, slots=True)
class Browser:
    """`family` is "" and `version` 0 when it can't be told."""

    family: str = ""
    version: int = 0
    os: str = ""


# The first that matches wins: apps and derived browsers carry the names of what they are built on.
_FAMILIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (family, re.compile(pattern))
    for family, pattern in (
        ("Facebook", r"\bFB(?:AN|AV|_IAB|IOS)\b(?:.*?FBAV/(\d+))?"),
        ("Instagram", r"\bInstagram (\d+)"),
        ("TikTok", r"\b(?:musical_ly|BytedanceWebview|trill)[/_](\d+)?"),
        ("WeChat", r"\bMicroMessenger/(\d+)"),
        ("Line", r"\bLine/(\d+)"),
        ("Snapchat", r"\bSnapchat/?(\d+)?"),
        ("Pinterest", r"\[Pinterest/"),
        ("LinkedIn", r"\bLinkedInApp(?:/(\d+))?"),
        ("Baidu", r"\b(?:baiduboxapp|BIDUBrowser)/(\d+)"),
        ("Google app", r"\bGSA/(\d+)"),
        ("Edge", r"\b(?:Edg|EdgA|EdgiOS|Edge)/(\d+)"),
        ("Opera", r"\b(?:OPR|OPiOS|OPT|Opera Mini|Opera)/(\d+)"),
        ("Samsung Internet", r"\bSamsungBrowser/(\d+)"),
        ("UC Browser", r"\b(?:UCBrowser|UCWEB)/(\d+)"),
        ("Yandex", r"\bYaBrowser/(\d+)"),
        ("Vivaldi", r"\bVivaldi/(\d+)"),
        ("DuckDuckGo", r"\b(?:DuckDuckGo|Ddg)/(\d+)"),
        ("MIUI Browser", r"\bMiuiBrowser/(\d+)"),
        ("Huawei Browser", r"\bHuaweiBrowser/(\d+)"),
        ("Firefox", r"\b(?:Firefox|FxiOS)/(\d+)"),
        ("Headless Chrome", r"\bHeadlessChrome/(\d+)"),
        ("Chrome", r"\b(?:Chrome|CriOS|Chromium)/(\d+)"),
        ("Internet Explorer", r"\b(?:MSIE |Trident/.*rv:)(\d+)"),
        ("Safari", r"\bVersion/(\d+)[\d.]* (?:Mobile/\w+ )?Safari/"),
        ("Safari", r"\b(?:iPhone|iPad|Macintosh)\b.*AppleWebKit/()"),
        ("WebKit", r"\bAppleWebKit/(\d+)"),
    )
)
_SYSTEMS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("Windows", r"Windows"),
        ("iOS", r"iPhone|iPad|iPod"),
        ("Android", r"Android"),
        ("ChromeOS", r"\bCrOS\b"),
        ("macOS", r"Mac OS X|Macintosh"),
        ("Tizen", r"Tizen"),
        ("Linux", r"Linux|X11"),
    )
)


@lru_cache(maxsize=4096)
def browser_of(user_agent: str) -> Browser:
    """Never raises; looks at the first 512 characters."""
    text = user_agent[:MAX_TEXT]
    system = next((name for name, pattern in _SYSTEMS if pattern.search(text)), "")
    for family, pattern in _FAMILIES:
        match = pattern.search(text)
        if match:
            version = match[1] if pattern.groups else ""
            return Browser(family, int(version[:4]) if version else 0, system)
    return Browser(os=system)
