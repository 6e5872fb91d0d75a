"""The product's settings, over a data folder of this test process alone.

pytest-django reads settings before any conftest.py, so what settings read from the environment is set here. Which pair of
database and buffer the tests run on is told by DATABASE_URL and REDIS_URL, as in production (tests/services.py starts both).
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
_FOLDER = Path(tempfile.mkdtemp(prefix=f"glitchcsp-tests-{_WORKER}"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)

os.environ["GLITCHCSP_DATA"] = str(_FOLDER)
os.environ["SECRET_KEY"] = "only-for-tests-" + "0" * 40
for _name in ("GLITCHCSP_URL", "GLITCHCSP_INGEST_URL", "GLITCHCSP_ROLE", "PORT", "EMAIL_URL", "TRUSTED_PROXIES"):
    os.environ.pop(_name, None)
if os.environ.get("REDIS_URL") and _WORKER.startswith("gw"):
    # Every xdist worker has a Redis database of its own, as it has a PostgreSQL database of its own.
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{int(_WORKER[2:]) + 1}"

from glitchcsp.settings import *  # noqa: E402, F403  # after the environment it reads

if MODE == "embedded":  # noqa: F405
    # A file, as in production: threads and processes of a test see the same rows.
    DATABASES["default"]["TEST"] = {"NAME": _FOLDER / "test.sqlite3"}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
