"""Findings: what can be wrong with a policy's strength, how bad it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# csp-evaluator's scale: the smaller the number, the worse. STRICT_CSP is advice for older browsers.
SEVERITIES: dict[str, int] = {
    "HIGH": 10,
    "SYNTAX": 20,
    "MEDIUM": 30,
    "HIGH_MAYBE": 40,
    "STRICT_CSP": 45,
    "MEDIUM_MAYBE": 50,
    "INFO": 60,
    "NONE": 100,
}


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """`words` says what is wrong; `fix` what to do."""

    words: str
    fix: str


_NONCE = "Use a nonce or a hash for each inline script, together with 'strict-dynamic'."

TYPES: dict[str, FindingFacts] = {
    "MISSING_SEMICOLON": FindingFacts("This is the name of a directive; a semicolon seems to be missing before it.", "Put a ; before it."),
    "UNKNOWN_DIRECTIVE": FindingFacts("No browser knows this directive, so it does nothing.", "Correct the name or take it out."),
    "INVALID_KEYWORD": FindingFacts(
        "A keyword, nonce or hash without its quotes, or in quotes and not one.", "Write keywords, nonces and hashes in single quotes."
    ),
    "NONCE_CHARSET": FindingFacts("The nonce holds characters outside base64.", "Encode the nonce as base64."),
    "MISSING_DIRECTIVES": FindingFacts(
        "This directive is missing, and what it guards is open.", "Add it; for object-src and base-uri 'none' is best."
    ),
    "SCRIPT_UNSAFE_INLINE": FindingFacts("Injected inline scripts and event handlers run.", _NONCE),
    "SCRIPT_UNSAFE_EVAL": FindingFacts("Strings become code through eval and its like.", "Replace the library that needs it."),
    "SCRIPT_UNSAFE_HASHES": FindingFacts(
        "Event handlers whose hash is listed run wherever they are injected.", "Attach handlers from a script file instead."
    ),
    "PLAIN_URL_SCHEMES": FindingFacts(
        "A whole scheme is allowed: any host, or data typed into the page.", "Name the hosts, or use a nonce."
    ),
    "PLAIN_WILDCARD": FindingFacts("Every host is allowed.", "Name the hosts, or use a nonce."),
    "SCRIPT_ALLOWLIST_BYPASS": FindingFacts(
        "A host on the allow-list may serve JSONP, AngularJS or uploaded files, which run an attacker's code.",
        "Use a nonce with 'strict-dynamic', or an integrity attribute, instead of the host.",
    ),
    "OBJECT_ALLOWLIST_BYPASS": FindingFacts("Plugin content is allowed.", "Set object-src 'none'."),
    "NONCE_LENGTH": FindingFacts(
        "The nonce is shorter than 8 characters and can be guessed.", "Use 16 random bytes, new in every response."
    ),
    "IP_SOURCE": FindingFacts("An IP address is no host name; by the specification it never matches.", "Use a host name."),
    "DEPRECATED_DIRECTIVE": FindingFacts("Browsers no longer know this directive.", "Use the header that took its place."),
    "SRC_HTTP": FindingFacts("Whoever sits on the network can change what comes over http://.", "Write https://."),
    "STRICT_DYNAMIC": FindingFacts("Allow-lists of hosts can often be bypassed.", _NONCE),
    "STRICT_DYNAMIC_NOT_STANDALONE": FindingFacts(
        "'strict-dynamic' without a nonce or hash blocks every script.", "Add a nonce or a hash."
    ),
    "UNSAFE_INLINE_FALLBACK": FindingFacts(
        "Browsers from before nonces block the scripts that carry one.", "Add 'unsafe-inline': newer browsers ignore it beside a nonce."
    ),
    "ALLOWLIST_FALLBACK": FindingFacts(
        "Browsers from before 'strict-dynamic' block what trusted scripts load.", "Add https: and http:: newer browsers ignore them."
    ),
    "IGNORED": FindingFacts("Ignored by current browsers because of what stands beside it.", "Nothing to do: it serves older browsers."),
    "REQUIRE_TRUSTED_TYPES_FOR_SCRIPTS": FindingFacts(
        "Strings still reach dangerous DOM functions.", "Try require-trusted-types-for 'script' in report-only first."
    ),
    "REPORTING_DESTINATION_MISSING": FindingFacts("Nobody hears of violations.", "Add report-uri and report-to."),
    "REPORT_TO_ONLY": FindingFacts("Browsers without the Reporting API report nothing.", "Add report-uri beside report-to."),
    # Our own, from here on: what csp-evaluator does not look at.
    "WORKER_SCHEME": FindingFacts(
        "Workers may be made from this scheme, so from a string in the page.", "Serve workers from a file and set worker-src 'self'."
    ),
    "SCRIPT_LOCAL_SCHEME": FindingFacts("Code can be put into an address of this scheme by the page itself.", "Take the scheme out."),
    "SCRIPT_SOCKET_SCHEME": FindingFacts(
        "No script comes over a WebSocket; this opens nothing and hides a mistake.", "Move it to connect-src."
    ),
    "SCHEME_MISSPELT": FindingFacts("Nothing is ever loaded over this scheme, so the source matches nothing.", "Correct the scheme."),
    "FORM_ACTION_OPEN": FindingFacts(
        "An injected form can send what visitors type to any site.", "Add form-action 'self' and the hosts that take your forms."
    ),
    "FRAME_ANCESTORS_OPEN": FindingFacts(
        "Every site can show your pages in a frame and trick clicks out of visitors.", "Add frame-ancestors 'self'."
    ),
    "STYLE_UNSAFE_INLINE": FindingFacts(
        "Injected styles can read and send what is on the page.", "Use nonces or hashes for styles, or style-src-attr."
    ),
    "STYLE_WIDE": FindingFacts("Styles may come from everywhere.", "Name the hosts of your styles."),
    "STATIC_NONCE": FindingFacts(
        "The same nonce was seen in several page views: whoever reads it once can use it in an injection.",
        "Make a new random nonce for every response, and keep pages that carry one out of caches.",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `value` is the word it is about, None when it is about the directive. `detail` names, say, the gadget."""

    type: str
    severity: str
    directive: str
    value: str | None = None
    detail: str = ""

    @property
    def rank(self) -> int:
        return SEVERITIES[self.severity]

    @property
    def words(self) -> str:
        return self.detail or TYPES[self.type].words

    @property
    def fix(self) -> str:
        return TYPES[self.type].fix


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once, the worst first; what browsers merely ignore is left out."""
    once = dict.fromkeys(finding for finding in findings if finding.severity != "NONE")
    return sorted(once, key=lambda finding: finding.rank)
