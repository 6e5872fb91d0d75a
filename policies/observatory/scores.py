"""What each Observatory result costs or earns (algorithm version 6), in words, with the fix; and the grade."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

START = 100
EXTRA_CREDIT_FROM = 90
# A score rounded down to a multiple of five -> grade.
GRADES = ("F", "F", "F", "F", "F", "D-", "D", "D", "D+", "C-", "C", "C", "C+", "B-", "B", "B", "B+", "A-", "A", "A", "A+")


@dataclass(frozen=True, slots=True)
class Score:
    """`modifier` is added to 100; `words` says what was found; `fix` what would cost nothing ("" when nothing is lost)."""

    modifier: int
    words: str
    fix: str = ""


_STRICT = "Use a nonce or hashes with 'strict-dynamic', and object-src 'none'."
_COEP = "Send Cross-Origin-Embedder-Policy: require-corp, once, unquoted, in lower case."
_COOP = "Send Cross-Origin-Opener-Policy: same-origin, once, unquoted, in lower case."
_CORP = "Send Cross-Origin-Resource-Policy: same-origin."
_HSTS = "Send Strict-Transport-Security: max-age=63072000 over HTTPS."
_XFO = "Send frame-ancestors 'self' in the policy, or X-Frame-Options: SAMEORIGIN."
_SRI = "Load scripts over HTTPS and give those from other hosts an integrity attribute."
_TO_HTTPS = "Redirect http:// to https:// on the same host first."
_SESSION = "Set Secure, HttpOnly and SameSite on session cookies."

SCORES: dict[str, Score] = {
    "csp-implemented-with-no-unsafe-default-src-none": Score(10, "A strict policy that starts from default-src 'none'."),
    "csp-implemented-with-no-unsafe": Score(5, "A policy without unsafe sources."),
    "csp-implemented-with-unsafe-inline-in-style-src-only": Score(0, "Only styles are loose: inline, data: or broad sources in style-src."),
    "csp-implemented-but-duplicate-directives": Score(0, "report-uri or report-to is given twice.", "Give each directive once."),
    "csp-implemented-with-insecure-scheme-in-passive-content-only": Score(
        -10, "Images or media may come over http:.", "Take http: and http:// sources out of img-src and media-src."
    ),
    "csp-implemented-with-unsafe-eval": Score(-10, "'unsafe-eval' is allowed.", "Take 'unsafe-eval' out of script-src and style-src."),
    "csp-implemented-with-unsafe-inline": Score(
        -20, "Scripts may be inline, from data: or from anywhere, or objects from anywhere.", _STRICT
    ),
    "csp-implemented-with-insecure-scheme": Score(-20, "Scripts, frames or the like may come over http:.", "Name sources with https://."),
    "csp-header-invalid": Score(
        -25, "The policy cannot be read as one.", "Give each directive once, and 'strict-dynamic' a nonce or hash."
    ),
    "csp-not-implemented": Score(-25, "There is no policy.", "Send a Content-Security-Policy header."),
    "csp-not-implemented-but-reporting-enabled": Score(
        -25, "The policy is report-only.", "Enforce the policy: send it as Content-Security-Policy."
    ),
    "cookies-secure-with-httponly-sessions-and-samesite": Score(5, "All cookies are Secure and SameSite, session cookies HttpOnly."),
    "cookies-secure-with-httponly-sessions": Score(0, "All cookies are Secure, session cookies HttpOnly."),
    "cookies-not-found": Score(0, "No cookie is set."),
    "cookies-without-secure-flag-but-protected-by-hsts": Score(-5, "A cookie is not Secure (HSTS helps).", "Set Secure on every cookie."),
    "cookies-session-without-secure-flag-but-protected-by-hsts": Score(-10, "A session cookie is not Secure (HSTS helps).", _SESSION),
    "cookies-without-secure-flag": Score(-20, "A cookie is not Secure.", "Set Secure on every cookie."),
    "cookies-samesite-flag-invalid": Score(-20, "SameSite is wrong on a cookie.", "Use Lax, Strict, or None together with Secure."),
    "cookies-anticsrf-without-samesite-flag": Score(-20, "The CSRF cookie has no SameSite.", "Set SameSite=Lax on the CSRF cookie."),
    "cookies-session-without-httponly-flag": Score(-30, "A session cookie is not HttpOnly.", _SESSION),
    "cookies-session-without-secure-flag": Score(-40, "A session cookie is not Secure.", _SESSION),
    "cross-origin-resource-sharing-not-implemented": Score(0, "No CORS header: other origins cannot read this."),
    "cross-origin-resource-sharing-implemented-with-public-access": Score(0, "Everybody may read this, without credentials."),
    "cross-origin-resource-sharing-implemented-with-restricted-access": Score(0, "Named origins may read this."),
    "cross-origin-resource-sharing-implemented-with-universal-access": Score(
        -50, "Any site may read this with the visitor's credentials.", "Do not echo the Origin header together with credentials."
    ),
    "redirection-all-redirects-preloaded": Score(0, "Every redirect is on the preload list."),
    "redirection-to-https": Score(0, "http:// leads to https:// on the same host."),
    "redirection-not-needed-no-http": Score(0, "Nothing answers on http://."),
    "redirection-off-host-from-http": Score(-5, "http:// leads to another host first.", _TO_HTTPS),
    "redirection-not-to-https-on-initial-redirection": Score(-10, "The first redirect is not to https://.", _TO_HTTPS),
    "redirection-not-to-https": Score(-20, "http:// never leads to https://.", _TO_HTTPS),
    "redirection-missing": Score(-20, "http:// is served without a redirect.", _TO_HTTPS),
    "redirection-invalid-cert": Score(-20, "The certificate is not valid.", "Install a valid certificate."),
    "referrer-policy-private": Score(5, "Other sites do not learn your paths."),
    "referrer-policy-not-implemented": Score(0, "No Referrer-Policy: browsers use their default."),
    "referrer-policy-unsafe": Score(
        -5, "Other sites learn more than your origin.", "Send Referrer-Policy: strict-origin-when-cross-origin."
    ),
    "referrer-policy-header-invalid": Score(-5, "No known value.", "Send Referrer-Policy: strict-origin-when-cross-origin."),
    "hsts-preloaded": Score(5, "The host is on the browsers' preload list."),
    "hsts-implemented-max-age-at-least-six-months": Score(0, "HTTPS is remembered for six months or more."),
    "hsts-implemented-max-age-less-than-six-months": Score(-10, "HTTPS is remembered for less than six months.", _HSTS),
    "hsts-not-implemented": Score(-20, "HTTPS is not remembered.", _HSTS),
    "hsts-header-invalid": Score(-20, "The HSTS header cannot be read.", _HSTS),
    "hsts-not-implemented-no-https": Score(-20, "The site does not answer over HTTPS.", _HSTS),
    "hsts-invalid-cert": Score(-20, "The certificate is not valid.", "Install a valid certificate."),
    "sri-implemented-and-all-scripts-loaded-securely": Score(5, "Every script has an integrity attribute."),
    "sri-implemented-and-external-scripts-loaded-securely": Score(5, "Scripts from other hosts have an integrity attribute."),
    "sri-not-implemented-response-not-html": Score(0, "No HTML to look at."),
    "sri-not-implemented-but-no-scripts-loaded": Score(0, "The page loads no script."),
    "sri-not-implemented-but-all-scripts-loaded-from-secure-origin": Score(0, "Every script is the site's own."),
    "sri-not-implemented-but-external-scripts-loaded-securely": Score(-5, "Scripts of other hosts have no integrity attribute.", _SRI),
    "sri-implemented-but-external-scripts-not-loaded-securely": Score(-20, "Scripts come over http://.", _SRI),
    "sri-not-implemented-and-external-scripts-not-loaded-securely": Score(-50, "Scripts come over http:// and unchecked.", _SRI),
    "x-content-type-options-nosniff": Score(0, "Browsers do not guess types."),
    "x-content-type-options-not-implemented": Score(-5, "Browsers may guess types.", "Send X-Content-Type-Options: nosniff."),
    "x-content-type-options-header-invalid": Score(-5, "The value is not nosniff.", "Send X-Content-Type-Options: nosniff."),
    "x-frame-options-implemented-via-csp": Score(5, "The policy has frame-ancestors; this test does not ask whom it lets frame the page."),
    "x-frame-options-sameorigin-or-deny": Score(5, "Other sites may not frame the page."),
    "x-frame-options-allow-from-origin": Score(0, "ALLOW-FROM is ignored by browsers.", _XFO),
    "x-frame-options-not-implemented": Score(-20, "Every site may frame the page.", _XFO),
    "x-frame-options-header-invalid": Score(-20, "The value is unknown.", _XFO),
    "corp-implemented-with-same-origin": Score(10, "Only this origin may embed this."),
    "corp-implemented-with-same-site": Score(10, "Only this site may embed this."),
    "corp-implemented-with-cross-origin": Score(0, "Every site may embed this."),
    "corp-not-implemented": Score(0, "No Cross-Origin-Resource-Policy."),
    "corp-header-invalid": Score(-5, "The value is unknown.", _CORP),
    "coep-implemented-with-require-corp": Score(10, "Embedded resources must agree to be embedded."),
    "coep-implemented-with-credentialless": Score(10, "Embedded resources are fetched without credentials."),
    "coep-implemented-with-unsafe-none": Score(0, "Resources are embedded as they are."),
    "coep-not-implemented": Score(0, "No Cross-Origin-Embedder-Policy."),
    "coep-header-invalid": Score(-5, "The value cannot be read.", _COEP),
    "coop-implemented-with-same-origin": Score(10, "Windows of other origins are kept apart."),
    "coop-implemented-with-same-origin-allow-popups": Score(10, "Windows of other origins are kept apart, except pop-ups."),
    "coop-implemented-with-noopener-allow-popups": Score(10, "Windows that open this page are kept apart."),
    "coop-implemented-with-unsafe-none": Score(0, "Windows of other origins are not kept apart."),
    "coop-not-implemented": Score(0, "No Cross-Origin-Opener-Policy."),
    "coop-header-invalid": Score(-5, "The value cannot be read.", _COOP),
    "html-not-parseable": Score(-20, "The HTML cannot be parsed.", "Serve HTML that parses."),
}


def total(modifiers: Iterable[int]) -> int:
    """100 and all modifiers; what is earned counts only when what is lost leaves 90 or more. Never below 0."""
    given = list(modifiers)
    without_credit = START + sum(modifier for modifier in given if modifier < 0)
    score = START + sum(given) if without_credit >= EXTRA_CREDIT_FROM else without_credit
    return max(score, 0)


def grade_of(score: int) -> str:
    """The letter for a score."""
    return GRADES[min(max(score, 0), 100) // 5]
