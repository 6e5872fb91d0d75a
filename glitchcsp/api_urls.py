"""The API under /api/0/, as GlitchTip and Sentry clients know its paths. /api/<id>/security/ is the endpoint, not this."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from projects import api as projects

ORGANIZATION = "organizations/<slug:org>/"
PROJECT = "projects/<slug:org>/<slug:project>/"

urlpatterns = [
    path("", projects.Root.as_view()),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("organizations/", projects.Organizations.as_view()),
    path(ORGANIZATION, projects.OrganizationDetail.as_view()),
    path(f"{ORGANIZATION}projects/", projects.Projects.as_view()),
    path("projects/", projects.Projects.as_view()),
    path(PROJECT, projects.ProjectDetail.as_view()),
    path(f"{PROJECT}keys/", projects.Keys.as_view()),
    path(f"{PROJECT}keys/<str:key>/", projects.KeyDetail.as_view()),
]
