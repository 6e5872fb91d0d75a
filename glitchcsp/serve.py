"""The supervisor: starts what one machine needs, restarts what dies, stops it all, and takes it along when it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from django.conf import settings

from glitchcsp.processes import SUPERVISOR, die_with_parent

STOP_SECONDS = 20.0
"""For finishing what is in hand: a drain's batch, open requests. Then SIGKILL, which loses nothing either."""
QUICK_DEATH = 5.0
MOST_PAUSE = 10.0
HEADER_MS = 10_000
HEADER_BYTES = 64 * 1024
MOST_CONNECTIONS = 1024


def web_command() -> list[str]:
    """Granian: it bounds headers and slow clients (docs/performance.md has the figures)."""
    return [
        sys.executable, "-m", "granian", "--interface", "asgi", "--host", settings.BIND, "--port", str(settings.PORT),
        "--workers", str(settings.WEB_PROCESSES), "--no-ws", "--http", "1", "--backpressure", str(MOST_CONNECTIONS),
        "--http1-header-read-timeout", str(HEADER_MS), "--http1-buffer-size", str(HEADER_BYTES), "--workers-kill-timeout", "10",
        "--respawn-failed-workers", "--log-level", "warning", "glitchcsp.asgi:application",
    ]  # fmt: skip


def worker_command() -> list[str]:
    """One process in embedded mode, with the beat in it; in full mode as many as there are cores, and the beat apart."""
    embedded = ["-P", "solo", "-B", "--schedule", str(settings.DATA_DIR / "celery" / "beat")] if settings.MODE == "embedded" else []
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    return [sys.executable, "-m", "celery", "-A", "glitchcsp", "worker", "-Q", "drain,glitchcsp", *embedded, *quiet]


def beat_command() -> list[str]:
    schedule = str(settings.DATA_DIR / "beat")
    return [sys.executable, "-m", "celery", "-A", "glitchcsp", "beat", "--schedule", schedule, "--loglevel", "WARNING"]


COMMANDS: dict[str, Callable[[], list[str]]] = {"web": web_command, "ingest": web_command, "worker": worker_command, "beat": beat_command}


def parts_of(only: str) -> list[str]:
    """What to start: one part, or all that this mode needs on one machine."""
    if only:
        return [only]
    return ["web", "worker"] if settings.MODE == "embedded" else ["web", "worker", "beat"]


@dataclass(slots=True)
class Part:
    """One child. `pause` grows while it dies young."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = field(default=0.0)
    again_at: float = field(default=0.0)

    def start(self) -> None:
        """In a process group of its own: Ctrl-C reaches the supervisor alone, which stops its children in order."""
        role = {"GLITCHCSP_ROLE": self.name} if self.name == "ingest" else {}
        environment = {**os.environ, SUPERVISOR: str(os.getpid()), **role}
        self.started = time.monotonic()
        self.process = subprocess.Popen(self.command, env=environment, process_group=0, preexec_fn=_bound_to(environment))

    def died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def plan_restart(self) -> None:
        young = time.monotonic() - self.started < QUICK_DEATH
        self.pause = min(MOST_PAUSE, max(0.5, self.pause * 2)) if young else 0.0
        self.again_at = time.monotonic() + self.pause
        self.process = None


def _bound_to(environment: dict[str, str]) -> Callable[[], None]:
    def bind() -> None:
        os.environ[SUPERVISOR] = environment[SUPERVISOR]
        die_with_parent()

    return bind


class Supervisor:
    """`say` prints a line for the person at the terminal."""

    def __init__(self, parts: Sequence[str], say: Callable[[str], None]) -> None:
        self.parts = [Part(name, COMMANDS[name]()) for name in parts]
        self.say = say
        self.stopping = False

    def run(self, when_ready: Callable[[], None]) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            for part in self.parts:
                part.start()
            self._watch(when_ready)
        finally:
            self._stop_all()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _watch(self, when_ready: Callable[[], None]) -> None:
        told = not any(part.name in ("web", "ingest") for part in self.parts)
        while not self.stopping:
            if not told and answers(settings.BIND, settings.PORT):
                when_ready()
                told = True
            for part in self.parts:
                self._look_after(part)
            time.sleep(0.05 if not told else 0.2)

    def _look_after(self, part: Part) -> None:
        if part.died():
            assert part.process is not None
            code = part.process.returncode
            part.plan_restart()
            self.say(f"The {part.name} process ended ({_ending(code)}); starting it again.")
        if part.process is None and time.monotonic() >= part.again_at:
            part.start()

    def _stop_all(self) -> None:
        """The door first, so that nothing new comes in; then the workers finish what they hold."""
        alive = [part.process for part in self.parts if part.process is not None]
        for process in alive:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in alive:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def answers(host: str, port: int) -> bool:
    """Whether /health/ says 200, asked under the public name, the only one that ALLOWED_HOSTS lets in."""
    near = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    request = Request(f"http://{near}:{port}/health/", headers={"Host": urlsplit(settings.PUBLIC_URL).netloc})
    try:
        with urlopen(request, timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
