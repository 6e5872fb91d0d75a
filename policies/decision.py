"""Decision: what a policy says to one load, why, and by which word; with the words for each reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Answer = Literal["allowed", "blocked", "unknown"]

REASON_WORDS = {
    "no-directive": "No directive of the policy governs this, so it is allowed.",
    "source-match": "A source of the directive covers the address.",
    "no-match": "No source of the directive covers the address.",
    "nonce-match": "The element carries a nonce of the policy.",
    "integrity-match": "Every integrity hash of the element is in the policy.",
    "not-parser-inserted": "'strict-dynamic' trusts scripts added by a trusted script.",
    "parser-inserted": "Under 'strict-dynamic' an element in the page's HTML needs a nonce or a hash; hosts are ignored.",
    "unsafe-inline": "'unsafe-inline' is in effect.",
    "hash-match": "The hash of the text is in the policy.",
    "hash-likely": "The hash of the reported sample is in the policy; some browsers trim the sample, so it is very likely the whole text.",
    "no-opener": "Nothing in the directive opens inline code.",
    "keyword-match": "The keyword that opens this is in the directive.",
    "keyword-missing": "The keyword that would open this is not in the directive.",
    "name-match": "The policy's name is in the list.",
    "name-missing": "The policy's name is not in the list.",
    "duplicate-name": "A Trusted Types policy of this name exists and 'allow-duplicates' is missing.",
    "sink-guarded": "Strings may not reach dangerous DOM functions.",
    "needs-nonce-or-integrity": "Blocked unless the element carries the nonce or integrity of the policy; a report does not say.",
    "needs-nonce-or-hash": "Allowed only with the nonce or the hash of the policy; a report does not hold enough to tell.",
    "strict-dynamic": "Under 'strict-dynamic' it depends on who added the script; a report does not say.",
    "browser-divergence": "Browsers differ here: the specification and Chromium do not agree.",
    "path-needed": "The report names the origin only, and the policy covers only some paths of it.",
    "redirect-suspected": "The policy in force allows the reported address, so a redirect led elsewhere; the report does not say where.",
    "about-not-fetched": "about: is not fetched; such a report cannot be judged.",
    "keyword-conditional": "Allowed only where the string was a trusted script; a report does not say.",
    "ancestor-unknown": "The report does not name the page that framed this one.",
    "ancestor-likely": "The referrer of the report, very likely the framing page, is covered.",
    "base-unknown": "The report does not name the base address.",
    "name-unknown": "The report does not name the Trusted Types policy.",
    "several-directives": "The report names only a fallback, and the directives it may mean do not agree.",
    "legacy-self": "An old browser's \"self\" may mean inline code or the page's own origin, and they do not agree.",
    "not-replayable": "Browsers send no reports that could be judged for this directive.",
    "other-row": "These reports were counted together past the limit of detail; what they were is not known.",
    "what-unknown": "The report does not say what was blocked.",
    "no-policy": "There is no policy, so everything is allowed.",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """`directive` is the operative directive, the one of the policy that decided ("" where none governs).

    `item` is the word of it that decided, as written; "" where none matched. `reason` is a key of REASON_WORDS.
    `effective` is the directive that was asked for.
    """

    verdict: Answer
    reason: str
    directive: str = ""
    item: str = ""
    effective: str = ""

    @property
    def words(self) -> str:
        """The reason as a sentence."""
        return REASON_WORDS[self.reason]

    def asked(self, effective: str) -> Decision:
        """The same, saying what was asked for."""
        return replace(self, effective=effective)


def allowed(reason: str, directive: str = "", item: str = "") -> Decision:
    """The load passes."""
    return Decision("allowed", reason, directive, item)


def blocked(reason: str, directive: str = "", item: str = "") -> Decision:
    """The load is refused."""
    return Decision("blocked", reason, directive, item)


def unknown(reason: str, directive: str = "", item: str = "") -> Decision:
    """What is known does not decide it."""
    return Decision("unknown", reason, directive, item)


_WORST = {"blocked": 0, "unknown": 1, "allowed": 2}


def worst(decisions: list[Decision]) -> Decision:
    """Blocked before unknown before allowed: what several policies say together (CSP3: all must allow)."""
    return min(decisions, key=lambda decision: _WORST[decision.verdict])
