"""Schemes that no site can serve: scheme -> (rule id, whose it is). In `blocked` or `source`, in any spelling or case."""

from __future__ import annotations

EXTENSION = {
    "chrome-extension": "Chrome", "moz-extension": "Firefox", "safari-extension": "Safari", "safari-web-extension": "Safari",
    "ms-browser-extension": "Edge", "mxaddon-pkg": "Maxthon", "se-extension": "Sogou Explorer", "webkit-masked-url": "Safari",
    "jar": "an old Firefox add-on", "extension": "Edge",
}

# Bridges between an app and the page inside it.
IN_APP = {
    "weixin": "WeChat", "weixinping": "WeChat", "weixinpreinject": "WeChat", "wxlocalresource": "WeChat", "wechat": "WeChat",
    "sinaweibo": "Weibo", "bytedance": "TikTok", "snssdk1128": "TikTok", "snssdk1180": "TikTok", "snssdk1233": "TikTok",
    "musically": "TikTok", "tiktok": "TikTok", "wvjbscheme": "a WebView bridge", "wvjb": "a WebView bridge",
    "nativebaiduhd": "Baidu", "baiduboxapp": "Baidu", "baiduhaokan": "Baidu", "bdvideo": "Baidu", "bdapi": "Baidu",
    "iabjs": "an in-app browser", "android-webview": "Android WebView", "android-webview-video-poster": "Android WebView",
    "mqqapi": "QQ", "mttbrowser": "QQ", "jsbridge": "a WebView bridge", "jsb": "a WebView bridge", "yy": "a WebView bridge",
    "fb": "Facebook", "fb-messenger": "Facebook", "fbrpc": "Facebook", "fbapi": "Facebook", "instagram": "Instagram",
    "snapchat": "Snapchat", "line": "LINE", "pinterest": "Pinterest", "linkedin": "LinkedIn", "twitter": "Twitter",
    "alipays": "Alipay", "alipay": "Alipay", "alipaybridge": "Alipay", "taobao": "Taobao", "tbopen": "Taobao",
    "openapp.jdmobile": "JD", "zhihu": "Zhihu", "kakaotalk": "KakaoTalk", "kakaolink": "KakaoTalk", "naversearchapp": "Naver",
    "nativeapi": "a WebView bridge", "gap": "a WebView bridge", "cdv": "a WebView bridge", "uniwebview": "a WebView bridge",
    "hybrid": "a WebView bridge", "native": "a WebView bridge", "jscall": "a WebView bridge", "callback": "a WebView bridge",
    "webviewjavascriptbridge": "a WebView bridge", "ucbrowser": "UC Browser",
}

# The browser's own pages, resources and helpers.
BROWSER = {
    "chrome": "the browser", "resource": "Firefox", "res": "Internet Explorer", "opera": "Opera",
    "ms-appx": "Edge", "ms-appx-web": "Edge", "chromenull": "Chrome on iOS", "chromeinvoke": "Chrome on iOS",
    "chromeinvokeimmediate": "Chrome on iOS", "gsa": "the Google app", "mbinit": "a mobile browser", "none": "a mobile browser",
    "sraf": "a mobile browser", "tmtbff": "a toolbar", "webviewprogress": "a WebView", "webviewprogressproxy": "a WebView",
    "mx": "Maxthon", "mxjscall": "Maxthon", "safari-resource": "Safari", "x-apple-ql-id": "QuickLook", "applewebdata": "Safari",
    "edge": "Edge", "brave": "Brave", "vivaldi": "Vivaldi", "moz-icon": "Firefox", "moz-safe-about": "Firefox",
    "chrome-search": "Chrome", "chrome-error": "Chrome", "chrome-devtools": "Chrome", "devtools": "Chrome", "chrome-native": "Chrome",
    "googlechrome": "Chrome on iOS", "googlechromes": "Chrome on iOS", "firefox": "Firefox on iOS", "x-gu": "a mobile browser",
    "ms-windows-store": "Windows", "ms-local-stream": "Windows", "com-apple-playback": "Safari", "webkit-fake-url": "Safari",
    "x-safari-https": "Safari", "x-web-search": "Safari", "ftnotify": "a mobile browser", "wtai": "a mobile browser",
    "blank": "the browser", "itms-appss": "Safari", "itms-apps": "Safari", "qrc": "a Qt browser", "android-app": "Android",
}

NETWORK = {"symres": "Norton", "kis": "Kaspersky", "kaspersky": "Kaspersky", "avast": "Avast", "mcafee": "McAfee", "ms-its": "Windows help"}

NETWORKED = frozenset({"http", "https", "ws", "wss"})

# Schemes that ordinary pages use; any other is a browser's or an app's own.
ORDINARY = frozenset(
    """http https ws wss data blob filesystem mediastream javascript mailto tel sms file ftp ftps webcal geo maps
    intent ipfs""".split()
)
