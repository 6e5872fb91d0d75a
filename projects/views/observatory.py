"""MDN's Observatory for a pasted header set, offline: nothing is fetched, nothing is stored."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from policies.importers import FORMATS, NotRecognised, Pasted, read_pasted
from policies.observatory import Report, Response, observe, scan_link
from policies.strength import Finding, weaknesses
from projects.sites import site_of

HEADER_OF = {"enforce": "Content-Security-Policy", "report": "Content-Security-Policy-Report-Only"}


@require_http_methods(["GET", "HEAD", "POST"])
def observatory(request: HttpRequest) -> HttpResponse:
    """Headers as `curl -sI` prints them, or anything else that holds a policy."""
    given = request.POST.get("headers", "")
    page: dict[str, Any] = {"given": given, "site": request.POST.get("site", ""), "formats": list(FORMATS.values()), "problem": ""}
    if request.method == "POST":
        try:
            page |= _judged(read_pasted(given), page["site"])
        except (NotRecognised, ValueError) as problem:
            page["problem"] = str(problem)
    return render(request, "projects/observatory.html", page, status=422 if page["problem"] else 200)


def _judged(pasted: Pasted, typed: str) -> dict[str, Any]:
    """The report, and what the policies leave open; a text that holds policies only is a header set without the rest."""
    host = site_of(typed).removeprefix("*.") if typed.strip() else ""
    insecure = typed.strip().lower().startswith("http://")
    in_header = tuple((HEADER_OF[found.disposition], found.text) for found in pasted.found if found.delivery == "header")
    in_meta = tuple((HEADER_OF[found.disposition].lower(), found.text) for found in pasted.found if found.delivery == "meta")
    site = f"{'http' if insecure else 'https'}://{host or 'example.com'}/"
    report = observe(Response(pasted.headers or in_header, in_meta, site))
    return {
        "report": report, "whole": bool(pasted.headers), "format": FORMATS.get(pasted.format, pasted.format), "notes": pasted.notes,
        "findings": _left_open(pasted, report), "host": host, "scan": scan_link(host) if host else "",
    }  # fmt: skip


def _left_open(pasted: Pasted, report: Report) -> list[Finding]:
    """Without frame-ancestors, X-Frame-Options decides who may frame the page (HTML, "X-Frame-Options"): then it is not open."""
    policies = pasted.of("enforce")
    kept_out = any(test.result == "x-frame-options-sameorigin-or-deny" for test in report.tests)
    found = weaknesses(policies) if policies else []
    return [one for one in found if not (kept_out and one.type == "FRAME_ANCESTORS_OPEN" and not one.value)]
