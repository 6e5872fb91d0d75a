"""An issue as GlitchTip's and Sentry's clients read it: the union of their field names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from rest_framework import serializers

from issues import counts
from issues.models import DailyCount, Issue, Status

STATUS_WORDS = {Status.OPEN: "unresolved", Status.RESOLVED: "resolved", Status.IGNORED: "ignored"}
PERIODS = ("", "24h", "14d", "auto")


class ProjectMark(serializers.Serializer[Any]):
    id = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField()
    platform = serializers.CharField()


class Metadata(serializers.Serializer[Any]):
    """`dispositions` counts reports by disposition; `pages` counts page templates."""

    title = serializers.CharField()
    directive = serializers.CharField()
    source = serializers.CharField()
    verdict = serializers.CharField()
    noise = serializers.BooleanField()
    confidence = serializers.CharField()
    reason = serializers.CharField()
    fingerprint = serializers.CharField()
    dispositions = serializers.DictField(child=serializers.IntegerField())
    pages = serializers.IntegerField()
    browsers = serializers.IntegerField()
    rules = serializers.ListField(child=serializers.CharField())
    tags = serializers.ListField(child=serializers.CharField())


class IssueFields(serializers.Serializer[Any]):
    id = serializers.CharField()
    shortId = serializers.CharField()
    title = serializers.CharField()
    culprit = serializers.CharField()
    permalink = serializers.URLField()
    level = serializers.CharField()
    status = serializers.ChoiceField(list(STATUS_WORDS.values()))
    statusDetails = serializers.DictField()
    substatus = serializers.CharField()
    type = serializers.CharField()
    issueType = serializers.CharField()
    issueCategory = serializers.CharField()
    platform = serializers.CharField()
    logger = serializers.CharField()
    project = ProjectMark()
    metadata = Metadata()
    count = serializers.CharField()
    userCount = serializers.IntegerField(help_text="Visitors on the last day seen, an estimate.")
    firstSeen = serializers.DateTimeField()
    lastSeen = serializers.DateTimeField()
    stats = serializers.DictField(child=serializers.ListField(child=serializers.ListField(child=serializers.IntegerField())))
    numComments = serializers.IntegerField()
    userReportCount = serializers.IntegerField()
    annotations = serializers.ListField()
    assignedTo = serializers.CharField(allow_null=True)
    isBookmarked = serializers.BooleanField()
    isSubscribed = serializers.BooleanField()
    isPublic = serializers.BooleanField()
    isUnhandled = serializers.BooleanField()
    hasSeen = serializers.BooleanField()
    shareId = serializers.CharField(allow_null=True)
    subscriptionDetails = serializers.DictField(allow_null=True)


# Fields of workflows that GlitchCSP does not have, with the value that says so.
ABSENT: dict[str, Any] = {
    "numComments": 0, "userReportCount": 0, "annotations": [], "assignedTo": None, "isBookmarked": False, "isSubscribed": False,
    "isPublic": False, "isUnhandled": False, "hasSeen": True, "shareId": None, "subscriptionDetails": None,
}  # fmt: skip


def issues_as_json(issues: Sequence[Issue], period: str = "24h") -> list[dict[str, Any]]:
    stats = stats_of([issue.pk for issue in issues], period)
    return [{**issue_as_json(issue), "stats": stats[issue.pk]} for issue in issues]


def issue_as_json(issue: Issue) -> dict[str, Any]:
    project = issue.project
    return {
        "id": str(issue.pk),
        "shortId": issue.short_id,
        "title": issue.title,
        "culprit": issue.directive,
        "permalink": settings.PUBLIC_URL + issue.get_absolute_url(),
        "level": "warning" if issue.report_only and not issue.enforced else "error",
        "status": STATUS_WORDS[Status(issue.status)],
        "statusDetails": _status_details(issue),
        "substatus": _substatus(issue),
        "type": "csp",
        "issueType": "csp",
        "issueCategory": "csp",
        "platform": "csp",
        "logger": "csp",
        "project": {"id": str(project.pk), "slug": project.slug, "name": project.name, "platform": "csp"},
        "metadata": _metadata(issue),
        "count": str(issue.reports),
        "userCount": issue.visitors,
        "firstSeen": issue.first_seen,
        "lastSeen": issue.last_seen,
        "stats": {},
        **ABSENT,
    }


def _metadata(issue: Issue) -> dict[str, Any]:
    dispositions = {"enforce": issue.enforced, "report": issue.report_only, "unknown": issue.unsaid}
    return {
        "title": issue.title,
        "directive": issue.directive,
        "source": issue.source,
        "verdict": issue.verdict,
        "noise": issue.noise,
        "confidence": issue.confidence,
        "reason": issue.reason,
        "fingerprint": issue.key,
        "dispositions": {name: reports for name, reports in dispositions.items() if reports},
        "pages": issue.pages,
        "browsers": issue.browsers,
        "rules": issue.rules,
        "tags": issue.tags,
    }


def _substatus(issue: Issue) -> str:
    if issue.status == Status.IGNORED:
        return "archived_forever" if issue.until.get("kind") == "forever" else "archived_until_condition_met"
    return "regressed" if issue.status == Status.OPEN and issue.regressed else "ongoing"


def _status_details(issue: Issue) -> dict[str, Any]:
    kind = issue.until.get("kind")
    if issue.status == Status.RESOLVED:
        return {"inNextRelease": True} if kind == "policy" else {}
    if issue.status == Status.IGNORED and kind == "time":
        return {"ignoreUntil": issue.until.get("at")}
    if issue.status == Status.IGNORED and kind == "rate":
        return {"ignoreCount": issue.until.get("per_hour"), "ignoreWindow": 60}
    return {}


def stats_of(issue_ids: Sequence[int], period: str) -> dict[int, dict[str, list[list[int]]]]:
    """[seconds since 1970, reports] for each hour of a day, or each day of a fortnight."""
    if period == "14d":
        last = counts.this_day()
        series = {issue_id: [0] * 14 for issue_id in issue_ids}
        rows = DailyCount.objects.filter(issue_id__in=list(series), day__gt=last - 14, day__lte=last)
        for issue_id, day, reports in rows.values_list("issue_id", "day", "reports"):
            series[issue_id][day - last - 1] = reports
        first, step = (last - 13) * counts.DAY, counts.DAY
    else:
        period, series = "24h", counts.hours_of_issues(issue_ids)
        first, step = (counts.this_hour() - 23) * counts.HOUR, counts.HOUR
    return {
        issue_id: {period: [[first + place * step, reports] for place, reports in enumerate(numbers)]}
        for issue_id, numbers in series.items()
    }
