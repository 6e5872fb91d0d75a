"""Set-up: the endpoint, the header to send, and the wait for the first report (ux.md, sections 6 and 12 D)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from projects import firstrun
from projects.access import get_project
from projects.forms import PolicyForm
from projects.models import Project
from projects.paste import Pasted
from projects.paste import add_reporting as with_reporting
from projects.refusals import refusals_today
from projects.setup import BY_SLUG, LEARN, SELF, SERVERS, Block, Directives, Server, Unwritable, Wish, blocks
from projects.warnings import warnings_of

REMEMBERED = "setup_for"
QUIET_SECONDS = 60
BLOCKED = "https://blocked.invalid/picture.png"
"""No such host can exist (RFC 2606), so a policy that fails to block it fetches nothing from anybody."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """What one server needs, report-only and enforcing; `refused` says why it can't be written there."""

    watch: list[Block]
    enforce: list[Block]
    refused: str = ""


@never_cache
@require_safe
def setup_page(request: HttpRequest, org: str, project: str) -> HttpResponse:
    found = get_project(request, org, project)
    learn = request.GET.get("start") == "learn"
    return _show(request, found, LEARN if learn else SELF, PolicyForm(), learn=learn)


@never_cache
@require_POST
def add_reporting(request: HttpRequest, org: str, project: str) -> HttpResponse:
    """Nothing is stored: the answer shows the policy with reporting added, and the snippets made of it."""
    found = get_project(request, org, project)
    form = PolicyForm(request.POST)
    key = found.key
    if form.is_valid() and key is not None:
        try:
            pasted = with_reporting(form.cleaned_data["policy"], key.security_endpoint)
            return _show(request, found, pasted.directives, form, pasted=pasted)
        except ValueError as error:
            form.add_error("policy", str(error))
    return _show(request, found, SELF, form)


@never_cache
@require_safe
def status(request: HttpRequest, org: str, project: str) -> JsonResponse:
    """What the waiting line polls: whether the first report came, and the line that says so."""
    found = get_project(request, org, project)
    line = render_to_string("projects/_first_report.txt", {"project": found}).strip()
    return JsonResponse({"first_report_at": found.first_report_at, "words": line, "url": f"{found.get_absolute_url()}?q="})


def _show(
    request: HttpRequest, found: Project, directives: Directives, form: PolicyForm, learn: bool = False, pasted: Pasted | None = None
) -> HttpResponse:
    key = found.key
    refusals = refusals_today(found.pk)
    server = BY_SLUG.get(request.GET.get("for", "") or request.COOKIES.get(REMEMBERED, ""), SERVERS[0])
    endpoint = key.security_endpoint if key else ""
    page = {
        "project": found,
        "tab": "setup",
        "key": key,
        "endpoint": endpoint,
        "public_url": settings.PUBLIC_URL,
        "public_host": urlsplit(settings.PUBLIC_URL).netloc,
        "test_endpoint": f"{endpoint}&glitchcsp_test=1",
        "is_https": endpoint.startswith("https://"),
        "only_this_computer": firstrun.only_this_computer(),
        "servers": SERVERS,
        "server": server,
        "snippet": _snippet(server, directives, endpoint, learn) if key else None,
        "learn": learn,
        "form": form,
        "pasted": pasted,
        "site": _first_site(found),
        "curl": f"curl -sI {_first_site(found)} | grep -i content-security",
        "console_line": f"new Image().src = '{BLOCKED}'",
        "blocked_image": f'<img src="{BLOCKED}" alt="">',
        "refusals": refusals,
        "warnings": warnings_of(found.pk),
        "refused_total": sum(refusal.reports for refusal in refusals),
        "is_quiet": _is_quiet(found),
    }
    answer = render(request, "projects/setup.html", page, status=422 if form.errors else 200)
    if request.GET.get("for") in BY_SLUG:
        answer.set_cookie(REMEMBERED, server.slug, max_age=365 * 24 * 3600, secure=settings.HTTPS, httponly=True, samesite="Lax")
    _let_the_test_out(answer, endpoint)
    return answer


def _snippet(server: Server, directives: Directives, endpoint: str, learn: bool) -> Snippet:
    """Who learns with 'none' enforces 'self' at first: enforcing 'none' would take the whole site away."""
    try:
        return Snippet(
            watch=blocks(server, Wish(directives, endpoint, enforce=False)),
            enforce=blocks(server, Wish(SELF if learn else directives, endpoint, enforce=True)),
        )
    except Unwritable as reason:
        return Snippet([], [], str(reason))


def _first_site(found: Project) -> str:
    site = found.sites.exclude(host__startswith="*").first()
    return f"https://{site.host}" if site else "https://your.site"


def _is_quiet(found: Project) -> bool:
    waited = (timezone.now() - found.created_at).total_seconds()
    return found.first_report_at is None and waited > QUIET_SECONDS


def _let_the_test_out(answer: HttpResponse, endpoint: str) -> None:
    """The test report is posted by this page's script; where the endpoint has an address of its own, our policy must allow it."""
    address = urlsplit(endpoint)
    if endpoint and f"{address.scheme}://{address.netloc}" != settings.PUBLIC_URL:
        answer._csp_update = {"connect-src": [f"{address.scheme}://{address.netloc}"]}  # type: ignore[attr-defined]  # django-csp reads it
