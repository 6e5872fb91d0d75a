"""The API under /api/0/, as GlitchTip and Sentry clients know its paths. /api/<id>/security/ is the endpoint, not this."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView

from ingest import api as ingest
from issues import api as issues
from issues import lab_api as lab
from projects import api as projects

ORGANIZATION = "organizations/<slug:org>/"
PROJECT = "projects/<slug:org>/<slug:project>/"

ISSUE = "issues/<int:pk>/"

issue_urls = [
    path("", issues.IssueDetail.as_view()),
    path("events/", issues.Events.as_view()),
    path("events/<str:which>/", issues.EventDetail.as_view()),
    path("tags/", issues.Tags.as_view()),
    path("tags/<str:key>/", issues.TagDetail.as_view()),
    path("hashes/", issues.Hashes.as_view()),
]
urlpatterns = [
    path("", projects.Root.as_view()),
    path("schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("status/", ingest.Status.as_view()),
    path("organizations/", projects.Organizations.as_view()),
    path(ORGANIZATION, projects.OrganizationDetail.as_view()),
    path(f"{ORGANIZATION}projects/", projects.Projects.as_view()),
    path("projects/", projects.Projects.as_view()),
    path(PROJECT, projects.ProjectDetail.as_view()),
    path(f"{PROJECT}issues/", issues.IssueList.as_view()),
    path(f"{PROJECT}intake/", ingest.Intake.as_view()),
    path(f"{PROJECT}policy/", lab.LabPolicy.as_view()),
    path(f"{PROJECT}policy/match/", lab.LabMatch.as_view()),
    path(f"{PROJECT}policy/check/", lab.LabCheck.as_view()),
    path(f"{PROJECT}policy/diff/", lab.LabDiff.as_view()),
    path(f"{PROJECT}policy/suggest/", lab.LabSuggest.as_view()),
    path(f"{PROJECT}policy/replay/", lab.LabReplay.as_view()),
    path(f"{ORGANIZATION}issues/", issues.OrganizationIssueList.as_view()),
    path(f"{ORGANIZATION}issues-stats/", issues.IssueStats.as_view()),
    # GlitchTip's path, then Sentry's.
    path(ISSUE, include(issue_urls)),
    path(ORGANIZATION + ISSUE, include(issue_urls)),
    path(f"{PROJECT}keys/", projects.Keys.as_view()),
    path(f"{PROJECT}keys/<str:key>/", projects.KeyDetail.as_view()),
]
