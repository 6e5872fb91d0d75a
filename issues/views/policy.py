"""The Policy page: what is confirmed and what it is worth, what browsers report, what differs, and how a policy becomes confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from issues.lab import Reading, host_of, read
from issues.lab_actions import Refused, confirm, readable
from issues.lab_models import ConfirmedPolicy
from issues.lab_policies import (
    Step,
    Version,
    assess,
    difference,
    fingerprint_of,
    history_of,
    issues_under,
    opened_and_closed,
    parsed,
    shared_nonces,
    steps_of,
    versions_of,
)
from issues.models import ObservedPolicy
from issues.standing import by_site, grades_over_time, standings_of
from issues.watch import watch
from policies.importers import FORMATS, NotRecognised, read_pasted
from projects.access import get_project, may, user_of
from projects.models import Project, Role

MOST_SHOWN = 20


@require_safe
def policy(request: HttpRequest, org: str, project: str) -> HttpResponse:
    shop = get_project(request, org, project)
    reading, history = read(shop), history_of(shop)
    confirmed = sorted((one for one in history if one.replaced_at is None), key=lambda one: (one.site, one.disposition))
    versions = versions_of(reading, confirmed)
    trusted = [version for version in versions if version.trusted or version.confirmed]
    shared = shared_nonces(reading.policies)
    standings = standings_of(reading, confirmed)
    sites = list(dict.fromkeys(one.site for one in standings if one.policy))
    page = {
        **_page(shop), "confirmed": [(one, assess(one.text, shared.get(fingerprint_of(one.text), 0))) for one in confirmed],
        "sites": by_site(standings), "versions": steps_of(reading, trusted)[:MOST_SHOWN],
        "older_versions": max(0, len(trusted) - MOST_SHOWN),
        "untrusted": [Step(version) for version in versions if not (version.trusted or version.confirmed)][:MOST_SHOWN],
        "drafts": list(shop.drafts.select_related("updated_by").order_by("-updated_at")[:MOST_SHOWN]), "settings": reading.settings,
        "history": history[:MOST_SHOWN], "grades": [(site, grades_over_time(history, site)) for site in sites], "cut": reading.cut,
    }  # fmt: skip
    return render(request, "issues/policy.html", page)


def _page(shop: Project) -> dict[str, Any]:
    return {"project": shop, "organization": shop.organization, "tab": "policy", "may_act": may(shop.role, Role.MEMBER)}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared."""

    key: str
    name: str
    text: str
    observed: ObservedPolicy | None = None


@require_safe
def compare(request: HttpRequest, org: str, project: str) -> HttpResponse:
    """Any two of: a version (its id), a confirmed policy (c and its id), a draft (d and its id)."""
    shop = get_project(request, org, project)
    reading, history = read(shop), history_of(shop)
    confirmed = [one for one in history if one.replaced_at is None]
    versions = versions_of(reading, confirmed)
    sides = _sides(shop, versions, history)
    old, new = (_side(sides, request.GET.get(name, "")) for name in ("from", "to"))
    page: dict[str, Any] = {**_page(shop), "sides": list(sides.values()), "old": old, "new": new}
    if old and new:
        page["difference"] = difference(old.text, new.text)
        if old.observed and new.observed:
            page["opened"], page["closed"] = opened_and_closed(issues_under(reading.pieces), old.observed.pk, new.observed.pk)
    return render(request, "issues/policy_compare.html", page)


def _sides(shop: Project, versions: list[Version], history: list[ConfirmedPolicy]) -> dict[str, Side]:
    found = [Side(f"c{one.pk}", f"confirmed: {one}{_until(one)}", one.text) for one in history[:MOST_SHOWN]]
    found += [Side(f"d{draft.pk}", f"draft: {draft.name}", draft.text) for draft in shop.drafts.order_by("-updated_at")[:MOST_SHOWN]]
    found += [Side(str(version.policy.pk), f"reported: {version.name}", version.policy.text, version.policy) for version in versions]
    return {side.key: side for side in found}


def _until(policy: ConfirmedPolicy) -> str:
    return f", until {timezone.localtime(policy.replaced_at):%-d %b %Y}" if policy.replaced_at else ""


