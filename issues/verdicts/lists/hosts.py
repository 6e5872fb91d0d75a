"""Hosts that tell who did it: host -> (rule id, name). A host stands for its subdomains too. Hosts that sites use on
purpose as well (fonts.gstatic.com, cdn.jsdelivr.net, connect.facebook.net) are no marks and don't belong here."""

from __future__ import annotations

EXTENSION = {
    "joinhoney.com": "Honey", "honey.io": "Honey", "grammarly.com": "Grammarly", "grammarly.io": "Grammarly",
    "grammarly.net": "Grammarly", "sxt.cdn.skype.com": "Skype click to call", "mozbar.moz.com": "MozBar", "getstencil.com": "Stencil",
    "app.trackduck.com": "TrackDuck", "trackduck.com": "TrackDuck", "mstat.acestream.net": "Ace Stream",
    "acestream.net": "Ace Stream", "dl.metabar.ru": "Metabar", "metabar.ru": "Metabar", "sovetnik.market.yandex.ru": "Yandex Sovetnik",
    "audiocdn.lingualeo.com": "LinguaLeo", "lingualeo.com": "LinguaLeo", "getpingu.com": "Pingu", "h5player.anzz.site": "H5 player user script",
    "anzz.site": "H5 player user script", "getliner.com": "LINER", "letyshops.com": "LetyShops", "letyshops.ru": "LetyShops",
    "6ppn.com": "6ppn", "perplexity.ai": "Perplexity", "monica.im": "Monica", "sider.ai": "Sider", "getmerlin.in": "Merlin",
    "maxai.me": "MaxAI", "harpa.ai": "HARPA", "immersivetranslate.com": "Immersive Translate",
    "keywordseverywhere.com": "Keywords Everywhere", "vidiq.com": "vidIQ", "tubebuddy.com": "TubeBuddy", "seoquake.com": "SEOquake",
    "capitaloneshopping.com": "Capital One Shopping", "wikibuy.com": "Capital One Shopping", "piggy.com": "Piggy",
    "cently.com": "Cently", "couponbirds.com": "CouponBirds", "keepa.com": "Keepa", "momentumdash.com": "Momentum",
    "savefrom.net": "SaveFrom", "sf-helper.com": "SaveFrom", "sf-helper.net": "SaveFrom", "sfhelper.ru": "SaveFrom",
    "sf-addon.com": "SaveFrom", "frigate.org": "friGate", "fri-gate.org": "friGate", "hola.org": "Hola", "urban-vpn.com": "Urban VPN",
    "urbanvpn.com": "Urban VPN", "mywot.com": "Web of Trust", "api.mywot.com": "Web of Trust", "siteadvisor.com": "SiteAdvisor",
    "backit.me": "Backit", "epn.bz": "ePN cashback", "megabonus.com": "Megabonus", "aliradar.com": "AliRadar",
    "alitools.io": "AliTools", "alihelper.net": "AliHelper", "admitad-extension.com": "Admitad", "passpack.com": "Passpack",
    "lastpass.com": "LastPass", "dashlane.com": "Dashlane", "keepersecurity.com": "Keeper", "roboform.com": "RoboForm",
    "webappstoolbarba.texthelp.com": "Read&Write", "simplify.jobs": "Simplify", "scribehow.com": "Scribe", "tango.us": "Tango", "evernote.com": "Evernote", "diigo.com": "Diigo",
    "web.hypothes.is": "Hypothesis", "widgets.alexa.com": "Alexa toolbar", "data.alexa.com": "Alexa toolbar",
    "similarsites.com": "SimilarSites", "colorzilla.com": "ColorZilla", "chengyinliu.com": "WhatFont", "fontface.ninja": "Fonts Ninja",
    "whatruns.com": "WhatRuns", "wappalyzer.com": "Wappalyzer", "builtwith.com": "BuiltWith", "ghostery.com": "Ghostery",
    "ghostery.net": "Ghostery", "adblockplus.org": "Adblock Plus", "getadblock.com": "AdBlock", "adblock-plus.org": "Adblock Plus",
    "ublock.org": "uBlock", "darkreader.org": "Dark Reader", "addons.mozilla.org": "a Firefox add-on",
    "addons.cdn.mozilla.net": "a Firefox add-on", "chrome.google.com": "the Chrome store", "extension.getadmiral.com": "an extension",
    "eatdifferent.com.woopra-ns.com": "an extension", "itranslate.com": "iTranslate", "mate-translate.com": "Mate Translate",
    "gikken.co": "Mate Translate", "context-reverso.net": "Reverso", "toucan.com": "Toucan", "jointoucan.com": "Toucan",
    "linguee-extension.com": "an extension", "loadtrk.com": "an extension", "invisiblehand.co.uk": "InvisibleHand",
    "getinvisiblehand.com": "InvisibleHand", "priceblink.com": "PriceBlink", "retailmenot-extension.com": "RetailMeNot",
    "shoptagr.com": "Shoptagr", "karmanow.com": "Karma", "coupert.com": "Coupert", "slickdeals-extension.com": "Slickdeals",
    "pouch.co.uk": "Pouch", "joinpouch.com": "Pouch", "swagbucks-extension.com": "Swagbucks", "shopback-extension.com": "ShopBack",
    "findit-extension.com": "an extension", "fastforward.team": "FastForward", "tampermonkey.net": "Tampermonkey",
    "greasyfork.org": "a user script", "openuserjs.org": "a user script", "userscripts.org": "a user script",
    "update.greasyfork.org": "a user script", "sleazyfork.org": "a user script", "userstyles.org": "Stylish", "cdn.stylish.com": "Stylish",
    "metamask.io": "MetaMask", "phantom.app": "Phantom", "cdn.honeybadger-ext.com": "an extension", "screencastify.com": "Screencastify",
    "nimbusweb.me": "Nimbus", "awesomescreenshot.com": "Awesome Screenshot", "gofullpage.com": "GoFullPage", "loom-extension.com": "Loom",
    "trustnav.com": "TrustNav", "browsec.com": "Browsec", "zenmate.com": "ZenMate", "anonymox.net": "anonymoX",
    "mybrowserbar.com": "a toolbar", "ask-toolbar.com": "a toolbar", "conduit-apps.com": "a toolbar", "facemoods.com": "a toolbar",
    "languagetoolplus.com": "LanguageTool", "quillbot.com": "QuillBot", "gingersoftware.com": "Ginger", "wordtune.com": "Wordtune",
}

