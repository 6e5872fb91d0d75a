"""Accepting an invitation. Its token leaves the address before anything is shown (trust.md, "People")."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from projects import members
from projects.actions import Refused
from projects.forms import NewAccountForm, posted
from projects.models import Invitation, User
from projects.signing_in import sign_in
from projects.views.entrance import keep_address_secret

TOKEN = "invitation_token"


@never_cache
@require_safe
def swap_token(request: HttpRequest, token: str) -> HttpResponseBase:
    if members.open_invitation(token):  # a session for every made-up token would fill the table
        request.session[TOKEN] = token
    return keep_address_secret(redirect("projects:invitation"))


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    token = request.session.get(TOKEN, "")
    found = members.open_invitation(token) if token else None
    if found is None:
        return render(request, "projects/invitation_gone.html", status=410)
    form = _form(request, found)
    if request.method == "POST" and (form is None or form.is_valid()):
        return _accept(request, token, form)
    known = form is None
    page = {"invitation": found, "form": form, "known": known, "is_other": _is_other(request, found)}
    return render(request, "projects/invitation.html", page, status=422 if form and form.is_bound else 200)


def _form(request: HttpRequest, found: Invitation) -> NewAccountForm | None:
    """None for whoever has an account, who signs in instead."""
    if request.user.is_authenticated or User.objects.filter(email=found.email).exists():
        return None
    return NewAccountForm(posted(request), email=found.email)


def _is_other(request: HttpRequest, found: Invitation) -> bool:
    return request.user.is_authenticated and request.user.email.lower() != found.email


def _accept(request: HttpRequest, token: str, form: NewAccountForm | None) -> HttpResponse:
    if form is None and not request.user.is_authenticated:
        return redirect("/login/?next=/invite/")
    try:
        if form is None:
            membership = members.accept(token, request.user)  # type: ignore[arg-type]  # signed in, so one of ours
        else:
            membership = members.accept_with_new_account(token, form.cleaned_data["name"], form.cleaned_data["password"])
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("projects:invitation")
    request.session.pop(TOKEN, None)
    if form is not None:
        sign_in(request, membership.user)
    messages.success(request, f"You are {membership.get_role_display().lower()} of {membership.organization} now.")
    return redirect(membership.organization)
