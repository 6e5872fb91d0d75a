"""Which issue a violation belongs to, versioned. Context, corrections and project settings never change a key.

The key is made of: the directive's family, the noise class that the report alone proves, what was blocked (a host or a family
of hosts, a bare scheme, a keyword), whose page it was on (`shop` for www.shop.example and shop.co.uk) and, for code that has no
address, a normalised sample or the source file.

Some browsers send no sample where others do (WebKit over report-uri never). `spot` is where such code stands, for both kinds of
report; issues.spots lets a report without a sample join the one issue of sampled code that was seen on its spot.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from issues.scrub import CUT, NO_HOST_IN, STAR, mask_path, scrub_address, scrub_sample
from issues.verdicts import Judgement
from issues.verdicts.attacks import is_reflected
from issues.verdicts.evidence import is_address, is_local, preview_service, registrable
from issues.verdicts.injected import host_of_list
from issues.verdicts.lists.schemes import EXTENSION
from issues.verdicts.lists.services import host_family
from policies.directives import facts_of, family_of
from policies.violation import Address, Violation
from policies.words import VERDICTS

VERSION = 2
SAMPLE_KEPT = 24

_QUOTED = re.compile(r"'[^']*(?:'|$)|\"[^\"]*(?:\"|$)|`[^`]*(?:`|$)")
_WITH_DIGIT = re.compile(r"[A-Za-z0-9]*\d[A-Za-z0-9]*")
_SPACES = re.compile(r"\s+")
_HASHED = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9_]*\d)[A-Za-z0-9_]+(?![A-Za-z0-9])|(?<=[.\-_])[0-9a-f]{6,}(?=[.\-_/]|$)")
_STARS = re.compile(r"\*(?:[.\-_]?\*)+")
_REFLECTED = frozenset({"xss-echo", "xss-payload"})
# How Firefox names a handler, before it had `script-src-attr` as well: `onclick attribute on A element`.
_HANDLER = re.compile(r"on[a-z]+ attribute on [A-Z][\w\-]* element")
_OWN = "own host"
_UNINVITED = "ext-source"
_OPAQUE = frozenset({"data", "intent"})
_CODE = frozenset({"inline", "eval", "wasm-eval"})
_SCHEME_CLASS = {"http": "http", "ws": "ws", "wss": "ws"}
# noise class -> (joint, who): "Font from an extension", "Image under an altered policy"
_WHO = {
    "extension": ("from", "an extension"),
    "in-app": ("from", "an in-app browser"),
    "network": ("from", "a filter or antivirus"),
    "adware": ("from", "adware"),
    "browser": ("from", "the browser"),
    "translation": ("from", "a translator"),
    "foreign": ("on", "a copy of the page"),
    "bot": ("seen by", "a crawler or tool"),
    "stale": ("under", "an altered policy"),
    "forged": ("in", "a forged report"),
}
_CODE_THINGS = {
    ("script", "inline"): "Inline script",
    ("script", "attribute"): "Inline event handler",
    ("style", "inline"): "Inline style",
    ("style", "attribute"): "Style attribute",
}
_JOINTS = {"connect": "to", "form": "to", "base": "set to", "ancestors": "by"}
_NAMES = ("Trusted Types", "WebAssembly")
_EVAL_TITLE = "Text run as code (eval)"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`key` is 32 hex digits, without the project. `source` is short: a host, `inline`, `eval`, `data:`, `an extension`.
    `title` says what and from where (`Script from cdn.x.io`; `title_of` makes the sentence), `grouped_by` the key in words."""

    key: str
    version: int
    family: str
    directive: str
    source: str
    title: str
    grouped_by: str
    spot: str = ""
    """Where code without an address stands (32 hex digits), "" where a report without a sample has nothing to join."""
    bare: str = ""
    """The key that this code has in reports without its sample; "" where the key takes no sample."""


@dataclass(frozen=True, slots=True)
class _Target:
    """What was blocked: as part of the key, as the short `source`, as a title, and `detail`, which the title leaves out
    since titles travel further than samples and paths may. `instead` is what stands for `detail` in reports without a sample,
    None for what no sample tells apart."""

    source: str
    parts: tuple[str, ...]
    title: str
    detail: str = ""
    instead: str | None = None


def title_of(title: str, enforced: bool) -> str:
    """`Script from cdn.x.io blocked`, or `... would be blocked` where all of it is report-only."""
    return f"{title} {'blocked' if enforced else 'would be blocked'}"