USER_TOOL = {
    "instapaper.com": "Instapaper", "a11y.css": "a11y.css", "ffoodd.github.io": "a11y.css", "ds300.github.io": "jetzt",
    "cdn.mathjax.org": "a MathJax bookmarklet", "squirt.io": "Squirt", "printfriendly.com": "PrintFriendly", "readability.com": "Readability",
    "printwhatyoulike.com": "Print What You Like", "webaim.org": "WAVE", "wave.webaim.org": "WAVE", "loop11.com": "Loop11",
    "khan.github.io": "tota11y", "visbug.web.app": "VisBug", "pinboard.in": "Pinboard", "delicious.com": "Delicious",
    "zotero.org": "Zotero", "squizlabs.github.io": "HTML CodeSniffer", "ssa.gov": "ANDI", "pesticide.io": "Pesticide",
    "spritzinc.com": "Spritz", "spritzlet.com": "Spritz", "clearly.evernote.com": "Evernote Clearly", "omnivore.app": "Omnivore",
}

ANTIVIRUS = {
    "kaspersky-labs.com": "Kaspersky", "kaspersky.com": "Kaspersky", "nikkomsgchannel": "Trusteer Rapport", "trusteer.com": "Trusteer Rapport",
    "injections.adguard.com": "AdGuard", "local.adguard.org": "AdGuard", "injections.adguard.org": "AdGuard", "adguard.com": "AdGuard",
    "trendmicro.com": "Trend Micro", "avast.com": "Avast", "avcdn.net": "Avast", "avg.com": "AVG", "toolbar.avg.com": "AVG",
    "bitdefender.com": "Bitdefender", "bitdefender.net": "Bitdefender", "symantec.com": "Norton",
    "nortonsafe.com": "Norton", "safeweb.norton.com": "Norton", "mcafee.com": "McAfee", "siteadvisor.cn": "McAfee",
    "eset.com": "ESET", "drweb.com": "Dr.Web", "f-secure.com": "F-Secure", "malwarebytes.com": "Malwarebytes", "360safe.com": "360 Safe",
    "360.cn": "360 Safe", "avira.com": "Avira", "gdatasoftware.com": "G DATA", "webroot.com": "Webroot", "pandasecurity.com": "Panda",
    "zonealarm.com": "ZoneAlarm", "sophos.com": "Sophos", "quickheal.com": "Quick Heal", "comodo.com": "Comodo", "lavasoft.com": "Ad-Aware",
    "wsscan.ru": "an antivirus", "ijinshan.com": "Kingsoft", "duba.net": "Kingsoft", "rising.com.cn": "Rising", "clean-mx.com": "an antivirus",
}

