"""Copies of AngularJS (one of Prototype, which opens the door to it): reference to `host path`, one a line, by host.

A "+" marks what csp-evaluator 1.1.6 does not know. The reference is a list of such addresses, the documentation or source of
the host, or the repository that the host serves.
"""

from __future__ import annotations

from policies.bypasses.references import CSPBYPASS, EVALUATOR, H5SC, TOOLKIT

ANGULAR: dict[str, str] = {
    CSPBYPASS: """
        apps.bdimg.com /libs/angular.js/1.4.6/angular.min.js +
        cdn.bootcdn.net /ajax/libs/angular.js/1.8.0/angular.min.js +
        cdn.jsdelivr.net /npm/angular@1.4.5/angular.min.js +
        cdn.syncfusion.com /js/assets/external/angular.min.js +
        cdnjs.cloudflare.com /ajax/libs/angular.js/1.4.5/angular.js +
        code.angularjs.org /1.4.5/angular.min.js +
        d1xrp9zhb3ks3c.cloudfront.net /web/changessalon/node_modules/angular/angular.min.js +
        developer.apple.com /search/scripts/vendor/angular-custom.min.js +
        elysiumwebsite.s3.amazonaws.com /uploads/blog-media/rockstar/angular.min.js
        gstatic.com /fsn/angular_js-bundle1.js
        inno.blob.core.windows.net /new/libs/AngularJS/1.2.1/angular.min.js
        s.ytimg.com /yts/jslib/angular.min-vfl8oYsy-.js +
        ssl.gstatic.com /fsn/angular_js-bundle1.js +
        st3.zoom.us /static/6.2.7600/js/lib/angular.min.js +
        static.parastorage.com /services/third-party/angularjs/1.4.5/angular.min.js +
        unpkg.com /angular@1.4.5/angular.min.js +
        www.ancestrycdn.com /ui-static/lib/angular/1.2.3/angular.min.js +
        www.google.com /recaptcha/about/js/main.min.js +
        www.gstatic.com /fsn/angular_js-bundle1.js
        www.yastat.net /s3/milab/js/angular.min.js +
        www.yastatic.net /s3/milab/js/angular.min.js +
        yastat.net /s3/milab/js/angular.min.js +
        yastatic.net /s3/milab/js/angular.min.js +
        yuedust.yuedu.126.net /js/components/angular/angular.js
    """,
    TOOLKIT: """
        cdn.bootcss.com /angular.js/1.2.0/angular.min.js
        cdnjs.cloudflare.com /ajax/libs/angular.js/1.2.16/angular.min.js
    """,
    H5SC: """
        ajax.googleapis.com /ajax/libs/angularjs/1.0.8/angular.js +
        cdnjs.cloudflare.com /ajax/libs/prototype/1.7.2/prototype.js +
    """,
    "https://developers.google.com/speed/libraries": "ajax.googleapis.com /ajax/libs/angularjs/1.2.0rc1/angular-route.min.js",
    "https://github.com/angular/code.angularjs.org": """
        raw.githubusercontent.com /angular/code.angularjs.org/master/1.0.7/angular-resource.js
    """,
    "https://github.com/jsdelivr/jsdelivr/tree/4c79bee4e4a1961f1a6312127b1790726550d54d/files/angularjs/1.1.2": """
        cdn.jsdelivr.net /angularjs/1.1.2/angular.min.js
    """,
    "https://github.com/mrfishie/sailor/blob/d21c01ffe9351d725119fe316748887d91606141/index.html": """
        mrfishie.github.io /sailor/bower_components/angular/angular.min.js
    """,
    "https://github.com/twitter/labella.js/tree/e1a34eb4dcb8db4189269f2f3f120bb941a21a2f/bower_components/angular": """
        twitter.github.io /labella.js/bower_components/angular/angular.min.js
    """,
    "https://tech.yandex.ru/jslibs/": """
        yandex.st /angularjs/1.2.16/angular-cookies.min.js
        yastatic.net /angularjs/1.2.23/angular.min.js
    """,
    EVALUATOR: """
        96fe3ee995e96e922b6b-d10c35bd0a0de2c718b252bc575fdb73.ssl.cf1.rackcdn.com /angular.js
        andors-trail.googlecode.com /git/AndorsTrailEdit/lib/angular.min.js
        art.jobs.netease.com /script/angular.js
        askgithub.com /static/js/angular.min.js
        ayicommon-a.akamaihd.net /static/vendor/angular-1.4.2.min.js
        cdn.shopify.com /s/files/1/0225/6463/t/1/assets/angular-animate.min.js
        cdn.walkme.com /General/EnvironmentTests/angular/angular.min.js
        cdn2-casinoroom.global.ssl.fastly.net /js/lib/angular-animate.min.js
        collade.demo.stswp.com /js/vendor/angular.min.js
        csu-c45.kxcdn.com /angular/angular.js
        dl.dropboxusercontent.com /u/30877786/angular.min.js
        eb2883ede55c53e09fd5-9c145fb03d93709ea57875d307e2d82e.ssl.cf3.rackcdn.com /components/angular-resource.min.js
        eternal-sunset.herokuapp.com /bower_components/angular/angular.js
        gift-talk.kakao.com /public/javascripts/angular.min.js
        laundrymail.com /angular/angular.js
        master-sumok.ru /vendors/angular/angular-cookies.js
        oss.maxcdn.com /angularjs/1.2.20/angular.min.js
        pangxiehaitao.com /framework/angular-1.3.9/angular-animate.min.js
        parademanagement.com.s3-website-ap-southeast-1.amazonaws.com /js/angular.min.js
        prb-resume.appspot.com /bower_components/angular-animate/angular-animate.js
        reports.zemanta.com /smedia/common/angularjs/1.2.11/angular.js
        s3-eu-west-1.amazonaws.com /staticancpa/js/angular-cookies.min.js
        services.amazon.com /solution-providers/assets/vendor/angular-cookies.min.js
        static.tumblr.com /x5qdx0r/nPOnngtff/angular-resource.min_1_.js
        storage.googleapis.com /assets-prod.urbansitter.net/us-sym/assets/vendor/angular-sanitize/angular-sanitize.min.js
        www.adobe.com /devnet-apps/flashshowcase/lib/angular/angular.1.1.5.min.js
        www.googleadservices.com /pageadimg/imgad
    """,
}
