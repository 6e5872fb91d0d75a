"""The map of the site. A slug may not be one of the first segments here (projects.slugs, tests/projects/test_slugs.py)."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from glitchcsp import health, views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("health/", health.health, name="health"),
    path("metrics", health.metrics, name="metrics"),
    path("new/sample/", views.demo, name="demo"),
    path("api/0/", include("glitchcsp.api_urls")),
    path("", include("projects.account_urls")),
    path("", include("projects.urls")),
    path("", include("issues.urls")),
]