FILTER = {
    "zscaler.net": "Zscaler", "zscaler.com": "Zscaler", "zscalerone.net": "Zscaler", "zscalertwo.net": "Zscaler",
    "zscalerthree.net": "Zscaler", "zscloud.net": "Zscaler", "zscalerbeta.net": "Zscaler", "zscalergov.net": "Zscaler",
    "scansafe.net": "Cisco Cloud Web Security", "block.opendns.com": "OpenDNS", "opendns.com": "OpenDNS", "umbrella.com": "Cisco Umbrella",
    "techloq.com": "Techloq", "netstar-inc.com": "NetSTAR", "securly.com": "Securly", "goguardian.com": "GoGuardian",
    "contentkeeper.net": "ContentKeeper", "contentkeeper.com": "ContentKeeper", "ibosscloud.com": "iboss", "iboss.com": "iboss",
    "blackspider.com": "Websense", "websense.com": "Websense", "websense.net": "Websense", "forcepoint.com": "Forcepoint",
    "forcepoint.net": "Forcepoint", "mailcontrol.com": "Forcepoint", "threatpulse.net": "Symantec Web Security",
    "threatpulse.com": "Symantec Web Security", "bluecoat.com": "Blue Coat", "lightspeedsystems.com": "Lightspeed",
    "relay.school": "Lightspeed", "smoothwall.com": "Smoothwall", "smoothwall.cloud": "Smoothwall", "linewize.net": "Linewize",
    "linewize.com": "Linewize", "familyzone.com": "Family Zone", "gaggle.net": "Gaggle", "hapara.com": "Hapara", "barracudanetworks.com": "Barracuda",
    "barracuda.com": "Barracuda", "cudasvc.com": "Barracuda", "fortinet.com": "FortiGuard", "fortiguard.com": "FortiGuard",
    "menlosecurity.com": "Menlo", "goskope.com": "Netskope", "netskope.com": "Netskope", "cloudflareaccess-block.com": "a gateway",
    "netnanny.com": "Net Nanny", "qustodio.com": "Qustodio", "covenanteyes.com": "Covenant Eyes", "mobicip.com": "Mobicip",
    "safesearchlock.com": "a filter", "cleanbrowsing.org": "CleanBrowsing", "dnsfilter.com": "DNSFilter", "webtitan.com": "WebTitan",
    "captive.apple.com": "a captive portal", "detectportal.firefox.com": "a captive portal", "connectivitycheck.gstatic.com": "a captive portal",
    "wifi-login.net": "a captive portal", "netify.ai": "a filter", "sangfor.com": "Sangfor", "untangle.com": "Untangle",
    "skydns.ru": "SkyDNS", "yandex-safe.net": "a filter", "comss.one": "a filter", "impulse.com": "SafeConnect",
}

ADWARE = {
    "superfish.com": "Superfish", "tlscdn.com": "an ad injector", "metrext.com": "an ad injector", "image2play.com": "an ad injector",
    "zilionfast.in": "an ad injector", "searchfun.in": "an ad injector", "datafastguru.info": "an ad injector",
    "pulseadnetwork.com": "an ad injector", "websmartcenter.com": "an ad injector", "linkluster.com": "an ad injector",
    "saveyoutime.ru": "an ad injector", "rafomedia.com": "an ad injector", "icontent.us": "an ad injector", "amiok.org": "an ad injector",
    "connectionstrenth.com": "an ad injector", "siteheart.net": "an ad injector", "netanalitics.space": "an ad injector",
    "printapplink.com": "an ad injector", "godlinkapp.com": "an ad injector", "devappstor.com": "an ad injector",
    "hoholikik.club": "an ad injector", "smartlink.cool": "an ad injector", "promfflinkdev.com": "an ad injector",
    "eshopcomp.com": "a shopping injector", "davebestdeals.com": "a shopping injector", "gamefunnetwork.com": "an ad injector",
    "ext335.com": "an ad injector", "dnsqa.me": "a DNS hijacker", "prod2016.com": "a DNS hijacker", "gamephrase.com": "a games bundle",
    "subwayblaze.com": "a games bundle", "smar-t.jp": "a shopping injector", "savingsslider-a.akamaihd.net": "Savings Slider",
    "canvaspl-a.akamaihd.net": "Savings Slider", "cdncache-a.akamaihd.net": "an ad injector", "middlerush-a.akamaihd.net": "an ad injector",
    "resultshub-a.akamaihd.net": "an ad injector", "asrvvv-a.akamaihd.net": "an ad injector", "lnkr.us": "LNKR", "lnkr.fun": "LNKR",
    "monetizus.com": "Monetizus", "worldnaturenet.xyz": "LNKR", "gomakeweb.com": "LNKR", "qalixis.com": "LNKR", "srvvtrk.com": "an ad injector",
    "jollywallet.com": "jollywallet", "dealply.com": "DealPly", "crossrider.com": "Crossrider", "wajam.com": "Wajam",
    "visadd.com": "an ad injector", "best-deals-products.com": "Superfish", "similarproducts.net": "an ad injector",
    "mysearchresults.com": "an ad injector", "genieo.com": "Genieo", "conduit.com": "Conduit", "babylon.com": "Babylon toolbar",
    "mindspark.com": "a toolbar", "coupish.com": "a coupon injector", "couponxplorer.com": "a coupon injector",
    "cmptch.com": "a shopping injector", "cmdolk.com": "an ad injector", "tfxiq.com": "an ad injector", "ciuvo.com": "Ciuvo",
    "foxydeal.com": "FoxyDeal", "pricepeep.net": "PricePeep", "dealbeat.com": "an ad injector", "adnxs-inject.com": "an ad injector",
    "kellysford.com": "an ad injector", "loadingpages.me": "an ad injector", "luckyshoppinginfo.com": "an ad injector",
    "revdepo.com": "an ad injector", "donation-tools.org": "an ad injector", "gjtrack.ucweb.com": "UC Browser", "apiholidays.com": "an ad injector",
    "hdapp1008-a.akamaihd.net": "an ad injector", "rules.similardeals.net": "an ad injector", "rjs.mzcdn.com": "an ad injector",
    "searchgeniusinfo.com": "an ad injector", "propellerads-inject.com": "an ad injector", "ad4989.co.kr": "an ad injector",
}

