"""The first page of a new installation: one account, one organization, one project, one form."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from projects import firstrun
from projects.actions import Refused
from projects.forms import WelcomeForm, posted
from projects.signing_in import sign_in


@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    if not firstrun.is_new():
        return redirect("issues:overview")
    form = WelcomeForm(posted(request), ask_code=not firstrun.only_this_computer())
    if not form.is_valid():
        return render(request, "projects/welcome.html", {"form": form}, status=422 if form.is_bound else 200)
    asked = {name: form.cleaned_data[name] for name in ("email", "password", "organization", "project", "sites")}
    try:
        user, project = firstrun.begin(**asked)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("account_login")
    sign_in(request, user)
    return redirect("projects:setup", project.organization.slug, project.slug)
