"""The test report without JavaScript: the server posts it to the real endpoint, as a browser would."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from projects import firstrun
from projects.access import get_project
from projects.models import Project, ProjectKey, Role

SECONDS = 5


@require_POST
def send(request: HttpRequest, org: str, project: str) -> HttpResponse:
    found = get_project(request, org, project, Role.MEMBER)
    key = found.key
    if key is None:
        messages.error(request, "This project has no active key. Add one under Settings, Keys.")
        return redirect("projects:setup", org, project)
    sent = int(time.time() * 1000)
    refused = _post(key, report_of(found))
    if refused:
        messages.error(request, f"The test report was not accepted: {refused}")
        return redirect("projects:setup", org, project)
    return redirect(reverse("issues:test_result", args=[org, project]) + f"?at={sent}")


def report_of(project: Project) -> dict[str, object]:
    """What a browser would say of a picture that a policy blocks. static/js/testreport.js sends the same one."""
    site = project.sites.exclude(host__startswith="*").first()
    return {
        "csp-report": {
            "document-uri": f"https://{site.host}/" if site else f"{settings.PUBLIC_URL}/",
            "referrer": "",
            "violated-directive": "img-src",
            "effective-directive": "img-src",
            "original-policy": "default-src 'self'",
            "disposition": "report",
            "blocked-uri": "https://test-report.invalid/picture.png",
            "status-code": 200,
        }
    }


def _post(key: ProjectKey, report: dict[str, object]) -> str:
    """Why it was not accepted, or "". Through the listener of this machine, where that is ours to know; else the public address."""
    address = f"{key.security_endpoint}&glitchcsp_test=1"
    headers = {"Content-Type": "application/csp-report", "User-Agent": "Mozilla/5.0 (GlitchCSP test report)"}
    request = urllib.request.Request(address, json.dumps(report).encode(), headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):
            return ""
    except urllib.error.HTTPError as error:
        return f"the endpoint answered {error.code}."
    except (urllib.error.URLError, OSError) as error:
        reach = "" if firstrun.only_this_computer() else " Can this server reach its own public address?"
        return f"no answer from {settings.INGEST_URL} ({getattr(error, 'reason', error)}).{reach}"
