"""Faults at random moments, repeatable by a seed: what is struck, how, when, and who mends it.

Whatever has a supervisor of its own is left to it; a supervisor, PostgreSQL and Redis are started again as an init system
would. A round strikes several times under load; then everything must be well again and every key's figures right.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.processes.instance import Instance, descendants_of, wait_for
from tests.processes.senders import Load
from tests.processes.servers import Server

MOST_STRIKES = 6
"""In one round, so that some overlap and some meet what another is just mending."""
MOST_PAUSE = 0.5
MOST_DOWN = 1.0
LONG_FREEZE = 4.0
"""Seconds: longer than the endpoint waits for Redis."""
GONE_SECONDS = 10

VICTIMS = {
    "embedded": ["serve", "serve: web", "serve: web server", "serve: worker"],
    "full": [
        "ingest",
        "ingest: web",
        "ingest: web server",
        "web",
        "worker",
        "worker: worker",
        "worker: pool",
        "beat",
        "postgresql",
        "redis",
    ],
}
"""The supervisor of a command, what it started, or the process that Granian or Celery started in turn; and the servers."""


@dataclass(frozen=True)
class Strike:
    victim: str
    freeze: float
    """Seconds it is stopped; 0 is a kill."""
    after: float
    down: float
    """Seconds until whoever has no supervisor is started again."""

    def __str__(self) -> str:
        return f"freeze {self.victim} {self.freeze:.1f} s" if self.freeze else f"kill {self.victim}"


def strikes(seed: int, victims: Sequence[str], number: int) -> list[list[Strike]]:
    """Rounds. Each victim comes once before any comes twice."""
    chance = random.Random(seed)
    deck: list[str] = []
    rounds: list[list[Strike]] = []
    while number:
        rounds.append([])
        for _ in range(min(number, chance.randint(1, MOST_STRIKES))):
            deck = deck or chance.sample(victims, len(victims))
            freeze = chance.choice([chance.uniform(0.1, MOST_DOWN), LONG_FREEZE]) if chance.random() < 0.2 else 0.0
            rounds[-1].append(Strike(deck.pop(), freeze, chance.uniform(0, MOST_PAUSE), chance.uniform(0, MOST_DOWN)))
        number -= len(rounds[-1])
    return rounds


@dataclass
class Chaos:
    """`loads` are the senders of one key each, by project."""

    instance: Instance
    servers: dict[str, Server]
    loads: dict[str, Load]
    story: list[str] = field(default_factory=list)
    _due: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def run(self, rounds: Sequence[Sequence[Strike]]) -> None:
        with ExitStack() as stack:
            for load in self.loads.values():
                stack.enter_context(load)
            for number, strikes_of_round in enumerate(rounds):
                self._tell(f"round {number}: {', '.join(map(str, strikes_of_round))}")
                self._strike(strikes_of_round)
                took = self._recover()
                self._tell(f"  well again after {took:.1f} s")
        self.check()

    def check(self) -> None:
        for project, load in self.loads.items():
            promise_holds(self.instance, project, load)

    def _tell(self, words: str) -> None:
        self.story.append(words)
        print(words, flush=True)

    # --- Striking ---------------------------------------------------------------------------------------------------
    def _strike(self, strikes_of_round: Sequence[Strike]) -> None:
        for strike in strikes_of_round:
            self._wait(strike.after)
            family = self._family(strike.victim)
            if strike.freeze:
                self._freeze(family, strike.freeze)
            else:
                self._kill(strike, family)
        while self._due:
            self._wait(max(0.0, min(moment for moment, _ in self._due) - time.monotonic()))

    def _wait(self, seconds: float) -> None:
        """And do meanwhile what is due."""
        until = time.monotonic() + seconds
        while True:
            now = time.monotonic()
            due = [entry for entry in self._due if entry[0] <= now]
            self._due = [entry for entry in self._due if entry[0] > now]
            for _, action in due:
                action()
            if now >= until:
                return
            time.sleep(0.02)

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        self._due.append((time.monotonic() + seconds, action))

    def _family(self, victim: str) -> list[int]:
        """What is struck; of a server all its processes. Empty while it is not there."""
        if victim in self.servers:
            process = self.servers[victim].process
            return [process.pid, *descendants_of(process.pid)] if process else []
        name, _, part = victim.partition(": ")
        supervisor = self.instance.running.get(name)
        if supervisor is None or supervisor.poll() is not None:
            return []
        pid = process_of(self.instance, supervisor.pid, part) if part else supervisor.pid
        return [pid] if pid else []

    def _freeze(self, family: list[int], seconds: float) -> None:
        signal_all(family, signal.SIGSTOP)
        self._later(seconds, lambda: signal_all(family, signal.SIGCONT))

    def _kill(self, strike: Strike, family: list[int]) -> None:
        if strike.victim in self.servers:
            server = self.servers[strike.victim]
            server.kill()
            self._later(strike.down, server.ensure)
            return
        left = [pid for one in family for pid in descendants_of(one)]
        signal_all(family, signal.SIGKILL)
        if strike.victim in self.instance.running:
            self.instance.running[strike.victim].wait()
            self._later(strike.down, lambda: self._start(strike.victim, left))

    def _start(self, command: str, left: list[int]) -> None:
        """A supervisor takes all that it started along, also what is frozen."""
        wait_for(lambda: not set(left) & set(self.instance.pids()), f"{command} left processes behind", GONE_SECONDS, lambda: f"{left}")
        self.instance.launch(command)

    # --- Recovering -------------------------------------------------------------------------------------------------
    def _recover(self) -> float:
        """Seconds until each key's next good report is counted, and the figures are right."""
        start = time.monotonic()
        for server in self.servers.values():
            server.ensure()
        self.instance.keep_running()
        with ExitStack() as stack:
            for load in self.loads.values():
                load.send_one()
                stack.enter_context(load.paused())
            self.check()
        return time.monotonic() - start


def process_of(instance: Instance, supervisor: int, part: str) -> int:
    """0 while it is not there. Of what an embedded supervisor starts, only Granian has a child, which is the `web server`."""
    families = {pid: instance.children(pid) for pid in instance.children(supervisor)}
    if part in ("web server", "pool"):
        wanted = [children[-1] for children in families.values() if children]
    elif part == "worker":
        wanted = [pid for pid, children in families.items() if not children or len(families) == 1]
    else:
        wanted = [pid for pid, children in families.items() if children]
    return wanted[0] if wanted else 0


def signal_all(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def promise_holds(instance: Instance, project: str, load: Load, before: int = 0, set_aside: int = 0) -> dict[str, Any]:
    """Each report answered 2xx is counted once, one whose fate nobody knows once or not at all; and the sum holds.

    `before` was counted before the load began; so many as `set_aside` wait for an admin, who can have them counted too.
    """
    found = instance.settled(project, lambda now: now["counted"] + now["set_aside"] - before >= load.accepted)
    spread = f"{project}: {load.answers}, {load.unanswered} unanswered, {before} before, {found}. {instance.words()}"
    assert load.accepted > 0, spread
    assert load.accepted <= found["counted"] + found["set_aside"] - before <= load.accepted + load.unanswered, spread
    assert found["set_aside"] == set_aside, spread
    shed, rejected = sum(found["shed"].values()), sum(found["rejected"].values())
    assert found["accepted"] == found["counted"] + shed + rejected + found["set_aside"] + found["backlog"], f"{project}: {found}"
    assert set(load.answers) <= {204, 400, 503}, spread
    return found
