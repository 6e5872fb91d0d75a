"""Addresses that answer with a call of whatever function the query names: reference to `host path`, one a line, by host.

A "+" marks what csp-evaluator 1.1.6 does not know. The reference is a list of such addresses, the service's own
documentation of its callback, or a public program that calls it this way; where the path holds a customer's or an item's
id, or the host a country, it may show another one.
"""

from __future__ import annotations

from policies.bypasses.references import CSPBYPASS, EVALUATOR, GTM, JSONBEE, TOOLKIT

JSONP: dict[str, str] = {
    JSONBEE: """
        a.sm.cn /api/getgamehotboarddata +
        accounts.google.com /o/oauth2/revoke
        ads.pictela.net /a/proxy/shoplocal/alllistings/ +
        ads.yap.yahoo.com /nosdk/wj/v1/getAds.do +
        adserver.adtechus.com /pubapi/3.0/9857.1/3792195/0/170/ADTECH +
        ajax.googleapis.com /ajax/services/feed/find +
        api-metrika.yandex.ru /management/v1/counter/1/operation/1 +
        api.cmi.aol.com /content/alert/homepage-alert +
        api.m.sm.cn /rest +
        api.mixpanel.com /track/
        api.userlike.com /api/chat/slot/proactive/
        api.vk.com /method/wall.get
        app-e.marketo.com /index.php/form/getKnownLead +
        app-sjint.marketo.com /index.php/form/getKnownLead +
        appcenter.intuit.com /Account/LogoutJSONP +
        bebezoo.1688.com /fragment/index.htm
        count.tbcdn.cn //counter3
        cse.google.com /api/007627024705277327428/cse/r3vs7b0fcli/queries/js
        detector.alicdn.com /2.7.3/index.php
        df-webservices.comet.aol.com /sigfig/ws +
        googleads.g.doubleclick.net /pagead/conversion/1036918760/wcm
        m.addthis.com /live/red_lojson/100eng.json
        mango.buzzfeed.com /polls/service/editorial/post +
        mempf.yahoo.co.jp /offer +
        mkto.uber.com /index.php/form/getKnownLead +
        passport.ngs.ru /ajax/check
        portal.pf.aol.com /jsonmfus/ +
        search.twitter.com /trends.json +
        search.yahoo.com /sugg/gossip/gossip-us-ura/ +
        suggest-shop.yahooapis.jp /Shopping/Suggest/V1/suggester +
        suggest.taobao.com /sug
        translate.yandex.net /api/v1.5/tr.json/detect
        twitter.com /statuses/user_timeline/yakumo119info.json +
        ui.comet.aol.com / +
        ulogin.ru /token.php
        wb.amap.com /channel.php
        www.aol.com /amp-proxy/api/finance-instruments/14.1.MSTATS_NYSE_L/ +
        www.blogger.com /feeds/5578653387562324002/posts/summary/4427562025302749269
        www.google.com /complete/search +
        www.meteoprog.ua /data/weather/informer/Poltava.js
        www.sharethis.com /get-publisher-info.php
        www.travelpayouts.com /widgets/50f53ce9ada1b54bcc000031.json
        www.youku.com /index_cookielist/s/jsonp
    """,
    CSPBYPASS: """
        ap.lijit.com /rtb/bid +
        api.bing.com /osjson.aspx +
        api.dailymotion.com /video/x5gv6be +
        api.duckduckgo.com / +
        api.facebook.com /restserver.php
        api.flickr.com /services/feeds/photos_friends.gne
        api.github.com /gist/anything +
        api.m.jd.com /api +
        api.map.baidu.com /api +
        api.meetup.com /Toronto-Code-Mentoring/events +
        api.olark.com /2.0/visitors/z1nRAdDubyUjGyih018BZ0P04rBy00W3 +
        api.pinterest.com /v1/urls/count.json +
        api.tumblr.com /v2/blog/zoeappleseed.tumblr.com/posts/photo +
        apis.google.com /complete/search +
        app.link /_r +
        bookmark.hatenaapis.com /count/entry +
        c.y.qq.com /v8/fcg-bin/v8.fcg +
        cas.criteo.com /delivery/0.1/napi.jsonp +
        connect.mail.ru /share_count
        d.adroll.com /user_attrs +
        dpm.demdex.net /id +
        dynamic.criteo.com /js/ld/s2s.js +
        en.wikipedia.org /w/api.php +
        eu.battle.net /support/update/json +
        fast.wistia.com /embed/medias/o75jtw7654.json
        forms.hubspot.com /embed/v3/form/2059467/2e1a1b5b-27bb-447d-aac4-0b87c1e88fec +
        geo.moatads.com /n.js +
        gist.github.com /renniepak/e7afcd7e727e1a0c481d955ba10441a9.json +
        global.apis.naver.com /commentBox/cbox/web_neo_list_jsonp.json +
        graph.facebook.com / +
        gum.criteo.com /sync
        itunes.apple.com /se/rss/toppodcasts/json +
        maps.google.com /maps/api/js +
        maps.googleapis.com /maps/api/js +
        mc.yandex.ru /watch/24306916/1
        mc.yandex.ru /watch/9528925/1 +
        nominatim.openstreetmap.org /search +
        openexchangerates.org /api/latest.json +
        partner.googleadservices.com /gampad/cookie.js +
        passport.baidu.com /channel/unicast +
        pixel.mathtag.com /u/js +
        pixel.quantserve.com /api/segments.json +
        pubads.g.doubleclick.net /gampad/ads +
        public-api.wordpress.com /rest/v1/sites/en.blog.wordpress.com/posts/ +
        query.fqtag.com /b +
        s.fqtag.com /b +
        secure.adnxs.com /getuidp +
        secure.gravatar.com /930fc2e7cd239606c398bff5b5fc12e7.json +
        secure.quantserve.com /api/segments.json +
        soundcloud.com /oembed +
        suggestqueries-clients6.youtube.com /complete/search +
        sync.im-apps.net /imid/segment +
        tagmanager.google.com /debug/api/vtinfo +
        tr.indeed.com /m/newjobs
        translate.google.com /translate_a/element.js +
        translate.googleapis.com /$discovery/rest +
        uk.indeed.com /m/newjobs +
        vimeo.com /api/v2/video/1006042481.json +
        widgets.pinterest.com /v3/pidgets/boards/ciciwin/hedgehog-squirrel-crafts/pins/
        wordpress.org /wp-json/wp/v2/posts/ +
        www-api.ibm.com /search/typeahead/v1 +
        www.bing.com /api/maps/mapcontrol +
        www.googleapis.com /blogger/v3/blogs/1/posts/1 +
        www.googleapis.com /customsearch/v1 +
        www.paypal.com /checkoutnow/remembered +
        www.recaptcha.net /recaptcha/api.js +
        www.reddit.com /.json +
        www.roblox.com /item-thumbnails +
        www.youtube.com /oembed +
    """,
    TOOLKIT: """
        books.google.com /books
        clients1.google.com /complete/search
        publish.twitter.com /oembed
        translate.googleapis.com /translate_a/l
    """,
    "https://api.2gis.ru/doc/firms/searches/adssearch/": "catalog.api.2gis.ru /ads/search",
    "https://developer.yahoo.com/yql/guide/response.html": "query.yahooapis.com /v1/public/yql",
    "https://developers.google.com/gdata/docs/json": """
        gdata.youtube.com /feeds/api/videos/WsJIHN1kNWc
        kecngantang.blogspot.com /feeds/posts/default/-/Komik
    """,
    "https://developers.google.com/news-search/v1/jsondevguide": "ajax.googleapis.com /ajax/services/search/news",
    "https://gist.github.com/FennNaten/8496761": "vimeo.com /api/oembed.json/",
    "https://github.com/NikolayRys/Likely/blob/772ac32adeeacb79be9c4cfddeb1de1449623c4d/source/services/gplus.js": """
        share.yandex.net /counter/gpp/
    """,
    "https://github.com/jasonmayes/Twitter-Post-Fetcher/blob/05d8ead3d93ddfa8530ce672c5eef1cf3f312996/js/twitterFetcher.js": """
        cdn.syndication.twimg.com /widgets/timelines/599200054310604802
    """,
    "https://github.com/kbwood/gchart": "9.chart.apis.google.com /chart",
    "https://github.com/prebid/Prebid.js/blob/021238fddbe80011bdf98675fc37894a2d4d2766/src/adapters/appnexus.js": "ib.adnxs.com /jpt",
    "https://googlegeodevelopers.blogspot.com/2008/06/panoramio-api-markermanager-instant.html": "www.panoramio.com /map/get_panoramas.php",
    "https://learn.microsoft.com/en-us/bingmaps/v8-web-control/map-control-concepts/rest-services-examples/": """
        dev.virtualearth.net /REST/V1/Imagery/Metadata/AerialWithLabels/26.318581
    """,
    "https://pipes.yahoo.com/pipes/docs?doc=troubleshooting": "pipes.yahooapis.com /pipes/pipe.run",
    "https://www.instagram.com/developer/endpoints/": "api.instagram.com /v1/tags/partykungen23328/media/recent",
    "https://www.mapbox.com/developers/api/v3/index.html": """
        a.tiles.mapbox.com /v3/zentralmedia.map-n2raeauc.jsonp
        c.tiles.mapbox.com /v3/texastribune.tx-congress-cvap/6/15/26.grid.json
    """,
    "https://www.mediawiki.org/wiki/API:Cross-site_requests": "se.wikipedia.org /w/api.php",
    "https://www.pubnub.com/tutorial/http-rest-push-api": "pubsub.pubnub.com /subscribe/demo/hello_world/",
    EVALUATOR: """
        a.config.skype.com /config/v1/Skype/908_1.33.0.111/SkypePersonalization
        a248.e.akamai.net /h5.hulu.com/h5.mp4
        afpeng.alimama.com /ex
        an.yandex.ru /page/147484
        api.map.baidu.com /
        autocomplete.travelpayouts.com /avia
        awaps.yandex.ru /10/8938/02400400.
        beta.gismeteo.ru /api/informer/layout.js/120x240-3/ru/
        c1n2.hypercomments.com /stream/subscribe
        c1n3.hypercomments.com /stream/subscribe
        cbks0.googleapis.com /cbk
        ccrprod.alipay.com /ccr/arriveTime.json
        cdn.syndication.twitter.com /moments/709229296800440320
        client.siteheart.com /streamcli/client
        community.adobe.com /CommunityPod/getJSON
        d1f69o4buvlrj5.cloudfront.net /__efa_15_1_ornpba.xekq.arg/optout_check
        data.gongchang.com /livegrail/
        de.blog.newrelic.com /wp-admin/admin-ajax.php
        fellowes.ugc.bazaarvoice.com /data/reviews.json
        google.ru /maps/vt
        graph.facebook.com /1/
        group.aliexpress.com /ajaxAcquireGroupbuyProduct.do
        gupiao.baidu.com /stocks/stockbets
        h.cackle.me /widget/32153/bootstrap
        i.cackle.me /widget/32586/bootstrap
        id.rambler.ru /script/topline_info.js
        links.services.disqus.com /api/ping
        maps.beeline.ru /w
        maps.google.com /maps/vt
        maps.google.de /maps/vt
        maps.google.lv /maps/vt
        maps.google.ru /maps/vt
        maps.googleapis.com /maps/api/js/GeoPhotoService.GetMetadata
        mt1.googleapis.com /mapslt/ft
        mts0.googleapis.com /maps/vt
        mts1.googleapis.com /mapslt/ft
        nominatim.openstreetmap.org /
        offer.alibaba.com /market/CID100002954/5/fetchKeyword.do
        ok.go.mail.ru /lady_on_lady_recipes_r.json
        pagead2.googlesyndication.com /relatedsearch
        partner.googleadservices.com /gampad/ads
        pass.yandex.com /services
        pass.yandex.ru /services
        pass.yandex.ua /services
        pin.aliyun.com /check_audio
        plugins.mozilla.org /en-us/plugins_list.json
        pro.netrox.sc /oapi/h_checksite.ashx
        rec.ydf.yandex.ru /cookie
        relap.io /api/v2/similar_pages_jsonp.js
        rexchange.begun.ru /banners
        securepubads.g.doubleclick.net /gampad/ads
        syndication.twitter.com /widgets/timelines/765840589183213568
        target.ukr.net /
        tj.gongchang.com /api/keywordrecomm/
        translate.google.com /translate_a/l
        video.media.yql.yahoo.com /v1/video/sapi/streams/063fb76c-6c70-38c5-9bbc-04b7c384de2b
        widget.admitad.com /widget/init
        wpd.b.qq.com /cgi/get_sign.php
        wslocker.ru /client/user.chk.php
        www-onepick-opensocial.googleusercontent.com /gadgets/proxy
        www.facebook.com /restserver.php
        www.google.com /tools/feedback/escalation-options
        www.google.de /maps/vt
        www.googleapis.com /freebase/v1/topic/m/0344_
        www.youtube.com /profile_style
        yandex.ru /soft/browsers/check
        ynuf.alipay.com /service/um.json
    """,
}
# These answer with code that only works where eval is allowed.
JSONP_WITH_EVAL: dict[str, str] = {
    JSONBEE: "www.googleadservices.com /pagead/conversion/1070110417/wcm",
    GTM: """
        google-analytics.com /gtm/js +
        googletagmanager.com /gtm.js +
        googletagmanager.com /gtm/js
        ssl.google-analytics.com /gtm/js
        www.google-analytics.com /gtm/js
        www.googletagmanager.com /gtm.js +
        www.googletagmanager.com /gtm/js
    """,
}
