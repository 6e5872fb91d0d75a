"""A project's keys: several at once, so that one can be replaced without losing a report."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from projects import actions
from projects.access import get_project
from projects.forms import KeyForm, posted
from projects.fresh import fresh_sign_in
from projects.models import Project, Role

MOST_KEYS = 50


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_sign_in
def keys(request: HttpRequest, org: str, project: str) -> HttpResponse:
    found = get_project(request, org, project, Role.ADMIN if request.method == "POST" else Role.VIEWER)
    form = KeyForm(posted(request))
    if form.is_valid() and found.keys.count() >= MOST_KEYS:
        form.add_error("label", f"{MOST_KEYS} keys are the most. Rename or reactivate one of them.")
    if not form.is_valid():
        return _show(request, found, form)
    key = actions.add_key(found, form.cleaned_data["label"])
    messages.success(request, f"The key “{key.label}” takes reports now.")
    return redirect("projects:keys", org, project)


@require_POST
@fresh_sign_in
def rename(request: HttpRequest, org: str, project: str, pk: int) -> HttpResponse:
    found = get_project(request, org, project, Role.ADMIN)
    key = get_object_or_404(found.keys, pk=pk)
    form = KeyForm(request.POST)
    if form.is_valid():
        actions.rename_key(key, form.cleaned_data["label"])
    return redirect("projects:keys", org, project)


@require_POST
@fresh_sign_in
def switch(request: HttpRequest, org: str, project: str, pk: int) -> HttpResponse:
    """Revoke, or take back into use: `active` says which."""
    found = get_project(request, org, project, Role.ADMIN)
    key = get_object_or_404(found.keys, pk=pk)
    active = request.POST.get("active") == "yes"
    actions.set_key_active(key, active)
    words = "takes reports again." if active else "is revoked: within 10 seconds its reports are answered but not stored."
    messages.success(request, f"The key “{key.label}” {words}")
    return redirect("projects:keys", org, project)


def _show(request: HttpRequest, found: Project, form: KeyForm) -> HttpResponse:
    page = {"project": found, "tab": "settings", "form": form, "keys": found.keys.select_related("project").order_by("id")[:MOST_KEYS]}
    return render(request, "projects/keys.html", page, status=422 if form.errors else 200)
