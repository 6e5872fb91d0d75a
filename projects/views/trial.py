"""/try/: a page whose policy blocks a picture, so that a newcomer sees a real browser report a real violation.

The picture comes from this instance under its other name (localhost and 127.0.0.1, or the endpoint's own host), so nothing
is fetched from anybody else. Where there is only one name, the policy allows no picture at all.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from projects.access import user_of
from projects.models import Project, ProjectKey
from projects.setup import ENFORCE, REPORT_ONLY, Directives, Wish

PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180" width="320" height="180">
<rect width="320" height="180" fill="#204ec3"/><circle cx="244" cy="52" r="24" fill="#fcf0d7"/>
<path d="M0 180 L96 72 L160 140 L208 96 L320 180 Z" fill="#0e0c0a"/></svg>"""

OTHER_NAME = {"127.0.0.1": "localhost", "localhost": "127.0.0.1", "::1": "localhost"}


@never_cache
@require_safe
def trial(request: HttpRequest, which: str) -> HttpResponse:
    """`which` is a public key, which any visitor's browser may know, or for members a project's number."""
    if which.isdigit() and len(which) < 32:
        return _to_key(request, int(which))
    key = (
        ProjectKey.objects.select_related("project__organization")
        .filter(public_key=which, is_active=True, project__deleted_at=None)
        .first()
    )
    if key is None:
        raise Http404("No active key is this.")
    enforce = request.GET.get("mode") == "enforce"
    picture = reverse("projects:try_picture", args=[which])
    other = _other_origin(request)
    wish = Wish(_policy(bool(other)), key.security_endpoint, enforce=enforce)
    page = {
        "picture": other + picture,
        "has_other": bool(other),
        "enforce": enforce,
        "policy": wish.policy,
        "header": wish.header,
        "key": key,
        "member": _is_member(request, key),
    }
    return _under(render(request, "projects/try.html", page), wish)


@require_safe
def picture(request: HttpRequest, which: str) -> HttpResponse:
    """Data-free: the same for everybody, and loadable from our other name."""
    answer = HttpResponse(PICTURE, content_type="image/svg+xml")
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _to_key(request: HttpRequest, number: int) -> HttpResponse:
    """Numbers can be guessed and lead to keys, so only members get on."""
    if not request.user.is_authenticated:
        return redirect(f"/login/?next=/try/{number}/")
    project = Project.objects.visible_to(user_of(request)).filter(pk=number).first()
    key = project.key if project else None
    if key is None:
        raise Http404("No project of yours has this number and an active key.")
    return redirect("projects:try", key.public_key)


def _is_member(request: HttpRequest, key: ProjectKey) -> bool:
    return request.user.is_authenticated and Project.objects.visible_to(user_of(request)).filter(pk=key.project_id).exists()


def _other_origin(request: HttpRequest) -> str:
    """This instance under a host name that is not the one of this request; "" where it has none."""
    here = urlsplit(f"{request.scheme}://{request.get_host()}")
    name = OTHER_NAME.get(here.hostname or "")
    if name:
        return urlunsplit((here.scheme, f"{name}:{here.port}" if here.port else name, "", "", ""))
    for address in map(urlsplit, (settings.INGEST_URL, settings.PUBLIC_URL)):
        if settings.ROLE == "all" and address.hostname != here.hostname:
            return f"{address.scheme}://{address.netloc}"
    return ""


def _policy(has_other: bool) -> Directives:
    return (
        ("default-src", ("'none'",)),
        ("script-src", ("'self'",)),
        ("style-src", ("'self'",)),
        ("img-src", ("'self'",) if has_other else ("'none'",)),
        ("form-action", ("'self'",)),
        ("base-uri", ("'none'",)),
    )


def _under(answer: HttpResponse, wish: Wish) -> HttpResponse:
    """This page's own policy in place of ours, both kinds."""
    answer._csp_exempt = answer._csp_exempt_ro = True  # type: ignore[attr-defined]  # django-csp reads them
    answer.headers[ENFORCE if wish.enforce else REPORT_ONLY] = wish.policy
    answer.headers["Reporting-Endpoints"] = wish.reporting_endpoints
    if not wish.https:
        del answer.headers["Reporting-Endpoints"]
    return answer
