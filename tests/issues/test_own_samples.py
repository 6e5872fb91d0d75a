"""Code and styles that pages have of their own and that look like an add-on's at first sight."""

from __future__ import annotations

import pytest

from issues.verdicts.lists.samples import hides_ads, signature_of
from tests.issues.reports import judged, violation

OWN = r"""window.webkit&&window.webkit.messageHandl
function setupWebViewJavascriptBridge(cal
if (typeof WeixinJSBridge == "undefined")
document.addEventListener("WeixinJSBridgeR
if (window.ethereum) { web3 = new Web3(wi
window.web3 = new Web3(provider);
window.solana = undefined;
var kis_config = {a:1};
.stylish-select { width: 100% }
@-moz-document url-prefix(){.btn{padding:
var sbrowser = navigator.userAgent.match(
var isUC = /ucbrowser/i.test(navigator.us
var isSB = /samsungBrowser/.test(ua)
var yandex_browser = true
(function(){ if (navigator.brave)
window.Cypress && window.__webdriver
var wpt_mode=1
Object.defineProperty(document,"cookie",{
Object.defineProperty(navigator,"serviceW
.goog-te-banner-frame{display:none}
.goog-te-gadget img{display:none}
body.translated-ltr .header{top:0}
:root { --primary: #123 }
:root[data-theme="dark"] { --bg: #000 }
a[href^="http"]:after{content:url(x)}
a[href^="https://"]::after { content: "↗"
img[src=""]{display:none}
img[width="1"]{position:absolute}
iframe[src*="youtube"]{width:100%}
div[data-ad-slot]{min-height:250px}
.ad-slot,.ad-top,.ad-side{min-height:250p
.banner,.promo,.sponsor{display:none}
.promo-banner,.promo-bar,.promo-x{positio
[id^="ad-"]{margin:0 auto}
[class^="icon-"],[class*=" icon-"]{font-f
ins.adsbygoogle { display: block }
.text-werbung{color:#999}
var adguard_detected=false;
.product.hover-zoom img{transition:.2s}
window.__line_tag={}
var fb_iab = navigator.userAgent.indexOf(
$("ul.sf-menu").superfish({delay:100});
jQuery("#nav").superfish();
.night-eye{}
.header, .address, .shadow, .loader{margi""".split("\n")


@pytest.mark.parametrize("sample", OWN)
def test_a_page_may_say_this_itself(sample: str) -> None:
    assert signature_of(sample[:40]) is None
    assert not hides_ads(sample[:40])


def test_what_stands_on_a_line_of_the_page_is_the_pages_own() -> None:
    """Add-ons append: their code is on line 1 of nothing. Proxies write into the page itself."""
    code = {"effective-directive": "script-src-elem", "blocked-uri": "inline", "source-file": "https://shop.example/page"}
    block = {**code, "script-sample": "var BlockAdBlock = function () { return "}
    assert judged({**block, "line-number": "1"}).verdict == "extension"
    assert judged({**block, "line-number": "212"}).verdict == "own"
    assert judged({**code, "script-sample": "window.klTabId_kis = 'firefox.tab.3825bb", "line-number": "212"}).verdict == "network"


@pytest.mark.parametrize(
    "said, scheme", [("crwebinvokeimmediate", "crwebinvokeimmediate"), ("none", "none"), ("null", ""), ("self", "https"), ("two words", "")]
)
def test_a_bare_word_is_a_scheme_that_lost_its_colon(said: str, scheme: str) -> None:
    assert violation({"effective-directive": "frame-src", "blocked-uri": said}).blocked.scheme == scheme
