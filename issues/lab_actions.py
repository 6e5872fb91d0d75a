"""What people do in the Policy Lab: confirm a policy, save a draft, decide on a source, set thresholds. Each leaves an Activity."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from issues.lab_models import ConfirmedPolicy, Decision, LabSettings, PolicyDraft, SourceDecision
from issues.lab_policies import difference, parsed
from issues.models import Activity
from issues.verdicts.evidence import policy_key
from projects.models import Project, User

MOST_DRAFTS = 100
MOST_TEXT = 20_000
MOST_DIFF_LINES = 40


class Refused(ValueError):
    """Why it can't be done, in a sentence to show."""


def readable(text: str) -> str:
    """A policy's text in one line, its nonces masked; Refused when there is none in it."""
    if len(text) > MOST_TEXT:
        raise Refused(f"A policy longer than {MOST_TEXT:,} characters fits no header.")
    policies = parsed(text)
    if not any(policy.directives for policy in policies):
        raise Refused("There is no directive in this. A policy looks like: default-src 'self'; img-src 'self' data:")
    return policy_key(", ".join(map(str, policies)))


@transaction.atomic
def confirm(project: Project, actor: User, *, text: str, disposition: str, site: str = "", origin: str = "") -> ConfirmedPolicy:
    """From now on this is what the site sends; what held before becomes history."""
    clean = readable(text)
    current = project.confirmed_policies.select_for_update().filter(site=site, disposition=disposition, replaced_at=None).first()
    if current and current.text == clean:
        raise Refused("This policy is confirmed already.")
    now = timezone.now()
    if current:
        project.confirmed_policies.filter(pk=current.pk).update(replaced_at=now)
    made = ConfirmedPolicy.objects.create(
        project=project, site=site, disposition=disposition, text=clean, origin=origin[:60], confirmed_by=actor, confirmed_at=now
    )
    _stamp_observed(project, actor, made)
    _log(
        project,
        actor,
        "policy",
        f"confirmed the policy “{made}”",
        {"policy": made.pk, "lines": _lines(current.text if current else "", clean)},
    )
    return made


def _stamp_observed(project: Project, actor: User, made: ConfirmedPolicy) -> None:
    """The version that browsers report as this one counts as confirmed too."""
    from_reports = project.policies.filter(text=", ".join(policy.masked for policy in parsed(made.text)), confirmed_at=None)
    from_reports.update(confirmed_by=actor, confirmed_at=made.confirmed_at)


@transaction.atomic
def save_draft(project: Project, actor: User, *, name: str, text: str, draft: PolicyDraft | None = None) -> PolicyDraft:
    """Make or change a draft; its Activity holds the difference."""
    clean, name = readable(text), " ".join(name.split())[:60]
    if not name:
        raise Refused("A draft needs a name.")
    before = draft.text if draft else ""
    if draft is None:
        if project.drafts.count() >= MOST_DRAFTS:
            raise Refused(f"There are {MOST_DRAFTS} drafts already; delete one first.")
        draft = PolicyDraft(project=project)
    draft.name, draft.text, draft.updated_by, draft.updated_at = name, clean, actor, timezone.now()
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError as error:
        raise Refused(f"There is a draft “{name}” already.") from error
    if before != clean:
        verb = "changed" if before else "started"
        _log(project, actor, "draft", f"{verb} the draft “{name}”", {"draft": draft.pk, "lines": _lines(before, clean)})
    return draft


@transaction.atomic
def delete_draft(project: Project, actor: User, draft: PolicyDraft) -> None:
    _log(project, actor, "draft", f"deleted the draft “{draft.name}”", {"draft": draft.pk, "lines": _lines(draft.text, "")})
    draft.delete()


@transaction.atomic
def decide_source(
    project: Project, actor: User, *, family: str, host: str, decision: str, reason: str = "", owner: str = "", everywhere: bool = False
) -> SourceDecision:
    """Approve, refuse or leave open; `everywhere` speaks for every project of the organization."""
    if decision not in Decision.values:
        raise Refused("A source is approved, refused or not decided.")
    if decision == Decision.APPROVED and not reason.strip():
        raise Refused(f"Nothing was saved: to approve {host}, say what it is needed for in “Reason”. Auditors ask for that.")
    made, _ = SourceDecision.objects.update_or_create(
        organization=project.organization, project=None if everywhere else project, family=family[:30], host=host[:255],
        defaults={
            "decision": decision, "reason": reason[:300], "owner": owner[:80], "decided_by": actor, "decided_at": timezone.now()
        },
    )  # fmt: skip
    said = f"{Decision(decision).label.lower()}: {host} as {family}" + (" in every project" if everywhere else "")
    _log(project, actor, "source", f"{said}{f' ({reason})' if reason else ''}", {"family": family, "host": host})
    return made


def decision_on(project: Project, family: str, host: str) -> SourceDecision | None:
    """What was said of a source; the project's own word wins over the organization's."""
    ours = Q(project=project) | Q(project__isnull=True, organization=project.organization)
    made = SourceDecision.objects.filter(ours, family=family, host=host).exclude(decision=Decision.UNKNOWN)
    return made.select_related("decided_by").order_by(F("project").asc(nulls_last=True)).first()


@transaction.atomic
def set_thresholds(settings: LabSettings, actor: User) -> None:
    settings.save()
    _log(settings.project, actor, "thresholds", "changed when a site counts as ready", {})


def history_of(draft: PolicyDraft, most: int = 20) -> list[Activity]:
    """Who changed what, newest first."""
    found = Activity.objects.filter(project=draft.project, kind="draft", before__draft=draft.pk)
    return list(found.select_related("actor").order_by("-at", "-id")[:most])


def _lines(old: str, new: str) -> list[str]:
    lines = difference(old, new).diff.lines()
    return [*lines[:MOST_DIFF_LINES], "…"] if len(lines) > MOST_DIFF_LINES else lines


def _log(project: Project, actor: User, kind: str, words: str, before: dict[str, Any]) -> None:
    Activity.objects.create(project=project, action=uuid.uuid4(), kind=kind, words=words[:300], before=before, actor=actor)
