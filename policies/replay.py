"""Replay: would this candidate have allowed what was reported? Three answers, because a report holds little.

The rules are policy-lab.md 2.2. A replay can't see what the recorded policy allowed, since nothing was reported
then: that a candidate is tighter is never proven here, see `policies.subsume`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from policies.decision import Answer, Decision, allowed, blocked, unknown, worst
from policies.evidence import Evidence
from policies.live import (
    GONE,
    InlineType,
    allows_all_inline,
    hash_match,
    is_script_like,
    match_eval,
    match_trusted_types_policy,
    match_trusted_types_sink,
    match_wasm,
    trusts_worker,
)
from policies.policy import Directive, Policy, PolicyList, parse_header
from policies.sources import Item
from policies.target import Target, as_http, self_of, target_of, target_of_address

ReplayProfile = Literal["spec", "chromium", "both"]
"""`both`: where the specification and Chromium differ, the answer is unknown."""

__all__ = ["Evidence", "ReplayProfile", "decide", "meant", "replay"]

SILENT = frozenset({"sandbox", "upgrade-insecure-requests", "block-all-mixed-content", "report-uri", "report-to", "webrtc"})
_EMBEDDED = frozenset({"frame-src", "object-src", "fenced-frame-src"})
_INLINE_TYPE: dict[str, InlineType] = {
    "script-src-elem": "script", "script-src-attr": "script attribute",
    "style-src-elem": "style", "style-src-attr": "style attribute",
}
_MEANT_INLINE = {
    "script-src": ("script-src-elem", "script-src-attr"),
    "style-src": ("style-src-elem", "style-src-attr"),
    "default-src": tuple(_INLINE_TYPE),
}
_MEANT_URL = {
    "script-src": ("script-src-elem",),
    "style-src": ("style-src-elem",),
    "default-src": (
        "script-src-elem", "style-src-elem", "img-src", "font-src", "connect-src", "media-src", "object-src", "frame-src",
        "worker-src", "manifest-src",
    ),
}


def replay(candidate: Policy | PolicyList, evidence: Evidence, profile: ReplayProfile = "both") -> Decision:
    """What the candidate's policies together say to one piece of evidence; see `decide` for a single policy."""
    policies = (candidate,) if isinstance(candidate, Policy) else candidate.policies
    if not policies:
        return allowed("no-policy")
    decision = worst([decide(policy, evidence, profile) for policy in policies])
    if decision.verdict == "allowed" and _redirected(evidence):
        return unknown("redirect-suspected", decision.directive, decision.item).asked(decision.effective)
    return decision


def decide(policy: Policy, evidence: Evidence, profile: ReplayProfile = "both") -> Decision:
    """What one policy says to the address or the code in a report (policy-lab.md 2.2).

    Where the report may mean several directives and they do not agree, the answer is unknown.
    """
    if evidence.other:
        return unknown("other-row")
    decisions = [_decide_for(policy, directive, evidence, profile).asked(directive) for directive in meant(evidence)]
    if not decisions:
        return unknown("what-unknown")
    if len({decision.verdict for decision in decisions}) > 1:
        return unknown("several-directives", worst(decisions).directive).asked(" ".join(evidence.directives))
    return decisions[0]


def meant(evidence: Evidence) -> tuple[str, ...]:
    """The directives the report may mean: a fallback named by an old browser stands for those it governs."""
    if len(evidence.directives) != 1:
        return evidence.directives
    name = evidence.directives[0]
    if evidence.blocked_kind == "inline":
        return _MEANT_INLINE.get(name, evidence.directives)
    if evidence.blocked_kind in ("url", "origin", "scheme"):
        return _MEANT_URL.get(name, evidence.directives)
    return evidence.directives


@lru_cache(maxsize=64)
def _parsed(text: str) -> PolicyList:
    return parse_header(text)


def _redirected(evidence: Evidence) -> bool:
    """The policy that sent the report allows the address it names: a later hop was refused (CSP3 #create-violation-for-request)."""
    if not evidence.policy or evidence.blocked_kind not in ("url", "origin"):
        return False
    answers = [decide(policy, evidence, "both") for policy in _parsed(evidence.policy)]
    return bool(answers) and worst(answers).verdict == "allowed" and any(answer.reason == "source-match" for answer in answers)


def _decide_for(policy: Policy, directive: str, evidence: Evidence, profile: ReplayProfile) -> Decision:
    if directive in SILENT:
        return unknown("not-replayable") if policy.get(directive) else allowed("no-directive")
    kind = evidence.blocked_kind
    if kind == "eval":
        return _decide_eval(policy)
    if kind == "wasm-eval":
        return match_wasm(policy)
    if kind == "trusted-types-sink":
        return match_trusted_types_sink(policy)
    if kind == "trusted-types-policy":
        return _decide_type_policy(policy, evidence.sample)
    op = None if directive in GONE else policy.operative(directive)
    if op is None:
        return allowed("no-directive")
    if directive == "frame-ancestors":
        return _decide_ancestor(op, evidence)
    if directive == "base-uri" and kind == "inline":
        return unknown("base-unknown", op.name)
    if kind == "inline":
        return _decide_inline(op, directive, evidence)
    if kind in ("url", "origin", "scheme"):
        return _decide_address(op, directive, evidence, profile)
    return _decide_unclear(op, directive, evidence, profile)


def _decide_eval(policy: Policy) -> Decision:
    decision = match_eval(policy)
    op = policy.operative("script-src")
    if decision.verdict == "blocked" and op and "trusted-types-eval" in op.sources.keywords:
        return unknown("keyword-conditional", op.name, op.sources.keywords["trusted-types-eval"].raw)
    return decision


