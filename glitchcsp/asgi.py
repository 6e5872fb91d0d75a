"""The switch: the endpoint's paths go to a small ASGI application, everything else to Django's pages.

GLITCHCSP_ROLE=web leaves the endpoint to processes of its own (glitchcsp.rsgi). Pages are WSGI in at most four threads,
and while there is one a thread gives way after 0.1 ms: a busy page at Python's 5 ms would cut the endpoint to a twentieth
of its rate. Without pages the short interval only costs the endpoint a fifth of its own, for changes of threads that
nobody needs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glitchcsp.settings")

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from glitchcsp.processes import die_with_parent, keep_what_is_loaded

Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Mapping[str, Any], Any, Any], Awaitable[None]]
PAGE_THREADS = 4
SWITCH_SECONDS = 1e-4
CALM_SECONDS = sys.getswitchinterval()

die_with_parent()
wsgi = get_wsgi_application()

# Models can be imported only now that Django is set up.
from ingest.door import open_door  # noqa: E402
from ingest.request import is_endpoint  # noqa: E402

_pages: App = WSGIMiddleware(cast(Any, wsgi), workers=PAGE_THREADS)  # type: ignore[assignment]  # its scope is a union of TypedDicts
_pages_open = 0


async def pages(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
    """a2wsgi wants coroutines, and Granian's receive and send answer futures: without this no form could be posted."""

    async def received() -> Any:
        return await receive()

    async def sent(message: Any) -> None:
        await send(message)

    await _pages(scope, received, sent)


async def application(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await _serving(scope["path"])(scope, receive, send)


def _serving(path: str) -> App:
    if is_endpoint(path):
        return open_door() if settings.ROLE != "web" else _not_here
    return _page


async def _page(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
    global _pages_open
    _pages_open += 1
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        await pages(scope, receive, send)
    finally:
        _pages_open -= 1
        if not _pages_open:
            sys.setswitchinterval(CALM_SECONDS)


async def _not_here(scope: Mapping[str, Any], receive: Any, send: Send) -> None:
    body = b"This process serves another part of GlitchCSP (GLITCHCSP_ROLE).\n"
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Any, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            if settings.ROLE != "web":
                open_door()  # at once: what a former process left in the spool waits for nobody's next report
            keep_what_is_loaded()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
