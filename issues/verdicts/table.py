"""Every built-in rule, for the pages that list them."""

from __future__ import annotations

from issues.verdicts.model import Rule

RULES: dict[str, Rule] = {}
