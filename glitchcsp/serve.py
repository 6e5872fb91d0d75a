"""The supervisor: starts what one machine needs, restarts what dies, stops it all, and takes it along when it is killed."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from types import FrameType
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from django.conf import settings

from glitchcsp.parts import PARTS
from glitchcsp.processes import SUPERVISOR, die_with_parent

STOP_SECONDS = 20.0
"""For finishing what is in hand: a drain's batch, open requests. Then SIGKILL, which loses nothing either."""
YOUNG = 5.0
MOST_PAUSE = 10.0
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Part:
    """One child, forked from the supervisor: what it has imported already need not be imported again."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.process = 0
        self._started = self._pause = self._again_at = 0.0

    def start(self) -> None:
        sys.stdout.flush()
        self._started = time.monotonic()
        self.process = os.fork()
        if self.process == 0:
            _be(PARTS[self.name])

    def ended(self) -> str:
        """How it ended, in words; "" while it runs. It is started again by `start_when_due`."""
        if self.process == 0 or (ending := _ending(self.process)) is None:
            return ""
        young = time.monotonic() - self._started < YOUNG
        self._pause = min(MOST_PAUSE, max(0.5, self._pause * 2)) if young else 0.0
        self._again_at = time.monotonic() + self._pause
        self.process = 0
        return ending

    def start_when_due(self) -> None:
        """At once, but one that keeps dying young less and less often."""
        if self.process == 0 and time.monotonic() >= self._again_at:
            self.start()

    def signal(self, number: int) -> None:
        if self.process:
            os.kill(self.process, number)

    def gone_by(self, deadline: float) -> bool:
        while self.process and _ending(self.process) is None:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        self.process = 0
        return True


def _be(run: Callable[[], None]) -> None:
    """In the child, which never returns. In a process group of its own, so that Ctrl-C reaches the supervisor alone."""
    code = 1
    try:
        os.environ[SUPERVISOR] = str(os.getppid())
        os.setpgid(0, 0)
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        die_with_parent()
        run()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:
        # The child must not unwind into the supervisor's code, whatever happened.
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _ending(process: int) -> str | None:
    done, status = os.waitpid(process, os.WNOHANG)
    if done == 0:
        return None
    code = os.waitstatus_to_exitcode(status)
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


class Supervisor:
    """`say` prints a line for the person at the terminal."""

    def __init__(self, parts: Sequence[str], say: Callable[[str], None]) -> None:
        self.parts = [Part(name) for name in parts]
        self.say = say
        self.stopping = False

    def run(self, when_ready: Callable[[], None]) -> None:
        for number in SIGNALS:
            signal.signal(number, self._stop)
        try:
            self._watch(when_ready)
        finally:
            self._stop_all()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _watch(self, when_ready: Callable[[], None]) -> None:
        told = not any(part.name in ("web", "ingest") for part in self.parts)
        while not self.stopping:
            for part in self.parts:
                if ending := part.ended():
                    self.say(f"The {part.name} process ended ({ending}); starting it again.")
                part.start_when_due()
            if not told and answers(settings.BIND, settings.PORT):
                when_ready()
                told = True
            time.sleep(0.2 if told else 0.05)

    def _stop_all(self) -> None:
        """Each finishes what it holds."""
        for part in self.parts:
            part.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for part in self.parts:
            if not part.gone_by(deadline):
                part.signal(signal.SIGKILL)
                part.gone_by(time.monotonic() + STOP_SECONDS)


def answers(host: str, port: int) -> bool:
    """Whether /health/ says 200, asked under the public name, the only one that ALLOWED_HOSTS lets in."""
    near = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    request = Request(f"http://{near}:{port}/health/", headers={"Host": urlsplit(settings.PUBLIC_URL).netloc})
    try:
        with urlopen(request, timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
