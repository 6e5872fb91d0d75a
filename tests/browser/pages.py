"""The pages of an instance as a person meets them: signing in, following links, and what a page complained of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import ConsoleMessage, Page, Request

from tests.factories import PASSWORD
from tests.processes.instance import OWNER, Instance

OF_EACH_KIND = 2
"""How many pages of one view are visited: every issue's page is the same template."""


NO_PAGES = {"account_logout": "ends the walk", "issues:sample_file": "a download", "issues:sources_file": "a download"}


def sign_in(page: Page, instance: Instance) -> None:
    page.goto(f"{instance.url}/login/")
    page.get_by_label("E-mail").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{instance.url}/")


@dataclass
class Complaints:
    """What Chromium itself said against a page: violations of our policy, console errors, failed requests."""

    page: Page
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self._note(str(error)))
        self.page.on("requestfailed", self._failed)
        self.page.add_init_script(
            "document.addEventListener('securitypolicyviolation', event =>"
            " console.error(`${event.violatedDirective} blocked ${event.blockedURI} ${event.sample}`))"
        )

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._note(message.text)

    def _failed(self, request: Request) -> None:
        """No page waits for its icon: who leaves at once has cut that fetch off himself."""
        if request.url.endswith("/favicon.svg") and request.failure == "net::ERR_ABORTED":
            return
        self._note(f"{request.url} {request.failure}")

    def _note(self, words: str) -> None:
        self.said.append(f"{self.page.url}: {words}")


def walk(page: Page, instance: Instance, *starts: str) -> Iterator[str]:
    """Every start, and every link from there, a few of each kind; yields the path of each page while it is open."""
    waiting, seen, kinds = list(starts), set(starts), Counter[str]()
    while waiting:
        path = waiting.pop(0)
        kinds[view_name(path)] += 1
        if kinds[view_name(path)] > OF_EACH_KIND and path not in starts:
            continue
        answer = page.goto(instance.url + path, wait_until="load")
        assert answer is not None, path
        assert answer.status == 200, f"{path} answers {answer.status}"
        yield path
        found = [link for link in links(page, instance) if link not in seen and view_name(link)]
        seen.update(found)
        waiting.extend(found)


def links(page: Page, instance: Instance) -> list[str]:
    addresses: list[str] = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href.split('#')[0])")
    return [address.removeprefix(instance.url) for address in addresses if address.startswith(f"{instance.url}/")]


def view_name(path: str) -> str:
    """The name of the view a path leads to; empty where it is none of ours (static files, the admin, sign-out)."""
    try:
        name = resolve(urlsplit(path).path).view_name
    except Resolver404:
        return ""
    return "" if name.startswith("admin:") or name in NO_PAGES else name


def named_views(*namespaces: str) -> set[str]:
    """Every view of these namespaces, from the root URLconf."""
    return {name for name in _names(get_resolver(), "") if name.partition(":")[0] in namespaces}


def _names(resolver: URLResolver, before: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _names(entry, f"{before}{entry.namespace}:" if entry.namespace else before)
        elif isinstance(entry, URLPattern) and entry.name:
            yield before + entry.name


def axe_findings(page: Page) -> list[str]:
    """What axe-core finds on the page as it stands: rule, what it is about, and where."""
    found: dict[str, Any] = Axe().run(page).response
    return [f"{page.url}: {rule['id']}: {rule['help']}: {node['target']}" for rule in found["violations"] for node in rule["nodes"]]


def too_wide(page: Page) -> str:
    """The page's address if it scrolls sideways, and what sticks out."""
    wide: str = page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth
            if (document.documentElement.scrollWidth <= width) return ''
            const out = [...document.querySelectorAll('body *')].filter(element => element.getBoundingClientRect().right > width + 1)
            return out.slice(0, 3).map(element => element.outerHTML.slice(0, 120)).join(' | ') || 'something'
        }"""
    )
    return f"{page.url}: {wide}" if wide else ""
