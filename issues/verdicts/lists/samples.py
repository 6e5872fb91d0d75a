"""Signatures of code and styles that browsers' helpers inject: (rule id, whose it is, pattern, a sample as a browser sends it).

A sample is at most 40 characters, so a pattern must fit in there. Patterns are case-sensitive regular expressions that are
searched for; anchor with `^` what stands at the start. The sample is the test.
"""

from __future__ import annotations

import re
from functools import lru_cache

from issues.verdicts.lists.finder import Finder

SIGNATURES: tuple[tuple[str, str, str, str], ...] = (
    (
        "ext-sample",
        "an extension's own address",
        r"(?:moz|chrome|safari|safari-web)-extension:",
        "background-image: url(moz-extension://9c",
    ),
    ("ext-sample", "an old Firefox add-on", r"resource://(?:jid1|[\w\-]+-at-)", "@import url(resource://jid1-abc/a.css)"),
    ("ext-sample", "React, Vue or Redux developer tools", r"install(?:Global)?Hook ?\(window\)", ";(function installGlobalHook(window) { "),
    ("ext-sample", "Redux developer tools", r"window\.devToolsOptions", "window.devToolsOptions = Object.assign(w"),
    ("ext-sample", "React developer tools", r"__REACT_DEVTOOLS_", "window.__REACT_DEVTOOLS_GLOBAL_HOOK__ = "),
    ("ext-sample", "Redux developer tools", r"__REDUX_DEVTOOLS_", "window.__REDUX_DEVTOOLS_EXTENSION__ = fu"),
    ("ext-sample", "Vue developer tools", r"__VUE_DEVTOOLS_", "window.__VUE_DEVTOOLS_GLOBAL_HOOK__ = {}"),
    ("ext-sample", "Svelte developer tools", r"__svelte(?:kit)?_devtools", "window.__svelte_devtools_hook = {};"),
    ("ext-sample", "Vimium", r"vimiumOnClickAttributeName", "var vimiumOnClickAttributeName = 'x';"),
    ("ext-sample", "Vimium", r"Many CSS class names in this file", "/* * Many CSS class names in this file a"),
    ("ext-sample", "Vim Vixen", r"\.vimvixen-", ".vimvixen-console-frame { margin: 0; }"),
    ("ext-sample", "Ghostery", r"#ghostery-", "@media print {#ghostery-purple-box {disp"),
    ("ext-sample", "AdGuard", r"\bAG_(?:onLoad|defineProperty|abort)", "try {\r\nvar AG_onLoad=function(func){if(d"),
    ("ext-sample", "AdGuard", r"injectPageScriptAPI", "(function injectPageScriptAPI(scriptName"),
    ("ext-sample", "AdGuard", r"[#.]adguard|adguard[_\-]assistant|//AdGuard", "#adguard_assistant_iframe { display: blo"),
    (
        "ext-sample",
        "Privacy Badger",
        r"\(function \((?:DOCUMENT|ERROR|NAVIGATOR|SCREEN|CANVAS), ?\w",
        "(function (DOCUMENT, dispatchEvent, CUST",
    ),
    ("ext-sample", "a privacy extension", r"\(function overrideDefaultMethods\(", "try{(function overrideDefaultMethods(r, "),
    (
        "ext-sample",
        "a privacy extension",
        r"Object\.defineProper(?:ty|ties)\((?:window\.)?(?:screen,|(?:navigator|Navigator\.prototype), ?[\"']"
        r"(?:userA|platf|plugi|webdr|hardw|devic|langu|doNot|appVe|maxTo|globa)|Screen\.proto|HTMLCanvas|CanvasRender)",
        'Object.defineProperty(navigator, "platfor',
    ),
    (
        "ext-sample",
        "Vue developer tools",
        r"^;\(function\(e\)\{let t=\{\};if\(e\.hasOwn|\{Vue:null,on:|^;\(function detect ?\(win\)",
        ";(function(e){let t={};if(e.hasOwnProper",
    ),
    ("ext-sample", "Angular's inspector", r"\b_?ngInspect_", "window._ngInspect_clickedEl = null;docum"),
    ("ext-sample", "Firebug", r"See license\.txt for terms of usage", "/* See license.txt for terms of usage */"),
    (
        "ext-sample",
        "an ad blocker",
        r"\bfunction allowAdblock\(|\bwindow\.oldSetTimeout ?= ?window\.setT",
        "(function allowAdblock() {\nnoAds = true;",
    ),
    ("ext-sample", "Cacaoweb", r"\bvar Cacaoweb\b", "var Cacaoweb = { callbackIsRunning: func"),
    ("ext-sample", "ISAnalyster", r"\bISCommonAnalyster|\bvar AttachStyleEnum\b", "// funnyordie.com\nvar ISCommonAnalyster "),
    ("ext-sample", "a download extension", r"\bfunction rw_sendSocketMessage", "function rw_sendSocketMessage(aData){$th"),
    ("ext-sample", "Secret Server's password filler", r"\bdocument\.isSecretServer\b", "if (typeof document.isSecretServer !== '"),
    (
        "ext-sample",
        "an extension",
        r"\bvar event_id = document\.cre|^\(?function ?\(\) ?\{ ?var event_id\b",
        "var event_id = document.createElement('p",
    ),
    (
        "ext-sample",
        "a helper of user scripts",
        r"^\s*document\.currentScript\.setAttribute\(\"res",
        'document.currentScript.setAttribute("res',
    ),
    ("ext-sample", "an extension", r"^;undefined$|This is not a zero-length file!", ";undefined"),
    ("ext-sample", "a text size extension", r"attribute on MENUITEM element", "onclick attribute on MENUITEM element"),
    ("ext-sample", "a highlighter of nofollow links", r"^a\[rel~='nofollow'\]\{outline", "a[rel~='nofollow']{outline:.14em dotted "),
    ("ext-sample", "an extension", r"^/\*\*\s+\* Highlight style classes", "/** * Highlight style classes * .a backgr"),
    ("ext-sample", "an extension", r"^\(function s\(t,n,e,r\)\{t\.initialize", "(function s(t,n,e,r){t.initialize(n,e,r)"),
    ("ext-sample", "an extension", r"^var delay = null; currDisplay = null;", "var delay = null; currDisplay = null;fun"),
    ("ext-sample", "AdGuard", r"^\(function\(\)\{\s*var api = \{\};\s*try", "(function(){ var api = {}; try { (functio"),
    ("ext-sample", "a search helper", r"^if \(window\.google && \(window\.google\.sn", "if (window.google && (window.google.sn |"),
    ("ext-sample", "Diigo", r"\.diigolet\b", "body#dummybodyid .diigolet,body#dummybod"),
    ("ext-sample", "Forecastfox", r"#forecastfox-", "#forecastfox-boljdehmejbffnfiiicckjhafab"),
    ("ext-sample", "an SEO extension", r"\.seo-highlighter\b", " .seo-highlighter { border-color: red; b"),
    ("ext-sample", "Min Vid", r"\.minvid__", ".minvid__overlay__container {    align-i"),
    ("ext-sample", "a GIF stopper", r"#toggleGifsOverlay", "#toggleGifsOverlay, #toggleGifsOverlay *"),
    ("ext-sample", "Ghostery", r"-ghostery ?[{,]", "@media print {#UNIQUE_ID-ghostery {displ"),
    ("ext-sample", "Adblock Plus", r"function injected\(eventName", "(function injected(eventName, injectedIn"),
    ("ext-sample", "an ad blocker", r"\babNoOp\b|\babpOverrides?\b", "var abNoOp = function(){};"),
    ("ext-sample", "uBlock Origin", r"\buBO_|__ubo_|ublock0", "window.__ubo_scriptlets = {};"),
    ("ext-sample", "a privacy extension", r"\bconst V8_STACK_", "const V8_STACK_TRACE_API = !!(Error.capt"),
    ("ext-sample", "Privacy Badger", r"\(NAVIGATOR, OBJECT\)", "(function (NAVIGATOR, OBJECT) { OBJECT.d"),
    (
        "ext-sample",
        "a privacy extension",
        r"__defineGetter__\([\"'](?:userAgent|platform|appVersion|plugins|referrer)",
        'navigator.__defineGetter__("userAgent", ',
    ),
    ("ext-sample", "a time zone changer", r"Date\.prefs = Date\.prefs", "{ Date.prefs = Date.prefs || ['Etc/GMT',"),
    ("ext-sample", "Evernote", r"Copyright 20\d\d Evernote", "/* Copyright 2014 Evernote Corporation. "),
    ("ext-sample", "Digg style fix", r"dummyRuleForDigg\{\}", "dummyRuleForDigg{}"),
    ("ext-sample", "the Google Analytics opt-out add-on", r"_gaUserPrefs", 'window["_gaUserPrefs"] = { ioo : functio'),
    ("ext-sample", "LastPass", r"lastpass_it(?:er|r)?\b|__lpform_|data-lastpass", "try { for(var lastpass_iter=0; lastpass"),
    ("ext-sample", "a password manager", r"\.cip-(?:genpw|icon|ui)", ".cip-genpw-icon.cip-icon-key-small {back"),
    ("ext-sample", "KeePassXC", r"\bkpxc[\-_A-Z]", ".kpxc-username-icon { position: absolute"),
    ("ext-sample", "1Password", r"\b(?:com-1password|op-autofill|data-onepassword)", '[data-onepassword-filled="light"]{color:'),
    ("ext-sample", "Dashlane", r"\bdata-dashlane|kwimpala", "span[data-dashlane-rid] { display:block }"),
    ("ext-sample", "Bitwarden", r"\bbitwarden|#bit-notification", "#bit-notification-bar,.bitwarden-icon{po"),
    ("ext-sample", "a password extension", r"\.password-toggler-", ".password-toggler-icon{cursor:pointer}"),
    ("ext-sample", "Autocard Anywhere", r"\.autocardanywhere-", ".autocardanywhere-popup { z-index: 9999;"),
    ("ext-sample", "a WRC extension", r"\.wrcx ?\{display:none\}", ".wrcx {display:none}"),
    ("ext-sample", "S3.Translator", r"#s3gt_translate_tooltip", "#s3gt_translate_tooltip_mini { display: "),
    ("ext-sample", "Dark Reader", r"\.darkreader\b|darkreader--", ".darkreader.darkreader--fallback { backg"),
    ("ext-sample", "a dark mode extension", r"\bnighteye|--darkreader-|__nightEye", ":root{--darkreader-bg--color:#181a1b}"),
    ("ext-sample", "Grammarly", r"\bgrammarly-|gramm_editor|data-gramm", "grammarly-desktop-integration{display:no"),
    (
        "ext-sample",
        "LanguageTool",
        r"\blt-(?:highlighter|toolbar)__|<lt-|(?<![\w.#\-])lt-(?:highlighter|div|mirror|toolbar)\b",
        "lt-mirror { position: absolute; } lt-div",
    ),
    (
        "ext-sample",
        "Google Translate's extension",
        r"\.gtx-bubble\b|#gtx-(?:trans|host|anchor)\b",
        "#gtx-trans{position:absolute;z-index:9999",
    ),
    ("ext-sample", "Immersive Translate", r"\bimmersive-translate", ".immersive-translate-target-wrapper{displ"),
    ("ext-sample", "Saladict", r"\bsaladict-", ".saladict-external{position:fixed;z-index"),
    ("ext-sample", "DeepL", r"\bdeepl-input-controller", "deepl-input-controller{all:initial;positi"),
    (
        "ext-sample",
        "Video Speed Controller",
        r"\bvsc-(?:controller|nosource|initialized|hidden)\b",
        ".vsc-nosource { display: none !important;",
    ),
    ("ext-sample", "Return YouTube Dislike", r"#return-youtube-dislike|\.ryd-tooltip", ".ryd-tooltip { position: relative; displa"),
    ("ext-sample", "Loom", r"\bloom-companion", "#loom-companion-mv3{all:initial;position:"),
    ("ext-sample", "ColorZilla", r"\bcz-shortcut-listen|\bcolorzilla", "body[cz-shortcut-listen]{cursor:crosshair"),
    ("ext-sample", "Keepa", r"\bkeepa(?:Box|Container|Overlay|Stats|Button)|[#.]keepa-", "#keepaContainer{width:100%;min-width:935p"),
    ("ext-sample", "Pocket", r"#(?:PKT_|pkt_ext)", "#PKT_BM_OVERLAY{visibility:hidden;positio"),
    ("ext-sample", "Zotero", r"#zotero-", "#zotero-modal-prompt{position:fixed;top:0"),
    ("ext-sample", "an extension's interface", r"\bplasmo-csui|#plasmo-", "plasmo-csui{position:fixed;z-index:214748"),
    ("ext-sample", "an anti-adblock user script", r"var (?:Fuck|Block)AdBlo", "var BlockAdBlock = function () { return "),
    ("ext-sample", "an extension's frame guard", r"safeWindow:\{\}", "var e={safeWindow:{},postMessage:null};"),
    ("ext-sample", "Skype click to call", r"\b_PostRPC\(\)", "_PostRPC();"),
    ("ext-sample", "ISAnalyster", r"ISAnalysterLoader", "var ISAnalysterLoader = function () {};"),
    ("ext-sample", "Wondershare", r"(?:jQuery|\$)\.Wondersh|\.Wondershare", "jQuery.Wondershare = jQuery.noConflict()"),
    ("ext-sample", "a download extension", r"\bvideodownload2|\bvdh-ng|savefrom__|sf-helper", "#savefrom__elink{margin-left:4px}"),
    ("ext-sample", "an extension's loader", r"window\.script\d{13} ?= ?1;", "window.script1452345678901=1;"),
    ("ext-sample", "an extension's loader", r"\bjq_relocation\b|jquery\.base64\.js", "var jq_relocation = window.jQuery;"),
    ("ext-sample", "a location changer", r"^//\s*this is run in the page context", "// this is run in the page context (func"),
    (
        "ext-sample",
        "a crypto wallet",
        r"window\.(?:ethereum|solana|tronWeb|phantom|BinanceChain)\s*=(?!=|\s*(?:undefined|null|new Web3))",
        "(function(){window.ethereum=window.ether",
    ),
    (
        "ext-sample",
        "a crypto wallet",
        r"Object\.defineProperty\(window, ?[\"'](?:ethereum|solana|phantom|tron(?:Web|Link)?|BinanceC|coinbaseW|web3\b|cardano|keplr)",
        'Object.defineProperty(window,"ethereum",',
    ),
    ("ext-sample", "a video blocker", r"\.videoblo", ".oo-ui-windowManager-floating, .videoblo"),
    ("ext-sample", "an extension with notifications", r"\bwebPageNotificationsC", "top: {{ webPageNotificationsController.o"),
    ("ext-sample", "an extension of Interaktiva rum", r"Interaktiva rum", "/* Copyright (c) 2016 Interaktiva rum Sv"),
    (
        "ext-sample-seen",
        "a watcher of the page's requests",
        r"^\s*\{\s*const open = XMLHttpRequest\.",
        "{ const open = XMLHttpRequest.prototype.o",
    ),
    (
        "ext-sample-seen",
        "a helper with a jQuery of its own",
        r"^/\*!\s+\* jQuery JavaScript Library v1\.[0-6]",
        "/*!\n * jQuery JavaScript Library v1.4.2 *",
    ),
    (
        "ext-sample-seen",
        "a helper that pretends to be another browser",
        r"^\s*var fake(?=[A-Z=\s])(?!Load)",
        "var fakeNavigator = {};for(var i in navi",
    ),
    (
        "ext-sample-seen",
        "a minified helper",
        r"^\(function n\(\)\{!function\(\)\{function e\(e,t",
        "(function n(){!function(){function e(e,t",
    ),
    (
        "ext-sample-seen",
        "a minified helper",
        r"^;!function\(\)\{var t=0,e=function\(t,e\)\{ret",
        ";!function(){var t=0,e=function(t,e){ret",
    ),
    ("ext-sample-seen", "a helper with a context menu", r"^/\*\s+\* contextMenu\.js v", "/* * contextMenu.js v 1.4.0 * Author: Sud"),
    (
        "ext-sample",
        "a developer tool's hook",
        r"__(?:APOLLO|PREACT|MOBX|RECOIL|ALPINE|EMBER|NG|SOLID|PINIA|QWIK)_DEVTOOLS",
        "window.__APOLLO_DEVTOOLS_GLOBAL_HOOK__={",
    ),
    (
        "ext-sample",
        "a blocker's scriptlet",
        r"\babort(?:OnProperty[RW]|CurrentInl)|\bpreventSet(?:Timeo|Inter)",
        "(function abortOnPropertyRead(source, ar",
    ),
    ("ext-sample", "a blocker's scriptlet", r"\bpreventAddEventL|\buBOL_|scriptletGlobals|trustedSetConst", "const scriptletGlobals = {};"),
    ("ext-sample", "a blocker's scriptlet", r"\bfunction (?:safeSelf|setConstant)\(", "function safeSelf() { if ( scriptletGlob"),
    (
        "ext-sample",
        "a privacy extension",
        r"HTMLCanvasElement\.prototype\.(?:to\w+|getContext) ?=(?!=)",
        "HTMLCanvasElement.prototype.toBlob = fun",
    ),
    (
        "ext-sample",
        "a privacy extension",
        r"2D\.prototype\.getI\w* ?=(?!=)|navigator\.geolocation\.\w+ ?=(?!=)",
        "navigator.geolocation.watchPosition = fu",
    ),
    ("ext-sample", "an extension's own call", r"\b(?:chrome|browser)\.runtime\.getURL\(", "var u=chrome.runtime.getURL('inject.js')"),
    ("ext-sample", "a dictionary extension", r"rikai(?:chan|kun|champ)|\byomi(?:chan|tan)-", "#rikaichan-window { position: absolute; "),
    ("ext-sample", "QuillBot", r"\bquillbot-", "quillbot-extension-portal{position:fixed"),
    ("ext-sample", "Monica", r"#monica-content|\bmonica-widget", "#monica-content-root{all:initial;positio"),
    ("ext-sample", "a chat sidebar", r"\bchatgpt-sidebar|\bsider-ext", "#chatgpt-sidebar-root{position:fixed;rig"),
    ("ext-sample", "Glasp", r"\bglasp-", "glasp-highlight{background-color:#ffe}"),
    ("ext-sample", "MozBar or SEOquake", r"#moz-bar\b|\bmozbar-|\bseoquake-?", ".seoquake-params-link{display:inline}"),
    ("ext-sample", "PerfectPixel", r"\bchromeperfectpixel", ".chromeperfectpixel-overlay{position:abs"),
    ("ext-sample", "WhatFont", r"[.#]whatfont|\b_*whatfont_", ".__whatfont_tip{position:absolute;z-inde"),
    ("ext-sample", "a ruler or dropper", r"#(?:page-ruler|eye-dropper|eyedropper)-?", "#page-ruler{position:fixed;z-index:99999"),
    ("ext-sample", "Fonts Ninja", r"\bfontsninja|\bfonts-ninja", "#fontsninja-app{all:initial}"),
    (
        "ext-sample",
        "a screenshot extension",
        r"\bawesome[_-]screenshot|#fireshot|\bnimbus-screen",
        "#awesome_screenshot_wrapper{position:abs",
    ),
    ("ext-sample", "OpenDyslexic or Helperbird", r"font-family: ?[\"']?opendyslexic|\bhelperbird", "*{font-family:opendyslexic!important}"),
    ("ext-sample", "Stylebot", r"\bstylebot-", "#stylebot-css{display:none}"),
    ("ext-sample", "Turn Off the Lights", r"\bstefanvd", "#stefanvdlightareoff1{background:#000}"),
    ("ext-sample", "Midnight Lizard", r"\bmidnight-lizard", ":root[midnight-lizard]{--ml-is-active:1}"),
    ("ext-sample", "Hypothesis or Weava", r"\bhypothesis-highlight|\bweava-", ".weava-drop-area-wrapper{position:fixed}"),
    ("ext-sample", "Evernote", r"\bevernote-content|#evernote(?:Global|Clip)", "#evernoteClipTool{z-index:99999}"),
    ("ext-sample", "Web Developer", r"\.web-developer-", ".web-developer-toolbar{margin:0}"),
    (
        "ext-sample-seen",
        "a dark mode extension",
        r"^html ?(?:\[[^\]]*\] ?)?\{ ?(?:-webkit-)?filter: ?invert\(",
        "html{filter:invert(90%) hue-rotate(180de",
    ),
    (
        "ext-sample-seen",
        "an extension that lets text be copied",
        r"^\s*\* ?\{ ?(?:-webkit-)?user-select: ?text ?!imp",
        "*{-webkit-user-select: text !important;u",
    ),
    ("tool-sample", "the inspector", r"\.?__web-inspector-hide", "\n.__web-inspector-hide-shortcut__, .__we"),
    ("ext-sample-seen", "an overlay over every page", r"z-?index: ?2147483", "#ov-root{position:fixed;z-index:214748364"),
    (
        "ext-sample-seen",
        "an overlay over every page",
        r"^[a-z]+(?:-[a-z]+)+ ?\{ ?all: ?initial",
        "helper-panel-root{all:initial;position:f",
    ),
    (
        "ext-sample-seen",
        "something that calls itself an extension",
        r"(?i:extension_?(?:injected|installed|loaded|enabled)|\bextension_?id\b|content_?script|inject(?:ed)?_?script|from_?extension|\b__ext_)",
        "window.__extensionInjected = true;",
    ),
    ("ext-sample", "an identity card's extension", r"\b_eid_promises", "// Promises var _eid_promises = {}; //"),
    (
        "ext-sample-seen",
        "a privacy extension",
        r"\b(?:orig|real|native|old)\w* ?= ?navigator\.\w",
        "(()=>{const orig=navigator.getBattery;nav",
    ),
    (
        "bot-sample",
        "a browser under automation",
        r"\bcdc_adoQ|delete \w*[nN]avigator[\w.]*\.webdriver",
        "delete Navigator.prototype.webdriver;",
    ),
    ("ext-sample", "MetaMask", r"\bMetamaskInpage|inpageProvider|metamask-inpage", "var inpageBundle='metamask-inpage';"),
    ("ext-sample", "Honey", r"\bhoneyContainer|joinhoney|#honey-(?:box|pop|cont)", "#honeyContainer { position: fixed; }"),
    (
        "ext-sample",
        "Stylus or Stylish",
        r"@-moz-document (?:domain|regexp|url|url-prefix)\([\"']?[\w.]|\bstylish-\d",
        '@-moz-document domain("shop.example") { ',
    ),
    (
        "ext-sample",
        "Tampermonkey",
        r"\bGM_(?:addStyle|info|getValue|xmlhttp)|\bTampermonkey|unsafeWindow",
        'var GM_info={scriptHandler:"Tampermonkey',
    ),
    ("ext-sample", "an image downloader", r"\bimagus-|\.hoverZoom(?:Img|Link|Caption)|#hzImg", ".hoverZoomImg{position:absolute}"),
    ("ext-sample", "Pinterest's save button", r"\bPIN_\d{13}", "span.PIN_1456789012345_embed_grid{width:"),
    ("ext-sample", "Kaspersky's old plug-in", r"\bkpm_|kl_keyboard", "#kpm_root{display:none}"),
    ("tool-sample", "tota11y", r"\.tota11y-", ".tota11y-dark-color-scheme{background-co"),
    ("tool-sample", "axe", r"signals the axe-core|\baxe\.(?:run|configure)\b|^\s*/\*! axe v", "// This signals the axe-core test should"),
    ("tool-sample", "Loop11", r"loop11ExtTerritory|loop11", "var loop11ExtTerritory = document.create"),
    (
        "tool-sample",
        "a user script",
        r"sourceURL=userscript|userscript\.html|==UserScript==",
        "//# sourceURL=userscript.html?name=Quick",
    ),
    ("tool-sample", "a snippet of developer tools", r"sourceURL=(?:snippet|pptr:|__puppeteer|debugger)", "//# sourceURL=pptr:evaluate;"),
    ("tool-sample", "WAVE", r"\bwave5|webaim", "var wave5 = {}; wave5.report = {};"),
    ("av-sample", "Kaspersky", r"klTabId_kis|kaspersky", "var klTabId_kis = 123;"),
    ("av-sample", "Norton", r"\bsymantec_|\bnorton_safe|NPW_", "var norton_safe_web = 1;"),
    ("av-sample", "Bitdefender", r"netdefender|\bbdnd", "var netdefender_hui = {};"),
    ("av-sample", "Trusteer", r"nikkomsg|rapport\.trusteer", "window.nikkomsgchannel=1;"),
    (
        "in-app-sample",
        "Facebook",
        r"_fbIAB|FbQuietNativeBridge|_fbAutofill|FBExtensions|\bfbPaymentAutofill",
        "(function(){try{window.__fbIABBridge=win",
    ),
    (
        "in-app-sample",
        "Instagram or Facebook autofill",
        r"_AutofillCallbackHandler|_pcmIABInfo|iabAutofill|__(?:instagram|fb|messenger)_?(?:Autofill|IAB)",
        "_AutofillCallbackHandler=function(){};wi",
    ),
    ("in-app-sample", "WeChat", r"WeixinJSBridge ?=(?!=)|__wxjs|WeixinPrefecther|_wxjs_", "window.WeixinJSBridge={invoke:function("),
    ("in-app-sample", "TikTok", r"\bToutiaoJSBridge|\bJSBridge\._", "window.ToutiaoJSBridge={call:function(a,"),
    ("in-app-sample", "a WebView bridge", r"WebViewJavascriptBridge ?= ?\{|WVJBIframe", "var WVJBIframe=document.createElement('i"),
    ("in-app-sample", "an iOS app", r"webkit\.messageHandler", "window.webkit.messageHandlers.a.postMess"),
    (
        "in-app-sample",
        "an Android app",
        r"\bAndroid\.(?:on|post|call|show)[A-Z]|window\.ReactNativeWebView",
        "window.ReactNativeWebView.postMessage(JS",
    ),
    ("in-app-sample", "Line", r"\bliff\.__|__line_(?:bridge|safari)|LINE_BROWSER", "window.__line_bridge={};"),
    ("vendor-browser-sample", "MIUI Browser", r"miuiReadMode|__miui|miui_", "(function(){var miuiReadMode=window.__mi"),
    ("vendor-browser-sample", "UC Browser", r"\bucbrowser_script|\buc_js_|UCShellJava|\bucapi\.", "window.ucbrowser_script=[];"),
    ("vendor-browser-sample", "QQ Browser", r"x5_?mtt|mttinject|qb_bridge|\bx5_bridge", "window.mttinjected=true;"),
    ("vendor-browser-sample", "Samsung Internet", r"\b_?_?sbrowser[_A-Z]", "var sbrowser_quick={};"),
    ("vendor-browser-sample", "Opera Mini", r"\boperamini|opera_mini", "window.operamini_hook=1;"),
    ("vendor-browser-sample", "a browser on iOS", r"\b__gCrWeb|\b__crWeb|\b__firefox__", "__gCrWeb.message.invokeOnHost({command:'"),
    ("vendor-browser-sample", "Brave", r"__brave", "window.__braveFarbling=1;"),
    ("vendor-browser-sample", "Yandex Browser", r"\b__ya(?:browser)?_", "window.__yabrowser_reader={};"),
    (
        "translate-sample",
        "Google Translate",
        r"TECB_|\.goog-te-(?:balloon|spinner|ftab)|#goog-gt-|\.goog-text-high|\bVIpgJd-",
        "#goog-gt-tt,.goog-te-balloon-frame{displ",
    ),
    ("translate-sample", "Microsoft Translator", r"MicrosoftTranslator|MSTWidget|_msttexthash", "[_msttexthash]{background:none}"),
    ("bot-sample", "Lighthouse", r"__nativePerformance|__lighthouse", "(function(){window.__nativePerformance=w"),
    ("bot-sample", "WebPageTest", r"wptCustomMetric|\bwptagent", "(()=>{let wptCustomMetric=function(){ret"),
    (
        "bot-sample",
        "a browser under automation",
        r"__playwright__|__puppeteer_|__selenium_(?:unwrapped|evaluate)",
        "window.__playwright__binding__ = () => {",
    ),
    (
        "adware-sample",
        "an ad injector",
        r"_lnkr\d+|superfish\.com|\b__mtz_cb_|__twb_cb_|adnxs_inject",
        "window._lnkr21={uid:1,excludeDomains:[]}",
    ),
)

