"""Verbs on organizations, projects, keys and sites. Each is one transaction; Refused says why a verb did not happen."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from projects import slugs
from projects.models import Membership, Organization, Project, ProjectKey, Role, Site, User

# A change of these changes what a verdict would be, so caches keyed by settings_version must let go.
JUDGED_BY = frozenset({"own_extensions", "own_schemes", "sensitive_pages", "keep_query"})


class Refused(Exception):
    """Not done, and why, in words for the person who asked."""


@transaction.atomic
def create_organization(owner: User, name: str) -> Organization:
    taken = _Taken(lambda slug: Organization.objects.filter(slug=slug).exists())
    organization = Organization.objects.create(slug=slugs.free_slug(name, taken, fallback="team"), name=name)
    Membership.objects.create(organization=organization, user=owner, role=Role.OWNER)
    return organization


@transaction.atomic
def create_project(organization: Organization, name: str, sites: Iterable[str] = (), label: str = "") -> Project:
    """A project with its first key. Two of the same name get addresses of their own."""
    taken = _Taken(lambda slug: Project.objects.filter(organization=organization, slug=slug).exists())
    project = Project.objects.create(
        organization=organization,
        slug=slugs.free_slug(name, taken, slugs.RESERVED_PROJECTS),
        name=name,
        prefix=slugs.prefix_of(name),
        label=label,
    )
    Site.objects.bulk_create(Site(project=project, host=host) for host in dict.fromkeys(sites))
    ProjectKey.objects.create(project=project)
    return project


@transaction.atomic
def change_project(project: Project, changes: dict[str, object], sites: Iterable[str] | None = None) -> bool:
    """Save the fields that differ and the sites if given. True if verdicts may come out differently from now on."""
    changed = {name: value for name, value in changes.items() if getattr(project, name) != value}
    judged = bool(JUDGED_BY & changed.keys())
    if sites is not None:
        judged = _set_sites(project, set(sites)) or judged
    for name, value in changed.items():
        setattr(project, name, value)
    if changed:
        project.save(update_fields=list(changed))
    if judged:
        bump_settings_version(project)
    return judged


@transaction.atomic
def change_organization(organization: Organization, changes: dict[str, object]) -> None:
    """Save the fields that differ; what verdicts depend on is declared for all its projects."""
    changed = {name: value for name, value in changes.items() if getattr(organization, name) != value}
    for name, value in changed.items():
        setattr(organization, name, value)
    if changed:
        organization.save(update_fields=list(changed))
    if JUDGED_BY & changed.keys():
        organization.projects.live().update(settings_version=F("settings_version") + 1)


def bump_settings_version(project: Project) -> None:
    """Added in the database: two people may save at once, and no version may be given to two states."""
    Project.objects.filter(pk=project.pk).update(settings_version=F("settings_version") + 1)
    project.refresh_from_db(fields=["settings_version"])


def _set_sites(project: Project, wanted: set[str]) -> bool:
    held = set(project.sites.values_list("host", flat=True))
    project.sites.filter(host__in=held - wanted).delete()
    Site.objects.bulk_create([Site(project=project, host=host) for host in sorted(wanted - held)], ignore_conflicts=True)
    return held != wanted


def add_key(project: Project, label: str) -> ProjectKey:
    return ProjectKey.objects.create(project=project, label=label)


def rename_key(key: ProjectKey, label: str) -> None:
    ProjectKey.objects.filter(pk=key.pk).update(label=label)


@transaction.atomic
def set_key_active(key: ProjectKey, active: bool) -> None:
    """Revoking works within 10 s: until then the door answers from its cache of keys (design.md, "The door")."""
    ProjectKey.objects.filter(pk=key.pk).update(is_active=active)
    bump_settings_version(key.project)


def delete_project(project: Project) -> None:
    """Out of sight at once; projects.tasks.delete_marked removes the rows in the background."""
    Project.objects.filter(pk=project.pk).update(deleted_at=timezone.now(), settings_version=F("settings_version") + 1)


@transaction.atomic
def delete_organization(organization: Organization) -> None:
    """Its members lose it at once; its projects go in the background, and then the row itself."""
    now = timezone.now()
    organization.projects.live().update(deleted_at=now, settings_version=F("settings_version") + 1)
    organization.memberships.all().delete()
    organization.invitations.all().delete()
    Organization.objects.filter(pk=organization.pk).update(deleted_at=now)


class _Taken:
    """`in` asks the database about one slug, so that no list of all slugs is read."""

    def __init__(self, exists: Callable[[object], bool]) -> None:
        self._exists = exists

    def __contains__(self, slug: object) -> bool:
        return self._exists(slug)
