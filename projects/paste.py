"""A policy that exists already, given our reporting, and what that changed. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from policies.policy import Directive, Policy, directive_of, parse_header
from projects.setup import GROUP, Directives

_HEADER_NAME = re.compile(r"\s*content-security-policy(-report-only)?\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    sign: Literal["", "+", "-"]
    text: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """`directives` is the policy without reporting, for the snippets; `lines` the difference, a directive a line."""

    policy: str
    lines: tuple[Line, ...]
    directives: Directives
    notes: tuple[str, ...]


def add_reporting(text: str, endpoint: str) -> Pasted:
    """ValueError with words for the person when this is no policy. The order and the words of the rest stay as they were."""
    policy = _read(text)
    wanted = {"report-uri": _report_uri(policy, endpoint)}
    notes = [f"{ignored.raw_name or ignored.name} is ignored by browsers there, so it was left out." for ignored in policy.ignored]
    if endpoint.startswith("https://"):
        wanted["report-to"] = directive_of("report-to", [GROUP])
        notes.extend(_replaced_group(policy))
    kept = [wanted.pop(directive.name, directive) for directive in policy.directives]
    result = [*kept, *wanted.values()]
    rest = tuple((directive.name, directive.values) for directive in result if directive.name not in ("report-uri", "report-to"))
    return Pasted("; ".join(map(str, result)), tuple(_difference(policy, result)), rest, tuple(notes))


def _read(text: str) -> Policy:
    policies = parse_header(_without_name(text))
    if len(policies) > 1:
        raise ValueError(f"These are {len(policies)} policies joined by commas. Paste one at a time.")
    if not len(policies):
        raise ValueError("There is no directive in this. A policy looks like: default-src 'self'; img-src 'self' data:")
    policy = policies.policies[0]
    if all(warning.code == "unknown-directive" for warning in policy.parse_notes) and len(policy.parse_notes) >= len(policy.directives):
        raise ValueError("Browsers know none of these words. A policy looks like: default-src 'self'; img-src 'self' data:")
    return policy


def _without_name(text: str) -> str:
    """Without the header's name, and without the quotes of a server's configuration around the whole value."""
    value = _HEADER_NAME.sub("", text, count=1).strip()
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"`"
    return value[1:-1] if quoted else value


def _report_uri(policy: Policy, endpoint: str) -> Directive:
    held = policy.get("report-uri")
    addresses = [address for address in (held.values if held else ()) if address != endpoint]
    return directive_of("report-uri", [*addresses, endpoint])


def _replaced_group(policy: Policy) -> list[str]:
    held = policy.get("report-to")
    if held is None or held.values == (GROUP,):
        return []
    return [f"report-to can name one group only: {' '.join(held.values)} is replaced, and newer browsers will report here alone."]


def _difference(policy: Policy, result: list[Directive]) -> list[Line]:
    lines: list[Line] = []
    for directive in result:
        before = policy.get(directive.name)
        if before is not None and str(before) == str(directive):
            lines.append(Line("", str(directive)))
            continue
        if before is not None:
            lines.append(Line("-", str(before)))
        lines.append(Line("+", str(directive)))
    return lines
