"""The demo in the background: a day at a time, so that real reports are drained in between."""

from __future__ import annotations

from celery import shared_task

from glitchcsp.demo import fill
from projects.models import Project, User


@shared_task(name="glitchcsp.tasks.fill_demo")
def fill_demo(project_id: int, user_id: int) -> None:
    if fill.fill_next_day(project_id):
        fill_demo.apply_async(args=[project_id, user_id], retry=False)
        return
    project = Project.objects.live().filter(pk=project_id).first()
    user = User.objects.filter(pk=user_id).first()
    if project and user:
        fill.decide(project, user)
