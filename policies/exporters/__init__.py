"""Write policies for servers and frameworks, so that copying is safe whatever was in the policy (trust.md, "Forged reports")."""

from __future__ import annotations

from collections.abc import Sequence

from policies.exporters.safe import Exported, LeftOut, make_safe
from policies.exporters.targets import TARGETS, Target
from policies.policy import Policy, PolicyList

__all__ = ["TARGETS", "Exported", "LeftOut", "Target", "export"]


def export(policies: PolicyList | Sequence[Policy], target: str) -> Exported:
    """Write all policies for `target`, a key of TARGETS. A policy of which nothing may be written is named as left out."""
    safe = [make_safe(policy) for policy in policies]
    written = [policy for policy in safe if policy.directives]
    nothing_left = tuple(item for policy in safe if not policy.directives for item in policy.left_out)
    if not written:
        return Exported(target, "", nothing_left, ("There is nothing to write.",))
    exported = TARGETS[target].write(written)
    return Exported(target, exported.text, (*exported.left_out, *nothing_left), exported.notes)
