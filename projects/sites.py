"""What people type when asked for a site, a sensitive page, an extension or a scheme, in the one form we keep. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from policies.address import parse_address

MAX_LINES = 100

_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*|\[[0-9a-f:.]+\]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_EXTENSION = re.compile(r"[A-Za-z0-9@{}._-]{1,128}")
_PAGE = re.compile(r"/[!-~]*")


def site_of(text: str) -> str:
    """`https://Shop.example/cart` -> `shop.example`; also `*.shop.example` and `localhost:3000`. ValueError says what is wrong."""
    typed = text.strip()
    wildcard = "*." if "*." in typed.partition("://")[2][:2] or typed.startswith("*.") else ""
    bare = typed.replace("*.", "", 1) if wildcard else typed
    address = parse_address(bare if "://" in bare else f"https://{bare}")
    if not address.host or not _HOST.fullmatch(address.host):
        raise ValueError(f"“{typed}” is not a site. Write it like shop.example, *.shop.example or localhost:3000.")
    if wildcard and "." not in address.host:
        raise ValueError(f"“{typed}” would be every host under .{address.host}. Name at least the domain, like *.shop.example.")
    return wildcard + address.netloc


def scheme_of(text: str) -> str:
    """`MyApp://` -> `myapp`."""
    scheme = text.strip().lower().partition(":")[0]
    if not _SCHEME.fullmatch(scheme):
        raise ValueError(f"“{text.strip()}” is not a scheme. Write it like myapp.")
    if scheme in ("http", "https"):
        raise ValueError(f"{scheme} is every site's scheme; name your sites instead.")
    return scheme


def extension_of(text: str) -> str:
    """The id in `chrome-extension://abcdef…/page.html`, or an id as it is."""
    typed = text.strip()
    found = typed.partition("://")[2].partition("/")[0] if "://" in typed else typed
    if not _EXTENSION.fullmatch(found):
        raise ValueError(f"“{typed}” is not an extension's id. Paste its chrome-extension:// or moz-extension:// address.")
    return found


def page_of(text: str) -> str:
    """A path pattern such as `/checkout/*`; of a whole address only the path is kept."""
    typed = text.strip()
    path = parse_address(typed).path if "://" in typed else typed
    if not _PAGE.fullmatch(path):
        raise ValueError(f"“{typed}” is not a page. Write its path, like /checkout or /account/*.")
    return path


def read_lines(text: str, read: Callable[[str], str]) -> list[str]:
    """One entry a line (or between commas or spaces), each once, in the order typed. ValueError on the first bad one."""
    lines = list(dict.fromkeys(read(word) for word in re.split(r"[\s,]+", text) if word))
    if len(lines) > MAX_LINES:
        raise ValueError(f"That is {len(lines)} entries; {MAX_LINES} is the most.")
    return lines


def as_lines(entries: Iterable[str]) -> str:
    return "\n".join(entries)
