"""User agents that are no ordinary visitor: (name, pattern)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

IN_APP = re.compile(
    r"\bFB(?:AN|AV|_IAB)\b|\bInstagram\b|\bLine/\d|\bMicroMessenger/|BytedanceWebview|musical_ly|\btrill_|\bSnapchat\b|\[Pinterest/"
    r"|LinkedInApp|baiduboxapp|\bGSA/|\bTwitter for|\bKAKAOTALK\b|\bNAVER\(|\bWeibo\b|\bAliApp\(|\bQQ/\d|\bReddit/|\bZalo\b|\bYJApp"
    r"|\bBarcelona \d|\bDuckDuckGo-InApp"
)
_META = re.compile(r"\bFB(?:AN|AV|_IAB)\b|\bInstagram\b|\bBarcelona \d")
# Pages inside apps that do not say their name: Android's WebView, and iOS without Safari's own token.
_WEBVIEW = re.compile(r"; wv\)|\bMobile/\w+(?![^\n]*\bSafari/)")
# Browsers of phone makers and portals, which put code of their own into pages.
_VENDOR = re.compile(
    r"\bUCBrowser/|\bUBrowser/|\bMiuiBrowser/|\bHeyTapBrowser/|\bVivoBrowser/|\bHuaweiBrowser/|\bMQQBrowser/|\bQQBrowser/|\bbaidubrowser"
    r"|\bSogouMobileBrowser|\bQuark/|\bOpera Mini/|\bOPT/\d|\bPuffin/|\bMxBrowser|\bMaxthon|\bPhoenix/|\bAlohaBrowser/|\bWhale/|\bSilk/"
)
BOTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("Google Read Aloud", r"Google-Read-Aloud|Google-Speakr"),
        ("Googlebot", r"Googlebot|Google-InspectionTool|AdsBot-Google|Mediapartners-Google|Storebot-Google|GoogleOther"),
        ("bingbot", r"bingbot|BingPreview|adidxbot"),
        (
            "an audit",
            r"Chrome-Lighthouse|PTST/|SiteAuditBot|Speedcurve|GTmetrix|PageSpeed|Pingdom|UptimeRobot|StatusCake|Catchpoint|DareBoost|DebugBear",
        ),
        (
            "a crawler",
            r"Applebot|YandexBot|YandexMetrika|Baiduspider|DuckDuckBot|PetalBot|SemrushBot|AhrefsBot|MJ12bot|DotBot|BLEXBot|Sogou web"
            r"|CCBot|GPTBot|ChatGPT-User|OAI-SearchBot|ClaudeBot|anthropic-ai|PerplexityBot|Bytespider|Amazonbot|meta-externalagent|facebookexternalhit"
            r"|Twitterbot|LinkedInBot|Slackbot|Discordbot|WhatsApp/|TelegramBot|Pinterestbot|SeznamBot|Qwantify|archive\.org_bot|heritrix|ia_archiver",
        ),
        (
            "a watch on the site",
            r"DatadogSynthetics|RuxitSynthetic|Site24x7|Checkly|NewRelicSynthetics|Better Uptime|AppInsights|Dynatrace",
        ),
        (
            "a crawler",
            r"PhantomJS|SlimerJS|\bSlurp\b|\bYeti/\d|coccocbot|W3C_Validator|Prerender \(|\bNutch|Feedfetcher",
        ),
        ("a crawler", r"[(;,\s]\+https?://"),
        ("a crawler", r"\b(?:\w*bot|crawler|spider|scraper|scanner)\b[/;)\s]"),
        ("a scanner", r"Nessus|Qualys|Acunetix|Netsparker|Detectify|OWASP|sqlmap|nikto|Burp|ZAP/|w3af|Arachni|Nuclei"),
    )
)
HEADLESS = re.compile(r"HeadlessChrome|Electron/|jsdom|Puppeteer|Playwright|Cypress/")
TOOLS = re.compile(
    r"^(?:curl|wget|python|go-http-client|httpie|java|okhttp|axios|node|undici|ruby|php|perl|libwww|postman\w*|insomnia|apache-httpclient|"
    r"aiohttp|httpx|got|reqwest|hey|ab|k6|guzzle|winhttp|powershell|deno|bun)\b|python-requests|python-httpx|Go-http-client",
    re.IGNORECASE,
)


# What people type into a terminal: no proxy or application passes browsers' reports on with these.
COMMANDS = re.compile(
    r"^(?:curl|wget|httpie|postman\w*|insomnia|hey|ab|k6|powershell)\b|Nmap Scripting|masscan|zgrab|ApacheBench", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Agent:
    """What a user agent says of its sender. `bot` is a crawler's or audit's name, or "". `webview`: inside an app, named or not.
    `meta`: inside Facebook, Messenger, Instagram or Threads. `command`: a tool that people start by hand.
    `vendor`: a browser that puts code of its own into pages."""

    in_app: bool
    webview: bool
    headless: bool
    tool: bool
    bot: str
    meta: bool
    command: bool
    vendor: bool


@lru_cache(maxsize=4096)
def agent_of(user_agent: str) -> Agent:
    """Few user agents send most reports, so this is worked out once for each."""
    bot = next((name for name, pattern in BOTS if pattern.search(user_agent)), "") if user_agent else ""
    in_app = bool(IN_APP.search(user_agent))
    return Agent(
        in_app=in_app,
        webview=in_app or bool(_WEBVIEW.search(user_agent)),
        headless=bool(HEADLESS.search(user_agent)),
        tool=bool(TOOLS.search(user_agent)),
        bot=bot,
        meta=in_app and bool(_META.search(user_agent)),
        command=bool(COMMANDS.search(user_agent)),
        vendor=bool(_VENDOR.search(user_agent)),
    )
