"""Where each site stands on its way to an enforced policy: the counting behind issues.readiness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_

from django.utils import timezone

from issues.lab import IssueFacts, Piece, Reading, day_of, on_site
from issues.lab_models import ConfirmedPolicy, LabSettings
from issues.lab_policies import assess, fingerprint_of, for_host, parsed
from issues.lab_replay import IssueLine, Replayed, replayed
from issues.models import Facet
from issues.readiness import Facts, Readiness, State, Thresholds, judge

MOST_SITES = 20
MOST_ISSUES = 500
FELT_AFTER = frozenset({"own", "third-party", "policy"})


@dataclass(frozen=True, slots=True)
class Standing:
    """One site and the policy it is judged by: an enforced one, or the report-only candidate beside it."""

    site: str
    policy: ConfirmedPolicy | None
    readiness: Readiness
    replay: Replayed | None = None
    broken: tuple[IssueFacts, ...] = ()
    mendable: tuple[IssueFacts, ...] = ()
    """Those of them that trusted evidence says so of: what breaks is told on one day's word, but a draft is not made from that."""

    @property
    def breaking(self) -> tuple[int, ...]:
        """Numbers of the issues that break under the enforced policy."""
        return tuple(issue.number for issue in self.broken)

    @property
    def is_candidate(self) -> bool:
        return self.policy is not None and self.policy.disposition == "report"

    @property
    def decisions(self) -> list[IssueLine]:
        """Open issues that the policy would block or can't be shown to allow, most reports first."""
        return decisions_of(self.replay) if self.replay else []

    @property
    def pages(self) -> int:
        return len(self.replay.pages) if self.replay else 0


def decisions_of(answered: Replayed) -> list[IssueLine]:
    """By trusted evidence: what somebody still has to decide before the policy is enforced."""
    return [line for line in answered.issues if line.trusted and line.issue.felt and line.weight.allowed < line.weight.all]


def thresholds_of(settings: LabSettings) -> Thresholds:
    return Thresholds(settings.days, settings.reports, settings.browsers, settings.quiet_days, settings.silent_days)


def standings_of(reading: Reading, confirmed: Sequence[ConfirmedPolicy]) -> list[Standing]:
    """Every declared site that has a policy or reports of its own; a site without either has nothing to be judged by."""
    browsers = _browsers(reading) if confirmed else {}
    observed = {policy.fingerprint: policy.pk for policy in reading.policies}
    found: list[Standing] = []
    for site in reading.sites[:MOST_SITES]:
        part = on_site(reading, site)
        policies = for_host(confirmed, site.removeprefix("*."))
        if not part.pieces and not any(policy.site == site for policy in policies.values()):
            continue
        for policy in _judged(policies):
            found.append(_stand(site, policy, part, browsers, observed))
    return found


def _judged(policies: dict[str, ConfirmedPolicy]) -> list[ConfirmedPolicy | None]:
    """The enforced policy, and the report-only one unless it says the same; without either, one line says so."""
    enforced, report = policies.get("enforce"), policies.get("report")
    if enforced is None:
        return [report]
    return [enforced, report] if report and report.text != enforced.text else [enforced]


def _stand(site: str, policy: ConfirmedPolicy | None, part: Reading, browsers: dict[int, set[str]], observed: dict[str, int]) -> Standing:
    settings = part.settings
    if policy is None:
        return Standing(site, None, judge(Facts(silent=_silent(part)), thresholds_of(settings)))
    answered = replayed(parsed(policy.text, policy.disposition), part.pieces)
    open_issues = decisions_of(answered)
    recent = timezone.now() - timedelta(days=settings.quiet_days)
    broken = _broken(part.pieces, policy, settings.networks) if policy.disposition == "enforce" else ()
    trusted = part.trusted
    mendable = _broken(trusted, policy, settings.networks) if broken else ()
    facts = Facts(
        confirmed=True, enforced=policy.disposition == "enforce", days=(_days(trusted) & part.busy_days).bit_count(),
        reports=sum(piece.reports for piece in trusted), browsers=_families(trusted, browsers), decisions=len(open_issues),
        new_issues=sum(line.issue.first_seen >= recent for line in open_issues), broken_pages=len(answered.pages),
        proved=_proved(part, observed.get(fingerprint_of(policy.text))), silent=_silent(part), breaking=len(broken),
    )  # fmt: skip
    return Standing(site, policy, judge(facts, thresholds_of(settings)), answered, broken, mendable)