def fingerprint(violation: Violation, judgement: Judgement) -> Fingerprint:
    """Never raises. An extension's page has the name that storage leaves it."""
    if violation.document.scheme in NO_HOST_IN:
        violation = replace(violation, document=scrub_address(violation.document))
    family = family_of(violation.directive)
    noise = judgement.noise_class
    target = _noise_target(violation, family, judgement) if noise else _target(violation, family, judgement)
    where = _where(violation.document.host, noise)
    head = (family, noise, where)
    key = _digest(*head, *target.parts)
    spot, bare = _spot_and_bare(violation, head, target)
    words = _words(target, noise, where)
    return Fingerprint(key, VERSION, family, violation.directive, target.source[:300], target.title[:300], words[:300], spot, bare)


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\0".join((str(VERSION), *parts)).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _spot_and_bare(violation: Violation, head: tuple[str, ...], target: _Target) -> tuple[str, str]:
    named = target.instead is not None and target.detail != target.instead
    if target.instead is None or not violation.document.host or not (named or _is_mute(violation)):
        return "", ""
    kind = target.parts[:-1]
    spot = _digest("spot", *head, *kind, violation.document.host, target.instead or page_name(violation.document.path))
    return spot, _digest(*head, *kind, target.instead) if named else ""


def _is_mute(violation: Violation) -> bool:
    """No sample, and none was to be had: WebKit's report-uri, which says no disposition either, or a policy that asks for none."""
    return not violation.sample and (not violation.disposition or "'report-sample'" not in violation.policy)


@lru_cache(maxsize=8192)
def page_name(path: str) -> str:
    """`checkout` for `/de/checkout` and `/en/checkout/`, `orders/*` for `/orders/417`: one template, whatever stands before it."""
    segments = [segment for segment in mask_path(path).split("/") if segment]
    last = next((place for place in reversed(range(len(segments))) if segments[place] != STAR), 0)
    return "/".join(segments[last:])


@lru_cache(maxsize=8192)
def _where(host: str, noise: str) -> str:
    """Copies of a page, a developer's machine and bare addresses are kept apart: they must not decide about the site's own pages.

    One name under many endings is one site (shop.de, shop.co.uk), and so are all previews of one service. What the report alone
    proves to be noise is that on whatever page.
    """
    if is_local(host):
        return "on a local machine"
    if is_address(host):
        return "on a page reached by its IP address"
    if noise or not host:
        return ""
    return f"on pages of {preview_service(host) or registrable(host).partition('.')[0]}"


def _words(target: _Target, noise: str, where: str) -> str:
    """The key for a person: `script from cdn.x.io, noise: extension`."""
    words = [
        target.title if target.title.startswith(_NAMES) else target.title[:1].lower() + target.title[1:],
        f"“{target.detail}”" if target.detail else "no sample" if target.instead == "" else "",
        "the page's own host" if _OWN in target.parts else "",
        f"noise: {VERDICTS[noise].chip.lower()}" if noise else "",
        where,
    ]
    return ", ".join(word for word in words if word)


def _noise_target(violation: Violation, family: str, judgement: Judgement) -> _Target:
    """Injected things come from countless hosts: one issue for each known vendor and one for the rest of a class, apart from
    what only the policy speaks against."""
    joint, who = _WHO.get(judgement.noise_class, ("from", "a visitor's software"))
    rules = {mark.rule for mark in judgement.marks if mark.confidence == "certain"} or {mark.rule for mark in judgement.marks}
    if _UNINVITED in rules:
        who = "a script that the policy keeps out"
    vendor = "" if {violation.source.scheme, violation.blocked.scheme} & EXTENSION.keys() else _vendor(violation)
    code = violation.blocked_kind if violation.blocked_kind in _CODE else ""
    thing = _EVAL_TITLE if code == "eval" else _CODE_THINGS.get((family, code)) or facts_of(violation.directive).thing
    if (family, joint) == ("connect", "from"):
        joint = "to" if vendor and not violation.source.host else "made by"
    return _Target(vendor or who, (vendor or who, code), f"{thing} {joint} {vendor or who}")


def _vendor(violation: Violation) -> str:
    found = host_of_list(violation.source.host) or host_of_list(violation.blocked.host)
    return found[1] if found else ""


def _target(violation: Violation, family: str, judgement: Judgement) -> _Target:
    kind = violation.blocked_kind
    if family == "ancestors":
        return _embedder(violation)
    if kind in ("url", "origin"):
        return _host_target(violation, family)
    if kind == "scheme":
        return _scheme_target(violation, family)
    if kind == "inline":
        reflected = is_reflected(violation) or any(mark.rule in _REFLECTED for mark in judgement.marks)
        return _REFLECTED_CODE if reflected and family == "script" else _inline_target(violation, family)
    if kind == "eval":
        return _eval_target(violation)
    if kind == "wasm-eval":
        return _Target(kind, (kind,), "WebAssembly")
    if kind in ("trusted-types-policy", "trusted-types-sink"):
        return _trusted_types_target(violation)
    return _unknown_target(violation, family)


def _titled(violation: Violation, family: str, source: str) -> str:
    return f"{facts_of(violation.directive).thing} {_JOINTS.get(family, 'from')} {source}"


