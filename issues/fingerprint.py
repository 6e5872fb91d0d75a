"""Which issue a violation belongs to, versioned. Context, corrections and project settings never change a key."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from issues.verdicts import Judgement
from policies.directives import facts_of, family_of
from policies.violation import Violation

VERSION = 1


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`key` is 32 hex digits, without the project. `source` is short: a host, `inline`, `eval`, `data:`. `title` says what
    and from where (`Script from cdn.x.io`), `grouped_by` the key in words."""

    key: str
    version: int
    family: str
    directive: str
    source: str
    title: str
    grouped_by: str


def title_of(title: str, enforced: bool) -> str:
    """`Script from cdn.x.io blocked`, or `... would be blocked` where all of it is report-only."""
    return f"{title} {'blocked' if enforced else 'would be blocked'}"


def fingerprint(violation: Violation, judgement: Judgement) -> Fingerprint:
    """Never raises."""
    family = family_of(violation.directive)
    source = _source(violation)
    detail = ""
    if violation.blocked_kind in ("inline", "eval", "wasm-eval"):
        detail = re.sub(r"\d+", "", violation.sample)[:24] or violation.source.path
    text = "\n".join((str(VERSION), family, judgement.noise_class, source, detail))
    key = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
    thing = facts_of(violation.directive).thing
    return Fingerprint(key, VERSION, family, violation.directive, source, f"{thing} from {source}", f"{family}, from {source}")


def _source(violation: Violation) -> str:
    if violation.blocked.host:
        return violation.blocked.netloc
    if violation.blocked.kind == "scheme":
        return f"{violation.blocked.scheme}:"
    return violation.blocked.text[:64] or "nothing named"
