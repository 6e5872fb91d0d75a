"""Generated pages: a policy or several, and loads of one family that lie near what the policy allows."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from urllib.parse import quote

from policies.live import INLINE_DIRECTIVE, match_eval, match_inline, match_url, match_wasm
from policies.policy import Policy, parse_header, parse_policy
from policies.sourcelist import Profile
from tests.browser.oracle_network import SCRIPT

ORIGINS = ("http://page.example", "http://page.example:8080", "https://page.example")
HOSTS = ("page.example", "a.example", "cdn.a.example", "x.cdn.a.example", "other.example")
PATHS = ("/", "/img", "/img/", "/img/x.png", "/IMG/x.png", "/img/x.png/y", "/a%20b/c", "/a/b", "/js/lib/1.js")
PORTS = {"http": ("", "", ":8080", ":8000", ":443"), "https": ("", "", ":8443", ":8080", ":80")}
NONCE = "bm9uY2U5NzUz"
INTEGRITY = "sha256-" + base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
STRICTER = ("img-src 'none'", "default-src 'none'", "script-src 'self'; style-src 'self'", "connect-src 'self'")


@dataclass(frozen=True)
class Family:
    """Loads that one chain of directives governs. `kinds` are `kind: (effective directive, what the answer is)`."""

    chain: tuple[str, ...]
    kinds: dict[str, tuple[str, str]]
    words: tuple[str, ...] = ()
    local: tuple[str, ...] = ()


_SCRIPT_WORDS = ("'unsafe-inline'", "'strict-dynamic'", f"'nonce-{NONCE}'", "'unsafe-hashes'", "'unsafe-eval'", "'wasm-unsafe-eval'")
_ATTRIBUTE_WORDS = ("'unsafe-inline'", "'unsafe-inline'", "'unsafe-hashes'", "'unsafe-hashes'")
FAMILIES: dict[str, Family] = {
    "img": Family(("img-src", "default-src"), {"img": ("img-src", "image")}, local=("img",)),
    "font": Family(("font-src", "default-src"), {"font": ("font-src", "text")}),
    "media": Family(("media-src", "default-src"), {"media": ("media-src", "text")}),
    "object": Family(("object-src", "default-src"), {"object": ("object-src", "image"), "embed": ("object-src", "image")}),
    "frame": Family(("frame-src", "child-src", "default-src"), {"frame": ("frame-src", "page")}),
    "connect": Family(("connect-src", "default-src"), {
        "fetch": ("connect-src", "text"), "xhr": ("connect-src", "text"), "beacon": ("connect-src", "text"),
        "events": ("connect-src", "events"), "socket": ("connect-src", "text"),
    }, local=("fetch",)),
    "worker": Family(("worker-src", "child-src", "script-src", "default-src"), {
        "worker": ("worker-src", "script"), "shared worker": ("worker-src", "script"),
    }, ("'strict-dynamic'", f"'nonce-{NONCE}'"), ("worker",)),
    "script": Family(("script-src-elem", "script-src", "default-src"), {
        "script": ("script-src-elem", "script"), "made script": ("script-src-elem", "script"),
    }, (*_SCRIPT_WORDS[:3], f"'{INTEGRITY}'"), ("made script",)),
    "style": Family(("style-src-elem", "style-src", "default-src"), {
        "style": ("style-src-elem", "style"), "made style": ("style-src-elem", "style"),
    }, _SCRIPT_WORDS[:3]),
    "inline script": Family(("script-src-elem", "script-src", "default-src"), dict.fromkeys(
        ("inline script", "made inline script", "navigation"), ("script-src-elem", "")), _SCRIPT_WORDS),
    "script attribute": Family(("script-src-attr", "script-src", "default-src"), {"handler": ("script-src-attr", "")},
                               (*_SCRIPT_WORDS[:4], *_ATTRIBUTE_WORDS)),
    "eval": Family(("script-src", "default-src"), dict.fromkeys(("eval", "function", "timer", "wasm"), ("script-src", "")), _SCRIPT_WORDS),
    "inline style": Family(("style-src-elem", "style-src", "default-src"), {"inline style": ("style-src-elem", "")}, _SCRIPT_WORDS[:4]),
    "style attribute": Family(("style-src-attr", "style-src", "default-src"), dict.fromkeys(
        ("style attribute", "made style attribute"), ("style-src-attr", "")), (*_SCRIPT_WORDS[:4], *_ATTRIBUTE_WORDS)),
    "form": Family(("form-action",), {"form": ("form-action", "page")}),
    "base": Family(("base-uri",), {"base": ("base-uri", "page")}),
}  # fmt: skip
KINDS = {kind: facts for family in FAMILIES.values() for kind, facts in family.kinds.items()}


@dataclass(frozen=True)
class Load:
    """`address` is what is asked for in the end; `hop`, where there is one, redirects to it."""

    id: int
    kind: str
    directive: str
    address: str = ""
    hop: str = ""
    nonce: str = ""
    integrity: str = ""
    code: str = ""
    answer: str = ""

    @property
    def url(self) -> str:
        """With the number of the load, and what the server is to answer, in the query."""
        if self.address.startswith(("data:", "blob:")):
            return self.address
        final = f"{self.address}?load={self.id}&as={self.answer}"
        return f"{self.hop}?to={quote(final, safe='')}" if self.hop else final


@dataclass(frozen=True)
class Page:
    number: int
    origin: str
    headers: tuple[str, ...]
    loads: tuple[Load, ...]
    meta: str = ""
    report_only: str = ""

    @property
    def policies(self) -> list[Policy]:
        found = [policy for header in self.headers for policy in parse_header(header)]
        return [*found, parse_policy(self.meta, delivery="meta")] if self.meta else found

    def said(self) -> str:
        return " | ".join((*self.headers, *([f"<meta> {self.meta}"] if self.meta else [])))


def expected(page: Page, load: Load, profile: Profile = "chromium") -> bool:
    """Whether every policy of the page allows it, as the library says."""
    return all(_allows(policy, page, load, profile) for policy in page.policies)


def _allows(policy: Policy, page: Page, load: Load, profile: Profile) -> bool:
    if load.kind in ("eval", "function", "timer"):
        return match_eval(policy).verdict == "allowed"
    if load.kind == "wasm":
        return match_wasm(policy).verdict == "allowed"
    made = load.kind.startswith("made ") or "worker" in load.kind
    if load.code and not load.address:
        kind = next((name for name, words in INLINE_KINDS.items() if load.kind in words))
        decision = match_inline(policy, kind, load.code, nonce=load.nonce, parser_inserted=not made, profile=profile)
        return decision.verdict == "allowed"
    hops = [(load.hop, False), (load.address, True)] if load.hop else [(load.address, False)]
    return all(
        match_url(policy, load.directive, address, page.origin + "/", redirected=redirected, nonce=load.nonce,
                  integrity=load.integrity, parser_inserted=not made, profile=profile).verdict == "allowed"
        for address, redirected in hops
    )  # fmt: skip


INLINE_KINDS = {
    "script": ("inline script", "made inline script"), "script attribute": ("handler",), "navigation": ("navigation",),
    "style": ("inline style",), "style attribute": ("style attribute", "made style attribute"),
}  # fmt: skip
assert set(INLINE_KINDS) == set(INLINE_DIRECTIVE)


@dataclass
class Generator:
    random: Random
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def pages(self, pairs: int) -> list[Page]:
        """Pages of all families in turn, until they hold so many loads."""
        made: list[Page] = []
        names = [*FAMILIES, "script", "inline script", "connect", "eval", "style"]
        while sum(len(page.loads) for page in made) < pairs:
            made.append(self._page(len(made) + 1, FAMILIES[names[len(made) % len(names)]]))
        return made

    def _page(self, number: int, family: Family) -> Page:
        chance = self.random
        origin = chance.choice(ORIGINS)
        loads = tuple(self._load(family, origin) for _ in range(chance.randint(4, 7)))
        headers = [self._policy(family, loads)]
        if chance.random() < 0.2:
            headers.append(self._policy(family, loads))
        if chance.random() < 0.3:
            headers = [", ".join(headers)]
        meta = self._policy(family, loads) if chance.random() < 0.1 else ""
        report_only = chance.choice(STRICTER) if chance.random() < 0.1 else ""
        return Page(number, origin, tuple(headers), loads, meta, report_only)

    def _load(self, family: Family, origin: str) -> Load:
        chance, number = self.random, next(self.numbers)
        kind = chance.choice(list(family.kinds))
        directive, answer = family.kinds[kind]
        nonce = NONCE if "script" in kind or ("style" in kind and "attribute" not in kind) else ""
        nonce = chance.choice(["", "", nonce, nonce and "b3RoZXI1NTU1"])
        if not answer:
            return Load(number, kind, directive, nonce=nonce, code=code_of(kind, number))
        if kind in family.local and chance.random() < 0.2:
            address, code = _local(kind, number, chance.random() < 0.4, origin)
            return Load(number, kind, directive, address, code=code)
        address = self._address(kind, origin)
        integrity = INTEGRITY if kind == "script" and chance.random() < 0.3 else ""
        redirects = kind not in ("socket", "form", "base", "beacon", "object", "embed") and "worker" not in kind
        hop = self._address(kind, origin) if redirects and chance.random() < 0.15 else ""
        return Load(number, kind, directive, address, hop, nonce, integrity, answer=answer)

    def _address(self, kind: str, origin: str) -> str:
        chance = self.random
        if "worker" in kind or chance.random() < 0.15:
            place = origin
        else:
            scheme = "https" if origin.startswith("https") else chance.choice(["http", "https"])
            place = f"{scheme}://{chance.choice(HOSTS)}{chance.choice(PORTS[scheme])}"
        path = chance.choice(PATHS)
        return ("ws" + place[4:] if kind == "socket" else place) + path

    def _policy(self, family: Family, loads: tuple[Load, ...]) -> str:
        chance = self.random
        chain = [name for name in family.chain if chance.random() < 0.55] or [chance.choice(family.chain)]
        chance.shuffle(chain)
        return "; ".join(f"{name} {' '.join(self._sources(family, loads))}".strip() for name in chain)

    def _sources(self, family: Family, loads: tuple[Load, ...]) -> list[str]:
        chance = self.random
        roll = chance.random()
        if roll < 0.06:
            return ["'none'"]
        if roll < 0.1:
            return []
        if family.words and roll < (0.3 if loads[0].address else 0.55):
            return chance.sample(family.words, chance.choice([1, 1, 2]))
        source = self._covering if roll > 0.7 else self._near
        sources = [source(chance.choice(loads)) for _ in range(chance.randint(1, 3))]
        if family.words:
            sources += chance.sample(family.words, chance.choice([0, 1, 1, 2]))
        return sources

    def _covering(self, load: Load) -> str:
        """A source that most likely covers the load."""
        scheme, _, rest = (load.hop or load.address).partition("://")
        place, _, path = rest.partition("/")
        if not place:
            return self._near(load)
        host = self.random.choice([place, place, "*." + place.partition(".")[2]])
        return self.random.choice([scheme + ":", f"{scheme}://{host}", f"{scheme}://{host}/{path}", f"{scheme}://{host}", "*:*", "'self'"])

    def _near(self, load: Load) -> str:
        """A source that covers the load, or nearly does."""
        chance = self.random
        if load.code and not load.address:
            digest = _hash(load.code, chance.choice(["sha256", "sha384", "sha512"]))
            return chance.choice([digest, digest, digest + " 'unsafe-hashes'", "'self'", "https:", "'report-sample'"])
        if load.address.startswith(("data:", "blob:")):
            return chance.choice([load.address.split(":")[0] + ":", "'self'", "*", "DATA:"])
        roll = chance.random()
        if roll < 0.3:
            return chance.choice(["'self'", "'SELF'", "*", "http:", "https:", "ws:", "wss:", "http://*", "https://*:*", "*:8080", "*:80"])
        scheme, _, rest = (load.hop or load.address).partition("://")
        place, _, path = rest.partition("/")
        host, _, port = place.partition(":")
        written = chance.choice(["", *[scheme + "://"] * 3, "http://", "https://", "ws://", "wss://"])
        name = chance.choice([host, host, host, host.upper(), "*." + host.partition(".")[2], "*." + host, chance.choice(HOSTS)])
        gate = chance.choice(["", ":" + port if port else "", ":" + port if port else "", ":*", ":80", ":443", ":8080"])
        way = chance.choice(["", "", "", "/", "/" + path, "/img/", "/img", "/a%20b/", "/%69mg/", f"/{path}/", "/a%2Fb", "/img/x.png?q=1"])
        return written + name + gate + way


def _hash(code: str, algorithm: str) -> str:
    return f"'{algorithm}-{base64.b64encode(hashlib.new(algorithm, code.encode()).digest()).decode()}'"


def code_of(kind: str, number: int) -> str:
    """Inline code or style whose effect the driver can see."""
    ran = f"(window.ran ??= {{}})[{number}] = 1"
    if kind == "navigation":
        return f"javascript:{ran};void 0"
    if kind == "inline style":
        return f"#t{number} {{ position: relative; top: 7px }}"
    return "position: relative; top: 7px" if "style" in kind else ran


def _local(kind: str, number: int, blob: bool, origin: str) -> tuple[str, str]:
    code = "postMessage(1)" if kind == "worker" else code_of("", number)
    if kind == "img":
        return "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==", ""
    return (f"blob:{origin}/", code) if blob else (f"data:text/javascript,{quote(code)}", code)


MARKUP: dict[str, Callable[[Load], str]] = {
    "script": lambda load: f"<script src='{html.escape(load.url)}'{_attributes(load)}></script>",
    "style": lambda load: f"<link rel=stylesheet href='{html.escape(load.url)}'{_attributes(load)}>",
    "inline script": lambda load: f"<script{_attributes(load)}>{load.code}</script>",
    "inline style": lambda load: f"<style{_attributes(load)}>{load.code}</style><p id=t{load.id}>",
    "style attribute": lambda load: f"<p id=t{load.id} style='{load.code}'>",
    "handler": lambda load: f"<b id=t{load.id} onclick='{load.code}'>b</b>",
    "navigation": lambda load: f"<a id=t{load.id} href='{load.code}'>a</a>",
}


def _attributes(load: Load) -> str:
    nonce = f" nonce='{load.nonce}'" if load.nonce else ""
    return nonce + (f" integrity='{load.integrity}' crossorigin" if load.integrity else "")


def page_html(page: Page) -> str:
    meta = f'<meta http-equiv="Content-Security-Policy" content="{html.escape(page.meta)}">' if page.meta else ""
    body = "\n".join(MARKUP[load.kind](load) for load in page.loads if load.kind in MARKUP)
    return f"<!doctype html><html><head><meta charset=utf-8>{meta}<title>{page.number}</title></head><body>{body}</body></html>"


def driver_html(pages: list[Page], driver: str) -> str:
    """The page that shows all pages of one origin, one after the other, and says what became of their loads."""
    tasks = [{"number": page.number, "loads": [_task(load) for load in page.loads]} for page in pages]
    data = json.dumps(tasks).replace("<", "\\u003c")
    scripts = f"<script type=application/json id=pages>{data}</script><script>{driver}</script>"
    return f"<!doctype html><meta charset=utf-8><link rel=icon href='data:,'><body>{scripts}"


def _task(load: Load) -> dict[str, object]:
    return {"id": load.id, "kind": load.kind, "directive": load.directive, "url": load.url, "nonce": load.nonce, "code": load.code}
