"""A stop under load, then a start: nothing is lost, and no process is left behind. What is killed instead is test_chaos.py's.

A redeploy is both.
"""

from __future__ import annotations

import signal
import time

import pytest

from tests.processes.chaos import promise_holds
from tests.processes.instance import Instance
from tests.processes.senders import KeptOpen, Load

pytestmark = pytest.mark.processes
LOADED_SECONDS = 0.7
SENDERS, REDEPLOYS = 4, 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_loses_nothing_and_leaves_no_process(instance: Instance, number: signal.Signals) -> None:
    instance.start()
    with Load(instance.endpoint) as load:
        time.sleep(LOADED_SECONDS)
        for name in instance.commands:
            instance.signal(name, number)
        instance.wait_until_gone()
    instance.start()
    promise_holds(instance, "shop", load)


def test_a_redeploy_under_clients_that_keep_their_connections(instance: Instance) -> None:
    """Of the process that takes reports, twice. A connection may close between two requests just when its client sends the
    next, as HTTP/1.1 has it (RFC 9112, 9.3.1): browsers repeat that one. Nothing else may go without an answer."""
    name = "serve" if "serve" in instance.commands else "ingest"
    instance.start()
    with KeptOpen(instance.endpoint, SENDERS) as load:
        for _ in range(REDEPLOYS):
            time.sleep(LOADED_SECONDS)
            instance.signal(name, signal.SIGTERM)
            instance.running.pop(name).wait()
            instance.start(name)
        time.sleep(LOADED_SECONDS)
    assert load.unanswered <= SENDERS * REDEPLOYS, instance.words()
    assert set(load.answers) == {204}
    assert "refused to gracefully stop" not in instance.words()
    promise_holds(instance, "shop", load)
