"""The endpoint alone, GLITCHCSP_ROLE=ingest: Granian's own interface, which costs a request less than ASGI's messages do."""

from __future__ import annotations

import asyncio
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glitchcsp.settings")

import django
from granian.rsgi import HTTPProtocol, Scope

from glitchcsp.processes import die_with_parent, keep_what_is_loaded

die_with_parent()
django.setup()

# Models can be imported only now that Django is set up.
from ingest.door import open_door  # noqa: E402
from ingest.request import is_endpoint  # noqa: E402

HEALTHY = b'{"status": "ok"}'
NOT_HERE = b"This process serves another part of GlitchCSP (GLITCHCSP_ROLE).\n"


class Application:
    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        open_door()  # at once: what a former process left in the spool waits for nobody's next report
        keep_what_is_loaded()

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        if is_endpoint(scope.path):
            await open_door().rsgi(scope, protocol)
        elif scope.path == "/health/":
            # It takes reports without its database, so no page that asks there may speak for it.
            _say(protocol, 200, "application/json", HEALTHY)
        else:
            _say(protocol, 404, "text/plain", NOT_HERE)


def _say(protocol: HTTPProtocol, status: int, kind: str, body: bytes) -> None:
    protocol.response_bytes(status, [("content-type", kind), ("content-length", str(len(body)))], body)


application = Application()
