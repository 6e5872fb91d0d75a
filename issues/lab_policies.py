"""Policies as a person sees them: the confirmed ones, the versions that were reported, what each is worth, and what differs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import F

from issues.lab import IssueFacts, Piece, Reading
from issues.lab_models import ConfirmedPolicy
from issues.models import ObservedPolicy
from issues.verdicts.evidence import covers, declared_hosts
from policies.diff import PolicyDiff, diff_lists
from policies.exporters import TARGETS, Exported, Target, export
from policies.observatory import CspResult, grade_csp, judge_csp
from policies.observatory.scores import SCORES
from policies.policy import Policy, PolicyList, directive_of, observed, parse_header
from policies.strength import Finding, weaknesses
from policies.subsume import Change, Comparison, compare_lists
from projects.models import Project

MOST_LISTED = 50
HEADERS = {"enforce": "Content-Security-Policy", "report": "Content-Security-Policy-Report-Only"}
MOST_CONFIRMED = 200


def history_of(project: Project) -> list[ConfirmedPolicy]:
    """All that were ever confirmed, those that hold first, then the newest, bounded."""
    order = (F("replaced_at").desc(nulls_first=True), "-confirmed_at", "-id")
    return list(project.confirmed_policies.select_related("confirmed_by").order_by(*order)[:MOST_CONFIRMED])


def confirmed_of(project: Project) -> list[ConfirmedPolicy]:
    """Those that hold now: the whole project's first, then by site; enforced before report-only."""
    return list(project.confirmed_policies.filter(replaced_at=None).select_related("confirmed_by").order_by("site", "disposition"))


def for_host(policies: Sequence[ConfirmedPolicy], host: str) -> dict[str, ConfirmedPolicy]:
    """By disposition: the site's own confirmed policy, else the one for all sites."""
    found: dict[str, ConfirmedPolicy] = {}
    for policy in sorted(policies, key=lambda policy: (policy.site != "", len(policy.site))):
        if not policy.site or policy.site == host or covers(declared_hosts((policy.site,)), host):
            found[policy.disposition] = policy
    return found


@lru_cache(maxsize=256)
def parsed(text: str, disposition: str = "enforce") -> PolicyList:
    """A confirmed text or a draft as policies; several are joined with commas, as in one header."""
    return parse_header(" ".join(text.split()), "report" if disposition == "report" else "enforce")


def fingerprint_of(text: str) -> str:
    """What a report of this policy would be known by."""
    return observed(" ".join(text.split()))[0]


@dataclass(frozen=True, slots=True)
class DirectiveLine:
    text: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a policy is worth: a line per directive with its findings, those about what is missing, and the Observatory's result."""

    lines: tuple[DirectiveLine, ...]
    missing: tuple[Finding, ...]
    notes: tuple[str, ...]
    csp: CspResult
    modifier: int
    score: int
    grade: str

    @property
    def words(self) -> str:
        return SCORES[self.csp.result].words

    @property
    def fix(self) -> str:
        return SCORES[self.csp.result].fix

    @property
    def count(self) -> int:
        return len(self.missing) + sum(len(line.findings) for line in self.lines)


@lru_cache(maxsize=128)
def assess(text: str, same_nonce_networks: int = 0) -> Assessment:
    """Judged as if it were enforced; `same_nonce_networks` is what the reports of this policy say of its nonce (`shared_nonces`)."""
    policies = parsed(text)
    findings = weaknesses(policies, same_nonce_networks=same_nonce_networks)
    names = [directive.name for policy in policies for directive in policy.directives]
    lines = tuple(
        DirectiveLine(str(directive), tuple(finding for finding in findings if finding.directive == directive.name))
        for policy in policies
        for directive in policy.directives
    )
    csp = judge_csp([" ".join(text.split())] if text.strip() else [])
    notes = tuple(warning.words for policy in policies for warning in policy.warnings)[:MOST_LISTED]
    return Assessment(lines, tuple(finding for finding in findings if finding.directive not in names), notes, csp, *grade_csp(csp))


def shared_nonces(policies: Iterable[ObservedPolicy]) -> dict[str, int]:
    """fingerprint -> the most client networks that reported one and the same nonce of it on one day."""
    return {policy.fingerprint: policy.same_nonce_networks for policy in policies if policy.nonces}


@dataclass(frozen=True, slots=True)
class Version:
    """A policy as it was reported. `number` counts by first seen; `trusted` when enough networks sent it on enough days."""

    number: int
    policy: ObservedPolicy
    share: int
    trusted: bool
    confirmed: bool

    @property
    def name(self) -> str:
        return f"v{self.number}"

    @property
    def enforced(self) -> bool:
        return self.policy.enforced * 2 > self.policy.reports


