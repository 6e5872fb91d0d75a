"""Run one conformance case, a JSON object that holds a policy and a load, through the matcher (`manage.py policy match`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from policies.address import parse_address
from policies.decision import Decision
from policies.evidence import Evidence, is_whole
from policies.live import InlineType, match_eval, match_inline, match_url, match_wasm
from policies.policy import Policy, parse_policy
from policies.replay import replay
from policies.sourcelist import Profile
from policies.violation import Address, BlockedKind

_KEYWORD_KINDS: dict[str, BlockedKind] = {
    "inline": "inline", "eval": "eval", "wasm-eval": "wasm-eval", "trusted-types-policy": "trusted-types-policy",
    "trusted-types-sink": "trusted-types-sink",
}
_INLINE_TYPES: dict[str, InlineType] = {name: name for name in get_args(InlineType)}
_KINDS = ("url", "inline", "eval", "wasm-eval", "replay")


def match_case(case: Mapping[str, Any], profile: Profile = "spec") -> Decision:
    """The decision for a case of kind url, inline, eval, wasm-eval or replay.

    ValueError says what is wrong with a case that can't be run.
    """
    kind = case.get("kind", "url")
    if kind not in _KINDS:
        raise ValueError(f"kind must be one of {', '.join(_KINDS)}")
    policy = parse_policy(_text(case, "policy"))
    if kind == "url":
        return _match_url(policy, case, profile)
    if kind == "inline":
        return _match_inline(policy, case, profile)
    if kind == "replay":
        return replay(policy, evidence_of(case.get("report") or {}, noise=bool(case.get("noise"))), profile)
    return match_eval(policy) if kind == "eval" else match_wasm(policy)


def evidence_of(report: Mapping[str, Any], *, noise: bool = False) -> Evidence:
    """Evidence from the four facts of a report: document_url, effective_directive, blocked, sample (original_policy too)."""
    sample, blocked = _text(report, "sample"), _text(report, "blocked")
    address = parse_address(blocked)
    return Evidence(
        document=_text(report, "document_url"),
        directives=tuple(_text(report, "effective_directive").split()),
        blocked_kind=_KEYWORD_KINDS.get(blocked) or _address_kind(address),
        blocked=address,
        sample=sample,
        sample_complete=is_whole(sample),
        policy=_text(report, "original_policy"),
        referrer=parse_address(_text(report, "referrer")).origin,
        noise=noise,
    )


def _address_kind(address: Address) -> BlockedKind:
    if address.kind in ("url", "origin", "scheme"):
        return address.kind
    return "unknown"


def _match_url(policy: Policy, case: Mapping[str, Any], profile: Profile) -> Decision:
    return match_url(
        policy, _text(case, "directive"), _text(case, "url"), case.get("self"), redirected=bool(case.get("redirected")),
        nonce=_text(case, "nonce"), integrity=_text(case, "integrity"), parser_inserted=case.get("parser_inserted") is not False,
        profile=profile,
    )


def _match_inline(policy: Policy, case: Mapping[str, Any], profile: Profile) -> Decision:
    inline_type = _INLINE_TYPES.get(_text(case, "inline_type") or "script")
    if inline_type is None:
        raise ValueError(f"inline_type must be one of {', '.join(_INLINE_TYPES)}")
    return match_inline(
        policy, inline_type, case.get("source_text"), directive=_text(case, "directive"), nonce=_text(case, "nonce"),
        parser_inserted=case.get("parser_inserted") is not False, profile=profile,
    )


def _text(case: Mapping[str, Any], key: str) -> str:
    value = case.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{key} must be text")
    return value