def _side(sides: dict[str, Side], key: str) -> Side | None:
    if key and key not in sides:
        raise Http404("No policy of this project has this id.")
    return sides.get(key)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text about to be confirmed: as one line, where it is from, and what it changes."""

    text: str
    disposition: str
    site: str
    origin: str
    notes: tuple[str, ...] = ()
    same_nonce_networks: int = 0


@require_http_methods(["GET", "HEAD", "POST"])
def confirm_page(request: HttpRequest, org: str, project: str) -> HttpResponse:
    """Paste, look at the difference, confirm: nothing is the base of a copy before a person has seen it (trust.md)."""
    shop = get_project(request, org, project, Role.MEMBER if request.method == "POST" else Role.VIEWER)
    given = request.POST if request.method == "POST" else request.GET
    sites = list(shop.sites.values_list("host", flat=True)[:100])
    page = {
        **_page(shop),
        "sites": sites,
        "first_site": next((site for site in sites if not site.startswith("*")), "your.site"),
        "formats": list(FORMATS.values()),
        "pasted": given.get("text", ""),
        "problem": "",
        "issue": given.get("issue", ""),
    }
    try:
        proposal = _proposal(shop, given, sites)
        if proposal and request.method == "POST" and given.get("verb") == "confirm":
            made = confirm(
                shop, user_of(request), text=proposal.text, disposition=proposal.disposition, site=proposal.site, origin=proposal.origin
            )
            watch(shop)
            messages.success(request, f"Confirmed: {made}. Everything to copy starts from it now.")
            back = given.get("issue", "")
            return redirect("issues:detail", org, project, int(back)) if back.isdecimal() else redirect("issues:policy", org, project)
    except (Refused, NotRecognised) as problem:
        return render(request, "issues/policy_confirm.html", {**page, "problem": str(problem)}, status=422)
    if proposal:
        page |= {"proposal": proposal, "assessment": assess(proposal.text, proposal.same_nonce_networks), **_change(shop, proposal)}
    return render(request, "issues/policy_confirm.html", page)


def _change(shop: Project, proposal: Proposal) -> dict[str, Any]:
    current = shop.confirmed_policies.filter(replaced_at=None, site=proposal.site, disposition=proposal.disposition).first()
    return {"current": current, "difference": difference(current.text if current else "", proposal.text)}


def _proposal(shop: Project, given: Any, sites: list[str]) -> Proposal | None:
    """From a paste, a version that was reported, or a draft."""
    site = given.get("site", "") if given.get("site", "") in sites else ""
    disposition = given.get("disposition", "")
    if given.get("version", "").isdecimal():
        seen = get_object_or_404(ObservedPolicy, project=shop, pk=given["version"])
        mostly = "enforce" if seen.enforced * 2 > seen.reports else "report"
        reading = read(shop)
        site, doubts = site or _site_of(reading, seen), _doubts(reading, seen)
        return Proposal(readable(seen.text), disposition or mostly, site, "accepted from the reports", doubts, seen.same_nonce_networks)
    if given.get("draft", "").isdecimal():
        draft = get_object_or_404(shop.drafts, pk=given["draft"])
        return Proposal(readable(draft.text), disposition or "report", site, f"draft “{draft.name}”")
    return _pasted(given.get("text", ""), disposition, site, given.get("origin", ""))


def _site_of(reading: Reading, seen: ObservedPolicy) -> str:
    """The one declared site of several whose pages sent it; "" where it is all of them, or can't be told."""
    hosts = {host_of(piece.evidence.document) for piece in reading.trusted if piece.observed == seen.pk}
    declared = hosts & set(reading.sites)
    return next(iter(declared)) if len(hosts) == len(declared) == 1 and len(reading.sites) > 1 else ""


def _doubts(reading: Reading, seen: ObservedPolicy) -> tuple[str, ...]:
    """A policy that too few sent may be made up."""
    if seen.pk in reading.observed:
        return ()
    limits = reading.settings
    few = f"Fewer than {limits.networks} client networks on {limits.evidence_days} days reported this one. Anybody can post a report:"
    return (f"{few} confirm it only if you know it from your own server.",)


def _pasted(text: str, disposition: str, site: str, said: str = "") -> Proposal | None:
    if not text.strip():
        return None
    pasted = read_pasted(text)
    kinds = [found.disposition for found in pasted.found]
    chosen = disposition if disposition in ("enforce", "report") else (kinds[0] if kinds else "report")
    texts = [found.text for found in pasted.found if found.disposition == chosen] or [found.text for found in pasted.found]
    joined = ", ".join(str(policy) for text in texts for policy in parsed(text))
    notes = pasted.notes
    if len(set(kinds)) > 1:
        notes = (*notes, "Both headers are in it; this is one of them. Paste it again for the other.")
    origin = said or f"pasted: {FORMATS.get(pasted.format, pasted.format)}"
    return Proposal(readable(joined), chosen, site, origin, notes)
