"""Our own policy, written out with a word per directive, every directive overridable by environment variable."""

from __future__ import annotations

from typing import Any


def own_policies(env: Any) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The values of CONTENT_SECURITY_POLICY and CONTENT_SECURITY_POLICY_REPORT_ONLY for django-csp 4."""
    directives = {"default-src": ["'none'"], "script-src": ["'self'"], "style-src": ["'self'"], "img-src": ["'self'"],
                  "connect-src": ["'self'"], "form-action": ["'self'"], "base-uri": ["'none'"], "frame-ancestors": ["'none'"]}
    return {"DIRECTIVES": directives}, None
