"""Services that sites load on purpose: host -> name, for reasons and titles; and hosts that are one vendor under many names."""

from __future__ import annotations

import re

# Tag managers and what comes in their wake.
TAG_MANAGERS = {
    "www.googletagmanager.com": "Google Tag Manager", "googletagmanager.com": "Google Tag Manager",
    "tags.tiqcdn.com": "Tealium", "assets.adobedtm.com": "Adobe Launch", "cdn.segment.com": "Segment", "cdn.matomo.cloud": "Matomo",
    "mc.yandex.ru": "Yandex Metrica", "connect.facebook.net": "Meta Pixel", "www.google-analytics.com": "Google Analytics",
    "static.hotjar.com": "Hotjar", "js.hs-scripts.com": "HubSpot", "analytics.tiktok.com": "TikTok Pixel", "bat.bing.com": "Microsoft Ads",
}

KNOWN = {
    "google-analytics.com": "Google Analytics", "analytics.google.com": "Google Analytics", "googletagmanager.com": "Google Tag Manager",
    "doubleclick.net": "Google Ads", "googleadservices.com": "Google Ads", "googlesyndication.com": "Google Ads",
    "maps.googleapis.com": "Google Maps", "fonts.googleapis.com": "Google Fonts", "fonts.gstatic.com": "Google Fonts",
    "translate.googleapis.com": "Google Translate", "youtube.com": "YouTube", "youtube-nocookie.com": "YouTube", "ytimg.com": "YouTube",
    "accounts.google.com": "Google sign-in", "apis.google.com": "Google", "recaptcha.net": "reCAPTCHA", "hcaptcha.com": "hCaptcha",
    "challenges.cloudflare.com": "Cloudflare Turnstile", "facebook.com": "Facebook", "facebook.net": "Facebook", "fbcdn.net": "Facebook",
    "instagram.com": "Instagram", "cdninstagram.com": "Instagram", "twitter.com": "X", "x.com": "X", "twimg.com": "X",
    "licdn.com": "LinkedIn", "linkedin.com": "LinkedIn", "pinterest.com": "Pinterest", "pinimg.com": "Pinterest", "tiktok.com": "TikTok",
    "snapchat.com": "Snapchat", "sc-static.net": "Snapchat", "hotjar.com": "Hotjar", "hotjar.io": "Hotjar", "clarity.ms": "Microsoft Clarity",
    "bing.com": "Microsoft Ads", "intercom.io": "Intercom", "intercomcdn.com": "Intercom", "zendesk.com": "Zendesk", "zdassets.com": "Zendesk",
    "hubspot.com": "HubSpot", "hsforms.com": "HubSpot", "hs-analytics.net": "HubSpot", "hs-scripts.com": "HubSpot",
    "segment.com": "Segment", "segment.io": "Segment", "mixpanel.com": "Mixpanel", "amplitude.com": "Amplitude", "sentry.io": "Sentry",
    "sentry-cdn.com": "Sentry", "newrelic.com": "New Relic", "nr-data.net": "New Relic", "datadoghq.com": "Datadog",
    "datadoghq-browser-agent.com": "Datadog", "cloudflareinsights.com": "Cloudflare Web Analytics", "stripe.com": "Stripe",
    "stripe.network": "Stripe", "paypal.com": "PayPal", "paypalobjects.com": "PayPal", "braintreegateway.com": "Braintree",
    "braintree-api.com": "Braintree", "adyen.com": "Adyen", "klarna.com": "Klarna", "klarnacdn.net": "Klarna", "squareup.com": "Square",
    "checkout.com": "Checkout.com", "mollie.com": "Mollie", "apple.com": "Apple", "amazon-adsystem.com": "Amazon Ads",
    "payments-amazon.com": "Amazon Pay", "vimeo.com": "Vimeo", "vimeocdn.com": "Vimeo", "spotify.com": "Spotify", "gravatar.com": "Gravatar",
    "githubusercontent.com": "GitHub", "fontawesome.com": "Font Awesome", "typekit.net": "Adobe Fonts", "cookielaw.org": "OneTrust",
    "onetrust.com": "OneTrust", "cookiebot.com": "Cookiebot", "usercentrics.eu": "Usercentrics", "criteo.com": "Criteo", "criteo.net": "Criteo",
    "taboola.com": "Taboola", "outbrain.com": "Outbrain", "yandex.ru": "Yandex", "matomo.cloud": "Matomo", "plausible.io": "Plausible",
    "mapbox.com": "Mapbox", "openstreetmap.org": "OpenStreetMap", "trustpilot.com": "Trustpilot", "jquery.com": "jQuery",
    "jsdelivr.net": "jsDelivr", "unpkg.com": "unpkg", "cdnjs.cloudflare.com": "cdnjs", "bootstrapcdn.com": "BootstrapCDN",
    "optimizely.com": "Optimizely", "launchdarkly.com": "LaunchDarkly", "algolia.net": "Algolia", "algolianet.com": "Algolia",
    "auth0.com": "Auth0", "okta.com": "Okta", "onelogin.com": "OneLogin", "microsoftonline.com": "Microsoft sign-in", "live.com": "Microsoft sign-in",
    "list-manage.com": "Mailchimp", "mailchimp.com": "Mailchimp", "formspree.io": "Formspree", "typeform.com": "Typeform",
}

# (pattern of the host, name of the family, directive families it holds for; none: all)
_FAMILIES: tuple[tuple[re.Pattern[str], str, frozenset[str]], ...] = tuple(
    (re.compile(pattern), name, frozenset(families.split()))
    for pattern, name, families in (
        (r"(?:region\d+\.(?:google-analytics|analytics\.google)|analytics\.google)\.com", "region*.google-analytics.com", ""),
        (r"(?:www\.)?google\.(?!com$)(?:com?\.)?[a-z]{2,3}", "www.google.*", ""),
        (r"(?:www\.)?google\.com", "www.google.*", "img connect"),
        (r"lh\d\.googleusercontent\.com", "lh*.googleusercontent.com", ""),
        (r"(?:mt|khms?|maps?)\d\.google(?:apis)?\.com", "map tiles of google.com", ""),
        (r"encrypted-tbn\d\.gstatic\.com", "encrypted-tbn*.gstatic.com", ""),
        (r"t\d\.gstatic\.com", "t*.gstatic.com", ""),
        (r"i\d\.wp\.com", "i*.wp.com", ""),
        (r"[a-c]\.tile\.openstreetmap\.org", "*.tile.openstreetmap.org", ""),
        (r"[\w\-]+\.googlevideo\.com", "*.googlevideo.com", ""),
        (r"(?:scontent|external|video|static)[\w.\-]*\.fbcdn\.net", "*.fbcdn.net", ""),
        (r"scontent[\w.\-]*\.cdninstagram\.com", "*.cdninstagram.com", ""),
        (r"tpc\.googlesyndication\.com|[0-9a-f]{16,64}\.safeframe\.googlesyndication\.com", "*.safeframe.googlesyndication.com", "frame"),
        (r"(?:fls|\d{5,}\.fls|ad)\.doubleclick\.net", "*.fls.doubleclick.net", "frame"),
        (r"o\d+\.ingest(?:\.[a-z]{2})?\.sentry\.io", "o*.ingest.sentry.io", ""),
    )
)


def host_family(host: str, family: str) -> str:
    """The name of the hosts that are one thing under many names; the host itself where it is in none."""
    for pattern, name, families in _FAMILIES:
        if (not families or family in families) and pattern.fullmatch(host):
            return name
    return host
