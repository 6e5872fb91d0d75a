"""Which issue a violation belongs to, versioned. Context, corrections and project settings never change a key.

The key is made of: the directive's family, the noise class that the report alone proves, what was blocked (a host or a family
of hosts, a bare scheme, a keyword) and, for code that has no address, a normalised sample or the source file.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from issues.scrub import CUT, mask_path, scrub_sample
from issues.verdicts import Judgement
from issues.verdicts.attacks import is_reflected
from issues.verdicts.evidence import is_address, is_local
from issues.verdicts.injected import host_of_list
from issues.verdicts.lists.schemes import EXTENSION
from issues.verdicts.lists.services import host_family
from policies.directives import facts_of, family_of
from policies.violation import Address, Violation
from policies.words import VERDICTS

VERSION = 1
SAMPLE_KEPT = 24

_QUOTED = re.compile(r"'[^']*(?:'|$)|\"[^\"]*(?:\"|$)|`[^`]*(?:`|$)")
_WITH_DIGIT = re.compile(r"[A-Za-z0-9]*\d[A-Za-z0-9]*")
_SPACES = re.compile(r"\s+")
_HASHED = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9_]*\d)[A-Za-z0-9_]+(?![A-Za-z0-9])|(?<=[.\-_])[0-9a-f]{6,}(?=[.\-_/]|$)")
_STARS = re.compile(r"\*(?:[.\-_]?\*)+")
_REFLECTED = frozenset({"xss-echo", "xss-payload"})
_OPAQUE = frozenset({"data", "intent"})
_CODE = frozenset({"inline", "eval", "wasm-eval"})
_SCHEME_CLASS = {"http": "http", "ws": "ws", "wss": "ws"}
_NOISE_FROM = {
    "extension": "an extension",
    "in-app": "an in-app browser",
    "network": "a filter or antivirus",
    "adware": "adware",
    "browser": "the browser",
    "translation": "a translator",
    "foreign": "a copy of the page",
    "bot": "a crawler or tool",
    "stale": "an altered policy",
    "forged": "a forger",
    "development": "development",
}
_THINGS_OF_CODE = {
    ("script", "inline"): "Inline script",
    ("script", "attribute"): "Inline event handler",
    ("style", "inline"): "Inline style",
    ("style", "attribute"): "Style attribute",
}
_PLURALS = {
    "script": "scripts",
    "style": "styles",
    "img": "images",
    "font": "fonts",
    "connect": "connections",
    "media": "media",
    "object": "plugin content",
    "frame": "frames",
    "worker": "workers",
    "manifest": "manifests",
    "base": "base addresses",
    "form": "forms",
    "ancestors": "framing",
}


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


@dataclass(frozen=True, slots=True)
class _Target:
    """What was blocked, as the key (`parts`) and as words (`source`, `thing`, `detail`)."""

    source: str
    parts: tuple[str, ...]
    thing: str = ""
    detail: str = ""


def title_of(title: str, enforced: bool) -> str:
    """`Script from cdn.x.io blocked`, or `... would be blocked` where all of it is report-only."""
    return f"{title} {'blocked' if enforced else 'would be blocked'}"


def fingerprint(violation: Violation, judgement: Judgement) -> Fingerprint:
    """Never raises."""
    family = family_of(violation.directive)
    noise = judgement.noise_class
    reflected = is_reflected(violation) or any(mark.rule in _REFLECTED for mark in judgement.marks)
    target = _noise_target(violation, noise) if noise else _target(violation, family, reflected)
    where = _where(violation.document.host)
    parts = (str(VERSION), family, noise, where, *target.parts)
    key = hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()
    return Fingerprint(
        key, VERSION, family, violation.directive, target.source[:300], _title(violation, family, target)[:300],
        _words(family, noise, where, target)[:300],
    )  # fmt: skip


def _where(host: str) -> str:
    """Pages on a developer's machine or reached by bare address are kept apart: they must not decide about the site's own."""
    return "on a local machine" if is_local(host) else "on a page reached by its IP address" if is_address(host) else ""


def _noise_target(violation: Violation, noise: str) -> _Target:
    """Injected things come from countless hosts: one issue for each known vendor and one for the rest of a class."""
    label = "an extension" if noise == "extension" else _NOISE_FROM.get(noise, "a visitor's software")
    if EXTENSION.keys().isdisjoint({violation.source.scheme, violation.blocked.scheme}):
        for address in (violation.source, violation.blocked):
            found = host_of_list(address.host)
            if found:
                label = found[1]
                break
    code = violation.blocked_kind if violation.blocked_kind in _CODE else ""
    thing = _THINGS_OF_CODE.get((family_of(violation.directive), code), "")
    return _Target(label, (label, code), thing)


def _target(violation: Violation, family: str, reflected: bool) -> _Target:
    kind = violation.blocked_kind
    if family == "ancestors":
        return _embedder(violation)
    if kind in ("url", "origin"):
        return _host_target(violation, family)
    if kind == "scheme":
        return _scheme_target(violation, family)
    if kind == "inline":
        return _inline_target(violation, family, reflected)
    if kind == "eval":
        return _eval_target(violation)
    if kind == "wasm-eval":
        return _Target("wasm-eval", ("wasm-eval",), "WebAssembly")
    if kind == "trusted-types-policy":
        name = violation.sample[:60]
        return _Target(f"policy {name}" if name else "trusted-types-policy", (kind, name))
    if kind == "trusted-types-sink":
        sink = violation.sample.partition("|")[0][:60]
        place = source_place(violation.source, violation.document)
        return _Target(sink or kind, (kind, sink, place), detail=place)
    return _unknown_target(violation, family)


def _embedder(violation: Violation) -> _Target:
    """Firefox and WebKit name the embedding page as blocked, Chromium the framed one; then the referrer is what is left."""
    embedder = violation.blocked if violation.blocked.host else violation.referrer
    host = embedder.host
    return _Target(embedder.netloc or "another site", ("embedder", host), f"Framing by {embedder.netloc or 'another site'}")


def _host_target(violation: Violation, family: str) -> _Target:
    blocked = violation.blocked
    joined = host_family(blocked.host, family)
    source = blocked.netloc if joined == blocked.host else joined
    own = "own host" if blocked.host == violation.document.host else ""
    scheme = _SCHEME_CLASS.get(blocked.scheme, "")
    shown = f"{blocked.scheme}://{source}" if scheme else source
    return _Target(shown, (scheme, source, own))


def _scheme_target(violation: Violation, family: str) -> _Target:
    scheme = violation.blocked.scheme
    place = source_place(violation.source, violation.document)
    if family == "frame" and scheme in _OPAQUE:
        return _opaque_frame(scheme, place)
    return _Target(f"{scheme}:", ("scheme", scheme, place), detail=place)


def _opaque_frame(scheme: str, place: str) -> _Target:
    """For a frame without a network address Chromium says nothing, WebKit `null` or the scheme, and Firefox the scheme."""
    shown = f"{scheme}:" if scheme else "no address"
    return _Target(shown, ("opaque", place), "" if scheme else "Frame without an address", place)


def _inline_target(violation: Violation, family: str, reflected: bool) -> _Target:
    """By sample, since own code, an attack and an add-on's helper only differ there. Not for a style that stands in the page or
    that a file of the site writes (generated names), nor for `javascript:` links, which only Chromium samples."""
    shape = "attribute" if violation.directive.endswith("-attr") else "inline"
    place = source_place(violation.source, violation.document)
    if family == "script" and reflected:
        return _Target("inline", ("inline", shape, "", "reflected"), "Inline script from the page's address")
    sample = "" if violation.sample.lower().startswith("javascript:") else normalised_sample(violation.sample)
    if family == "style" and (place or (violation.source.host and violation.line > 1)):
        sample = ""
    detail = sample or place
    thing = _THINGS_OF_CODE.get((family, shape), "Inline code")
    return _Target("inline", ("inline", shape, detail), thing, detail)


def _eval_target(violation: Violation) -> _Target:
    """By the script that runs the text; what it runs differs each time. Without one by the text, or add-ons would be mixed in."""
    place = source_place(violation.source, violation.document) or ("the page" if violation.source.host else "")
    detail = place or normalised_sample(violation.sample)
    return _Target("eval", ("eval", detail), "Text run as code (eval)", detail)


def _unknown_target(violation: Violation, family: str) -> _Target:
    text = violation.blocked.text.strip().lower()[:64]
    if family == "frame" and text in ("", "null"):
        return _opaque_frame("", source_place(violation.source, violation.document))
    return _Target(text or "nothing named", ("word", text))


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
    if source.kind == "origin" or source.path == document.path:
        return ""
    return stable_path(source.path)


@lru_cache(maxsize=8192)
def stable_path(path: str) -> str:
    """`/static/vendor.*.js` for each build of it."""
    return _STARS.sub("*", _HASHED.sub("*", mask_path(path)))


def _title(violation: Violation, family: str, target: _Target) -> str:
    thing = target.thing or facts_of(violation.directive).thing
    source = target.source
    if target.thing and not _is_foreign_code(target):
        return thing
    joint = {"connect": "to", "form": "to", "base": "set to", "trusted-types": "at"}.get(family, "from")
    if violation.blocked_kind == "trusted-types-policy":
        joint = "called"
    return f"{thing} {joint} {source.removeprefix('policy ')}"


def _is_foreign_code(target: _Target) -> bool:
    """Inline code that somebody else put in has a `from`; the page's own does not."""
    return target.source in _NOISE_FROM.values() or (bool(target.parts) and target.parts[-1] in _CODE)


def _words(family: str, noise: str, where: str, target: _Target) -> str:
    things = _PLURALS.get(family, f"{family} violations")
    words = [f"{things}, {'to' if family in ('connect', 'form') else 'by' if family == 'ancestors' else 'from'} {target.source}"]
    if target.source in ("inline", "eval", "wasm-eval"):
        words = [f"{target.thing.lower()}s" if target.source == "inline" else target.thing.lower()]
    if target.detail:
        words.append(f"“{target.detail}”")
    if "own host" in target.parts:
        words.append("the page's own host")
    if noise:
        words.append(f"noise: {VERDICTS[noise].chip.lower()}")
    if where:
        words.append(where)
    return ", ".join(words)
