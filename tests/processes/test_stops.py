"""A stop under load, then a start: nothing is lost, and no process is left behind. What is killed instead is test_chaos.py's."""

from __future__ import annotations

import signal
import time

import pytest

from tests.processes.chaos import promise_holds
from tests.processes.instance import Instance
from tests.processes.senders import Load

pytestmark = pytest.mark.processes
LOADED_SECONDS = 0.7


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
