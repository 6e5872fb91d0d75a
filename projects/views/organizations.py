"""Organizations: what is in one, a new one, its settings, its end."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects import actions
from projects.access import get_organization, user_of
from projects.forms import ConfirmForm, NewForm, NewProjectForm, OrganizationForm, posted
from projects.fresh import fresh_sign_in, signed_in_just_now
from projects.models import Organization, Role

PAGE = 200


@require_safe
def organization(request: HttpRequest, org: str) -> HttpResponse:
    found = get_organization(request, org)
    page = {
        "organization": found,
        "projects": found.projects.live().order_by("label", "name").prefetch_related("sites")[:PAGE],
        "members": found.memberships.select_related("user").order_by("created_at")[:PAGE],
    }
    return render(request, "projects/organization.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A project in one of the organizations the person may add to, or with a new organization around it."""
    manageable = Organization.objects.filter(
        memberships__user=user_of(request), memberships__role__in=(Role.OWNER, Role.ADMIN), deleted_at=None
    )
    form = NewForm(posted(request), organizations=list(manageable.order_by("name")[:PAGE]))
    if not form.is_valid():
        return render(request, "projects/new.html", {"form": form}, status=422 if form.is_bound else 200)
    slug = form.cleaned_data.get("organization")
    team = form.organizations[slug] if slug else actions.create_organization(user_of(request), form.cleaned_data["organization_name"])
    return _made(request, team, form)


@require_http_methods(["GET", "HEAD", "POST"])
def new_project(request: HttpRequest, org: str) -> HttpResponse:
    team = get_organization(request, org, Role.ADMIN)
    form = NewProjectForm(posted(request))
    if not form.is_valid():
        return render(request, "projects/new.html", {"form": form, "organization": team}, status=422 if form.is_bound else 200)
    return _made(request, team, form)


def _made(request: HttpRequest, team: Organization, form: NewForm | NewProjectForm) -> HttpResponse:
    project = actions.create_project(team, form.cleaned_data["name"], form.cleaned_data["sites"])
    return redirect("projects:setup", team.slug, project.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_sign_in
def organization_settings(request: HttpRequest, org: str) -> HttpResponse:
    found = get_organization(request, org, Role.ADMIN)
    form = OrganizationForm(posted(request), instance=found)
    if not form.is_valid():
        return _settings(request, found, form, ConfirmForm(wanted=found.slug))
    actions.change_organization(found, form.cleaned_data)
    messages.success(request, "Saved.")
    return redirect("projects:organization_settings", found.slug)


@require_POST
@fresh_sign_in
def delete_organization(request: HttpRequest, org: str) -> HttpResponse:
    found = get_organization(request, org, Role.OWNER)
    if found.projects.live().filter(watches_instance__isnull=False).exists() and not user_of(request).is_superuser:
        raise PermissionDenied("This organization holds the project that watches this installation.")
    confirm = ConfirmForm(request.POST, wanted=found.slug)
    if not confirm.is_valid():
        return _settings(request, found, OrganizationForm(instance=found), confirm)
    actions.delete_organization(found)
    messages.success(request, f"{found.name} is gone. Its reports are being deleted in the background.")
    return redirect("issues:overview")


def _settings(request: HttpRequest, found: Organization, form: OrganizationForm, confirm: ConfirmForm) -> HttpResponse:
    page = {"organization": found, "form": form, "confirm": confirm, "is_fresh": signed_in_just_now(request)}
    return render(request, "projects/organization_settings.html", page, status=422 if form.errors or confirm.errors else 200)
