"""Hosts that make an allow-list of script hosts void, each with a public reference.

A host on script-src that answers JSONP with a free callback, serves AngularJS (a template language that runs what it
finds in the page), or takes uploads from anybody lets an injected tag run an attacker's code. Compiled from the public
lists and documents named in the references; matching follows the path rule of CSP (a path that ends in "/" is a
prefix, any other is exact), so a narrower source is only listed when the gadget lies under it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

GadgetKind = Literal["jsonp", "angular", "flash", "uploads"]

WHAT: dict[str, str] = {
    "jsonp": "JSONP with a free callback",
    "angular": "AngularJS",
    "flash": "a Flash file that runs script",
    "uploads": "files that anybody can upload",
}


@dataclass(frozen=True, slots=True)
class Gadget:
    """One address that turns an allow-list entry into a hole.

    A `host` of `*.name` is a service that gives each customer a name of its own: one such name is no hole, all are.
    `needs_eval`: only where 'unsafe-eval' stands beside it. `only_here`: csp-evaluator 1.1.6 does not know it (1), nor
    anything else under the host's domain (2), so that a wildcard is no hole to it either.
    """

    kind: GadgetKind
    host: str
    path: str
    reference: str
    needs_eval: bool = False
    only_here: int = 0

    @property
    def what(self) -> str:
        return WHAT[self.kind]


class Gadgets:
    """A list of gadgets that answers in the time of one look-up, however long it is."""

    def __init__(self, gadgets: Iterable[Gadget]) -> None:
        self._all = tuple(gadgets)

    def __iter__(self) -> Iterator[Gadget]:
        return iter(self._all)

    @cached_property
    def _by_host(self) -> dict[str, list[Gadget]]:
        """By `host` for the host itself and by `.suffix` for every wildcard that covers it."""
        index: dict[str, list[Gadget]] = defaultdict(list)
        for gadget in self._all:
            labels = gadget.host.split(".")
            if labels[0] != "*":
                index[gadget.host].append(gadget)
            for cut in range(1, len(labels)):
                index["." + ".".join(labels[cut:])].append(gadget)
        return dict(index)

    def find(self, source: str) -> list[Gadget]:
        """The gadgets that a source without scheme (`*.host:port/path`) lets through."""
        host, path = _host_and_path(source)
        found = self._by_host.get(host[1:] if host.startswith("*.") else host, [])
        return [gadget for gadget in found if _covers(path, gadget.path)]


def _host_and_path(source: str) -> tuple[str, str]:
    bare = source.removeprefix("//").partition("?")[0].partition("#")[0]
    host, slash, rest = bare.partition("/")
    return host.partition(":")[0].lower(), slash + rest


def _covers(path: str, gadget_path: str) -> bool:
    if path in ("", "/"):
        return True
    return gadget_path.startswith(path) if path.endswith("/") else gadget_path == path


_JSONBEE = "https://github.com/zigoo0/JSONBee/blob/master/jsonp.txt"
_CSPBYPASS = "https://github.com/renniepak/CSPBypass/blob/main/data.tsv"
_H5SC = "https://github.com/cure53/XSSChallengeWiki/wiki/H5SC-Minichallenge-3:-%22Sh*t,-it's-CSP!%22"
_GTM = "https://developers.google.com/tag-platform/security/guides/csp"

# One gadget a line: host and path, and a "+" where csp-evaluator 1.1.6 does not know it, "++" where it knows nothing of the domain.
_JSONP: dict[str, str] = {
    _JSONBEE: """
        www.google.com /complete/search
        googleads.g.doubleclick.net /pagead/conversion/1036918760/wcm
        www.googleadservices.com /pagead/conversion/1070110417/wcm
        cse.google.com /api/007627024705277327428/cse/r3vs7b0fcli/queries/js
        accounts.google.com /o/oauth2/revoke
        www.blogger.com /feeds/5578653387562324002/posts/summary/4427562025302749269
        translate.yandex.net /api/v1.5/tr.json/detect
        api-metrika.yandex.ru /management/v1/counter/1/operation/1 +
        api.vk.com /method/wall.get
        app-sjint.marketo.com /index.php/form/getKnownLead ++
        app-e.marketo.com /index.php/form/getKnownLead ++
        detector.alicdn.com /2.7.3/index.php
        suggest.taobao.com /sug
        count.tbcdn.cn //counter3
        bebezoo.1688.com /fragment/index.htm
        wb.amap.com /channel.php
        a.sm.cn /api/getgamehotboarddata ++
        api.m.sm.cn /rest ++
        mkto.uber.com /index.php/form/getKnownLead ++
        mango.buzzfeed.com /polls/service/editorial/post ++
        mempf.yahoo.co.jp /offer ++
        suggest-shop.yahooapis.jp /Shopping/Suggest/V1/suggester ++
        www.aol.com /amp-proxy/api/finance-instruments/14.1.MSTATS_NYSE_L/ ++
        df-webservices.comet.aol.com /sigfig/ws ++
        api.cmi.aol.com /content/alert/homepage-alert ++
        ads.yap.yahoo.com /nosdk/wj/v1/getAds.do +
        search.yahoo.com /sugg/gossip/gossip-us-ura/ +
        ui.comet.aol.com / ++
        portal.pf.aol.com /jsonmfus/ ++
        search.twitter.com /trends.json +
        twitter.com /statuses/user_timeline/yakumo119info.json +
        www.sharethis.com /get-publisher-info.php
        m.addthis.com /live/red_lojson/100eng.json
        passport.ngs.ru /ajax/check
        ulogin.ru /token.php
        www.meteoprog.ua /data/weather/informer/Poltava.js
        appcenter.intuit.com /Account/LogoutJSONP ++
        api.userlike.com /api/chat/slot/proactive/
        www.youku.com /index_cookielist/s/jsonp
        api.mixpanel.com /track/
        www.travelpayouts.com /widgets/50f53ce9ada1b54bcc000031.json
        ads.pictela.net /a/proxy/shoplocal/alllistings/ ++
        adserver.adtechus.com /pubapi/3.0/9857.1/3792195/0/170/ADTECH ++
        ajax.googleapis.com /ajax/services/feed/find
    """,
    _CSPBYPASS: """
        ap.lijit.com /rtb/bid ++
        api.bing.com /osjson.aspx ++
        api.dailymotion.com /video/x5gv6be ++
        api.duckduckgo.com / ++
        api.facebook.com /restserver.php
        api.flickr.com /services/feeds/photos_friends.gne
        api.github.com /gist/anything ++
        api.m.jd.com /api ++
        api.map.baidu.com /api
        api.meetup.com /Toronto-Code-Mentoring/events ++
        api.olark.com /2.0/visitors/z1nRAdDubyUjGyih018BZ0P04rBy00W3 ++
        api.pinterest.com /v1/urls/count.json +
        api.tumblr.com /v2/blog/zoeappleseed.tumblr.com/posts/photo +
        apis.google.com /complete/search +
        app.link /_r ++
        bookmark.hatenaapis.com /count/entry ++
        c.y.qq.com /v8/fcg-bin/v8.fcg +
        cas.criteo.com /delivery/0.1/napi.jsonp +
        connect.mail.ru /share_count
        d.adroll.com /user_attrs ++
        dpm.demdex.net /id ++
        dynamic.criteo.com /js/ld/s2s.js +
        eu.battle.net /support/update/json ++
        fast.wistia.com /embed/medias/o75jtw7654.json
        forms.hubspot.com /embed/v3/form/2059467/2e1a1b5b-27bb-447d-aac4-0b87c1e88fec ++
        geo.moatads.com /n.js ++
        gist.github.com /renniepak/e7afcd7e727e1a0c481d955ba10441a9.json ++
        global.apis.naver.com /commentBox/cbox/web_neo_list_jsonp.json ++
        graph.facebook.com /
        gum.criteo.com /sync
        itunes.apple.com /se/rss/toppodcasts/json ++
        maps.google.com /maps/api/js
        maps.googleapis.com /maps/api/js
        mc.yandex.ru /watch/9528925/1
        nominatim.openstreetmap.org /search
        openexchangerates.org /api/latest.json ++
        partner.googleadservices.com /gampad/cookie.js
        passport.baidu.com /channel/unicast +
        pixel.mathtag.com /u/js ++
        pixel.quantserve.com /api/segments.json ++
        pubads.g.doubleclick.net /gampad/ads +
        public-api.wordpress.com /rest/v1/sites/en.blog.wordpress.com/posts/ ++
        query.fqtag.com /b ++
        s.fqtag.com /b ++
        secure.adnxs.com /getuidp +
        secure.gravatar.com /930fc2e7cd239606c398bff5b5fc12e7.json ++
        secure.quantserve.com /api/segments.json ++
        soundcloud.com /oembed ++
        suggestqueries-clients6.youtube.com /complete/search +
        sync.im-apps.net /imid/segment ++
        tagmanager.google.com /debug/api/vtinfo +
        translate.google.com /translate_a/element.js
        translate.googleapis.com /$discovery/rest
        uk.indeed.com /m/newjobs +
        vimeo.com /api/v2/video/1006042481.json
        widgets.pinterest.com /v3/pidgets/boards/ciciwin/hedgehog-squirrel-crafts/pins/
        en.wikipedia.org /w/api.php +
        wordpress.org /wp-json/wp/v2/posts/ ++
        www-api.ibm.com /search/typeahead/v1 ++
        www.bing.com /api/maps/mapcontrol ++
        www.googleapis.com /customsearch/v1
        www.googleapis.com /blogger/v3/blogs/1/posts/1
        www.paypal.com /checkoutnow/remembered ++
        www.recaptcha.net /recaptcha/api.js ++
        www.reddit.com /.json ++
        www.roblox.com /item-thumbnails ++
        www.youtube.com /oembed
    """,
}
# These answer with code that only works where eval is allowed.
_JSONP_WITH_EVAL: dict[str, str] = {
    _GTM: """
        googletagmanager.com /gtm.js
        www.googletagmanager.com /gtm.js
        google-analytics.com /gtm/js +
        www.google-analytics.com /gtm/js
        ssl.google-analytics.com /gtm/js
    """,
}
_ANGULAR: dict[str, str] = {
    _CSPBYPASS: """
        apps.bdimg.com /libs/angular.js/1.4.6/angular.min.js ++
        cdn.bootcdn.net /ajax/libs/angular.js/1.8.0/angular.min.js ++
        cdn.jsdelivr.net /npm/angular@1.4.5/angular.min.js
        cdn.syncfusion.com /js/assets/external/angular.min.js ++
        cdnjs.cloudflare.com /ajax/libs/angular.js/1.4.5/angular.js
        code.angularjs.org /1.4.5/angular.min.js ++
        d1xrp9zhb3ks3c.cloudfront.net /web/changessalon/node_modules/angular/angular.min.js +
        developer.apple.com /search/scripts/vendor/angular-custom.min.js ++
        elysiumwebsite.s3.amazonaws.com /uploads/blog-media/rockstar/angular.min.js
        gstatic.com /fsn/angular_js-bundle1.js
        inno.blob.core.windows.net /new/libs/AngularJS/1.2.1/angular.min.js
        s.ytimg.com /yts/jslib/angular.min-vfl8oYsy-.js ++
        ssl.gstatic.com /fsn/angular_js-bundle1.js +
        st3.zoom.us /static/6.2.7600/js/lib/angular.min.js ++
        static.parastorage.com /services/third-party/angularjs/1.4.5/angular.min.js ++
        www.google.com /recaptcha/about/js/main.min.js
        www.gstatic.com /fsn/angular_js-bundle1.js
        unpkg.com /angular@1.4.5/angular.min.js ++
        www.yastat.net /s3/milab/js/angular.min.js ++
        www.yastatic.net /s3/milab/js/angular.min.js +
        yastat.net /s3/milab/js/angular.min.js ++
        yastatic.net /s3/milab/js/angular.min.js
        yuedust.yuedu.126.net /js/components/angular/angular.js
        www.ancestrycdn.com /ui-static/lib/angular/1.2.3/angular.min.js ++
    """,
    _H5SC: """
        ajax.googleapis.com /ajax/libs/angularjs/1.0.8/angular.js
        cdnjs.cloudflare.com /ajax/libs/prototype/1.7.2/prototype.js
    """,
}
_FLASH: dict[str, str] = {
    _JSONBEE: "ajax.googleapis.com /ajax/libs/yui/2.8.0r4/build/charts/assets/charts.swf",
}
# Scripts that somebody uploaded to show that anybody can.
_UPLOADED: dict[str, str] = {
    _CSPBYPASS: """
        cdn.jsdelivr.net /gh/renniepak/xss/xss.js
        cdn.shopify.com /s/files/1/0714/7936/1848/files/a.js
        storage.googleapis.com /bypass_csp/xss.js
    """,
}
_UPLOADS: dict[str, str] = {
    "https://www.jsdelivr.com/documentation": """
        cdn.jsdelivr.net /npm/
        cdn.jsdelivr.net /gh/
    """,
    "https://unpkg.com/": "unpkg.com /",
    "https://esm.sh/": "esm.sh /",
    "https://docs.skypack.dev/": "cdn.skypack.dev /",
    "https://docs.github.com/en/pages/getting-started-with-github-pages/about-github-pages": "*.github.io /",
    "https://cloud.google.com/storage/docs/request-endpoints": "storage.googleapis.com /",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html": """
        s3.amazonaws.com /
        *.s3.amazonaws.com /
    """,
    "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html": "*.cloudfront.net /",
    "https://learn.microsoft.com/en-us/azure/storage/blobs/storage-blobs-introduction": "*.blob.core.windows.net /",
    "https://developers.cloudflare.com/workers/configuration/routing/workers-dev/": "*.workers.dev /",
    "https://developers.cloudflare.com/pages/": "*.pages.dev /",
    "https://docs.netlify.com/": "*.netlify.app /",
    "https://vercel.com/docs": "*.vercel.app /",
    "https://devcenter.heroku.com/articles/custom-domains": "*.herokuapp.com /",
    "https://firebase.google.com/docs/hosting": """
        *.web.app /
        *.firebaseapp.com /
    """,
    "https://codepen.io/": "cdpn.io /",
    "https://help.shopify.com/en/manual/online-store/images/theme-images": "cdn.shopify.com /s/files/",
}


def _gadgets(kind: GadgetKind, tables: dict[str, str], *, needs_eval: bool = False) -> Iterator[Gadget]:
    for reference, table in tables.items():
        for line in table.strip().splitlines():
            host, path, *only_here = line.split()
            yield Gadget(kind, host, path, reference, needs_eval, len("".join(only_here)))


SCRIPT_GADGETS = Gadgets(
    [
        *_gadgets("jsonp", _JSONP),
        *_gadgets("jsonp", _JSONP_WITH_EVAL, needs_eval=True),
        *_gadgets("angular", _ANGULAR),
        *_gadgets("uploads", _UPLOADED),
    ]
)
FLASH_GADGETS = Gadgets(_gadgets("flash", _FLASH))
UPLOAD_GADGETS = Gadgets(_gadgets("uploads", _UPLOADS))


def find_gadgets(source: str, *, with_eval: bool = False) -> list[Gadget]:
    """JSONP, AngularJS and known uploads that a script source without its scheme lets through."""
    return [gadget for gadget in SCRIPT_GADGETS.find(source) if with_eval or not gadget.needs_eval]


def find_flash(source: str) -> list[Gadget]:
    """Flash files that an object source without its scheme lets through."""
    return FLASH_GADGETS.find(source)


def find_uploads(source: str) -> list[Gadget]:
    """Hosting that a script source lets through: a whole host or folder of it, or any path inside."""
    host, path = _host_and_path(source)
    covered = UPLOAD_GADGETS.find(host)
    return [gadget for gadget in covered if path.startswith(gadget.path) or _covers(path, gadget.path)]


def voids_allow_list(host: str) -> Gadget | None:
    """The gadget that makes it pointless to allow this whole host for scripts, if one is known."""
    return next(iter([*find_gadgets(host), *find_uploads(host)]), None)
