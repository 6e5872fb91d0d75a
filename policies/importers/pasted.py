"""What an importer finds in a pasted text."""

from __future__ import annotations

from dataclasses import dataclass, field

from policies.policy import Delivery, Mode, Policy, PolicyList, parse_policy

MAX_TEXT = 200_000
CSP = "content-security-policy"
REPORT_ONLY = "content-security-policy-report-only"
NONCE = "'nonce-{NONCE}'"


class NotRecognised(ValueError):
    """The text is none of the formats we read; the message says so in one sentence."""


@dataclass(frozen=True, slots=True)
class FoundPolicy:
    """The value of one header, setting or <meta>: a policy, or several joined with commas."""

    text: str
    disposition: Mode = "enforce"
    delivery: Delivery = "header"

    def parse(self) -> list[Policy]:
        parsed = (parse_policy(part, delivery=self.delivery, disposition=self.disposition) for part in self.text.split(","))
        return [policy for policy in parsed if policy.directives or policy.ignored]


@dataclass(frozen=True, slots=True)
class Pasted:
    """`format` is a key of FORMATS; `notes` are sentences on what was assumed or could not be read.

    `headers` holds every header of the text, for a grade of the whole set; it is empty where the text holds policies only.
    """

    format: str
    found: tuple[FoundPolicy, ...]
    notes: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=())

    @property
    def policies(self) -> PolicyList:
        """All policies, each with its own disposition and delivery."""
        return PolicyList(tuple(policy for found in self.found for policy in found.parse()))

    def of(self, disposition: Mode) -> PolicyList:
        """Those that are enforced, or those that only report."""
        return PolicyList(tuple(policy for policy in self.policies if policy.disposition == disposition))


def disposition_of(header_name: str) -> Mode | None:
    """Whether a header holds policies, and which; None for any other header."""
    name = header_name.strip().lower()
    if name == CSP:
        return "enforce"
    return "report" if name == REPORT_ONLY else None


def found_in_headers(headers: list[tuple[str, str]]) -> tuple[FoundPolicy, ...]:
    """The policies among header fields."""
    found = ((value, disposition_of(name)) for name, value in headers)
    return tuple(FoundPolicy(value, disposition) for value, disposition in found if disposition)
