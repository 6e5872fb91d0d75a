"""Evidence: what a stored violation still tells, as the replay and the suggestions need it (policy-lab.md 2.1)."""

from __future__ import annotations

from dataclasses import dataclass

from policies.address import parse_address
from policies.violation import EMPTY, Address, BlockedKind, Disposition, Violation

SAMPLE_CUT = 40
"""Browsers cut a sample to this many UTF-16 code units (CSP3 "Obtain a violation report's sample")."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One way in which something was reported. `document` is the page's address, or its origin; "" is not known.

    `directives` are those the report may mean (one, unless an old browser named a fallback only); `policy` is the
    masked text of the policy the report came from; `referrer` the origin that led to the page; `noise` that it
    was judged noise; `other` that this row gathers what was counted past the limit of detail.
    """

    document: str = ""
    directives: tuple[str, ...] = ()
    blocked_kind: BlockedKind = "unknown"
    blocked: Address = EMPTY
    sample: str = ""
    sample_complete: bool = False
    disposition: Disposition = ""
    policy: str = ""
    referrer: str = ""
    noise: bool = False
    other: bool = False

    @classmethod
    def from_violation(cls, violation: Violation, *, noise: bool = False) -> Evidence:
        """The evidence in a fresh report."""
        return cls(
            document=violation.document.origin or violation.document.url,
            directives=violation.directives or ((violation.directive,) if violation.directive else ()),
            blocked_kind=violation.blocked_kind,
            blocked=violation.blocked,
            sample=violation.sample,
            sample_complete=is_whole(violation.sample),
            disposition=violation.disposition,
            policy=violation.policy,
            referrer=violation.referrer.origin,
            noise=noise,
        )

    @classmethod
    def stored(
        cls, *, directive: str, blocked_kind: BlockedKind, blocked: str, origin: str, sample: str = "", policy: str = "",
        disposition: Disposition = "", noise: bool = False, other: bool = False,
    ) -> Evidence:
        """The evidence in a database row, where addresses are text; several directives may be joined with spaces."""
        return cls(
            document=origin,
            directives=tuple(directive.split()),
            blocked_kind=blocked_kind,
            blocked=parse_address(blocked),
            sample=sample,
            sample_complete=is_whole(sample),
            disposition=disposition,
            policy=policy,
            noise=noise,
            other=other,
        )


def is_whole(sample: str) -> bool:
    """Whether a sample is surely the whole text: shorter than the cut of every browser."""
    return 0 < len(sample.encode("utf-16-le", "surrogatepass")) // 2 < SAMPLE_CUT
