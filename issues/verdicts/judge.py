"""Run the rules over one violation and weigh what they say."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from issues.verdicts import attacks, injected, pages, signals
from issues.verdicts.evidence import Evidence
from issues.verdicts.model import Judgement, Mark, ProjectFacts
from issues.verdicts.tags import tags_of
from policies.violation import Violation
from policies.words import NOISE_SLUGS

MAX_CACHED = 8_192
"""Characters of a violation; larger ones are judged each time, or 4,096 of them would fill the memory."""
_WEIGHT = {"certain": 2, "likely": 1, "hint": 0}
_NOTHING = Mark("none", "unsure", "hint", "No rule knows this one, and one report alone cannot decide it.")


def judge(violation: Violation, facts: ProjectFacts) -> Judgement:
    """Never raises. The key's noise class comes from what the report alone proves, before the project has its say."""
    small = len(violation.policy) + len(violation.document.text) + len(violation.blocked.text) < MAX_CACHED
    return (_judge if small else _judge.__wrapped__)(violation, facts)


@lru_cache(maxsize=4096)
def _judge(violation: Violation, facts: ProjectFacts) -> Judgement:
    evidence = Evidence(violation, facts)
    attack = list(attacks.marks(evidence))
    noise = [*injected.marks(evidence), *pages.marks(evidence)]
    signal = list(signals.marks(evidence))
    built_in = [mark for mark in noise if mark.rule not in pages.UNKEYED]
    noise_class = _noise_class(attack, built_in)
    heard = [mark for mark in noise if mark.rule not in facts.paused and not _is_declared_own(mark, evidence)]
    attack = [mark for mark in attack if mark.rule not in facts.paused]
    signal = [mark for mark in signal if mark.rule not in facts.paused] or signal
    decisive = _decisive(attack, heard, signal)
    rest = [mark for mark in (*attack, *heard, *signal) if mark is not decisive]
    return Judgement(decisive.verdict, decisive.confidence, decisive.reason, (decisive, *rest), tags_of(evidence), noise_class)


def _noise_class(attack: Iterable[Mark], noise: Iterable[Mark]) -> str:
    """What stands in the key: the noise that certain or likely marks name, unless the same report looks like an attack."""
    strongest = _strongest(mark for mark in noise if mark.verdict in NOISE_SLUGS)
    if strongest is None or strongest.confidence == "hint":
        return ""
    if strongest.confidence == "likely" and any(True for _ in attack):
        return ""
    return strongest.verdict


def _decisive(attack: list[Mark], noise: list[Mark], signal: list[Mark]) -> Mark:
    """Certain noise, then an attack, then likely noise, then what the report says of page and policy.

    A mere look of noise never hides an attack; a hint of noise leaves the verdict open unless the page's own part is sure.
    """
    strongest = _strongest(noise)
    if strongest and strongest.confidence == "certain":
        return strongest
    if attack:
        return _strongest(attack) or attack[0]
    if strongest and strongest.confidence == "likely":
        return strongest
    if signal:
        return signal[0]
    if strongest:
        return Mark(strongest.rule, "unsure", "hint", strongest.reason)
    return _NOTHING


def _strongest(marks: Iterable[Mark]) -> Mark | None:
    """The surest; of equals the first."""
    return max(marks, key=lambda mark: _WEIGHT[mark.confidence], default=None)


def _is_declared_own(mark: Mark, evidence: Evidence) -> bool:
    """The project says that extensions or schemes of this kind are its own."""
    facts, scheme = evidence.facts, evidence.violation.blocked.scheme
    if mark.rule == "ext-scheme" and facts.own_extensions:
        return _is_own_extension(evidence)
    own_schemes = {name.strip().rstrip(":/").lower() for name in facts.own_schemes}
    return scheme in own_schemes and mark.rule in ("unknown-scheme", "in-app-scheme", "browser-scheme", "ext-scheme")


def _is_own_extension(evidence: Evidence) -> bool:
    """Its id is declared; browsers cut ids off, so without one a file of the site as source has to do."""
    violation = evidence.violation
    own = {name.lower() for name in evidence.facts.own_extensions}
    named = {address.host for address in (violation.blocked, violation.source) if address.scheme.endswith("extension") and address.host}
    return bool(named & own) if named else evidence.source_is_own
