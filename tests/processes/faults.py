"""One instance on PostgreSQL and Redis of its own, whose servers are taken away, frozen and set back, one fault after the other."""

from __future__ import annotations

import json
import re
import signal
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import Any

from tests.factories import PASSWORD
from tests.processes.chaos import promise_holds
from tests.processes.instance import OWNER, Instance
from tests.processes.senders import Load, send
from tests.processes.servers import Servers

CSP = {"Content-Type": "application/csp-report"}


@dataclass
class Place:
    instance: Instance
    servers: Servers

    def make_well(self) -> None:
        """Whatever the test before left behind."""
        for server in self.servers.both():
            server.thaw()
            server.ensure()
        self.instance.keep_running()

    @contextmanager
    def loaded(self) -> Iterator[Load]:
        """Two senders while the test does its worst; at the end everything that was taken is counted once."""
        before = self.intake()
        with Load(self.instance.endpoint, 2) as load:
            yield load
        promise_holds(self.instance, "shop", load, before["counted"])

    def intake(self) -> dict[str, Any]:
        return self.instance.settled("shop", lambda now: True)

    def kill(self, command: str) -> None:
        self.instance.signal(command, signal.SIGKILL)
        self.instance.running.pop(command).wait()

    def asked_with_an_unknown_key(self) -> int:
        body = b'{"csp-report":{"effective-directive":"img-src","blocked-uri":"https://x.example"}}'
        return send(f"{self.instance.ingest_url}/api/1/security/?glitchtip_key={'f' * 32}", "POST", CSP, body)

    def health(self, address: str) -> tuple[int, dict[str, Any]]:
        try:
            with urllib.request.urlopen(f"{address}/health/", timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


class Admin:
    """Signed in as the first account, which sees the whole road."""

    def __init__(self, instance: Instance) -> None:
        self.url = instance.url
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page("/login/"))
        assert token
        form = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], "login": OWNER, "password": PASSWORD})
        self.browser.open(f"{self.url}/login/", form.encode(), timeout=20).close()

    def page(self, path: str) -> str:
        with self.browser.open(f"{self.url}{path}", timeout=20) as answer:
            return str(answer.read().decode())

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.page("/health/"))
        return found
