"""What a violation is, and why: evidence rules with reasons, never a silent drop."""

from __future__ import annotations

from issues.verdicts.context import rejudge
from issues.verdicts.judge import judge
from issues.verdicts.model import Context, Judgement, Mark, ProjectFacts, Rule
from issues.verdicts.table import RULES

__all__ = ["RULES", "Context", "Judgement", "Mark", "ProjectFacts", "Rule", "judge", "rejudge"]
