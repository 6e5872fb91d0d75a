"""Facts about a violation that decide nothing and help a person who looks at it."""

from __future__ import annotations

from issues.verdicts.evidence import Evidence, registrable
from issues.verdicts.lists.agents import agent_of


def tags_of(evidence: Evidence) -> tuple[str, ...]:
    """`policy-allows-this`, `redirect-suspected`, `undeclared-host`, `undeclared-own-host`, `development`, `in-app`,
    `not-a-browser`, `no-policy`."""
    violation = evidence.violation
    agent = agent_of(violation.user_agent)
    tags = []
    if evidence.document_is_local:
        tags.append("development")
    if not evidence.document_is_declared and violation.document.host:
        own = any(registrable(violation.document.host) == registrable(site.removeprefix("*.")) for site in evidence.sites)
        tags.append("undeclared-own-host" if own else "undeclared-host")
    if agent.in_app:
        tags.append("in-app")
    if agent.tool:
        tags.append("not-a-browser")
    tags.extend(_policy_tags(evidence) if violation.policy else ("no-policy",))
    return tuple(tags)


def _policy_tags(evidence: Evidence) -> tuple[str, ...]:
    """What the reported policy itself says to the report; a redirect can be behind it where an address is allowed."""
    if not evidence.policy_allows:
        return ()
    return ("policy-allows-this", "redirect-suspected") if evidence.violation.blocked_kind in ("url", "origin") else ("policy-allows-this",)
