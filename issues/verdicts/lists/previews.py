"""Services that give every preview, tunnel or trial installation a host name of its own (each service's documentation)."""

from __future__ import annotations

PREVIEWS = frozenset({
    "vercel.app", "netlify.app", "pages.dev", "herokuapp.com", "ngrok.io", "ngrok.app", "ngrok-free.app", "loca.lt",
    "trycloudflare.com", "onrender.com", "web.app", "firebaseapp.com", "gitpod.io", "github.dev", "app.github.dev",
    "codesandbox.io", "csb.app", "stackblitz.io", "webcontainer.io", "repl.co", "replit.dev", "surge.sh", "fly.dev",
    "railway.app", "azurewebsites.net", "azurestaticapps.net", "amplifyapp.com", "cloudwaysapps.com", "wpengine.com",
    "pantheonsite.io", "platformsh.site", "lndo.site", "ddev.site", "nip.io", "sslip.io", "xip.io",
})  # fmt: skip
