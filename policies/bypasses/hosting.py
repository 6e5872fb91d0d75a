"""Hosts that serve what anybody uploads, and files there that show it: reference to `host path`, one a line ("+" as in jsonp.py)."""

from __future__ import annotations

from policies.bypasses.references import CSPBYPASS

# Scripts that somebody uploaded to show that anybody can.
UPLOADED: dict[str, str] = {
    CSPBYPASS: """
        cdn.jsdelivr.net /gh/renniepak/xss/xss.js +
        cdn.shopify.com /s/files/1/0714/7936/1848/files/a.js +
        storage.googleapis.com /bypass_csp/xss.js +
    """,
}
UPLOADS: dict[str, str] = {
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
