"""What people do to issues: resolve, ignore, reopen, say what it is, undo. One or many, in one transaction, each with its history.

Every action says what it could not apply to instead of failing. `until` is what issues.waking reads.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from issues import signals
from issues.models import Activity, Correction, Facet, IgnoreRule, Issue, Status
from issues.suspicion import excused_by
from issues.words import counted
from policies.words import NOISE_SLUGS, VERDICTS
from projects.access import may
from projects.models import Project, Role, User

MOST_ISSUES = 1_000  # of one action
KNOWN_PAGES = 500
STATE = ("status", "until", "status_at", "status_by_id", "regressed", "breaking", "rule_id")
JUDGEMENT = ("verdict", "noise", "confidence", "reason", "corrected", "corrected_by_id", "excused", "suspect")
UNTIL = {
    "page": "until it is seen on a new page",  # and the next: by enough client networks (issues.witnesses)
    "day": "for 24 hours",
    "week": "for 7 days",
    "rate": "until there are more than {rate} reports an hour",
    "policy": "until the policy changes",
    "forever": "for good",
}


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did. `left` counts by reason what it did not apply to; `action` is what undo takes."""

    words: str
    action: str = ""
    changed: int = 0
    left: dict[str, int] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return " ".join([self.words, *(f"{number} {reason}." for reason, number in self.left.items())])


@dataclass(slots=True)
class _Action:
    """One action under way: the issues it may change, and why it left others alone."""

    project: Project
    actor: User | None
    kind: str
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    left: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    log: list[Activity] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)  # likely attacks, of which the owners are told

    def leave(self, reason: str) -> None:
        self.left[reason] += 1

    def remember(self, issue: Issue, words: str, before: dict[str, Any]) -> None:
        self.log.append(
            Activity(project=self.project, issue=issue, action=self.id, kind=self.kind, words=words[:300], before=before, actor=self.actor)
        )

    def done(self, verb: str) -> Done:
        Activity.objects.bulk_create(self.log)
        if self.hidden:
            transaction.on_commit(partial(signals.attacks_hidden.send, sender=Issue, issues=self.hidden))
        changed = len(self.log)
        words = f"{counted(changed)} {verb}." if changed or not self.left else "Nothing was changed."
        return Done(words, str(self.id) if changed else "", changed, dict(self.left))


@transaction.atomic
def resolve(project: Project, actor: User, issue_ids: Iterable[int], with_policy: bool = False) -> Done:
    """Now, or when the next policy is seen: then a report under any policy known today does not bring it back."""
    action = _Action(project, actor, "resolved")
    until: dict[str, Any] = {"kind": "policy", "known": _policies(project)} if with_policy else {"kind": "now"}
    words = "resolved with the next policy" if with_policy else "resolved"
    found = _locked(project, issue_ids)
    issues = [issue for issue in found if _unless(action, issue, Status.RESOLVED, until, "already resolved, left alone")]
    _settle(action, issues, Status.RESOLVED, {issue.pk: until for issue in issues}, words)
    return action.done(words)


@transaction.atomic
def ignore(
    project: Project, actor: User, issue_ids: Iterable[int], kind: str = "page", rate: int = 100, role: str = Role.MEMBER,
    until_at: datetime | None = None,
) -> Done:  # fmt: skip
    """`kind` is a key of UNTIL; `until_at`, which only the API gives, wins over it. Hiding a likely attack needs an admin (trust.md)."""
    action = _Action(project, actor, "ignored")
    issues = []
    for issue in _locked(project, issue_ids):
        if _may_be_attack(issue) and not may(role, Role.ADMIN):
            action.leave("likely attack left alone, hiding it needs an admin")
        else:
            issues.append(issue)
    action.hidden = [issue.pk for issue in issues if _may_be_attack(issue)]
    kind, rate = kind if kind in UNTIL else "page", max(1, rate)
    words = f"ignored {UNTIL[kind].format(rate=f'{rate:,}')}"
    untils = _untils(project, issues, kind, rate)
    if until_at:
        words = f"ignored until {until_at:%Y-%m-%d %H:%M} UTC"
        untils = {issue.pk: {"kind": "time", "at": until_at.isoformat()} for issue in issues}
    _settle(action, issues, Status.IGNORED, untils, words)
    return action.done(words)


