"""Run the rules over one violation and weigh what they say."""

from __future__ import annotations

from issues.verdicts.model import Judgement, Mark, ProjectFacts
from policies.violation import Violation

_EXTENSION_SCHEMES = frozenset({"chrome-extension", "moz-extension", "safari-extension", "safari-web-extension", "ms-browser-extension"})


def judge(violation: Violation, facts: ProjectFacts) -> Judgement:
    """Never raises."""
    if _EXTENSION_SCHEMES & {violation.blocked.scheme, violation.source.scheme}:
        mark = Mark("ext-scheme", "extension", "certain", "An extension's own address is named in the report.")
        return Judgement("extension", "certain", mark.reason, (mark,), (), "extension")
    if violation.blocked_kind in ("inline", "eval", "wasm-eval"):
        return Judgement("own", "likely", "Inline code or eval on your own page.")
    if violation.blocked_kind in ("url", "origin"):
        return Judgement("third-party", "likely", f"Your policy does not name {violation.blocked.netloc}.")
    return Judgement("unsure", "hint", "One report cannot decide this.")
