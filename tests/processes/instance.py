"""One GlitchCSP as real processes: `manage.py serve` alone, or web, ingest, worker and beat on PostgreSQL and Redis."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.factories import PASSWORD
from tests.services import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
OWNER = "owner@acme.example"
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
MANAGE = [sys.executable, "manage.py"]
START_SECONDS = 40
"""On a machine whose two cores do other things as well. What a person waits for is measured by test_starting.py."""


@dataclass
class Instance:
    """Processes that share `environment`. `commands` names them: the first is the one whose port is `url`'s."""

    folder: Path
    environment: dict[str, str]
    commands: dict[str, tuple[list[str], dict[str, str]]]
    url: str
    ingest_url: str
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    project: dict[str, Any] = field(default_factory=dict)
    token: str = ""

    def manage(self, *words: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        settings = {**self.environment, **environment}
        done = subprocess.run([*MANAGE, *words], cwd=ROOT, env=settings, capture_output=True, text=True, check=False, timeout=120)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def bootstrap(self, project: str = "shop", *sites: str) -> dict[str, Any]:
        """Make organization, project and owner; the answer of the first call is kept as `.project`."""
        words = ["--email", OWNER, "--password", PASSWORD, "--organization", "acme", "--project", project]
        for site in sites or ("shop.example",):
            words += ["--site", site]
        made: dict[str, Any] = json.loads(self.manage("bootstrap", *words).stdout)
        self.token = made["api_token"] or self.token
        self.project = self.project or made
        return made

    @property
    def endpoint(self) -> str:
        return self.endpoint_of(self.project)

    def endpoint_of(self, project: dict[str, Any]) -> str:
        return f"{self.ingest_url}/api/{project['project_id']}/security/?glitchtip_key={project['public_key']}"

    def start(self, *names: str) -> None:
        for name in names or tuple(self.commands):
            self.launch(name)
        self.wait_until_it_answers()

    def launch(self, name: str) -> None:
        command, environment = self.commands[name]
        with self.log(name).open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, cwd=ROOT, env={**self.environment, **environment}, stdout=log, stderr=log, start_new_session=True
            )

    def keep_running(self) -> None:
        """As an init system does: what has given up, for example for want of its database, is started again until all of it stays."""

        def all_well() -> bool:
            for name, process in list(self.running.items()):
                if process.poll() is not None:
                    self.launch(name)
                    return False
            return all(self._is_well(address) for address in {self.url, self.ingest_url})

        wait_for(all_well, "not all of it runs", START_SECONDS, self.words)

    def wait_until_it_answers(self) -> None:
        for address in {self.url, self.ingest_url}:
            wait_for(lambda address=address: self._answers(address), f"{address} does not answer", START_SECONDS, self.words)

    def _answers(self, address: str) -> bool:
        gone = [name for name, process in self.running.items() if process.poll() is not None]
        assert not gone, f"{gone} ended: {self.words()}"
        return self._is_well(address)

    def _is_well(self, address: str) -> bool:
        with suppress(OSError, urllib.error.HTTPError, http.client.HTTPException):
            return bool(urllib.request.urlopen(f"{address}/health/", timeout=2).status == 200)
        return False

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def words(self) -> str:
        """The end of what every process printed."""
        logs = [(name, self.log(name)) for name in self.commands if self.log(name).exists()]
        return "\n".join(f"--- {name}\n{log.read_text(errors='replace')[-3000:]}" for name, log in logs)

    def pids(self) -> list[int]:
        """Every process of this instance, whoever its parent is by now."""
        mark = f"GLITCHCSP_DATA={self.environment['GLITCHCSP_DATA']}".encode()
        return [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit() and _has_in_environment(folder, mark)]

    def children(self, pid: int) -> list[int]:
        return sorted(child for child in self.pids() if parent_of(child) == pid)

    def signal(self, name: str, number: signal.Signals) -> None:
        """To one process, not to its children: whether those go too is what the tests want to know."""
        self.running[name].send_signal(number)

    def stop(self) -> None:
        """At once: how it stops when asked is the business of test_stops.py."""
        for pid in self.pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self.running.values():
            process.wait()
        self.running.clear()

    def wait_until_gone(self, seconds: float = 15) -> None:
        for process in self.running.values():
            process.wait(seconds)
        self.running.clear()
        wait_for(lambda: not self.pids(), "processes were left behind", seconds, lambda: str(self.pids()))

    def api(self, path: str) -> Any:
        request = urllib.request.Request(f"{self.url}/api/0/{path}", headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def intake(self, project: str = "shop") -> dict[str, Any]:
        answer: dict[str, Any] = self.api(f"projects/acme/{project}/intake/")
        return answer

    def drained(self, at_least: int, project: str = "shop", seconds: float = 60) -> dict[str, Any]:
        """The intake figures once so many reports are through and nothing waits. (What waits in a spool is nobody's backlog.)"""
        return self.settled(project, lambda now: now["accepted"] >= at_least, seconds)

    def settled(self, project: str, enough: Callable[[dict[str, Any]], bool], seconds: float = 60) -> dict[str, Any]:
        """The intake figures once they are enough, nothing waits and they change no more."""
        seen: list[dict[str, Any]] = [{}, {}]

        def through() -> bool:
            with suppress(OSError):  # the pages may be busy coming back
                seen.append(self.intake(project))
            return seen[-1] == seen[-2] != {} and seen[-1]["backlog"] == 0 and enough(seen[-1])

        wait_for(through, "the buffer is not drained", seconds, lambda: f"{seen[-1]} {self.words()}")
        return seen[-1]


def wait_for(true: Callable[[], bool], complaint: str, seconds: float = 10, more: Callable[[], str] = str) -> float:
    """Seconds until it was true."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds, f"{complaint} after {seconds:.0f} s. {more()}"
        time.sleep(0.1)
    return time.monotonic() - start


def _has_in_environment(process: Path, mark: bytes) -> bool:
    """Children inherit it; a process that ended is no longer one, though nobody has asked how it ended."""
    try:
        return mark in (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def parent_of(pid: int) -> int:
    """0 if the process has ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def descendants_of(pid: int) -> list[int]:
    """All processes below one, whatever their environment."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            children.setdefault(parent_of(int(folder.name)), []).append(int(folder.name))
    found, next_ones = [], [pid]
    while next_ones:
        next_ones = [child for one in next_ones for child in children.get(one, [])]
        found += next_ones
    return found


def clean_environment(**more: str) -> dict[str, str]:
    """Nothing of the tests' own settings reaches the processes they start."""
    return {**{name: os.environ[name] for name in INHERITED if name in os.environ}, "PYTHONUNBUFFERED": "1", **more}


def embedded(folder: Path) -> Instance:
    """As `make run` starts it: nothing set but the data folder and the port."""
    port = free_port()
    environment = clean_environment(GLITCHCSP_DATA=str(folder / "data"), PORT=str(port))
    address = f"http://127.0.0.1:{port}"
    return Instance(folder, environment, {"serve": ([*MANAGE, "serve"], {})}, address, address)


def full(folder: Path, database_url: str, redis_url: str) -> Instance:
    """As docs/production.md starts it by hand: one command for each process."""
    web, ingest = free_port(), free_port()
    environment = clean_environment(
        GLITCHCSP_DATA=str(folder / "data"),
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
        SECRET_KEY="only-for-tests-" + "0" * 40,
        GLITCHCSP_URL=f"http://127.0.0.1:{web}",
        GLITCHCSP_INGEST_URL=f"http://127.0.0.1:{ingest}",
    )
    commands = {
        "web": ([*MANAGE, "serve", "--only", "web"], {"GLITCHCSP_ROLE": "web", "PORT": str(web)}),
        "ingest": ([*MANAGE, "serve", "--only", "ingest"], {"GLITCHCSP_ROLE": "ingest", "PORT": str(ingest)}),
        "worker": ([*MANAGE, "serve", "--only", "worker"], {}),
        "beat": ([*MANAGE, "serve", "--only", "beat"], {}),
    }
    return Instance(folder, environment, commands, f"http://127.0.0.1:{web}", f"http://127.0.0.1:{ingest}")