@transaction.atomic
def reopen(project: Project, actor: User, issue_ids: Iterable[int]) -> Done:
    action = _Action(project, actor, "reopened")
    issues = [issue for issue in _locked(project, issue_ids) if _unless(action, issue, Status.OPEN, None, "already open, left alone")]
    _settle(action, issues, Status.OPEN, {issue.pk: {} for issue in issues}, "reopened")
    return action.done("reopened")


@transaction.atomic
def correct(project: Project, actor: User, issue_ids: Iterable[int], verdict: str, role: str = Role.MEMBER) -> Done:
    """A person's word: it wins for good, for reports that come later too. Calling a likely attack noise needs an admin."""
    action = _Action(project, actor, "corrected")
    chip = VERDICTS[verdict].chip
    for issue in _locked(project, issue_ids):
        if issue.verdict == verdict and issue.corrected and not issue.suspect:
            action.leave(f"already “{chip}”, left alone")
        elif _may_be_attack(issue) and verdict in NOISE_SLUGS and not may(role, Role.ADMIN):
            action.leave("likely attack left alone, hiding it needs an admin")
        else:
            _correct(action, issue, verdict, actor)
    return action.done(f"marked “{chip}”, also for reports that come later")


@transaction.atomic
def undo(project: Project, actor: User, action_id: str, role: str = Role.MEMBER) -> Done:
    """Put back what one action changed, where nothing has changed it since."""
    action = _Action(project, actor, "undone")
    try:
        entries = list(Activity.objects.filter(project=project, action=uuid.UUID(action_id), undone_at=None).exclude(before={}))
    except ValueError:
        entries = []
    if not entries:
        return Done("There is nothing left to undo.")
    issues = {issue.pk: issue for issue in _locked(project, [entry.issue_id for entry in entries if entry.issue_id])}
    for entry in entries:
        issue = issues.get(entry.issue_id or 0)
        if issue is None or not _is_still(issue, entry.before):
            action.leave("changed since, left alone")
        elif _would_hide(issue, entry.before) and not may(role, Role.ADMIN):
            action.leave("likely attack left alone, hiding it needs an admin")
        else:
            _put_back(action, issue, entry)
    return action.done("put back as before")


def until_words(until: dict[str, Any]) -> str:
    """How long an issue stays ignored or resolved, for its page."""
    kind = until.get("kind")
    if kind == "time":
        at = timezone.localtime(datetime.fromisoformat(until["at"]))
        return f"until {at:%-d %b %Y, %H:%M}"
    if kind == "rate":
        return UNTIL["rate"].format(rate=f"{int(until['per_hour']):,}")
    if kind in ("page", "policy", "forever"):
        return UNTIL[kind]
    return ""


def until_choices() -> list[tuple[str, str]]:
    """For the form: what ignoring may wait for, the default first."""
    return [(kind, text.replace("{rate}", "…")) for kind, text in UNTIL.items()]


def _locked(project: Project, issue_ids: Iterable[int]) -> list[Issue]:
    """The project's own among these ids, in the order in which record() locks too."""
    ids = list(dict.fromkeys(issue_ids))[:MOST_ISSUES]
    issues = list(Issue.objects.select_for_update().filter(project=project, pk__in=ids).order_by("project_id", "key_version", "key"))
    for issue in issues:
        issue.project = project
    return issues


def _unless(action: _Action, issue: Issue, status: str, until: dict[str, Any] | None, reason: str) -> bool:
    if issue.status == status and (until is None or issue.until.get("kind") == until["kind"]):
        action.leave(reason)
        return False
    return True


def _settle(action: _Action, issues: list[Issue], status: str, until: dict[int, dict[str, Any]], words: str) -> None:
    now = timezone.now()
    for issue in issues:
        before = _state(issue)
        issue.status, issue.until, issue.status_at, issue.status_by = status, until[issue.pk], now, action.actor
        issue.regressed = issue.breaking = False
        issue.rule = None
        action.remember(issue, words, {**before, "after": _stamp(issue)})
    Issue.objects.bulk_update(issues, ["status", "until", "status_at", "status_by", "regressed", "breaking", "rule"], batch_size=200)