def _embedder(violation: Violation) -> _Target:
    """Firefox and WebKit name the embedding page as blocked, Chromium the framed one; then the referrer is what is left."""
    framed = violation.blocked.host in ("", violation.document.host)
    embedder = violation.referrer if framed and violation.referrer.host else violation.blocked
    source = embedder.netloc or "another site"
    return _Target(source, ("embedder", embedder.host), _titled(violation, "ancestors", source))


def _host_target(violation: Violation, family: str) -> _Target:
    blocked = violation.blocked
    joined = host_family(blocked.host, family)
    source = blocked.netloc if joined == blocked.host else joined
    own = _OWN if blocked.host == violation.document.host else ""
    scheme = _SCHEME_CLASS.get(blocked.scheme, "")
    shown = f"{blocked.scheme}://{source}" if scheme else source
    return _Target(shown, (scheme, source, own), _titled(violation, family, shown))


def _scheme_target(violation: Violation, family: str) -> _Target:
    """By the file that uses it; not for fonts, which only style sheets ask for and half the browsers do not say which."""
    scheme = violation.blocked.scheme
    place = "" if family == "font" else source_place(violation.source, violation.document)
    if family == "frame" and scheme in _OPAQUE:
        return _opaque_frame(violation, scheme, place)
    return _Target(f"{scheme}:", ("scheme", scheme, place), _titled(violation, family, f"{scheme}:"), place)


def _opaque_frame(violation: Violation, scheme: str, place: str) -> _Target:
    """For a frame without a network address Chromium says nothing, WebKit `null` or the scheme, and Firefox the scheme."""
    title = _titled(violation, "frame", f"{scheme}:") if scheme else "Frame without an address"
    return _Target(f"{scheme}:" if scheme else "no address", ("opaque", place), title, place)


# Payloads differ, the hole is one.
_REFLECTED_CODE = _Target("inline", ("inline", "reflected"), "Inline script from the page's address")


def _inline_target(violation: Violation, family: str) -> _Target:
    """By sample, since own code, an attack and an add-on's helper only differ there. Not for a style that stands in the page or
    that a file of the site writes (generated names), nor for `javascript:` links, which only Chromium samples."""
    handler = violation.directive.endswith("-attr") or _HANDLER.match(violation.sample)
    shape = "attribute" if handler else "inline"
    place = source_place(violation.source, violation.document)
    sample = "" if violation.sample.lower().startswith("javascript:") else normalised_sample(violation.sample)
    if family == "style" and (place or violation.source.host):
        sample = ""
    detail = sample or place
    return _Target("inline", ("inline", shape, detail), _CODE_THINGS.get((family, shape), "Inline code"), detail, place)


def _eval_target(violation: Violation) -> _Target:
    """By the script that runs the text; what it runs differs each time. Without one by the text, or add-ons would be mixed in."""
    place = source_place(violation.source, violation.document) or ("the page" if violation.source.host else "")
    detail = place or normalised_sample(violation.sample)
    return _Target("eval", ("eval", detail), _EVAL_TITLE, detail, place)


def _trusted_types_target(violation: Violation) -> _Target:
    """By the script that makes the policy or feeds the sink, as with eval: WebKit tells neither name over report-uri."""
    place = source_place(violation.source, violation.document)
    if violation.blocked_kind == "trusted-types-policy":
        return _Target("a policy", ("policy", place), "Trusted Types policy", place)
    return _Target("a sink", ("sink", place), "Text handed to a Trusted Types sink", place)


def _unknown_target(violation: Violation, family: str) -> _Target:
    """What no parser takes as an address may hold a query all the same: only its cut form may be in a title."""
    text = scrub_address(violation.blocked).text.strip().lower()[:64]
    if family == "frame" and text in ("", "null"):
        return _opaque_frame(violation, "", source_place(violation.source, violation.document))
    thing = facts_of(violation.directive).thing
    return _Target(text or "nothing named", ("word", text), _titled(violation, family, text) if text else thing)


@lru_cache(maxsize=8192)
def normalised_sample(sample: str) -> str:
    """24 characters of the sample with strings, numbers and generated names cut: alike on each visit and in each browser."""
    scrubbed = scrub_sample(sample).replace(CUT, "")
    bare = _WITH_DIGIT.sub("", _QUOTED.sub("", _SPACES.sub(" ", scrubbed.strip()).rstrip("….")))
    return bare.strip()[:SAMPLE_KEPT].strip()


def source_place(source: Address, document: Address) -> str:
    """Where code came from, in one spelling: "" for the page itself, a path without hashes on the page's host, else the host."""
    if not source.host:
        return ""
    if source.host != document.host:
        return source.netloc
    if source.kind == "origin" or mask_path(source.path) == mask_path(document.path):
        return ""
    return stable_path(source.path)


@lru_cache(maxsize=8192)
def stable_path(path: str) -> str:
    """`/static/vendor.*.js` for each build of it."""
    return _STARS.sub("*", _HASHED.sub("*", mask_path(path)))