_KEPT = 40
"""Characters that browsers send and evidence keeps: a mark beyond them would not be found again."""
_FINDER = Finder(pattern for _, _, pattern, _ in SIGNATURES)

_AD_WORD = (
    r"(?:ads?|advert\w*|adv|werb\w*|pub(?:blicita|licidad|licite)?|reclame|banner|sponsor\w*|promo\w*|affiliate"
    r"|adsense|dfp|taboola|outbrain|admixer|adfox)"
)
_AD_SELECTOR = re.compile(rf"^[#.][\w\-]*?(?:(?<![a-z])|_|-|(?<=text)){_AD_WORD}(?![a-z])", re.IGNORECASE)
_AD_CAMEL = re.compile(r"^[#.](?:Ad[A-Z_\d]|Adbann|Adfo|ad[A-Z_\-])")
_AD_ADDRESS = re.compile(
    r"\[(?:href[\^*]|src[\^*]?)=[\"']?(?:https?:)?//[\w.]|,[^,]*\[(?:href|src)[\^*]=[\"']?h?t?t?p?s?:?/?/?$", re.IGNORECASE
)
_AD_NAMED = re.compile(
    r"\[(?:id|class)[\^*]=[\"']?(?:ad|sponsor|google_ads|div-gpt)"
    r"|\[(?:href|src|id|class)[\^*$~]?=[\"']?[^\"'\]]{0,30}(?:doubleclick|adclick|adserv|adsystem|syndication|taboola|outbrain|criteo|adnxs|popads)",
    re.IGNORECASE,
)
_WEAK = re.compile(r"banner|promo|sponsor|affiliate", re.IGNORECASE)
"""Words that pages use for things of their own as well: a list of nothing else says nothing."""


