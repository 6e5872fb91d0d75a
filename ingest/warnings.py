"""What the set-up page warns of (projects.warnings), by what is counted here."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import Max

from ingest.models import IntakeCount
from ingest.proxies import is_one_address
from projects.firstrun import only_this_computer


def undeclared_proxy(project_id: int) -> str:
    """The sentence that names the missing setting; "" where nothing is missing."""
    rows = IntakeCount.objects.filter(project_id=project_id, day=datetime.now(UTC).date(), kind__in=("accepted", "private"))
    most = dict(rows.values_list("kind").annotate(most=Max("reports")))
    if only_this_computer() or not is_one_address(most.get("private", 0), most.get("accepted", 0)):
        return ""
    return (
        "Nearly all reports of today come from one private address, so visitors can't be told apart and limits for one client are off. "
        "If that is your proxy, name its network in TRUSTED_PROXIES and restart."
    )
