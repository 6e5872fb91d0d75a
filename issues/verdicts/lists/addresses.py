"""Grammars of addresses: (rule id, whose it is, pattern, an address). Matched against `host/path?query`, decoded.

Adware changes its hosts daily and its scripts rarely, so the grammar is the mark, never how a host looks.
"""

from __future__ import annotations

from functools import lru_cache

from issues.verdicts.lists.finder import Finder

_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"

INJECTS = "something that injects itself"
GRAMMARS: tuple[tuple[str, str, str, str], ...] = (
    (
        "adware-address",
        "LNKR",
        r"/optout/(?:get|set)\b.{0,120}jsonp=__(?:twb|mtz)_cb_",
        "https://x.example/optout/get?jsonp=__twb_cb_123&key=1",
    ),
    (
        "adware-address",
        "LNKR",
        r"/metric/\?mid=.{0,120}&wid=.{0,120}rid=(?:LOADED|LAUNCHED|FINISHED|BEFORE|OPTOUT)",
        "https://x.example/metric/?mid=&wid=51824&sid=&tid=8081&rid=LOADED&custom1=shop.example",
    ),
    (
        "adware-address",
        "LNKR",
        r"^s3\.amazonaws\.com/(?:js-static|js-cache|jscache|cashe-js|jscriptcdn)/[0-9a-f]{16,20}\.js",
        "https://s3.amazonaws.com/js-static/18ce1b3a5f8b8f0a33.js",
    ),
    (
        "adware-address",
        "LNKR",
        r"/addons/lnkr\d*(?:_nt)?\.min\.js|/ext/[0-9a-f]{16,20}\.js\?sid=\d+_\d+_",
        "https://x.example/addons/lnkr5.min.js",
    ),
    (
        "adware-address",
        "an ad injector",
        rf"/j\w?/\w{{2,3}}\?id={_UUID}&d={_UUID}",
        "https://x.example/jo/is2?id=5d640da1-43aa-43b4-abeb-13c2f6a2a36f&d=5d640da1-43aa-43b4-abeb-13c2f6a2a36f&cl=1",
    ),
    (
        "adware-address",
        "a games bundle",
        rf"/api/pcgc\?.{{0,120}}iid={_UUID}",
        "https://x.example/api/pcgc?iid=5d640da1-43aa-43b4-abeb-13c2f6a2a36f&ipt=false",
    ),
    (
        "adware-address",
        "an ad injector's loader",
        r"/(?:items/)?loaders/(?:loader_)?\d+(?:/l)?\.js\?.{0,120}(?:pid|zoneid|aoi)=",
        "https://x.example/items/loaders/loader_1063.js?aoi=13&pid=1063&zoneid=15220",
    ),
    ("adware-address", "an ad injector", r"/code/(?:pid/\d+_\w{3}\.js|\?pid=\d+&r=)", "https://x.example/code/pid/1234_BNX.js"),
    (
        "adware-address",
        "an ad injector",
        r"/servicejs/components/\?source=.{0,120}isn=",
        "https://x.example/servicejs/components/?source=abc&isn=1",
    ),
    (
        "adware-address",
        "a shopping injector for the Mac",
        r"^(?:www|secure)\.\w*(?:shop|buy|coupon)\w*mac\.com(?:[:/]|$)",
        "https://secure.myshopcouponmac.com/",
    ),
    ("adware-address", "an ad injector on Akamai", r"^[a-z]+\d{6,}-a\.akamaihd\.net(?:[:/]|$)", "https://searches3250409-a.akamaihd.net/"),
    ("adware-address", "an ad injector", r"/prcr/ldr_\d+_\d+_", "https://x.example/prcr/ldr_656_2597_YMfYIv.js"),
    ("adware-address", "an ad injector", r"/d6safundjenk6af/\d+\.js", "https://x.example/d6safundjenk6af/14945.js"),
    (
        "adware-address",
        "an ad injector's counter",
        r"[?&]_channel_id=.{0,60}&_partner_id=\d+",
        "https://x.example/data?_channel_id=&_partner_id=39571&_app=cs-dca",
    ),
    (
        "adware-address",
        "an ad injector",
        r"/get-octapid\.php\?|[?&]_irh_(?:subid|exid)=",
        "https://data1.x.example/assets/get-octapid.php?callback=fdz_octapid_cb",
    ),
    ("tool-address", "an anti-adblock user script", r"/anti-adblock-killer/", "https://reek.github.io/anti-adblock-killer/k2Uw.js"),
    ("tool-address", "ANDI", r"^www\.ssa\.gov/accessibility/andi/", "https://www.ssa.gov/accessibility/andi/andi.js"),
    (
        "adware-address",
        "LNKR",
        r"/[0-9a-f]{32}/validate-site\.js|/code\?id=\d+&subid=\d+_\d+_",
        "https://x.example/91a2556838a7c33eac284eea30bdcc29/validate-site.js?uid=1",
    ),
    ("adware-address", "a DNS hijacker", r"/QualityCheck/ga\.js", "https://m12.x.example/QualityCheck/ga.js"),
    ("adware-address", "a shopping injector", r"/fo/ec/\w+\.js", "https://istatic.x.example/fo/ec/tor.js"),
    (
        "adware-address",
        "a shopping injector",
        r"/nwp/v\d[\d_]*/release/",
        "https://pstatic.x.example/nwp/v0_0_1148/release/Shared/App/SharedApp.js",
    ),
    ("adware-address", "a pop-up framework", r"/InterYield/bindevent\.do", "https://inter.x.example/InterYield/bindevent.do?e=click"),
    ("adware-address", "Superfish", r"/ws/sf_(?:main|code|preloader)\.jsp", "https://www.x.example/ws/sf_main.jsp?dlsource=x"),
    (
        "adware-address",
        "an ad injector on Akamai",
        r"^[\w\-]+-a\.akamaihd\.net/.{0,120}(?:affid|clientuid|addonname|subid|pid)=",
        "https://asrvvv-a.akamaihd.net/get?addonname=x&clientuid=y&affid=9658",
    ),
    (
        "adware-address",
        "an ad injector on Akamai",
        r"^(?:\w*(?:saving|slider|deal|coupon|offer|shop|result|middlerush|cdncache|hdapp|rule)\w*)-a\.akamaihd\.net",
        "https://savingsslider-a.akamaihd.net/x.js",
    ),
    (
        "adware-address",
        "an unfilled template of an ad injector",
        r"\[Enter (?:Product Name|Client UID)\]|\{\{?(?:clientuid|affid|addonname|partner_id)\}\}?",
        "https://x.example/get?addonname=[Enter%20Product%20Name]",
    ),
    (
        "adware-address",
        "an ad injector",
        r"/(?:a|p)js/\d+/c/[0-9a-f]{8,}_\d+\.js|/pjs/\d+\.js",
        "http://7a2rnuey1tw9ar.example/ajs/28722/c/7777772e627261_0.js",
    ),
    ("adware-address", "an ad injector", r"/sf_?inject|/inject(?:or|ion)?/(?:ads?|banner)\b|/adinject", "https://x.example/adinject.js"),
    (
        "adware-address",
        "an ad injector",
        r"^(?:www\.)?[0-9a-f]{32}\.(?:com|net|info|org)(?:[:/]|$)",
        "https://73a5b0806e464be8bd4e694c744624f0.com/x.js",
    ),
    (
        "adware-address",
        "a compromised extension",
        r"^(?:wd)?[0-9a-f]{28,40}\.(?:win|men|pw|bid|club|top|xyz|site|online)(?:[:/]|$)",
        "https://wd7bdb20e4d622f6569f3e8503138c859d.win/ga.js",
    ),
    (
        "ext-address",
        "an extension's script",
        r"content[\-_]?scripts?(?:[\-_.]\w+)*\.js|[?&]type=content-script",
        "https://cdn.x.example/js/content-script-chrome.js",
    ),
    (
        "ext-address",
        INJECTS,
        r"/(?:\w+_)?inject(?:ed|or|ion)?(?:[._\-]\w+)*\.js\b",
        "https://cdn.helper.example/js/inject.min.js",
    ),
    ("ext-address", "scite", r"^cdn\.scite\.ai/assets/", "https://cdn.scite.ai/assets/fonts/icons.woff"),
    ("tool-address", "feedly mini", r"^s3\.feedly\.com/mini/", "https://s3.feedly.com/mini/mini.js"),
    ("ext-address", "a toolbar", r"^(?:[\w\-]+\.)?toolbars?\d?\.[\w\-]+\.", "https://toolbar.helper.example/v2/bar.js"),
    ("tool-address", "a user script", r"\.user\.js\b|/userscripts?/", "https://scripts.helper.example/better-page.user.js"),
    (
        "ext-address",
        "an extension's file",
        r"/ext/(?!gpl|\d+\.\d+/(?:ext-all|packages)|js/ext-|adapter|build|theme|ux)[\w./\-]*\.(?:js|css|woff2?|ttf|otf|gif|png|svg|html|mp3)\b",
        "https://www.x.example/ext/assets/style.4f2a.css",
    ),
    (
        "ext-address",
        "an extension's file",
        r"/(?:extensions?|addon|browser-?ext(?:ension)?|chrome-?ext(?:ension)?|crextn?|firefox-?ext)/(?!cart|product)[\w./\-]*\.(?:js|css|woff2?|ttf|json|html|gif|png|svg|mp[34]|webm)\b",
        "https://cdn.x.example/chrome-extension/inject.js",
    ),
    (
        "ext-address",
        "an extension's call",
        r"[?&](?:extension|browser_?ext)=(?:chrome|ff|firefox|edge|safari|true|1)\b|[?&]browser=(?:ch|ff)\b|[?&]plugin_key=|[?&]ext(?:ension)?_?id=[a-p]{32}",
        "https://x.example/api?extension=chrome",
    ),
    (
        "ext-address",
        "the Google Dictionary extension",
        r"^ssl\.gstatic\.com/dictionary/",
        "https://ssl.gstatic.com/dictionary/static/sounds/a.mp3",
    ),
    (
        "ext-address",
        "a font replacer",
        r"/(?:comic-sans-replacer|opendyslexic|[\w\-]*font-?(?:changer|replacer))|^themes\.googleusercontent\.com/(?:static/fonts/|$)|/webfonts/blokk/",
        "https://cdn.jsdelivr.net/comic-sans-replacer/1.1/f.ttf",
    ),
    ("ext-address", "Keepa", r"^graph\.keepa\.com/(?!pricehistory)", "https://graph.keepa.com/extension/stats?v=4"),
    ("ext-address", "an unfilled template", r"^\[(?:email|user|name|host|domain|url)\]", "https://[email]"),
    (
        "tool-address",
        "the Pocket bookmarklet",
        r"^(?:www\.)?getpocket\.com/(?:$|b/|v3/|save\b)",
        "https://getpocket.com/b/r4.js?u=https%3A%2F%2Fshop.example",
    ),
    (
        "tool-address",
        "Visual Event",
        r"^(?:www\.)?sprymedia\.co\.uk/VisualEvent/",
        "https://www.sprymedia.co.uk/VisualEvent/VisualEvent_Loader.js",
    ),
    ("tool-address", "a design bookmarklet", r"^ashishmishra\.in/gridify/", "http://ashishmishra.in/gridify/images/color-picker.png"),
    ("tool-address", "a collector of pins", r"/pinmarklet\.js", "https://huaban.com/js/pinmarklet.js"),
    (
        "ext-address",
        "one of Google's own extensions",
        r"\.pa\.clients6\.google\.com/",
        "https://toolytics.pa.clients6.google.com/",
    ),
    (
        "ext-address",
        "a font replacer",
        r"^github\.com/google/fonts/(?:blob|raw)/",
        "https://github.com/google/fonts/blob/master/apache/opensans/OpenSans-Light.ttf?raw=true",
    ),
    (
        "bot-address",
        "Tenable's scanner",
        r"^(?:[\w\-]+\.)*wasscan\.tenable\b",
        "https://javascript.browser.wasscan.tenable/",
    ),
    ("tool-address", "a bookmarklet", r"/bookmarklets?[/.\-_]|[\-_]bookmarklet\.js", "https://www.instapaper.com/bookmarklet/post_v6.js"),
    (
        "tool-address",
        "an accessibility tester",
        r"/(?:a11y\.css|tota11y(?:\.min)?\.js|HTMLCS\.js|axe(?:\.min)?\.js|visbug)",
        "https://rawgit.com/x/a11y.css/master/css/a11y-en.css",
    ),
    (
        "av-address",
        "Bitdefender",
        r"/netdefender/hui/ndhui\.(?:js|css)",
        "https://shop.example/B1D671CF-E532-4481-99AA-19F420D90332/netdefender/hui/ndhui.js",
    ),
    (
        "av-address",
        "Kaspersky",
        rf"/{_UUID}/(?:main\.js|init|websocket)|/FD126C42-EBFA-4E12-B309-BB3FDD723AC1/",
        "https://gc.x.example/FD126C42-EBFA-4E12-B309-BB3FDD723AC1/main.js",
    ),
    ("isp-address", "a carrier's toolbar", r"^\d+\.\d+\.\d+\.\d+/scripts/Anchor\.js", "http://223.224.131.144/scripts/Anchor.js"),
    (
        "filter-address",
        "a gateway or captive portal",
        r"/(?:mwg-internal|squid-internal)[\w\-]*/|/fgtauth\?|/php/(?:urlblock|uid)\.php|/cgi-mod/spyware|^1\.1\.1\.1/(?:log|auth|reg|fs)"
        r"|[?&](?:ap_mac|client_mac|switch_url|wlanuserip|wlanacname|gw_id|uamip)=",
        "https://gw.x.example/mwg-internal/de5fs23hu73ds/progress?id=1",
    ),
    ("isp-address", "a mobile carrier's image compressor", r"^\d+\.\d+\.\d+\.\d+/bmi(?:-int-js)?/", "http://1.2.3.4/bmi-int-js/bmi.js"),
    (
        "filter-address",
        "a web filter",
        r"[?&](?:origurl|orig_url|blocked_?url|cfru|bypass_?url|redirect_?to_?blocked)=|/(?:blockpage|block-page|webfilter|accessdenied\.cgi)\b",
        "https://gateway.x.example/auT?origurl=https%3A%2F%2Fshop.example",
    ),
    (
        "translate-address",
        "Chrome's or Google's translation",
        r"^translate\.google(?:apis)?\.[a-z.]+/(?:(?:translate_a/(?:t|element\.js)|gen204)\?.{0,120}(?:client=te_lib|cb=TECB_|client=tee|cb=cr\.google)|_/translate_http/)",
        "https://translate.google.com/translate_a/element.js?cb=TECB_1a2b&client=tee",
    ),
    (
        "translate-address",
        "Chrome's or Google's translation",
        r"gstatic\.com/(?:_/translate_http/|.{0,120}translate_24dp|.{0,60}/productlogos/translate)|/translate_24dp\.png",
        "https://www.gstatic.com/_/translate_http/_/ss/k=translate_http.tr.x.css",
    ),
    (
        "translate-call",
        "Google's translation",
        r"^translate(?:-pa)?\.(?:google\.[a-z.]+|googleapis\.com|gstatic\.com)/"
        r"(?:$|\?|translate_(?:a/(?:l|t|tts|single)\b|tts)|element/log|_/|v1/translate)|^www\.google\.com/images/cleardot\.gif",
        "https://translate.googleapis.com/element/log?logld=vTE_20250101&client=te",
    ),
    (
        "translate-call",
        "Google's dictionary extension",
        r"^clients5\.google\.com/translate_a/|[?&]client=dict-chrome-ex\b|^www\.google\.com/dictionary/",
        "https://clients5.google.com/translate_a/t?client=dict-chrome-ex&sl=auto",
    ),
    (
        "translate-call",
        "DeepL's extension",
        r"^(?:www\d|oneshot-free|s)\.(?:www\.)?deepl\.com/(?:jsonrpc|v1|web)",
        "https://www2.deepl.com/jsonrpc",
    ),
    (
        "translate-address",
        "Edge's translation",
        r"\.cognitive\.microsofttranslator\.com/|^edge\.microsoft\.com/translate",
        "https://api-edge.cognitive.microsofttranslator.com/translate?from=&to=de",
    ),
    (
        "forged-value",
        "an attack string",
        r"\$\{jndi:|(?:'|%27)(?:\s|\+)*(?:OR|AND)(?:\s|\+)+\d+=\d+|UNION(?:\s|\+)+(?:ALL(?:\s|\+)+)?SELECT|/etc/passwd|<script\b|\{\{7\*7\}\}|SLEEP\(\d",
        "https://shop.example/'+OR+1=1--",
    ),
)

_FINDER = Finder(pattern for _, _, pattern, _ in GRAMMARS)


@lru_cache(maxsize=8192)
def grammar_of(text: str) -> tuple[str, str] | None:
    """(rule id, whose it is) for an address in the shape of a known injector's."""
    found = _FINDER.first(text)
    return None if found is None else GRAMMARS[found][:2]
