"""Who belongs to an organization, and changing it."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from projects import members as verbs
from projects.access import get_membership, get_organization, may
from projects.actions import Refused
from projects.forms import InviteForm, RoleForm
from projects.fresh import fresh_sign_in
from projects.models import Membership, Role

PAGE = 500


@never_cache
@require_safe
def members(request: HttpRequest, org: str) -> HttpResponse:
    me = get_membership(request, org)
    return _show(request, me, InviteForm(inviter=me))


@never_cache
@require_POST
@fresh_sign_in
def invite(request: HttpRequest, org: str) -> HttpResponse:
    """The answer itself shows the link, so that the token is kept nowhere."""
    me = get_membership(request, org, Role.ADMIN)
    form = InviteForm(request.POST, inviter=me)
    if not form.is_valid():
        return _show(request, me, form)
    email = form.cleaned_data["email"].lower()
    try:
        token = verbs.invite(me.organization, me, email, form.cleaned_data["role"])
    except Refused as refused:
        form.add_error("email", str(refused))
        return _show(request, me, form)
    link = settings.PUBLIC_URL + reverse("projects:invitation_token", args=[token])
    _mail(me, email, link)
    return _show(request, me, InviteForm(inviter=me), link=link, invited=email)


@require_POST
@fresh_sign_in
def change_role(request: HttpRequest, org: str, pk: int) -> HttpResponse:
    me = get_membership(request, org, Role.ADMIN)
    membership = get_object_or_404(me.organization.memberships.select_related("user"), pk=pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        role = form.cleaned_data["role"]
        _try(request, lambda: verbs.change_role(me, membership, role), f"{membership.user} is {role} now.")
    return redirect("projects:members", org)


@require_POST
@fresh_sign_in
def remove(request: HttpRequest, org: str, pk: int) -> HttpResponse:
    me = get_membership(request, org)
    membership = get_object_or_404(me.organization.memberships.select_related("user"), pk=pk)
    if membership.pk != me.pk:
        get_organization(request, org, Role.ADMIN)
    left = membership.pk == me.pk
    done = _try(request, lambda: verbs.remove(me, membership), f"{membership.user} is no member of {me.organization} any more.")
    return redirect("issues:overview") if done and left else redirect("projects:members", org)


@require_POST
@fresh_sign_in
def withdraw(request: HttpRequest, org: str, pk: int) -> HttpResponse:
    organization = get_organization(request, org, Role.ADMIN)
    invitation = get_object_or_404(organization.invitations, pk=pk, accepted_at=None)
    invitation.delete()
    messages.success(request, f"The invitation of {invitation.email} works no more.")
    return redirect("projects:members", org)


def _try(request: HttpRequest, verb: Callable[[], None], words: str) -> bool:
    try:
        verb()
    except Refused as refused:
        messages.error(request, str(refused))
        return False
    messages.success(request, words)
    return True


def _show(request: HttpRequest, me: Membership, form: InviteForm, link: str = "", invited: str = "") -> HttpResponse:
    organization = me.organization
    manages = may(me.role, Role.ADMIN)
    open_since = timezone.now() - verbs.INVITATION_LIFE
    page = {
        "organization": organization,
        "me": me,
        "manages": manages,
        "members": [
            (row, RoleForm(initial={"role": row.role}, auto_id=f"role_{row.pk}_%s"))
            for row in organization.memberships.select_related("user").order_by("created_at")[:PAGE]
        ],
        "invitations": organization.invitations.filter(accepted_at=None, created_at__gt=open_since).order_by("-created_at")[:PAGE]
        if manages
        else [],
        "form": form,
        "link": link,
        "invited": invited,
        "has_mail": settings.HAS_MAIL,
    }
    return render(request, "projects/members.html", page, status=422 if form.errors else 200)


def _mail(inviter: Membership, email: str, link: str) -> None:
    if not settings.HAS_MAIL:
        return
    subject = " ".join(f"{inviter.user} invites you to {inviter.organization} on GlitchCSP".split())
    text = render_to_string("projects/invitation_mail.txt", {"inviter": inviter, "link": link})
    send_mail(subject, text, get_adapter().get_from_email(), [email], fail_silently=True)
