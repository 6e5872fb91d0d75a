"""Several policies of one response: whether another one closes what one leaves open (CSP3 4.1: a load must pass all)."""

from __future__ import annotations

from collections.abc import Sequence

from policies.directives import family_of
from policies.strength.findings import SEVERITIES, Finding
from policies.strength.reading import KNOWN, Reading


class OtherPolicies:
    """Answers for each finding in constant time, so that thousands of policies in one header cost no more than they are."""

    def __init__(self, readings: Sequence[Reading], lists: Sequence[Sequence[Finding]]) -> None:
        self._readings = readings
        self._worst = [_worst_by_family(findings) for findings in lists]
        self._strongest: dict[str, list[tuple[int, int]]] = {}

    def close(self, finding: Finding, index: int) -> bool:
        """Whether a policy other than number `index` has a say in this and leaves nothing as bad open."""
        name = _guarded(finding)
        if name not in KNOWN:
            return False
        return any(rank > finding.rank for rank, other in self._two_strongest(name) if other != index)

    def _two_strongest(self, name: str) -> list[tuple[int, int]]:
        """(worst rank it leaves open, its number) of the two policies that guard this directive best."""
        if name not in self._strongest:
            family = family_of(name)
            guards = (
                (min(worst.get(family, SEVERITIES["NONE"]), worst.get("default", SEVERITIES["NONE"])), number)
                for number, (reading, worst) in enumerate(zip(self._readings, self._worst, strict=True))
                if reading.operative(name) in reading.directives
            )
            self._strongest[name] = sorted(guards, reverse=True)[:2]
        return self._strongest[name]


def _guarded(finding: Finding) -> str:
    if finding.directive == "default-src" or finding.type.startswith(("SCRIPT_", "STRICT_")):
        return "script-src"
    return finding.directive


def _worst_by_family(findings: Sequence[Finding]) -> dict[str, int]:
    worst: dict[str, int] = {}
    for finding in findings:
        family = family_of(finding.directive)
        worst[family] = min(worst.get(family, finding.rank), finding.rank)
    return worst
