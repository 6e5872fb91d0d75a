"""A project's settings, and its end."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from projects import actions
from projects.access import get_project, may
from projects.forms import ConfirmForm, ProjectForm, posted
from projects.fresh import fresh_sign_in
from projects.models import Project, Role
from projects.views.help_page import retention_words


@require_http_methods(["GET", "HEAD", "POST"])
def project_settings(request: HttpRequest, org: str, project: str) -> HttpResponse:
    needed = Role.ADMIN if request.method == "POST" else Role.VIEWER
    found = get_project(request, org, project, needed)
    form = _form(request, found)
    if not form.is_valid():
        return _show(request, found, form, ConfirmForm(wanted=found.slug))
    judged = actions.change_project(found, form.changes(), form.cleaned_data["sites"])
    messages.success(request, "Saved. Reports from now on are judged by it." if judged else "Saved.")
    return redirect("projects:settings", org, project)


@require_POST
@fresh_sign_in
def delete(request: HttpRequest, org: str, project: str) -> HttpResponse:
    found = get_project(request, org, project, Role.ADMIN)
    confirm = ConfirmForm(request.POST, wanted=found.slug)
    if not confirm.is_valid():
        return _show(request, found, _form(None, found), confirm)
    actions.delete_project(found)
    messages.success(request, f"{found.name} is gone. Its reports are being deleted in the background.")
    return redirect("projects:organization", org)


def _form(request: HttpRequest | None, found: Project) -> ProjectForm:
    form = ProjectForm(posted(request) if request else None, instance=found, initial={"sites": [site.host for site in found.sites.all()]})
    if not may(found.role, Role.ADMIN):
        for field in form.fields.values():
            field.disabled = True
    return form


def _show(request: HttpRequest, found: Project, form: ProjectForm, confirm: ConfirmForm) -> HttpResponse:
    page = {"project": found, "tab": "settings", "form": form, "confirm": confirm, "retention": retention_words()}
    return render(request, "projects/settings.html", page, status=422 if form.errors or confirm.errors else 200)
