"""The container's health check: does the process on PORT answer /health/? Run as a file, it needs neither Django nor curl."""

from __future__ import annotations

import os
import sys
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen


def request() -> Request:
    """Asked under the public name, the only one that ALLOWED_HOSTS lets in."""
    host = urlsplit(os.environ.get("GLITCHCSP_URL", "")).netloc or "127.0.0.1"
    return Request(f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/health/", headers={"Host": host})


if __name__ == "__main__":
    try:
        with urlopen(request(), timeout=4):
            pass
    except (URLError, OSError) as error:
        sys.exit(f"Not healthy: {error}")