def versions_of(reading: Reading, confirmed: Iterable[ConfirmedPolicy]) -> list[Version]:
    """All that were seen, newest last seen first; `share` is of the reports in the reading."""
    fingerprints = {fingerprint_of(policy.text) for policy in confirmed}
    reports: dict[int, int] = {}
    for piece in reading.pieces:
        if piece.observed:
            reports[piece.observed] = reports.get(piece.observed, 0) + piece.reports
    whole = sum(reports.values())
    versions = [
        Version(
            number, row, round(100 * reports.get(row.pk, 0) / whole) if whole else 0, row.pk in reading.observed,
            row.fingerprint in fingerprints,
        )
        for number, row in enumerate(reading.policies, 1)
    ]  # fmt: skip
    return sorted(versions, key=lambda version: version.policy.last_seen, reverse=True)


@dataclass(frozen=True, slots=True)
class Difference:
    """From one text to another: words, and what became possible or impossible. `looser` and `tighter` are of the new one."""

    diff: PolicyDiff
    comparison: Comparison

    @property
    def looser(self) -> list[str]:
        return [change_words(change) for change in self.comparison.looser]

    @property
    def tighter(self) -> list[str]:
        return [change_words(change) for change in self.comparison.tighter]

    @property
    def words(self) -> int:
        """How many were added or taken away."""
        return sum(len(each.added) + len(each.removed) for each in self.diff.changed)

    @property
    def same(self) -> bool:
        return not self.diff and not self.comparison.looser and not self.comparison.tighter


def difference(old: str, new: str, self_url: str | None = None) -> Difference:
    """Of two texts, each of them one policy or several that a load must pass."""
    before, after = parsed(old), parsed(new)
    return Difference(diff_lists(before, after), compare_lists(after, before, self_url))


def change_words(change: Change) -> str:
    """`img-src: https://cdn.example` as a sentence's end."""
    where = ", ".join(change.effective)
    if change.ability == "everything":
        return f"everything for {where}"
    return f"{change.value} for {where}" if change.value != where else where


def issues_under(pieces: Iterable[Piece]) -> dict[int, dict[int, IssueFacts]]:
    """For each observed policy the issues that were seen under it, noise left out."""
    under: dict[int, dict[int, IssueFacts]] = {}
    for piece in pieces:
        if piece.observed and not piece.issue.noise:
            under.setdefault(piece.observed, {})[piece.issue.id] = piece.issue
    return under


def opened_and_closed(under: dict[int, dict[int, IssueFacts]], old: int, new: int) -> tuple[list[IssueFacts], list[IssueFacts]]:
    """(issues seen under the new version and not under the old one, the other way round)."""
    before, after = under.get(old, {}), under.get(new, {})
    opened = [issue for pk, issue in after.items() if pk not in before]
    closed = [issue for pk, issue in before.items() if pk not in after]
    return sorted(opened, key=lambda issue: issue.number)[:MOST_LISTED], sorted(closed, key=lambda issue: issue.number)[:MOST_LISTED]


@dataclass(frozen=True, slots=True)
class Step:
    """What a version changed against the one before it on the same pages: numbers of issues."""

    version: Version
    before: Version | None = None
    opened: int = 0
    closed: int = 0


def steps_of(reading: Reading, versions: Sequence[Version]) -> list[Step]:
    """Each version with the one that the same sites sent before, in the same mode; what caches and proxies made of it is none."""
    under = issues_under(reading.trusted)
    origins: dict[int, set[str]] = {}
    for piece in reading.trusted:
        if piece.observed and piece.issue.verdict != "stale":
            origins.setdefault(piece.observed, set()).add(piece.evidence.document)
    steps = []
    for version in versions:
        earlier = [
            other for other in versions
            if other.number < version.number and other.enforced == version.enforced
            and origins.get(other.policy.pk, set()) & origins.get(version.policy.pk, set())
        ]  # fmt: skip
        before = max(earlier, key=lambda other: other.number, default=None)
        opened, closed = opened_and_closed(under, before.policy.pk, version.policy.pk) if before else ([], [])
        steps.append(Step(version, before, len(opened), len(closed)))
    return steps


@dataclass(frozen=True, slots=True)
class Copy:
    """One server's text to copy."""

    target: Target
    exported: Exported
    header: str

    @property
    def where(self) -> str:
        return f"as the value of {self.header}" if self.target.slug == "value" else self.target.where


def copies(headers: Sequence[tuple[str, str]], endpoint: str = "") -> list[Copy]:
    """For every server: (text, disposition) of each header to send, with our endpoint where the policy reports nowhere.

    Two headers have no single value, so that is not among them.
    """
    policies = [_reporting(policy, endpoint) for text, disposition in headers for policy in parsed(text, disposition)]
    one = len({policy.disposition for policy in policies}) == 1
    name = HEADERS[headers[0][1]]
    return [Copy(target, export(policies, target.slug), name) for target in TARGETS.values() if one or target.slug != "value"]


def _reporting(policy: Policy, endpoint: str) -> Policy:
    if not endpoint or policy.get("report-uri") or policy.get("report-to"):
        return policy
    return Policy((*policy.directives, directive_of("report-uri", [endpoint])), policy.delivery, policy.disposition)
