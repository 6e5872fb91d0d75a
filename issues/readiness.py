"""Is it safe to enforce? Collecting, stabilising, ready, enforced, regressed, with the reasons as numbers (policy-lab.md 2.4). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["unconfirmed", "collecting", "stabilising", "ready", "enforced", "regressed"]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a project asks for; see LabSettings."""

    days: int = 14
    reports: int = 100
    browsers: int = 2
    quiet_days: int = 7
    silent_days: int = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What was counted for one policy on one site, by trusted evidence.

    `days` are those with reports from enough networks; `decisions` open issues that the policy would block or can't be
    shown to allow; `broken_pages` own pages with such an issue; `proved` that a report under this very policy, or a test,
    came; `silent` days since the last of those days (None: there was none); `breaking` issues of own code or third parties
    that an enforced policy blocks now.
    """

    confirmed: bool = False
    enforced: bool = False
    days: int = 0
    reports: int = 0
    browsers: tuple[str, ...] = ()
    decisions: int = 0
    new_issues: int = 0
    broken_pages: int = 0
    proved: bool = False
    silent: int | None = None
    breaking: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition: what was counted, what is wanted, and whether that is met."""

    words: str
    counted: str
    wanted: str
    met: bool


@dataclass(frozen=True, slots=True)
class Readiness:
    """The state, the conditions behind it, and whether the policy has gone silent."""

    state: State
    reasons: tuple[Reason, ...] = ()
    is_silent: bool = False
    silent: int | None = None

    @property
    def unmet(self) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.reasons if not reason.met)

    @property
    def words(self) -> str:
        return STATE_WORDS[self.state]

    @property
    def tone(self) -> str:
        return TONES[self.state]


STATE_WORDS: dict[State, str] = {
    "unconfirmed": "No policy is confirmed here yet, so there is nothing to judge by.",
    "collecting": "Too little has been seen to say anything.",
    "stabilising": "Enough is seen; what is left has to be decided or has to settle.",
    "ready": "Nothing that counts would break. It can be enforced.",
    "enforced": "Enforced, and nothing of yours breaks.",
    "regressed": "Enforced, and something of yours breaks now.",
}
TONES: dict[State, str] = {
    "unconfirmed": "",
    "collecting": "",
    "stabilising": "warn",
    "ready": "ok",
    "enforced": "ok",
    "regressed": "danger",
}


def judge(facts: Facts, wanted: Thresholds) -> Readiness:
    """The state of one policy on one site."""
    silent = facts.silent is not None and facts.silent >= wanted.silent_days
    if not facts.confirmed:
        return Readiness("unconfirmed", (), silent, facts.silent)
    if facts.enforced:
        state: State = "regressed" if facts.breaking else "enforced"
        breaking = _count("Issues of own code or third parties breaking now", facts.breaking, 0)
        return Readiness(state, (breaking, _heard(facts, wanted)), silent, facts.silent)
    watched, settled = _watched(facts, wanted), _settled(facts, wanted)
    state = "ready" if not silent else "stabilising"
    if not all(reason.met for reason in watched):
        state = "collecting"
    elif not all(reason.met for reason in settled):
        state = "stabilising"
    return Readiness(state, (*watched, *settled, _heard(facts, wanted)), silent, facts.silent)


def _watched(facts: Facts, wanted: Thresholds) -> tuple[Reason, ...]:
    seen = f" ({', '.join(facts.browsers[:4])}{', …' if len(facts.browsers) > 4 else ''})" if facts.browsers else ""
    return (
        Reason("Days with reports", f"{facts.days:,}", f"{wanted.days:,}", facts.days >= wanted.days),
        Reason("Reports", f"{facts.reports:,}", f"{wanted.reports:,}", facts.reports >= wanted.reports),
        Reason(f"Browser families{seen}", f"{len(facts.browsers)}", f"{wanted.browsers}", len(facts.browsers) >= wanted.browsers),
        Reason("A report under this policy, or a test report", "yes" if facts.proved else "none", "yes", facts.proved),
    )


def _settled(facts: Facts, wanted: Thresholds) -> tuple[Reason, ...]:
    return (
        _count("Open decisions that it would block", facts.decisions, 0),
        _count(f"New issues in the last {wanted.quiet_days} days", facts.new_issues, 0),
        _count("Own pages that would break", facts.broken_pages, 0),
    )


def _heard(facts: Facts, wanted: Thresholds) -> Reason:
    said = "never" if facts.silent is None else "today" if facts.silent == 0 else f"{facts.silent} d ago"
    met = facts.silent is not None and facts.silent < wanted.silent_days
    return Reason("Last day with reports", said, f"within {wanted.silent_days} d", met)


def _count(words: str, counted: int, most: int) -> Reason:
    return Reason(words, f"{counted:,}", f"{most:,}", counted <= most)
