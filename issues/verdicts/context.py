"""Judging again as an issue grows: breadth moves "likely noise" to "not sure yet" and back, never a certain mark."""

from __future__ import annotations

from issues.verdicts.model import Confidence, Context
from policies.words import NOISE_SLUGS

MANY_VISITORS = 25
SOME_VISITORS = 10
MANY_NETWORKS = 5

GUESSES = frozenset(
    [
        "ext-address",
        "ext-ad-selectors",
        "ext-sample-seen",
        "ext-font",
        "ext-font-file",
        "ext-source",
        "ext-code",
        "av-maker",
        "tool-address",
        "filter-address",
        "gateway-name",
        "local-helper",
        "isp-subscriber",
        "adware-address",
        "adware-name",
        "in-app-sample",
        "in-app-null",
        "unknown-scheme",
        "browser-about",
        "base-uri-own",
        "viewer",
        "prefetch",
        "policy-tampered",
        "forged-directive",
        "forged-value",
        "forged-agent",
        "forged-command",
        "forged-script-address",
        "vendor-browser-inline",
        "vendor-browser-sample",
        "translate-call",
        "translate-sample",
        "tool-sample",
    ]
)
"""Likely-noise rules that breadth speaks against. The others name who did it: a well-known extension is on many machines,
and a page that is not one of the project's stays foreign however many people see it."""


def rejudge(rules: tuple[str, ...], verdict: str, confidence: Confidence, context: Context) -> tuple[str, Confidence, str]:
    """Verdict, confidence and reason for an issue whose own reports gave `rules` (the deciding one first), `verdict` and
    `confidence`. Always call it with what the reports gave: then narrow evidence takes it back by itself. The reason is ""
    where context changes nothing."""
    rule = rules[0] if rules else ""
    if verdict in NOISE_SLUGS and confidence == "likely":
        why = _speaks_for_the_page(rule, context)
        return ("unsure", "hint", why) if why else (verdict, confidence, "")
    if rule == "eval-unplaced" and verdict == "unsure" and _is_broad(context):
        return "own", "likely", f"Text is run as code for {_reach(context)}: that is the page, not somebody's user script."
    return verdict, confidence, ""


def _speaks_for_the_page(rule: str, context: Context) -> str:
    if context.first_party_source and context.constant_line and context.visitors >= SOME_VISITORS and context.browsers > 1:
        return f"It looked like noise, but one line of your own file does it for {_reach(context)}."
    if rule in GUESSES and _is_broad(context):
        return f"It looked like noise, but it reached {_reach(context)}: what visitors bring along is rarely that widespread."
    return ""


def _is_broad(context: Context) -> bool:
    return (
        context.visitors >= MANY_VISITORS
        and context.browsers > 1
        and context.networks >= MANY_NETWORKS
        and context.policy_known is not False
    )


def _reach(context: Context) -> str:
    pages = "one page" if context.pages == 1 else f"{context.pages} pages"
    return f"{context.visitors} visitors with {context.browsers} kinds of browser on {pages}"
