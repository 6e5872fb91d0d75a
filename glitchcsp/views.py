"""What belongs to no app: sample data, which needs every layer, and the file that crawlers ask for."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError

from glitchcsp.demo import fill
from glitchcsp.tasks import fill_demo
from projects.access import get_organization, user_of
from projects.models import Membership, Role


@require_POST
def demo(request: HttpRequest) -> HttpResponse:
    """POST `organization`, its slug; without it the oldest that the person runs. The project is there at once and fills within a minute."""
    organization = get_organization(request, request.POST.get("organization") or _own_organization(request), Role.ADMIN)
    project = fill.project_for(organization)
    if fill.days_done(project) < fill.DAYS:
        try:
            fill_demo.apply_async(args=[project.pk, user_of(request).pk], retry=False)
            messages.info(request, "A month of sample reports is coming in. It takes about a minute.")
        except OperationalError:
            messages.error(request, "The worker can't be reached, so no sample data came. Is it running?")
    return redirect(project)


def _own_organization(request: HttpRequest) -> str:
    runs = Membership.objects.filter(user=user_of(request), role__in=[Role.OWNER, Role.ADMIN], organization__deleted_at=None)
    slug = runs.order_by("id").values_list("organization__slug", flat=True).first()
    if slug is None:
        raise PermissionDenied("Sample data needs a project of its own, and making one takes an admin.")
    return slug


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")
