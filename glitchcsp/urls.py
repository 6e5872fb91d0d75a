"""The map of the site. A slug may not be one of the first segments here (projects.slugs, tests/projects/test_slugs.py)."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from glitchcsp import health, views

# Otherwise the admin's own form would let people in without their second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("favicon.ico", RedirectView.as_view(url="/static/favicon.svg")),
    path("robots.txt", views.robots),
    path("admin/", admin.site.urls),
    path("health/", health.health, name="health"),
    path("metrics", health.metrics, name="metrics"),
    path("new/sample/", views.demo, name="demo"),
    path("api/0/", include("glitchcsp.api_urls")),
    path("", include("projects.account_urls")),
    path("", include("ingest.urls")),
    path("", include("projects.urls")),
    path("", include("issues.urls")),
]
