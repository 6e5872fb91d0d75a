"""Every built-in rule by id, for the pages that list, pause and explain them."""

from __future__ import annotations

from issues.verdicts import attacks, injected_rules, pages_rules, signals_rules
from issues.verdicts.model import Rule

RULES: dict[str, Rule] = {
    rule.id: rule for rules in (attacks.RULES, injected_rules.RULES, pages_rules.RULES, signals_rules.RULES) for rule in rules
}
