"""Deleting a project: every row that hangs from it, whichever app it is in, children first, a thousand at a time.

The tables are found from the models, so that a table added later is not forgotten. Nothing is remembered between
steps: what is still there is what is left to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from django.apps import apps
from django.db import models, transaction

from projects.models import Organization, Project

STEP = 1000


def erase_next() -> int:
    """Delete up to STEP rows of one table of one deleted project or organization. 0 when nothing is left."""
    project = Project.objects.exclude(deleted_at=None).order_by("pk").first()
    if project is not None:
        return _erase_of(project)
    organization = Organization.objects.exclude(deleted_at=None).order_by("pk").first()
    return organization.delete()[0] if organization else 0


def _erase_of(project: Project) -> int:
    for model, lookup in (*_branches(Project), *_loose()):
        keys = list(model._base_manager.filter(**{lookup: project.pk}).values_list("pk", flat=True)[:STEP])
        if keys:
            with transaction.atomic():
                return model._base_manager.filter(pk__in=keys).delete()[0]
    with transaction.atomic():
        return project.delete()[0]


@cache
def _branches(model: type[models.Model]) -> tuple[tuple[type[models.Model], str], ...]:
    """Every table below this one by cascading foreign keys, deepest first, with the lookup that leads from it to the root."""
    return tuple(_below(model, "", frozenset({model})))


def _below(model: type[models.Model], path: str, seen: frozenset[type[models.Model]]) -> Iterator[tuple[type[models.Model], str]]:
    for relation in model._meta.related_objects:
        child, field = relation.related_model, relation.field
        if relation.on_delete is not models.CASCADE or child in seen:
            continue
        lookup = f"{field.name}__{path}" if path else field.name
        yield from _below(child, lookup, seen | {child})
        yield child, lookup


@cache
def _loose() -> tuple[tuple[type[models.Model], str], ...]:
    """Tables that name a project by number alone, without a foreign key."""
    return tuple(
        (model, "project_id")
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.name == "project_id" and not field.is_relation
    )