VENDOR_BROWSER = {
    "uc.cn": "UC Browser", "ucweb.com": "UC Browser", "uc.gre": "UC Browser", "heytapimage.com": "OPPO Browser", "heytapmobi.com": "OPPO Browser",
    "heytap.com": "OPPO Browser", "adblockers.opera-mini.net": "Opera Mini", "opera-mini.net": "Opera Mini", "com.lge.browser": "LG Browser",
    "imtt.qq.com": "QQ Browser", "html5.qq.com": "QQ Browser", "browser.qq.com": "QQ Browser", "browser-translate.yandex.net": "Yandex Browser",
    "api.browser.yandex.ru": "Yandex Browser", "browser.yandex.ru": "Yandex Browser", "api.browser.yandex.net": "Yandex Browser",
    "com.android.browser": "Android Browser", "com.sec.android.app.sbrowser": "Samsung Internet", "com.miui.browser": "MIUI Browser",
    "browser.miui.com": "MIUI Browser", "miui.com": "MIUI Browser", "browser.vivo.com.cn": "vivo Browser", "vivo.com.cn": "vivo Browser",
    "browser.sogou.com": "Sogou Explorer", "browserurl.microsoft.com": "Edge", "edge.microsoft.com": "Edge", "maxthon.com": "Maxthon",
    "mxfast.com": "Maxthon", "hicloud-browser.com": "Huawei Browser", "internetat.tv": "a Samsung TV", "samsungqbe.com": "a Samsung TV",
    "lgtvsdp.com": "an LG TV", "puffinbrowser.com": "Puffin", "browser.360.cn": "360 browser", "se.360.cn": "360 browser",
    "operacdn.com": "Opera", "amazonsilk.com": "Silk", "whale.naver.com": "Whale", "kiwibrowser.com": "Kiwi",
}

TRANSLATION = {
    "microsofttranslator.com": "Microsoft Translator", "translatetheweb.com": "Microsoft Translator", "tts.baidu.com": "Baidu read-aloud",
    "fanyi.baidu.com": "Baidu translate", "fanyi.youdao.com": "Youdao", "transmart.qq.com": "Tencent translate",
    "translate.yandex.net": "Yandex translate", "papago.naver.com": "Papago", "api.cognitive.microsofttranslator.com": "Microsoft Translator",
    "translate.sogoucdn.com": "Sogou translate", "api.fanyi.baidu.com": "Baidu translate", "voice.readaloud.app": "Read Aloud",
    "readaloud.app": "Read Aloud", "naturalreaders.com": "NaturalReader", "speechify.com": "Speechify",
}

