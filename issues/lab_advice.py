"""The change that would fix an issue, or many: made from the confirmed policy or a draft, and from trusted evidence alone (trust.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from issues.lab import Piece, Reading, read, rows_of
from issues.lab_models import ConfirmedPolicy
from issues.lab_policies import confirmed_of, for_host, parsed
from issues.lab_replay import let_through
from issues.models import Issue
from issues.overflow import VERSION as OVERFLOW
from policies.diff import DirectiveDiff, diff_lists
from policies.evidence import Evidence
from policies.exporters import Exported, export
from policies.optimise import plan
from policies.policy import Policy
from policies.replay import decide, replay
from policies.replay_rows import Row, replay_rows
from policies.suggest import Option, Suggestions, in_every, suggest
from policies.target import target_of
from projects.models import Project

MAY_CHANGE = frozenset({"third-party", "own", "policy"})
"""Verdicts that a change of the policy can be the answer to. Never a likely attack, never noise."""
MOST_EVIDENCE = 200
LEAST_EVIDENCE = 8  # of each issue, when many are added at once
MOST_ELSEWHERE = 200  # issues
MOST_ROWS = 5_000  # of their evidence
VALUE = "value"  # the target that is the header's value alone
_EXTENTS = frozenset({"host", "directory", "exact"})


@dataclass(frozen=True, slots=True)
class Way:
    """One option, the whole header's value with it (safe to copy), and its figures: reports of the issue that it would have
    let through, and reports of other issues besides."""

    option: Option
    header: str
    lines: tuple[DirectiveDiff, ...]
    here: int
    of: int
    elsewhere: int
    written: Exported
    """The same for the server that was asked for."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the issue page says about the policy. Without `base` nothing is confirmed; without `ways` there is nothing to copy."""

    base: ConfirmedPolicy | None = None
    ways: tuple[Way, ...] = ()
    advice: tuple[str, ...] = ()
    trusted: int = 0
    untrusted: int = 0
    doubt: str = ""
    """Why the host must be looked at before it is allowed."""

    @property
    def first(self) -> Way | None:
        return next((way for way in self.ways if way.option.default), self.ways[0] if self.ways else None)

    @property
    def hash_road(self) -> Way | None:
        """The hash of inline code whose whole text was reported, where something else is offered first."""
        return next((way for way in self.ways if way.option.code in ("hash", "unsafe-hashes") and way is not self.first), None)

    @property
    def offered(self) -> tuple[Way, ...]:
        """The first, and where it is an address the other extent of it too: the whole host, then its path. A host that voids an
        allow-list is not offered beside its path."""
        first = self.first
        if first is None or first.option.code not in _EXTENTS:
            return (first,) if first else ()
        found = {way.option.code: way for way in reversed(self.ways) if way.option.code in _EXTENTS and not way.option.warnings}
        host, path = found.get("host"), found.get("directory") or found.get("exact")
        return tuple(way for way in (host, path) if way) if first in (host, path) else (first,)

    @property
    def others(self) -> tuple[Way, ...]:
        return tuple(way for way in self.ways if way not in (*self.offered, self.hash_road))


def card_for(project: Project, issue: Issue, server: str = VALUE) -> Card | None:
    """Written for `server`, a key of TARGETS.

    None where no change of the policy may be the first idea: attacks, noise, framing, what is unsure, and what is many things.
    """
    if issue.verdict not in MAY_CHANGE or issue.key_version == OVERFLOW:
        return None
    confirmed = confirmed_of(project)
    if not confirmed:
        return Card()
    here = read(project, issues=[issue.pk]).pieces
    trusted = [piece for piece in here if piece.trusted]
    base = _base(confirmed, issue, trusted or here)
    figures = (sum(piece.reports for piece in trusted), sum(piece.reports for piece in here if not piece.trusted))
    if base is None or not trusted:
        return Card(base, (), (), *figures)
    suggestions, ways = _ways(base, here, rows_of(project, _family(project, issue), MOST_ROWS), server)
    doubt = issue.reason if "host-typo" in issue.rules and not issue.corrected else ""
    return Card(base, ways, suggestions.advice_words, *figures, doubt)


def _family(project: Project, issue: Issue) -> list[int]:
    """The newest other issues of its kind: a change of one directive opens nothing elsewhere."""
    found = Issue.objects.filter(project=project, family__in=(issue.family, "default")).exclude(pk=issue.pk).order_by("-last_seen")
    return list(found.values_list("pk", flat=True)[:MOST_ELSEWHERE])


