"""What a project declares, as the verdict rules want it: loaded when its settings' version changes, not per report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from issues.verdicts import ProjectFacts
from projects.models import Project

MOST_PROJECTS = 2_000  # kept in this process


@dataclass(frozen=True, slots=True)
class ProjectState:
    """One project at one version of its settings."""

    id: int
    version: int
    facts: ProjectFacts
    keep_query_hosts: frozenset[str] = field(default=frozenset())


_states: dict[int, ProjectState] = {}


def states_of(project_ids: Iterable[int]) -> dict[int, ProjectState]:
    """The projects that are live, with one query for their versions and one more for each whose settings changed."""
    rows = Project.objects.live().filter(id__in=set(project_ids)).values_list("id", "settings_version")
    found: dict[int, ProjectState] = {}
    for project_id, version in rows:
        state = _states.get(project_id)
        if state is None or state.version != version:
            state = _load(project_id, version)
            if len(_states) >= MOST_PROJECTS:
                _states.clear()
            _states[project_id] = state
        found[project_id] = state
    return found


def forget() -> None:
    """Let go of every project: a number and a version may be another project's by now (issues.memory)."""
    _states.clear()


def _load(project_id: int, version: int) -> ProjectState:
    project = Project.objects.select_related("organization").prefetch_related("sites", "paused_rules").get(id=project_id)
    sites = tuple(site.host for site in project.sites.all())
    facts = ProjectFacts(
        sites=sites,
        own_extensions=(*project.own_extensions, *project.organization.own_extensions),
        own_schemes=(*project.own_schemes, *project.organization.own_schemes),
        sensitive=tuple(project.sensitive_pages),
        paused=frozenset(pause.rule for pause in project.paused_rules.all()),
    )
    return ProjectState(project_id, version, facts, frozenset(sites) if project.keep_query else frozenset())
