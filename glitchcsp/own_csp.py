"""Our own policy, a word per directive, each overridable by the environment variable people know from GlitchTip.

CSP_SCRIPT_SRC="'self',https://cdn.example" replaces script-src; an empty value leaves the directive out. The values end
in CONTENT_SECURITY_POLICY: settings named CSP_* would make django-csp 4's check fail. Where reports go is added to each
response by glitchcsp.middleware.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured

NONE, SELF = "'none'", "'self'"
OWN_PROJECT = "own"
"""CSP_REPORT_URI's default: the project that watches this instance. Empty is nowhere."""

DIRECTIVES: dict[str, list[str] | bool | None] = {
    # Whatever a directive below does not name is refused: frames, workers, media, manifests, plugins.
    "default-src": [NONE],
    # The ES modules of static/js; no inline script, no eval, no nonce.
    "script-src": [SELF],
    # Follow script-src: one kind of script is not trusted more than the other.
    "script-src-elem": None,
    "script-src-attr": None,
    # static/css only. Charts are SVG with attributes, never a style attribute.
    "style-src": [SELF],
    # Follow style-src.
    "style-src-elem": None,
    "style-src-attr": None,
    # The icon sprite and the try page's picture.
    "img-src": [SELF],
    # No font is fetched from elsewhere.
    "font-src": [SELF],
    # The modules fetch fragments and JSON from us alone.
    "connect-src": [SELF],
    # Follow default-src, so refused.
    "frame-src": None,
    "child-src": None,
    "worker-src": None,
    "manifest-src": None,
    "media-src": None,
    "object-src": None,
    # Obsolete or experimental: sent only if the environment says so.
    "prefetch-src": None,
    "navigate-to": None,
    "plugin-types": None,
    "webrtc": None,
    "require-sri-for": None,
    # Would take forms and scripts away from the pages.
    "sandbox": None,
    # Forms post to us alone: an injected form can't carry a password away. Not covered by default-src.
    "form-action": [SELF],
    # No page may move where relative addresses point. Not covered by default-src.
    "base-uri": [NONE],
    # Nobody frames us (clickjacking). Not covered by default-src.
    "frame-ancestors": [NONE],
    # Strings can't become markup or code in the DOM; the modules use textContent and createElement.
    "require-trusted-types-for": ["'script'"],
    # And no policy may turn them into trusted ones.
    "trusted-types": [NONE],
    # Left to the address: an http instance would upgrade itself away.
    "upgrade-insecure-requests": False,
    "block-all-mixed-content": False,
}

ADMIN_REPLACES: dict[str, None] = {
    # Django's admin sets innerHTML (SelectBox.js, jQuery), so Trusted Types would break its pages. The rest holds there too.
    "require-trusted-types-for": None,
    "trusted-types": None,
}


@dataclass(frozen=True, slots=True)
class OwnReporting:
    """Where our pages' violations go. `addresses` is None for the instance's own project, () for nowhere."""

    addresses: tuple[str, ...] | None
    group: str
    percentage: float


def variable_of(directive: str) -> str:
    return "CSP_" + directive.upper().replace("-", "_")


def own_policies(env: Any) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The values of CONTENT_SECURITY_POLICY and CONTENT_SECURITY_POLICY_REPORT_ONLY for django-csp 4: one of them is None."""
    policy = {"DIRECTIVES": {name: _value(env, name, default) for name, default in DIRECTIVES.items()}}
    return (None, policy) if env.bool("CSP_REPORT_ONLY", False) else (policy, None)


def own_reporting(env: Any) -> OwnReporting:
    percentage = env.float("CSP_REPORT_PERCENTAGE", 100.0)
    if not 0 <= percentage <= 100:
        raise ImproperlyConfigured(f"CSP_REPORT_PERCENTAGE is {percentage:g}; it is a percentage, from 0 to 100.")
    given = env.str("CSP_REPORT_URI", OWN_PROJECT)
    addresses = (
        None if given == OWN_PROJECT else tuple(_clean("CSP_REPORT_URI", [part.strip(" '\"") for part in given.strip(" ()").split(",")]))
    )
    return OwnReporting(addresses, _group(env.str("CSP_REPORT_TO", "csp")), percentage)


def _value(env: Any, directive: str, default: list[str] | bool | None) -> list[str] | bool | None:
    variable = variable_of(directive)
    if isinstance(default, bool):
        return bool(env.bool(variable, default))
    given = env.list(variable, default=default)
    return None if given is None else _clean(variable, given) or None


def _clean(variable: str, values: list[str]) -> list[str]:
    """Without blanks. A `;` or a control character would write further directives or headers, so the instance does not start."""
    for value in values:
        if set(value) & set(';"\\') or not value.isprintable() or not value.isascii():
            raise ImproperlyConfigured(f"{variable} holds {value!r}; separate the values by commas, without ';' (hosts in punycode).")
    return [value.strip() for value in values if value.strip()]


def _group(name: str) -> str:
    if name and not (name[0].isalpha() and name.islower() and name.replace("-", "").replace("_", "").isalnum() and name.isascii()):
        raise ImproperlyConfigured(f"CSP_REPORT_TO is {name!r}; a group's name has lower-case letters, digits, - and _ only.")
    return name
