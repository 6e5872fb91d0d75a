"""Hosts that make an allow-list of script hosts void, each with a public reference.

A host on script-src that answers JSONP with a free callback, serves AngularJS (a template language that runs what it
finds in the page), or takes uploads from anybody lets an injected tag run an attacker's code. The tables beside this file
are compiled by host from the public lists and documents that they name; matching follows the path rule of CSP (a path that
ends in "/" is a prefix, any other is exact), so a narrower source is only listed when the gadget lies under it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from policies.bypasses.angular import ANGULAR
from policies.bypasses.flash import FLASH
from policies.bypasses.hosting import UPLOADED, UPLOADS
from policies.bypasses.jsonp import JSONP, JSONP_WITH_EVAL

GadgetKind = Literal["jsonp", "angular", "flash", "uploads"]

WHAT: dict[str, str] = {
    "jsonp": "JSONP with a free callback",
    "angular": "AngularJS",
    "flash": "a Flash file that runs script",
    "uploads": "files that anybody can upload",
}


@dataclass(frozen=True, slots=True)
class Gadget:
    """One address that turns an allow-list entry into a hole.

    A `host` of `*.name` is a service that gives each customer a name of its own: one such name is no hole, all are.
    `needs_eval`: only where 'unsafe-eval' stands beside it. `only_here`: csp-evaluator 1.1.6 does not know this address.
    """

    kind: GadgetKind
    host: str
    path: str
    reference: str
    needs_eval: bool = False
    only_here: bool = False

    @property
    def what(self) -> str:
        return WHAT[self.kind]


class Gadgets:
    """A list of gadgets that answers in the time of one look-up, however long it is."""

    def __init__(self, gadgets: Iterable[Gadget]) -> None:
        self._all = tuple(gadgets)

    def __iter__(self) -> Iterator[Gadget]:
        return iter(self._all)

    @cached_property
    def _by_host(self) -> dict[str, list[Gadget]]:
        """By `host` for the host itself and by `.suffix` for every wildcard that covers it."""
        index: dict[str, list[Gadget]] = defaultdict(list)
        for gadget in self._all:
            labels = gadget.host.split(".")
            if labels[0] != "*":
                index[gadget.host].append(gadget)
            for cut in range(1, len(labels)):
                index["." + ".".join(labels[cut:])].append(gadget)
        return dict(index)

    def find(self, source: str) -> list[Gadget]:
        """The gadgets that a source without scheme (`*.host:port/path`) lets through."""
        host, path = _host_and_path(source)
        found = self._by_host.get(host[1:] if host.startswith("*.") else host, [])
        return [gadget for gadget in found if _covers(path, gadget.path)]


def _host_and_path(source: str) -> tuple[str, str]:
    bare = source.removeprefix("//").partition("?")[0].partition("#")[0]
    host, slash, rest = bare.partition("/")
    return host.partition(":")[0].lower(), slash + rest


def _covers(path: str, gadget_path: str) -> bool:
    if path in ("", "/"):
        return True
    return gadget_path.startswith(path) if path.endswith("/") else gadget_path == path


def _gadgets(kind: GadgetKind, tables: dict[str, str], *, needs_eval: bool = False) -> Iterator[Gadget]:
    for reference, table in tables.items():
        for line in table.strip().splitlines():
            host, path, *only_here = line.split()
            yield Gadget(kind, host, path, reference, needs_eval, bool(only_here))


SCRIPT_GADGETS = Gadgets(
    [
        *_gadgets("jsonp", JSONP),
        *_gadgets("jsonp", JSONP_WITH_EVAL, needs_eval=True),
        *_gadgets("angular", ANGULAR),
        *_gadgets("uploads", UPLOADED),
    ]
)
FLASH_GADGETS = Gadgets(_gadgets("flash", FLASH))
UPLOAD_GADGETS = Gadgets(_gadgets("uploads", UPLOADS))


def find_gadgets(source: str, *, with_eval: bool = False) -> list[Gadget]:
    """JSONP, AngularJS and known uploads that a script source without its scheme lets through."""
    return [gadget for gadget in SCRIPT_GADGETS.find(source) if with_eval or not gadget.needs_eval]


def find_flash(source: str) -> list[Gadget]:
    """Flash files that an object source without its scheme lets through."""
    return FLASH_GADGETS.find(source)


def find_uploads(source: str) -> list[Gadget]:
    """Hosting that a script source lets through: a whole host or folder of it, or any path inside."""
    host, path = _host_and_path(source)
    covered = UPLOAD_GADGETS.find(host)
    return [gadget for gadget in covered if path.startswith(gadget.path) or _covers(path, gadget.path)]


def find_reason(source: str, *, with_eval: bool = False) -> Gadget | None:
    """What makes it pointless to allow this source for scripts. Hosting comes first: it says more than one file found there."""
    return next(iter([*find_uploads(source), *find_gadgets(source, with_eval=with_eval)]), None)