def _decide_type_policy(policy: Policy, name: str) -> Decision:
    decision = match_trusted_types_policy(policy, name)
    if decision.verdict == "blocked" and not name:
        return unknown("name-unknown", decision.directive)
    return decision


def _decide_ancestor(op: Directive, evidence: Evidence) -> Decision:
    """The report names the page that was framed, not the one that framed it (CSP3 #directive-frame-ancestors)."""
    if op.sources.star is not None:
        return allowed("source-match", op.name, op.sources.star.raw)
    if not (op.sources.hosts or op.sources.schemes or op.sources.itself):
        return blocked("no-match", op.name)
    origin = self_of(evidence.document or None)
    if evidence.referrer and evidence.referrer != evidence.document:
        item = op.sources.match(target_of(evidence.referrer), origin)
        if item:
            return unknown("ancestor-likely", op.name, item.raw)
    return unknown("ancestor-unknown", op.name)


def _decide_inline(op: Directive, directive: str, evidence: Evidence) -> Decision:
    inline_type = _INLINE_TYPE.get(directive)
    if inline_type is None:
        return unknown("what-unknown", op.name)
    sources = op.sources
    if allows_all_inline(sources, inline_type):
        return allowed("unsafe-inline", op.name, sources.keywords["unsafe-inline"].raw)
    element = inline_type in ("script", "style")
    hashes = bool(sources.hashes) and (element or "unsafe-hashes" in sources.keywords)
    if hashes and evidence.sample_complete:
        item = hash_match(sources, evidence.sample, "chromium")
        if item:
            return allowed("hash-likely", op.name, item.raw)
    if inline_type == "script" and "strict-dynamic" in sources.keywords:
        return unknown("strict-dynamic", op.name, sources.keywords["strict-dynamic"].raw)
    if hashes or (element and sources.nonces):
        return unknown("needs-nonce-or-hash", op.name)
    return blocked("no-opener", op.name)


def _decide_address(op: Directive, directive: str, evidence: Evidence, profile: ReplayProfile) -> Decision:
    scripts = is_script_like(directive, op)
    if scripts and "strict-dynamic" in op.sources.keywords:
        return unknown("strict-dynamic", op.name, op.sources.keywords["strict-dynamic"].raw)
    target = target_of_address(evidence.blocked)
    if target.scheme == "about":
        return unknown("about-not-fetched", op.name)
    decision = _decide_url(op, directive, target, evidence, profile)
    if decision.verdict == "blocked" and profile != "spec" and trusts_worker(directive, op):
        return unknown("strict-dynamic", op.name, op.sources.keywords["strict-dynamic"].raw)
    if decision.verdict == "blocked" and _element_may_carry(op, directive, scripts):
        return unknown("needs-nonce-or-integrity", op.name)
    return decision


def _element_may_carry(op: Directive, directive: str, scripts: bool) -> bool:
    """Whether the tag's nonce or integrity, which no report holds, could have opened it."""
    if scripts:
        return bool(op.sources.nonces or op.sources.hashes)
    return directive == "style-src-elem" and bool(op.sources.nonces)


def _decide_url(op: Directive, directive: str, target: Target, evidence: Evidence, profile: ReplayProfile) -> Decision:
    origin = self_of(evidence.document or None)
    answer, item = _covers(op, target, origin, False, profile)
    if answer == "blocked" and _path_unknown(directive, target, evidence, origin):
        loose, item = _covers(op, target, origin, True, profile)
        if loose != "blocked":
            return unknown("path-needed", op.name, item.raw if item else "")
    raw = item.raw if item else ""
    if answer == "unknown":
        return unknown("browser-divergence", op.name, raw)
    return allowed("source-match", op.name, raw) if answer == "allowed" else blocked("no-match", op.name)


def _path_unknown(directive: str, target: Target, evidence: Evidence, origin: Target | None) -> bool:
    """The report was cut to an origin, or a segment of its path was starred before it was stored."""
    if evidence.blocked_kind == "origin" or evidence.blocked.kind == "origin" or "*" in target.path:
        return True
    return directive in _EMBEDDED and target.path in ("", "/") and (origin is None or target.host != origin.host)


def _covers(op: Directive, target: Target, origin: Target | None, redirected: bool, profile: ReplayProfile) -> tuple[Answer, Item | None]:
    """The answers of the profiles joined.

    Fetch turns ws: into http: before CSP runs, which the text of CSP3 does not say at every place: where that
    alone makes the difference, Chromium has the casting vote for "allowed" and nothing has it for "blocked".
    """
    spec = op.sources.match(target, origin, redirected, "spec")
    chromium = op.sources.match(target, origin, redirected, "chromium")
    mapped = op.sources.match(as_http(target), origin, redirected, "spec") if target.scheme in ("ws", "wss") else spec
    if bool(spec) != bool(mapped):
        return ("allowed", chromium) if chromium else ("unknown", mapped or spec)
    if profile == "both" and bool(spec) != bool(chromium):
        return "unknown", spec or chromium
    item = chromium if profile == "chromium" else spec
    return ("allowed" if item else "blocked"), item


def _decide_unclear(op: Directive, directive: str, evidence: Evidence, profile: ReplayProfile) -> Decision:
    """Old Firefox wrote `self` for inline code, and for an address of the page's own origin."""
    if evidence.blocked.text.strip("'") != "self" or directive not in _INLINE_TYPE:
        return unknown("what-unknown", op.name)
    own = target_of(evidence.document) if evidence.document else Target("")
    answers = [_decide_inline(op, directive, evidence), _decide_url(op, directive, own, evidence, profile)]
    return answers[0] if answers[0].verdict == answers[1].verdict else unknown("legacy-self", op.name)