def _days(pieces: Sequence[Piece]) -> int:
    return reduce(or_, (piece.days for piece in pieces), 0)


def _families(pieces: Sequence[Piece], browsers: dict[int, set[str]]) -> tuple[str, ...]:
    return tuple(sorted({family for piece in pieces for family in browsers.get(piece.issue.id, ())}))


def _proved(part: Reading, known: int | None) -> bool:
    """Zero reports prove nothing: a report under this very policy, or a test report, has to have come."""
    return any(piece.issue.test or (known is not None and piece.observed == known) for piece in part.pieces)


def _silent(part: Reading) -> int | None:
    """Days since enough client networks reported something: a single sender can't keep a policy from going silent."""
    days = _days(part.trusted) & part.busy_days
    return day_of() - (day_of(part.since) + days.bit_length() - 1) if days else None


def _broken(pieces: Sequence[Piece], policy: ConfirmedPolicy, networks: int) -> tuple[IssueFacts, ...]:
    """Issues of own code or third parties that were blocked since the policy is enforced.

    One day of enough networks will do here: nothing is copied from it, and a shop that breaks can't wait for a second day.
    """
    found = {
        piece.issue.number: piece.issue for piece in pieces
        if piece.networks >= networks and piece.issue.felt and piece.issue.verdict in FELT_AFTER
        and piece.evidence.disposition == "enforce" and piece.last_seen > policy.confirmed_at
    }  # fmt: skip
    return tuple(issue for _, issue in sorted(found.items()))


def _browsers(reading: Reading) -> dict[int, set[str]]:
    """Browser families by issue, of the issues that most reports came for."""
    weights: dict[int, int] = {}
    for piece in reading.pieces:
        weights[piece.issue.id] = weights.get(piece.issue.id, 0) + piece.reports
    ids = sorted(weights, key=lambda pk: -weights[pk])[:MOST_ISSUES]
    families: dict[int, set[str]] = {}
    rows = Facet.objects.filter(issue_id__in=ids, kind="family").exclude(value__in=("", "Unknown")).values_list("issue_id", "value")
    for issue_id, family in rows:
        families.setdefault(issue_id, set()).add(family)
    return families


def by_site(standings: Sequence[Standing]) -> list[list[Standing]]:
    """A site's standings together; the site that needs somebody most comes first."""
    sites: dict[str, list[Standing]] = {}
    for standing in standings:
        sites.setdefault(standing.site, []).append(standing)
    return sorted(sites.values(), key=lambda found: min(_URGENT.index(one.readiness.state) for one in found))


_URGENT: tuple[State, ...] = ("regressed", "ready", "stabilising", "collecting", "unconfirmed", "enforced")


def grades_over_time(history: Sequence[ConfirmedPolicy], site: str = "") -> str:
    """ "before B → report-only since 3 Nov 2026, worth A+ → enforced A+ since 17 Nov 2026": one line for whoever asks how it goes.

    By MDN's rules a report-only policy protects from nothing, so its grade is what it would be worth.
    """
    steps, last = [f"before {assess('').grade}"], ("", "")
    for policy in sorted(history, key=lambda policy: policy.confirmed_at):
        step = (policy.disposition, assess(policy.text).grade)
        if policy.site not in ("", site) or step == last:
            continue
        last, since = step, f"since {timezone.localtime(policy.confirmed_at):%-d %b %Y}"
        beside = "beside it report-only" if any(word.startswith("enforced") for word in steps) else "report-only"
        steps.append(f"enforced {step[1]} {since}" if policy.disposition == "enforce" else f"{beside} {since}, worth {step[1]}")
    return " → ".join(steps)
