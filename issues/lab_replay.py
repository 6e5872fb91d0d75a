"""What a candidate says to the stored evidence, in the groups that a person asks for: verdicts, issues, pages. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from issues.lab import IssueFacts, Piece
from policies.decision import REASON_WORDS, Answer
from policies.policy import Policy, PolicyList
from policies.replay_rows import Outcome, Row, Totals, replay_rows, totals
from policies.words import VERDICTS, Verdict

MOST_LINES = 25
Gained = tuple[Totals, int]
"""Sums of reports, and how many issues they belong to."""


@dataclass(slots=True)
class Weight:
    """Reports by answer."""

    allowed: int = 0
    blocked: int = 0
    unknown: int = 0

    def add(self, answer: Answer, reports: int) -> None:
        setattr(self, answer, getattr(self, answer) + reports)

    @property
    def all(self) -> int:
        return self.allowed + self.blocked + self.unknown


@dataclass(slots=True)
class IssueLine:
    """One issue: reports by answer, and the reasons why the answer is not "allowed", most reports first."""

    issue: IssueFacts
    weight: Weight = field(default_factory=Weight)
    why: Counter[str] = field(default_factory=Counter)
    trusted: bool = False

    @property
    def verdict(self) -> Verdict:
        return VERDICTS[self.issue.verdict]

    @property
    def reason(self) -> str:
        return REASON_WORDS[self.why.most_common(1)[0][0]] if self.why else ""


@dataclass(frozen=True, slots=True)
class PageLine:
    page: str
    reports: int
    issues: int
    certain: bool


@dataclass(frozen=True, slots=True)
class Replayed:
    """`pages` are the project's own pages that would break, by trusted evidence; `doubtful` those where a report can't tell."""

    totals: dict[Answer, Totals]
    verdicts: list[tuple[Verdict, Weight]]
    issues: list[IssueLine]
    pages: list[PageLine]
    doubtful: list[PageLine]
    untrusted: int
    gathered: int = 0
    """Reports past the limit of detail, which nothing can be said of."""
    already: Gained | None = None
    """What the live policy allows too, where one was given to compare with."""
    gained: Gained | None = None
    """What the candidate allows and the live policy does not."""
    broken_today: frozenset[str] = frozenset()
    """Pages that the live policy breaks by the same evidence."""

    @property
    def answers(self) -> list[tuple[str, Totals, int]]:
        """For each answer its words, its sums, and the issues that get it: wholly for allowed, else any of it."""
        blocked = sum(1 for line in self.issues if line.weight.blocked)
        unknown = sum(1 for line in self.issues if line.weight.unknown and not line.weight.blocked)
        if self.gained and self.already:
            allows = [("Newly allowed by this change", *self.gained), ("Already allowed by what is live", *self.already)]
        else:
            allows = [("Would allow", self.totals["allowed"], self.allowed_issues)]
        return [
            *allows, ("Still blocks", self.totals["blocked"], blocked),
            ("Can’t tell", self.totals["unknown"], unknown),
        ]  # fmt: skip

    @property
    def only_as_today(self) -> bool:
        """Every page that it breaks is broken by the live policy, too."""
        return bool(self.pages) and all(line.page in self.broken_today for line in self.pages)

    @property
    def first_issues(self) -> list[IssueLine]:
        return self.issues[:MOST_LINES]

    @property
    def more_issues(self) -> int:
        return max(0, len(self.issues) - MOST_LINES)

    @property
    def allowed_issues(self) -> int:
        """Issues that would go away wholly."""
        return sum(1 for line in self.issues if line.weight.allowed == line.weight.all)


def replayed(candidate: Policy | PolicyList, pieces: Sequence[Piece], live: Policy | PolicyList | None = None) -> Replayed:
    """Judge every piece once and put the answers into groups; with `live`, tell what the candidate changes of it."""
    rows = [piece.row for piece in pieces]
    outcomes = replay_rows(candidate, rows)
    today = replay_rows(live, rows) if live is not None else []
    verdicts: dict[str, Weight] = defaultdict(Weight)
    issues: dict[int, IssueLine] = {}
    broken: dict[str, list[tuple[Piece, Answer]]] = defaultdict(list)
    for piece, outcome in zip(pieces, outcomes, strict=True):
        answer = outcome.decision.verdict
        verdicts[piece.issue.verdict].add(answer, piece.reports)
        line = issues.setdefault(piece.issue.id, IssueLine(piece.issue))
        line.weight.add(answer, piece.reports)
        line.trusted = line.trusted or piece.trusted
        if answer != "allowed":
            line.why[outcome.decision.reason] += piece.reports
        if answer != "allowed" and _breaks(piece):
            broken[piece.page].append((piece, answer))
    lines = sorted(issues.values(), key=lambda line: (line.issue.noise, -line.weight.blocked, -line.weight.unknown, line.issue.number))
    pages = _pages(broken)
    return Replayed(
        totals(outcomes), sorted(((VERDICTS[slug], weight) for slug, weight in verdicts.items()), key=lambda pair: pair[0].noise), lines,
        [page for page in pages if page.certain], [page for page in pages if not page.certain],
        sum(piece.reports for piece in pieces if not piece.trusted and not piece.issue.noise),
        sum(piece.reports for piece in pieces if piece.evidence.other),
        *(_compared(pieces, outcomes, today) if live is not None else ()),
    )  # fmt: skip


def _compared(pieces: Sequence[Piece], outcomes: Sequence[Outcome], today: Sequence[Outcome]) -> tuple[Gained, Gained, frozenset[str]]:
    both: list[tuple[Piece, Outcome]] = []
    new: list[tuple[Piece, Outcome]] = []
    broken = set()
    for piece, outcome, before in zip(pieces, outcomes, today, strict=True):
        if outcome.decision.verdict == "allowed":
            (both if before.decision.verdict == "allowed" else new).append((piece, outcome))
        if before.decision.verdict == "blocked" and _breaks(piece):
            broken.add(piece.page)
    return _gained(both), _gained(new), frozenset(broken)


def _gained(allowed: Sequence[tuple[Piece, Outcome]]) -> Gained:
    return totals(outcome for _, outcome in allowed)["allowed"], len({piece.issue.id for piece, _ in allowed})


def _breaks(piece: Piece) -> bool:
    """Whether a refusal of it is an own page that breaks."""
    return bool(piece.trusted and piece.issue.felt and piece.page)


def _pages(broken: dict[str, list[tuple[Piece, Answer]]]) -> list[PageLine]:
    found = [
        PageLine(
            page, sum(piece.reports for piece, _ in said), len({piece.issue.id for piece, _ in said}),
            any(answer == "blocked" for _, answer in said),
        )
        for page, said in broken.items()
    ]  # fmt: skip
    return sorted(found, key=lambda line: (-line.reports, line.page))


def let_through(candidate: Policy | PolicyList, rows: Sequence[Row]) -> tuple[int, int]:
    """(reports that the candidate would have let through, all reports)."""
    return totals(replay_rows(candidate, rows))["allowed"].reports, sum(row.reports for row in rows)


def unneeded(policy: Policy, pieces: Sequence[Piece]) -> list[tuple[str, str]]:
    """(directive, host or scheme) that decided no answer to a trusted report. A hint: what a policy allows is never reported."""
    rows = [piece.row for piece in pieces if piece.trusted and not piece.issue.noise]
    used = {(outcome.decision.directive, outcome.decision.item) for outcome in replay_rows(policy, rows)}
    return [
        (directive.name, item.raw)
        for directive in policy.directives
        for item in directive.items
        if item.kind in ("host", "scheme") and (directive.name, item.raw) not in used
    ]
