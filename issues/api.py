"""The API's issues: list, detail, change, events and tags, by paths that GlitchTip's and Sentry's clients know."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from issues.api_change import IssueChange
from issues.api_events import EventFields, TagFields, event_as_json, issue_of_event, sample_of_event, samples_of, tags_as_json
from issues.api_fields import PERIODS, IssueFields, issue_as_json, issues_as_json, stats_of
from issues.api_search import MOST_HITS, hits, page_over, search_of, sort_of
from issues.matching import matching
from issues.models import Issue, Sample
from projects.access import get_organization, get_project, user_of
from projects.api_access import ApiView
from projects.api_paging import limit_of, linked
from projects.models import Project

MOST_PROJECTS = 100
LIST = [
    OpenApiParameter("query", str, description="The search of the issue list. Absent: open and not noise. Empty: everything."),
    OpenApiParameter("sort", str),
    OpenApiParameter("limit", int),
    OpenApiParameter("cursor", str),
    OpenApiParameter("statsPeriod", str),
    OpenApiParameter("groupStatsPeriod", str, enum=PERIODS),
    OpenApiParameter("project", int, many=True),
    OpenApiParameter("environment", str, many=True),
    OpenApiParameter("id", int, many=True),
]


class ChangeAnswer(serializers.Serializer[object]):
    status = serializers.CharField()
    statusDetails = serializers.DictField()
    changed = serializers.IntegerField()


class IssueList(ApiView):
    """Of one project, or of the organization's projects together."""

    @extend_schema(responses=IssueFields(many=True), parameters=LIST)
    def get(self, request: Request, org: str, project: str = "") -> Response:
        projects = _projects(request, org, project)
        period = _period(request)
        if direct := _direct(request, projects):
            response = Response(issues_as_json([direct], period))
            response["X-Sentry-Direct-Hit"] = "1"
            return response
        if ids := _ids(request):
            return Response(issues_as_json(_named(projects, ids), period))
        search = search_of(request.query_params, request.query_params.getlist("environment"))
        page = page_over(projects, search, sort_of(request.query_params), request.query_params.get("cursor", ""), limit_of(request))
        response = linked(request, page, issues_as_json(page.issues, period))
        # Counting over many projects would cost more than the page; there the number is told when the page is all there is.
        whole = not page.has_previous and not page.has_next
        if whole or project:
            response["X-Hits"], response["X-Max-Hits"] = str(len(page.issues) if whole else hits(projects[0], search)), str(MOST_HITS)
        return response

    @extend_schema(request=IssueChange, responses=ChangeAnswer, parameters=LIST)
    def put(self, request: Request, org: str, project: str = "") -> Response:
        """The same filters as the list, or `id` once or more; at most 1,000 issues."""
        projects = _projects(request, org, project)
        change = _change(request)
        ids = _ids(request)
        if not ids and "query" not in request.query_params:
            raise ValidationError({"detail": "Say which issues: id=1&id=2, or query=… as in the list."})
        issues = _named(projects, ids) if ids else _found(request, projects)
        changed = change.to_change().apply(user_of(request), issues)
        return Response({"status": request.data["status"], "statusDetails": request.data.get("statusDetails") or {}, "changed": changed})


@extend_schema_view(put=extend_schema(operation_id="organizations_issues_update_many"))
class OrganizationIssueList(IssueList):
    """The same; the OpenAPI document wants another name for its change."""


class IssueView(ApiView):
    """`org` is in Sentry's paths and not in GlitchTip's; where it is given, it has to be the issue's."""

    def issue(self, request: Request, pk: int, org: str = "") -> Issue:
        found = Issue.objects.select_related("project__organization").filter(pk=pk).first()
        if found is None or (org and found.project.organization.slug != org):
            raise Http404("No issue of yours has this id.")
        found.project = get_project(request, found.project.organization.slug, found.project.slug)
        return found


class IssueDetail(IssueView):
    @extend_schema(responses=IssueFields)
    def get(self, request: Request, pk: int, org: str = "") -> Response:
        issue = self.issue(request, pk, org)
        return Response({**issue_as_json(issue), "stats": {**stats_of([pk], "24h")[pk], **stats_of([pk], "14d")[pk]}})

    @extend_schema(request=IssueChange, responses=IssueFields)
    def put(self, request: Request, pk: int, org: str = "") -> Response:
        issue = self.issue(request, pk, org)
        _change(request).to_change().apply(user_of(request), [issue])
        return self.get(request, pk, org)


class Events(IssueView):
    @extend_schema(responses=EventFields(many=True))
    def get(self, request: Request, pk: int, org: str = "") -> Response:
        issue = self.issue(request, pk, org)
        samples = samples_of(issue)
        return Response([event_as_json(issue, sample, samples) for sample in samples])


class EventDetail(IssueView):
    """`which`: latest, oldest, recommended, or an event's id."""

    @extend_schema(responses=EventFields)
    def get(self, request: Request, pk: int, which: str, org: str = "") -> Response:
        issue = self.issue(request, pk, org)
        samples = samples_of(issue)
        sample = _choose(samples, which)
        return Response(event_as_json(issue, sample, samples))