LONG_NAMES = (
    "vimiumOnClickAttributeName",
    "__REACT_DEVTOOLS_GLOBAL_HOOK__",
    "__REDUX_DEVTOOLS_EXTENSION__",
    "__VUE_DEVTOOLS_GLOBAL_HOOK__",
    "__svelte_devtools_hook",
    "ISCommonAnalyster",
    "ISAnalysterLoader",
    "grammarly-desktop-integration",
    "data-grammarly-shadow-root",
    "data-onepassword-filled",
    "com-1password-button",
    "com-bitwarden-browser",
    "data-lastpass-icon-root",
    "data-dashlane-rid",
    "lt-highlighter",
    "immersive-translate-target",
    "deepl-input-controller",
    "loom-companion-mv3",
    "loop11ExtTerritory",
    "FbQuietNativeBridge",
    "_AutofillCallbackHandler",
    "ToutiaoJSBridge",
    "ucbrowser_script",
    "MicrosoftTranslator",
    "__playwright__binding__",
)
"""Names that `SIGNATURES` know and whose beginning is already nobody else's: browsers cut samples in the middle of a word."""
_CUT_NAME = 12
"""Letters that must be left of a name to tell it."""
_LAST_NAME = re.compile(rf"[\w\-]{{{_CUT_NAME},}}$")


