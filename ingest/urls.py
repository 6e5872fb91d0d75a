"""Pages about the road itself."""

from __future__ import annotations

from django.urls import path

from ingest import views

app_name = "ingest"

urlpatterns = [
    path("status/", views.status, name="status"),
    path("<slug:org>/<slug:project>/intake/", views.intake, name="intake"),
]