# Hosts whose *documents* are copies of other sites.
COPIES = {
    "translate.goog": ("doc-translated", "Google Translate"), "translate.google.com": ("doc-translated", "Google Translate"),
    "translate.googleusercontent.com": ("doc-translated", "Google Translate"), "translatetheweb.com": ("doc-translated", "Microsoft Translator"),
    "microsofttranslator.com": ("doc-translated", "Microsoft Translator"), "translate.baiducontent.com": ("doc-translated", "Baidu translate"),
    "translated.turbopages.org": ("doc-translated", "Yandex translate"), "translate.yandex.com": ("doc-translated", "Yandex translate"),
    "papago.naver.net": ("doc-translated", "Papago"), "papago.naver.com": ("doc-translated", "Papago"),
    "bing-translator.com": ("doc-translated", "Bing"), "web.archive.org": ("doc-copy", "the Internet Archive"),
    "archive.org": ("doc-copy", "the Internet Archive"), "archive.is": ("doc-copy", "archive.today"), "archive.ph": ("doc-copy", "archive.today"),
    "archive.today": ("doc-copy", "archive.today"), "archive.md": ("doc-copy", "archive.today"), "archive.li": ("doc-copy", "archive.today"),
    "archive.vn": ("doc-copy", "archive.today"), "archive.fo": ("doc-copy", "archive.today"), "perma.cc": ("doc-copy", "Perma.cc"),
    "webcitation.org": ("doc-copy", "WebCite"), "webcache.googleusercontent.com": ("doc-copy", "Google's cache"),
    "cc.bingj.com": ("doc-copy", "Bing's cache"), "yandexwebcache.net": ("doc-copy", "Yandex's cache"),
    "hghltd.yandex.net": ("doc-copy", "Yandex's cache"), "cdn.ampproject.org": ("doc-copy", "the AMP cache"), "12ft.io": ("doc-copy", "12ft"),
    "proxysite.com": ("doc-copy", "a web proxy"), "hidester.com": ("doc-copy", "a web proxy"), "kproxy.com": ("doc-copy", "a web proxy"),
    "croxyproxy.com": ("doc-copy", "a web proxy"), "blockaway.net": ("doc-copy", "a web proxy"), "croxy.network": ("doc-copy", "a web proxy"),
    "hide.me": ("doc-copy", "a web proxy"), "proxyium.com": ("doc-copy", "a web proxy"), "4everproxy.com": ("doc-copy", "a web proxy"),
    "turbopages.org": ("doc-copy", "Yandex Turbo"), "feedly.com": ("doc-copy", "Feedly"), "netvibes.com": ("doc-copy", "Netvibes"),
    "inoreader.com": ("doc-copy", "Inoreader"), "r.jina.ai": ("doc-copy", "a reader proxy"), "outline.com": ("doc-copy", "Outline"),
    "printfriendly.com": ("doc-copy", "PrintFriendly"), "google-translate.com": ("doc-translated", "a translator"),
    "browserling.com": ("doc-copy", "a testing service"), "htmlpreview.github.io": ("doc-copy", "a preview service"),
}

# rule id -> hosts; the order is the order of precedence where one host is in two.
BY_RULE: dict[str, dict[str, str]] = {
    "av-host": ANTIVIRUS, "filter-host": FILTER, "adware-host": ADWARE, "ext-host": EXTENSION, "tool-host": USER_TOOL,
    "vendor-browser-host": VENDOR_BROWSER, "translate-host": TRANSLATION,
}

# Public services that sites choose and add-ons use as well: never a mark by themselves, and no proof for the font rule.
SHARED = frozenset(
    """gstatic.com googleapis.com jsdelivr.net unpkg.com cloudflare.com fontawesome.com typekit.net typography.com fonts.net
    bootstrapcdn.com bunny.net cloudfront.net amazonaws.com akamaihd.net akamaized.net cdn77.org azureedge.net windows.net b-cdn.net
    fastly.net github.com github.io githubusercontent.com jquery.com aspnetcdn.com shopify.com squarespace.com wixstatic.com
    wp.com gravatar.com googleusercontent.com rsms.me fontshare.com myfonts.net fonticons.com hotjar.com intercomcdn.com zdassets.com
    hsforms.net hubspot.com facebook.net pinterest.com viglink.com stripe.com paypal.com paypalobjects.com edgecastcdn.net
    digitaloceanspaces.com r2.dev netlify.app vercel.app pages.dev web.app imgix.net cloudinary.com contentful.com ctfassets.net
    sanity.io typeform.com cookielaw.org cookiebot.com usercentrics.eu trustpilot.com olark.com tawk.to crisp.chat drift.com
    freshchat.com livechatinc.com elfsight.com userway.org accessibe.com audioeye.com fast.fonts.com webtype.com fontstand.com
    adobe.com use.edgefonts.net s3.eu-central-1.amazonaws.com""".split()
)
