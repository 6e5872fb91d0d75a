"""Every external host that pages use or may use, by kind of load: seen in evidence, allowed by the policy, or both, and who decided what.

For sensitive pages it is the script inventory that PCI DSS 6.4.3 asks for, as far as reports and a policy can tell: a
script that the policy allows is never reported.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Q

from issues.lab import Piece, Reading
from issues.lab_models import ConfirmedPolicy, SourceDecision
from issues.lab_policies import parsed
from issues.lab_replay import unneeded
from issues.verdicts.attacks import page_pattern
from issues.verdicts.evidence import declared_hosts
from issues.verdicts.lists.services import KNOWN, TAG_MANAGERS
from policies.address import parse_address
from policies.bypasses import find_reason
from policies.directives import family_of
from policies.sources import Item
from projects.models import Project

MOST_SOURCES = 5_000
MOST_PAGES = 20
LIMITS = (
    "What a policy allows is never reported, so a script that was allowed and never blocked shows here only as allowed by the policy.",
    "CSP names hosts, not what they serve: a script that changed on an approved host looks the same. Integrity attributes tell.",
    "Inline scripts, and what an allowed script loads under 'strict-dynamic', have no host and are not listed.",
    "Hosts seen by fewer client networks or days than the project asks for are marked as not confirmed: anybody can post a report.",
)


@dataclass(slots=True)
class Source:
    """One host for one kind of load. `allowed_by` are the words of confirmed policies that cover it, `wide` those named there only."""

    family: str
    host: str
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    reports: int = 0
    pages: set[str] = field(default_factory=set)
    trusted: bool = False
    noise: bool = True
    attack: bool = False
    allowed_by: set[str] = field(default_factory=set)
    needed: bool = False
    decision: SourceDecision | None = None

    @property
    def owner(self) -> str:
        """Who answers for it: as somebody wrote, else the service we know."""
        return (self.decision.owner if self.decision else "") or service_of(self.host)

    @property
    def needless(self) -> bool:
        """Named by a policy, and no stored report asks for it: only a hint, since what is allowed is not reported."""
        return bool(self.allowed_by) and not self.needed

    @property
    def first_pages(self) -> list[str]:
        return sorted(self.pages)[:MOST_PAGES]

    @property
    def decided(self) -> str:
        return self.decision.decision if self.decision else "unknown"

    @property
    def voids(self) -> str:
        """Why a script allow-list that names it protects from nothing."""
        gadget = find_reason(self.host) if self.family == "script" else None
        return gadget.what if gadget else ""


def service_of(host: str) -> str:
    """The known service behind a host, "" for none."""
    labels = host.removeprefix("*.").split(".")
    names = (".".join(labels[at:]) for at in range(len(labels)))
    return next((TAG_MANAGERS.get(name) or KNOWN[name] for name in names if name in TAG_MANAGERS or name in KNOWN), "")


def sources_of(project: Project, reading: Reading, confirmed: Sequence[ConfirmedPolicy], sensitive: bool = False) -> list[Source]:
    """Sorted by what needs a look: not decided first, then the newest. With `sensitive`, scripts on sensitive pages only."""
    own = {host.removeprefix("*.") for host in declared_hosts(reading.sites)}
    patterns = [page_pattern(pattern) for pattern in project.sensitive_pages]
    found: dict[tuple[str, str], Source] = {}
    for piece in sorted(reading.pieces, key=lambda piece: not piece.trusted):
        if sensitive and not (_is_script(piece) and any(pattern.fullmatch(_path(piece)) for pattern in patterns)):
            continue
        host = piece.evidence.blocked.netloc
        framed = "frame-ancestors" in piece.evidence.directives  # names who framed the page, which is no source of it
        if host and not framed and piece.evidence.blocked_kind in ("url", "origin") and host not in own and len(found) < MOST_SOURCES:
            _see(found, piece, host)
    _allow(found, confirmed, reading, scripts_only=sensitive)
    _decide(found, project)
    return sorted(found.values(), key=_order)


def _path(piece: Piece) -> str:
    """Pages are kept as host and path."""
    return parse_address(piece.page if "://" in piece.page else f"https://{piece.page}").path


def _is_script(piece: Piece) -> bool:
    return any(family_of(name) == "script" for name in piece.evidence.directives)


def _see(found: dict[tuple[str, str], Source], piece: Piece, host: str) -> None:
    """Trusted pieces come first; what few networks say of a host adds nothing to what many say."""
    family = family_of(piece.evidence.directives[0]) if piece.evidence.directives else "unknown"
    source = found.setdefault((family, host), Source(family, host))
    source.attack = source.attack or piece.issue.verdict == "attack"
    if source.trusted and not piece.trusted:
        return
    source.first_seen = min(source.first_seen or piece.first_seen, piece.first_seen)
    source.last_seen = max(source.last_seen or piece.last_seen, piece.last_seen)
    source.reports += piece.reports
    source.pages.add(piece.page)
    source.trusted = source.trusted or piece.trusted
    source.noise = source.noise and piece.issue.noise


def _allow(found: dict[tuple[str, str], Source], confirmed: Sequence[ConfirmedPolicy], reading: Reading, scripts_only: bool) -> None:
    """What confirmed policies name, and of that what no stored report needs (a hint: what is allowed is not reported)."""
    for one in confirmed:
        for policy in parsed(one.text, one.disposition):
            needless = set(unneeded(policy, reading.pieces))
            scripts = [policy.operative(name) for name in ("script-src-elem", "worker-src")]
            for directive in policy.directives:
                family = family_of(directive.name)
                if scripts_only and directive not in scripts:
                    continue
                for item in directive.items:
                    if item.kind == "host" and len(found) < MOST_SOURCES:
                        source = found.setdefault((family, _host(item)), Source(family, _host(item), noise=False))
                        source.allowed_by.add(f"{directive.name} {item.raw}")
                        source.noise = False
                        source.needed = source.needed or (directive.name, item.raw) not in needless


def _host(item: Item) -> str:
    return f"{item.host}:{item.port}" if item.port not in ("", "443", "80") else item.host


def _decide(found: dict[tuple[str, str], Source], project: Project) -> None:
    """The project's own word wins over the organization's."""
    ours = Q(project=project) | Q(project__isnull=True, organization=project.organization)
    decisions = SourceDecision.objects.filter(ours).select_related("decided_by").order_by(F("project").asc(nulls_first=True))
    for decision in decisions[:MOST_SOURCES]:
        source = found.get((decision.family, decision.host))
        if source:
            source.decision = decision


def _order(source: Source) -> tuple[bool, bool, float, str, str]:
    seen = source.first_seen.timestamp() if source.first_seen else 0.0
    return source.noise, source.decided != "unknown", -seen, source.host, source.family


COLUMNS = (
    "host", "kind", "owner", "decision", "reason", "decided by", "decided at", "first seen", "last seen", "reports", "pages",
    "on pages", "confirmed by enough networks", "judged noise", "allowed by", "needed by a report",
)  # fmt: skip


def as_csv(sources: Iterable[Source], notes: Sequence[str] = ()) -> str:
    """Every cell safe in a spreadsheet (trust.md); notes stand below the rows."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([cell(value) for value in _cells(source)] for source in sources)
    if notes:
        writer.writerow([])
        writer.writerows([cell(note)] for note in notes)
    return text.getvalue()


def _cells(source: Source) -> Iterator[str]:
    decision = source.decision
    yield from (source.host, source.family, source.owner, source.decided, decision.reason if decision else "")
    yield str(decision.decided_by or "") if decision else ""
    yield from (_stamp(decision.decided_at if decision else None), _stamp(source.first_seen), _stamp(source.last_seen))
    yield from (str(source.reports), str(len(source.pages)), "; ".join(source.first_pages))
    yield from ("yes" if source.trusted else "no", "yes" if source.noise else "no")
    yield from ("; ".join(sorted(source.allowed_by)), "no" if source.needless else "")


def cell(value: str) -> str:
    """A leading = + - @ TAB or CR would be run as a formula by a spreadsheet."""
    return "'" + value if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _stamp(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else ""