def _base(confirmed: Sequence[ConfirmedPolicy], issue: Issue, pieces: Sequence[Piece]) -> ConfirmedPolicy | None:
    """The policy that blocks it: the report-only one where every report that said so was report-only, else the enforced one first."""
    host = target_of(pieces[0].evidence.document).host if pieces else ""
    found = for_host(confirmed, host)
    order = ("report", "enforce") if issue.report_only and not issue.enforced else ("enforce", "report")
    held = [found[disposition] for disposition in order if disposition in found]
    evidence = evidence_of(pieces)
    return next((policy for policy in held if _blocks(policy, evidence)), held[0] if held else None)


def _blocks(policy: ConfirmedPolicy, evidence: Sequence[Evidence]) -> bool:
    return any(decide(one, piece).verdict != "allowed" for one in parsed(policy.text, policy.disposition) for piece in evidence)


def _ways(
    base: ConfirmedPolicy, here: Sequence[Piece], elsewhere: Sequence[Row], server: str
) -> tuple[Suggestions, tuple[Way, ...]]:
    policies = parsed(base.text, base.disposition)
    evidence = evidence_of(piece for piece in here if piece.trusted)
    blocking = next((policy for policy in policies if any(replay(policy, one).verdict != "allowed" for one in evidence)), None)
    policy = blocking or (*policies.policies, Policy())[0]
    suggestions = suggest(policy, evidence)
    rows = [piece.row for piece in here]
    before = let_through(policies, elsewhere)[0]
    ways = []
    for option in suggestions.options:
        changed = in_every(policies, policy, option, evidence)
        let, of = let_through(changed, rows)
        besides = let_through(changed, elsewhere)[0] - before
        header = export(changed, VALUE).text
        ways.append(Way(option, header, diff_lists(policies, changed).changed, let, of, besides, export(changed, server)))
    return suggestions, tuple(ways)


def evidence_of(pieces: Iterable[Piece]) -> list[Evidence]:
    """Each once, at most as many as a suggestion can use; those with most reports first."""
    ordered = sorted(pieces, key=lambda piece: -piece.reports)
    return list(dict.fromkeys(piece.evidence for piece in ordered))[:MOST_EVIDENCE]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An issue that can be added to a draft: reports of trusted evidence, and what the draft says to it now."""

    id: int
    number: int
    title: str
    verdict: str
    source: str
    reports: int


def candidates_of(text: str, reading: Reading, doubted: bool = False) -> list[Candidate]:
    """Open issues that the draft does not let through, by trusted evidence only; likely attacks and noise are never among them,
    nor (unless `doubted`) what looks like an imitation: that is added from its own page alone."""
    usable = [piece for piece in reading.trusted if piece.issue.open and piece.issue.verdict in MAY_CHANGE and not piece.issue.test]
    usable = [piece for piece in usable if doubted or not piece.issue.doubted]
    reports: dict[int, int] = {}
    facts = {}
    for piece, outcome in zip(usable, replay_rows(parsed(text), [piece.row for piece in usable]), strict=True):
        issue = piece.issue
        if outcome.decision.verdict != "allowed":
            reports[issue.id] = reports.get(issue.id, 0) + piece.reports
            facts[issue.id] = issue
    found = [
        Candidate(pk, facts[pk].number, facts[pk].title, facts[pk].verdict, facts[pk].source, number) for pk, number in reports.items()
    ]
    return sorted(found, key=lambda one: -one.reports)


@dataclass(frozen=True, slots=True)
class Added:
    """What adding issues made of a draft: the new text, each chosen option, and how much of the evidence stays blocked."""

    text: str
    options: tuple[Option, ...]
    fixed: int
    left: int


def add_issues(text: str, reading: Reading, numbers: Iterable[int]) -> Added:
    """The words that let these issues pass, in every policy of the draft."""
    asked = set(numbers)
    wanted = asked & {candidate.number for candidate in candidates_of(text, reading, doubted=len(asked) == 1)}
    issues: dict[int, list[Piece]] = {}
    for piece in reading.trusted:
        if piece.issue.number in wanted:
            issues.setdefault(piece.issue.number, []).append(piece)
    each = max(LEAST_EVIDENCE, MOST_EVIDENCE * 2 // max(1, len(issues)))
    evidence = [evidence_of(pieces)[:each] for _, pieces in sorted(issues.items())]
    made = [_fixed(policy, evidence) for policy in parsed(text)]
    options = tuple(dict.fromkeys(option for one in made for option in one.options))
    return Added(", ".join(one.text for one in made), options, sum(one.fixed for one in made), sum(one.left for one in made))


def _fixed(policy: Policy, issues: list[list[Evidence]]) -> Added:
    """One issue gets what its own page offers first; several the cheapest set of words."""
    if len(issues) == 1:
        found = [option for option in suggest(policy, issues[0]).options if option.default and not option.condition]
        if found:
            return Added(str(found[0].policy), (found[0],), found[0].fixes, found[0].of - found[0].fixes)
    made = plan(policy, issues)
    return Added(str(made.policy), made.options, len(made.fixed), len(made.left))
