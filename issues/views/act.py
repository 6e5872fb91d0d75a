"""One address for every verb on issues: POST, then back to where one was, with words and an Undo."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from issues import actions, matching
from issues.models import Issue, SavedView
from issues.search import DEFAULT, parse
from issues.unfold import unfold
from policies.words import VERDICTS
from projects.access import get_project, user_of
from projects.models import Project, Role

MOST_VIEWS = 12


@require_POST
def act(request: HttpRequest, org: str, project: str) -> HttpResponse:
    shop = get_project(request, org, project, Role.MEMBER)
    verb = _VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        messages.error(request, "Choose what to do: resolve, ignore, reopen.")
        return _back(request, shop)
    chosen = _chosen(request, shop)
    if not chosen and request.POST.get("verb") != "undo":
        messages.warning(request, "No issue was selected. Tick the boxes in front of the ones you mean.")
        return _back(request, shop)
    done = verb(request, shop, chosen)
    path = reverse("issues:act", args=[org, project])
    messages.success(request, done.sentence, extra_tags=f"undo {done.action} {path}" if done.action and verb is not _undo else "")
    return _back(request, shop)


@require_POST
def save_view(request: HttpRequest, org: str, project: str) -> HttpResponse:
    """Name the search one is looking at; the same name again replaces it, `delete` forgets it. Viewers may: it is theirs alone."""
    shop = get_project(request, org, project)
    name, query = request.POST.get("name", "").strip()[:40], request.POST.get("q", "").strip()[:500]
    mine = SavedView.objects.filter(project=shop, user=user_of(request))
    if "delete" in request.POST:
        mine.filter(query=query).delete()
        messages.success(request, "View forgotten.")
    elif not name:
        messages.error(request, "Give the view a name first.")
    elif mine.exclude(name=name).count() >= MOST_VIEWS:
        messages.error(request, f"{MOST_VIEWS} views are the most there can be; forget one first.")
    else:
        sort = request.POST.get("sort", "") if request.POST.get("sort", "") in matching.SORTS else ""
        mine.update_or_create(project=shop, user=user_of(request), name=name, defaults={"query": query, "sort": sort})
        messages.success(request, f"Saved as “{name}”.")
    return _back(request, shop)


def _chosen(request: HttpRequest, project: Project) -> list[int]:
    """The ticked issues, or with `all` the whole search, up to a bound."""
    if request.POST.get("all"):
        search = parse(request.POST.get("q", DEFAULT))
        return [] if search.problems else matching.matching(project, search, timezone.now(), actions.MOST_ISSUES)
    given = request.POST.getlist("issue")[: actions.MOST_ISSUES]
    numbers = [int(number) for number in given if number.isdecimal() and len(number) < 18]
    return list(Issue.objects.filter(project=project, number__in=numbers).values_list("pk", flat=True))


def _resolve(request: HttpRequest, project: Project, chosen: list[int]) -> actions.Done:
    return actions.resolve(project, user_of(request), chosen, with_policy=request.POST.get("when") == "policy")


def _ignore(request: HttpRequest, project: Project, chosen: list[int]) -> actions.Done:
    rate = request.POST.get("rate", "")
    return actions.ignore(
        project, user_of(request), chosen, request.POST.get("until", "page"),
        int(rate) if rate.isdecimal() and len(rate) < 10 else 100, project.role,
    )  # fmt: skip


def _reopen(request: HttpRequest, project: Project, chosen: list[int]) -> actions.Done:
    return actions.reopen(project, user_of(request), chosen)


def _correct(request: HttpRequest, project: Project, chosen: list[int]) -> actions.Done:
    verdict = request.POST.get("verdict", "")
    if verdict not in VERDICTS:
        return actions.Done("Say what it is: choose one of the words.")
    return actions.correct(project, user_of(request), chosen, verdict, project.role)


def _not_noise(request: HttpRequest, project: Project, chosen: list[int]) -> actions.Done:
    """Back to the list, for a person to decide; what it is can be said later."""
    return actions.correct(project, user_of(request), chosen, "unsure", project.role)


def _unfold(request: HttpRequest, project: Project, chosen: list[int]) -> actions.Done:
    return unfold(project, user_of(request), chosen)


def _undo(request: HttpRequest, project: Project, chosen: list[int]) -> actions.Done:
    return actions.undo(project, user_of(request), request.POST.get("action", ""), project.role)


_VERBS: dict[str, Callable[[HttpRequest, Project, list[int]], actions.Done]] = {
    "resolve": _resolve, "ignore": _ignore, "reopen": _reopen, "correct": _correct, "not-noise": _not_noise,
    "unfold": _unfold, "undo": _undo,
}  # fmt: skip


def _back(request: HttpRequest, project: Project) -> HttpResponse:
    """To the page the form was on, if that is one of ours."""
    target = request.POST.get("next") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return redirect(target)
    return redirect(project.get_absolute_url())
