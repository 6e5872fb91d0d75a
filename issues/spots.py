"""Reports without a sample join the issue of sampled code that was seen on the same spot, while there is but one.

WebKit sends no sample over report-uri, and no browser does where the policy does not ask for one. A spot (issues.fingerprint)
is a page by its own name, or the file that puts the code in. Alone on its spot, an issue of signal takes what comes without
a sample there; next to a second one nobody can tell, and such reports have an issue of their own ("no sample"). Noise,
likely attacks and overflow issues never take any. issues.joining moves what was counted before a spot was known.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from functools import partial

from django.db import transaction

from issues.fingerprint import Fingerprint
from issues.models import Spot
from issues.upsert import upsert
from policies.words import NOISE_SLUGS

MOST_SPOTS = 5_000
"""Of one project; on spots that came later nothing is joined."""
MOST_REMEMBERED = 50_000
Key = tuple[int, int, str]  # of an issue: project, key version, key
_remembered: OrderedDict[tuple[int, int, str], None] = OrderedDict()


def takes(verdict: str) -> bool:
    """Whether an issue of this verdict takes reports without a sample: noise would hide them, and an attack is one report's own."""
    return verdict not in NOISE_SLUGS and verdict != "attack"


def homes_of(seen: Iterable[tuple[int, Fingerprint, str]]) -> dict[tuple[int, str], Key]:
    """By project and spot, the issue that reports without a sample join. `seen`: a batch's projects, fingerprints and verdicts.

    One query where the batch holds any.
    """
    on_spots = [one for one in seen if one[1].spot]
    mute = {(project_id, found.spot) for project_id, found, _ in on_spots if not found.bare}
    if not mute:
        return {}
    keys: dict[tuple[int, str], set[Key]] = {}
    closed: set[tuple[int, str]] = set()
    for project_id, found, verdict in on_spots:
        if found.bare and takes(verdict):
            keys.setdefault((project_id, found.spot), set()).add((project_id, found.version, found.key))
    held = Spot.objects.filter(project_id__in={place[0] for place in mute}, spot__in={place[1] for place in mute})
    columns = ("project_id", "spot", "issue__key_version", "issue__key", "issue__verdict")
    for project_id, spot, version, key, verdict in held.values_list(*columns):
        keys.setdefault((project_id, spot), set()).add((project_id, version, key))
        if not takes(verdict):
            closed.add((project_id, spot))
    return {place: next(iter(keys[place])) for place in mute - closed if len(keys.get(place, ())) == 1}


def remember(seen: Iterable[tuple[int, int, Fingerprint]]) -> bool:
    """Note where sampled code was seen: projects, ids of issues, fingerprints. Whether any of it is new. In the caller's transaction."""
    wanted = {(project_id, issue_id, found.spot): found.bare for project_id, issue_id, found in seen}
    wanted = {place: bare for place, bare in wanted.items() if place not in _remembered}
    if not wanted:
        return False
    admitted = _admitted(set(wanted))
    values = [(*place, wanted[place], False) for place in admitted]
    columns = ("project_id", "issue_id", "spot", "bare", "settled")
    new = upsert(Spot, columns, values, key=("project_id", "spot", "issue_id"), how={}, returning=("id",))
    transaction.on_commit(partial(_keep, list(wanted)))
    return bool(new)


def _admitted(wanted: set[tuple[int, int, str]]) -> set[tuple[int, int, str]]:
    """A spot that is known takes any number of issues, or a second one would go unseen there."""
    projects = {project for project, _, _ in wanted}
    full = {project for project in projects if Spot.objects.filter(project=project).count() >= MOST_SPOTS}
    if not full:
        return wanted
    held = Spot.objects.filter(project__in=full, spot__in={spot for _, _, spot in wanted})
    known = set(held.values_list("project_id", "spot"))
    return {(project, issue, spot) for project, issue, spot in wanted if project not in full or (project, spot) in known}


def _keep(places: Iterable[tuple[int, int, str]]) -> None:
    for place in places:
        _remembered[place] = None
    while len(_remembered) > MOST_REMEMBERED:
        _remembered.popitem(last=False)


def forget() -> None:
    """Let go of every spot: a number may be another issue's by now (issues.memory)."""
    _remembered.clear()
