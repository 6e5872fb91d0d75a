"""The door to matching: live loads, and the deciding word for a report. See `policies.live` and `policies.replay`."""

from __future__ import annotations

from policies.decision import REASON_WORDS, Decision
from policies.evidence import Evidence
from policies.live import (
    match_eval,
    match_frame_ancestors,
    match_inline,
    match_trusted_types_policy,
    match_trusted_types_sink,
    match_url,
    match_wasm,
)
from policies.policy import Policy
from policies.replay import ReplayProfile, decide
from policies.sourcelist import Profile
from policies.violation import Violation

__all__ = [
    "REASON_WORDS", "Decision", "Profile", "deciding", "match_eval", "match_frame_ancestors", "match_inline",
    "match_trusted_types_policy", "match_trusted_types_sink", "match_url", "match_wasm",
]


def deciding(policy: Policy, violation: Violation, profile: ReplayProfile = "chromium") -> Decision:
    """What this policy says to what was reported, which directive governs, which word decides (CSP3 #directive-fallback-list).

    `allowed` for a violation of this very policy means that the report does not fit the policy: a redirect led
    elsewhere, the policy was changed on the way, or the report is made up.
    """
    return decide(policy, Evidence.from_violation(violation), profile)
