"""The words of the verdicts: what a project declares, what a rule says, what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from issues.verdicts.general import GENERAL

Confidence = Literal["certain", "likely", "hint"]


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What a project says about itself; all empty works too.

    `sites`: hosts (`shop.example`, `*.shop.example`, `localhost:3000`), or whole addresses, whose host counts.
    `own_extensions`: extension ids (`aapbdbdomjkkjkaonfhkkikfgjllcleb`); browsers cut the id off, so declaring one means that
    extension schemes on own pages may be the project's. `own_schemes`: app schemes (`acme-app`). `sensitive`: patterns of
    page paths with `*` (`/checkout*`). `paused`: ids of built-in rules that this project switched off.
    """

    sites: tuple[str, ...] = ()
    own_extensions: tuple[str, ...] = ()
    own_schemes: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    paused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Mark:
    """One rule that fired. `reason` is for a person and holds at most a safe extract (a host, a container id)."""

    rule: str
    verdict: str
    confidence: Confidence
    reason: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """`verdict` is a slug of policies.words. `marks` has the deciding rule first. `tags` are facts that decide nothing
    (`redirect-suspected`, `policy-allows-this`). `noise_class` is the noise slug that this report alone proves by built-in
    rules, whatever the project declares: it is part of the issue's key."""

    verdict: str
    confidence: Confidence
    reason: str
    marks: tuple[Mark, ...] = ()
    tags: tuple[str, ...] = ()
    noise_class: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What an issue's counters know. `visitors`, `networks` and `browsers` are estimates (distinct, bounded); `days` is the
    number of days it was seen on. `first_party_source`: the source file of all of it is on a declared site. `constant_line`:
    all of it names one line. `policy_known`: the reported policy is one the site is known to send; None when nobody knows."""

    reports: int = 0
    visitors: int = 0
    days: int = 0
    browsers: int = 0
    pages: int = 0
    networks: int = 0
    first_party_source: bool = False
    constant_line: bool = False
    policy_known: bool | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table of rules. `shape` is the noise or signal class of the catalogue in docs/verdicts.md.

    `reason` is what a person reads when it fired; `{}` stands for the safe extract that the check found. `source` says where
    the fact is from. `fires_on` and `silent_on` are the fields of a report, with `user-agent` and `sites` among them and
    everything usual left out (see tests/issues/reports.py); a test runs both.
    """

    id: str
    shape: str
    verdict: str
    confidence: Confidence
    title: str
    reason: str
    source: str
    fires_on: dict[str, str]
    silent_on: dict[str, str]

    @property
    def words(self) -> str:
        """The reason in general, for a list of rules."""
        return self.reason.replace("{}", GENERAL.get(self.id, "…"))

    def mark(self, extract: str = "") -> Mark:
        return Mark(self.id, self.verdict, self.confidence, self.reason.replace("{}", extract, 1))