class Tags(IssueView):
    @extend_schema(responses=TagFields(many=True))
    def get(self, request: Request, pk: int, org: str = "") -> Response:
        return Response(tags_as_json(self.issue(request, pk, org)))


class TagDetail(IssueView):
    @extend_schema(responses=TagFields)
    def get(self, request: Request, pk: int, key: str, org: str = "") -> Response:
        found = tags_as_json(self.issue(request, pk, org), [key])
        if not found:
            raise Http404("This issue has no such tag.")
        return Response(found[0])


class Hashes(IssueView):
    @extend_schema(responses={200: {"type": "array", "items": {"type": "object"}}})
    def get(self, request: Request, pk: int, org: str = "") -> Response:
        issue = self.issue(request, pk, org)
        return Response([{"id": issue.key, "version": issue.key_version, "groupedBy": issue.grouped_by}])


class IssueStats(ApiView):
    @extend_schema(responses={200: {"type": "array", "items": {"type": "object"}}}, parameters=[OpenApiParameter("groups", int, many=True)])
    def get(self, request: Request, org: str) -> Response:
        issues = _named(_projects(request, org), _ids(request, "groups"))
        fields = ("id", "count", "userCount", "firstSeen", "lastSeen", "isUnhandled", "stats")
        return Response([{name: one[name] for name in fields} for one in issues_as_json(issues, _period(request))])


def _projects(request: Request, org: str, project: str = "") -> list[Project]:
    """Those asked for, each with the person's role; `project=` narrows to ids."""
    if project:
        return [get_project(request, org, project)]
    organization = get_organization(request, org)
    visible = Project.objects.visible_to(user_of(request)).filter(organization=organization)
    found = visible.annotate(role=F("organization__memberships__role"))  # type: ignore[no-redef]  # it fills Project.role
    wanted = _ids(request, "project")
    if wanted and wanted != [-1]:
        found = found.filter(pk__in=wanted)
    projects: list[Project] = list(found.order_by("id")[: MOST_PROJECTS + 1])
    if len(projects) > MOST_PROJECTS:
        raise ValidationError({"detail": f"One answer covers at most {MOST_PROJECTS} projects; name some by project=<id>."})
    for one in projects:
        one.organization = organization
    return projects


def _ids(request: Request, name: str = "id") -> list[int]:
    texts = [text for value in request.query_params.getlist(name) for text in value.split(",") if text]
    if name == "id":
        texts += [text for value in request.query_params.getlist("group") for text in value.split(",") if text]
    if not all(text.removeprefix("-").isdigit() and text.isascii() and len(text) < 19 for text in texts) or len(texts) > MOST_HITS:
        raise ValidationError({"detail": f"{name} is a number, at most {MOST_HITS} of them."})
    return [int(text) for text in texts]


def _period(request: Request) -> str:
    """How the sparkline counts; Sentry's statsPeriod is a filter and is not asked here."""
    period = request.query_params.get("groupStatsPeriod", "24h")
    if period not in PERIODS:
        raise ValidationError({"detail": f"groupStatsPeriod is one of {', '.join(PERIODS)}."})
    return "14d" if period == "14d" else "24h"


def _direct(request: Request, projects: Sequence[Project]) -> Issue | None:
    """A query that is an event's id, or SHOP-42, names one issue."""
    query = request.query_params.get("query", "").strip()
    prefix, _, number = query.rpartition("-")
    issues = Issue.objects.filter(project__in=projects)
    if issue_id := issue_of_event(query):
        found = issues.filter(pk=issue_id).first() if issue_id < 2**62 else None
    elif prefix.isupper() and number.isdigit() and number.isascii() and len(number) < 18:
        found = issues.filter(project__prefix=prefix, number=int(number)).first()
    else:
        found = None
    return _with_project(found, projects) if found else None


def _named(projects: Sequence[Project], ids: Sequence[int]) -> list[Issue]:
    """Those of these ids that the person may see, last seen first."""
    issues = Issue.objects.filter(pk__in=ids, project__in=projects).order_by("-last_seen", "-id")
    return [_with_project(issue, projects) for issue in issues[:MOST_HITS]]


def _with_project(issue: Issue, projects: Sequence[Project]) -> Issue:
    issue.project = next(project for project in projects if project.pk == issue.project_id)
    return issue


def _found(request: Request, projects: Sequence[Project]) -> list[Issue]:
    search = search_of(request.query_params, request.query_params.getlist("environment"))
    ids: list[int] = []
    for project in projects:
        ids += matching(project, search, timezone.now(), MOST_HITS - len(ids))
    return _named(projects, ids)


def _change(request: Request) -> IssueChange:
    change = IssueChange(data=request.data)
    change.is_valid(raise_exception=True)
    return change


def _choose(samples: Sequence[Sample], which: str) -> Sample:
    if which in ("latest", "oldest", "recommended") and samples:
        return samples[-1] if which == "oldest" else samples[0]
    found = sample_of_event(samples, which)
    if found is None:
        raise Http404("This event is not kept. An issue keeps its newest samples only.")
    return found
