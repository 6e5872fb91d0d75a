"""What `make test` runs: the tests on SQLite, again on PostgreSQL and Redis, then those that start browsers and processes.

Each step's output ends with pytest's own closing line; the first step that fails does not stop the others.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

IN_PROCESS = "not long and not browser and not processes"
PYTEST = [sys.executable, "-m", "pytest", "-q", "--durations=3"]
ON_BOTH_CORES = ["-n", "2", "--dist", "loadfile"]
ONCE_MORE = ["--reruns", "1", "-rR"]
"""Where processes are killed and waited for, on a machine that others use too; what needed it is named at the end."""
SERVICES = [sys.executable, "-m", "tests.services"]
NO_TESTS_COLLECTED = 5

SHORT = {
    "SQLite and its buffer file": [*PYTEST, *ON_BOTH_CORES, "-m", IN_PROCESS],
    "PostgreSQL and Redis": [*SERVICES, *PYTEST, *ON_BOTH_CORES, "-m", IN_PROCESS],
    "real processes and browsers": [*PYTEST, *ONCE_MORE, "-m", "(browser or processes) and not long"],
}
LONG = {
    "long, SQLite": [*PYTEST, "-m", "long", "--timeout", "3600"],
    "long, PostgreSQL and Redis": [*SERVICES, *PYTEST, "-m", "long", "--timeout", "3600"],
}


def run(steps: dict[str, list[str]]) -> int:
    codes = {name: _step(name, command) for name, command in steps.items()}
    failed = [name for name, code in codes.items() if code]
    print(f"Failed: {'; '.join(failed)}" if failed else "All passed.", flush=True)
    return 1 if failed else 0


def _step(name: str, command: list[str]) -> int:
    print(f"\n== {name}", flush=True)
    start = time.monotonic()
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    code = subprocess.run(command, env=environment, check=False).returncode
    print(f"   took {time.monotonic() - start:.0f} s", flush=True)
    return 0 if code == NO_TESTS_COLLECTED and name.startswith("long") else code


if __name__ == "__main__":
    sys.exit(run(LONG if "--long" in sys.argv[1:] else SHORT))