@lru_cache(maxsize=8192)
def signature_of(sample: str) -> tuple[str, str] | None:
    """(rule id, whose it is) for a sample that a known helper injects."""
    kept = sample[:_KEPT]
    found = _FINDER.first(kept)
    return _signature_of_cut(kept) if found is None else SIGNATURES[found][:2]


def _signature_of_cut(sample: str) -> tuple[str, str] | None:
    """The same for a sample whose last word is the beginning of a known name, because the browser sends no more."""
    if len(sample.encode("utf-16-le", "replace")) < 2 * _KEPT and not sample.endswith(("…", "...")):
        return None
    last = _LAST_NAME.search(sample.rstrip("….")) if sample else None
    name = next((name for name in LONG_NAMES if last and name.startswith(last[0])), "")
    return signature_of(name) if name else None


_HIDDEN = ("display:none", "visibility:hidden", "height:0", "position:absolute", "opacity:0")


def _may_hide(body: str) -> bool:
    """The declaration, as far as the sample goes, is one that hides."""
    bare = body.replace(" ", "").lower()
    return any(hiding.startswith(bare[: len(hiding)]) for hiding in _HIDDEN)


# Selectors as blockers' lists have them and pages hardly: by the sizes and handlers of others' elements, by words for
# advertisements in many languages; `:root` before a selector is how uBlock Origin and Adblock Plus outweigh the page.
_BLOCKERS = re.compile(
    r"""^\s*:root\s+(?:[.#\w]\S*[\s>~+]|[\w]*\[)|^\s*\w*(?:\[(?:height|width)=["']?\d+["']?\]){2}|^\s*\[onclick=["']|^\s*\[(?:ad-|data-ad-client|data-google)"""
    r"""|\.trc_related_container div\[data-item-syn"""
    r"""|\bAFS-AD\b|\bADS-RIGHT\b|#A9Ads|\.(?:\w*_)?(?:werbung|advertenti\w*|pubblicita|publicite|top-?publicite|\w*banneradv\w*)\s*,""",
    re.IGNORECASE,
)


def hides_ads(sample: str) -> bool:
    """Is this style a list of advertisement selectors, as blockers write them to hide elements?"""
    listed, _, body = sample[:_KEPT].rstrip("….").partition("{")
    if not _may_hide(body):
        return False
    if _AD_ADDRESS.search(listed) or _AD_NAMED.search(listed) or _BLOCKERS.search(listed):
        return True
    selectors = [part.strip() for part in listed.split(",")]
    found = [part for part in selectors if _AD_SELECTOR.match(part) or _AD_CAMEL.match(part)]
    return len(selectors) >= 3 and len(found) >= 2 and not all(_WEAK.search(part) for part in found)
