"""A person's own page: name, time zone, theme, shortcuts, API tokens, and the end of the account."""

from __future__ import annotations

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from projects.access import user_of
from projects.actions import Refused
from projects.forms import AccountForm, ConfirmForm, TokenForm, posted
from projects.fresh import fresh_sign_in
from projects.members import delete_account
from projects.tokens import create_token as make_token

YEAR = 365 * 24 * 3600
MOST_TOKENS = 100


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    form = AccountForm(posted(request), instance=user_of(request))
    if not form.is_valid():
        return _show(request, form, TokenForm())
    user = form.save()
    messages.success(request, "Saved.")
    answer = redirect("projects:account")
    # The theme is read from the cookie, so that sign-in and error pages have it too.
    answer.set_cookie("theme", user.theme, max_age=YEAR if user.theme else 0, secure=settings.HTTPS, httponly=True, samesite="Lax")
    return answer


@never_cache
@require_POST
@fresh_sign_in
def create_token(request: HttpRequest) -> HttpResponse:
    """The answer itself shows the token, so that it is kept nowhere, not even in the session."""
    form = TokenForm(request.POST)
    if form.is_valid() and user_of(request).tokens.count() >= MOST_TOKENS:
        form.add_error("name", f"{MOST_TOKENS} tokens are the most. Delete one that nothing uses.")
    if not form.is_valid():
        return _show(request, AccountForm(instance=user_of(request)), form)
    plain = make_token(user_of(request), form.cleaned_data["name"], form.cleaned_data["scopes"])
    return _show(request, AccountForm(instance=user_of(request)), TokenForm(), new_token=plain)


@require_POST
@fresh_sign_in
def delete_token(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(user_of(request).tokens, pk=pk)
    token.delete()
    messages.success(request, f"“{token.name}” works no more.")
    return redirect("projects:account")


@never_cache
@require_POST
@fresh_sign_in
def delete(request: HttpRequest) -> HttpResponse:
    """The whole account, its address typed by hand. Signing out first: the session must not outlive the person."""
    user = user_of(request)
    confirm = ConfirmForm(request.POST, wanted=user.email)
    if confirm.is_valid():
        try:
            delete_account(user)
        except Refused as refused:
            confirm.add_error("name", str(refused))
        else:
            logout(request)
            messages.success(request, "Your account is deleted.")
            return redirect("account_login")
    return _show(request, AccountForm(instance=user), TokenForm(), confirm=confirm)


def _show(
    request: HttpRequest, form: AccountForm, token_form: TokenForm, new_token: str = "", confirm: ConfirmForm | None = None
) -> HttpResponse:
    confirm = confirm or ConfirmForm(wanted=user_of(request).email)
    bad = form.errors or token_form.errors or confirm.errors
    page = {
        "form": form,
        "token_form": token_form,
        "confirm": confirm,
        "new_token": new_token,
        "tokens": user_of(request).tokens.order_by("-created_at")[:MOST_TOKENS],
        "has_two_factor": is_mfa_enabled(user_of(request)),
        "memberships": user_of(request).memberships.select_related("organization").order_by("organization__name")[:100],
    }
    return render(request, "projects/account.html", page, status=422 if bad else 200)