def _correct(action: _Action, issue: Issue, verdict: str, actor: User) -> None:
    held = Correction.objects.filter(project=issue.project, key_version=issue.key_version, key=issue.key).first()
    if _may_be_attack(issue) and verdict in NOISE_SLUGS:
        action.hidden.append(issue.pk)
    excused = excused_by(issue.rules)
    before = {name: getattr(issue, name) for name in JUDGEMENT} | {"correction": held.verdict if held else ""}
    Correction.objects.update_or_create(
        project=issue.project, key_version=issue.key_version, key=issue.key,
        defaults={"verdict": verdict, "excused": excused, "corrected_by": actor, "corrected_at": timezone.now()},
    )  # fmt: skip
    was = VERDICTS[issue.verdict].chip
    issue.verdict, issue.noise, issue.confidence = verdict, verdict in NOISE_SLUGS, "certain"
    issue.corrected, issue.corrected_by, issue.excused, issue.suspect = True, actor, excused, 0
    issue.reason = f"A person says so. It was “{was}”: {before['reason']}"[:500]
    issue.save(update_fields=JUDGEMENT)
    action.remember(issue, f"says it is “{VERDICTS[verdict].chip}”, not “{was}”", {**before, "after": verdict})


def _may_be_attack(issue: Issue) -> bool:
    return issue.verdict == "attack" or issue.suspect > 0


def _put_back(action: _Action, issue: Issue, entry: Activity) -> None:
    before = dict(entry.before)
    before.pop("after", None)
    _forget_the_gone(before)
    if "correction" in before:
        _put_correction_back(issue, before.pop("correction"), before)
    if before.get("status_at"):
        before["status_at"] = datetime.fromisoformat(before["status_at"])
    for name, value in before.items():
        setattr(issue, name, value)
    issue.save(update_fields=list(before))
    Activity.objects.filter(pk=entry.pk).update(undone_at=timezone.now())
    action.remember(issue, f"took back: {entry.words}", {})


def _forget_the_gone(before: dict[str, Any]) -> None:
    """People and rules that were deleted since can't be pointed at any more."""
    for name, rows in (("status_by_id", User.objects), ("corrected_by_id", User.objects), ("rule_id", IgnoreRule.objects)):
        if before.get(name) and not rows.filter(pk=before[name]).exists():
            before[name] = None


def _put_correction_back(issue: Issue, verdict: str, before: dict[str, Any]) -> None:
    rows = Correction.objects.filter(project=issue.project, key_version=issue.key_version, key=issue.key)
    if verdict:
        rows.update(verdict=verdict, corrected_by=before["corrected_by_id"], excused=before.get("excused", ""))
    else:
        rows.delete()


def _state(issue: Issue) -> dict[str, Any]:
    state = {name: getattr(issue, name) for name in STATE}
    return {**state, "status_at": issue.status_at.isoformat() if issue.status_at else None}


def _stamp(issue: Issue) -> str:
    """What tells that the state is still the one an action left."""
    return f"{issue.status} {issue.status_at.isoformat() if issue.status_at else ''}"


def _is_still(issue: Issue, before: dict[str, Any]) -> bool:
    now = issue.verdict if "correction" in before else _stamp(issue)
    return now == before.get("after")


def _would_hide(issue: Issue, before: dict[str, Any]) -> bool:
    return _may_be_attack(issue) and (before.get("status") == Status.IGNORED or before.get("noise", False))


def _untils(project: Project, issues: list[Issue], kind: str, rate: int) -> dict[int, dict[str, Any]]:
    if kind == "page":
        pages = _known_pages(issues)
        # More pages than are kept: a new one could not be told from an old one.
        return {pk: {"kind": "page", "known": known} if len(known) < KNOWN_PAGES else {"kind": "forever"} for pk, known in pages.items()}
    until: dict[str, Any] = {"kind": "forever"}
    if kind in ("day", "week"):
        until = {"kind": "time", "at": (timezone.now() + timedelta(days=1 if kind == "day" else 7)).isoformat()}
    elif kind == "rate":
        until = {"kind": "rate", "per_hour": rate}
    elif kind == "policy":
        until = {"kind": "policy", "known": _policies(project)}
    return {issue.pk: until for issue in issues}


def _known_pages(issues: list[Issue]) -> dict[int, list[str]]:
    pages: dict[int, list[str]] = {issue.pk: [] for issue in issues}
    for issue_id, page in Facet.objects.filter(issue_id__in=list(pages), kind="page").exclude(value="").values_list("issue_id", "value"):
        if len(pages[issue_id]) < KNOWN_PAGES:
            pages[issue_id].append(page)
    return pages


def _policies(project: Project) -> list[str]:
    """Fingerprints of the newest policies seen, which is where a new one would show."""
    return list(project.policies.order_by("-last_seen").values_list("fingerprint", flat=True)[:300])
