"""Bad input against real servers: never a 5xx, memory within its bounds, and after each the next good report is counted.

Slow clients hold their connections all the while. The only 5xx allowed anywhere is the 503 of the byte budget, which has a
test of its own.
"""

from __future__ import annotations

import base64
import gzip
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ingest.limits import INFLIGHT_BYTES
from tests.factories import report_uri_body
from tests.processes.bad_input import EITHER, GOOD, REFUSED, TAKEN, Case, ask, cases, request
from tests.processes.instance import ROOT, Instance, wait_for

pytestmark = pytest.mark.processes
MALFORMED = json.loads(gzip.decompress((ROOT / "tests" / "cases" / "malformed.json.gz").read_bytes()))["cases"]
OVER_IDLE = 64 * 1024 * 1024
SLOW_CLIENTS = 150
HEADER_SECONDS = 10
SLOWEST = 2.0
"""Seconds for an answer. Alone each takes a few hundredths; the machine does other things as well."""


def test_bad_input_harms_nobody(instance: Instance) -> None:
    good = started_with_a_project_for_good_reports(instance)
    with memory_stays_bounded(instance), slow_clients(instance):
        sent, wrong = 0, []
        for case in [*malformed(), *cases()]:
            raw = addressed(case.raw, instance)
            begun = time.monotonic()
            statuses = ask(address_of(instance), raw, case.answers)
            seconds = time.monotonic() - begun
            if not set(statuses) <= case.fine or seconds > SLOWEST:
                wrong.append(f"{case.name}: {statuses} in {seconds:.2f} s, fine are {sorted(case.fine)}")
            sent += 1
            if ask(address_of(instance), good) != [204]:
                wrong.append(f"{case.name}: the next good report was not taken")
        assert not wrong, "\n".join(wrong)
        everything_is_counted(instance, sent)


def test_what_is_over_the_byte_budget_is_told_to_come_again(instance: Instance) -> None:
    """Sixty clients that announce 4 MB, send 1 MB and wait: more than may be in flight."""
    good = started_with_a_project_for_good_reports(instance)
    part = addressed(request(b"[" + b"a" * 1_000_000, length="4000000"), instance)
    with memory_stays_bounded(instance, INFLIGHT_BYTES), ExitStack() as stack:
        answers = []
        for _ in range(60):
            client = stack.enter_context(socket.create_connection(address_of(instance), timeout=5))
            client.sendall(part)
            client.settimeout(0.02)
            with suppress(TimeoutError):
                answers.append(client.recv(12))
        assert answers
        assert set(answers) == {b"HTTP/1.1 503"}, answers
        statuses = ask(address_of(instance), good)
        stack.close()
        wait_for(lambda: statuses.extend(ask(address_of(instance), good)) or statuses[-1] == 204, "no good report is taken again", 5)
        assert set(statuses) <= {204, 503}
    everything_is_counted(instance, statuses.count(204))


def test_bodies_that_grow_arrive_at_once(instance: Instance) -> None:
    """Small when they come, big when they are looked at: forty senders with each, three times."""
    good = started_with_a_project_for_good_reports(instance)
    bombs = [case for case in cases() if case.name.startswith("bomb") or "zeros" in case.name or "batch of more" in case.name]
    with memory_stays_bounded(instance, INFLIGHT_BYTES), ThreadPoolExecutor(40) as pool:
        asked = [pool.submit(ask, address_of(instance), addressed(case.raw, instance)) for case in bombs * 12]
        assert {status for one in asked for status in one.result()} <= EITHER | {503}
        assert ask(address_of(instance), good) == [204]
    everything_is_counted(instance, 1)


def test_an_address_that_the_server_leaves_out_lets_nobody_pass_as_the_proxy(instance: Instance) -> None:
    """Granian's RSGI, full mode's endpoint, leaves out headers that are not all ASCII; ASGI's has them as bytes."""
    good = started_with_a_project_for_good_reports(instance)
    odd = ["X-Forwarded-For: \udcff, 192.0.2.1", "Forwarded: for=\udcff"]
    expected = 400 if "REDIS_URL" in instance.environment else 204
    assert [ask(address_of(instance), addressed(request(GOOD, line), instance)) for line in odd] == [[expected]] * 2
    assert ask(address_of(instance), good) == [204]
    everything_is_counted(instance, 1)


def test_clients_that_go_away_in_the_middle_cost_nothing(instance: Instance) -> None:
    """Whoever half-closes or resets the connection, in a body or before the answer; the server answers neither."""
    good = started_with_a_project_for_good_reports(instance)
    whole = addressed(request(), instance)
    assert ask(address_of(instance), whole, half_close=True)[0] in (0, 204)
    for cut in (10, 100, len(whole) - len(GOOD), len(whole) - 1, len(whole)):
        for _ in range(20):
            with socket.create_connection(address_of(instance)) as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")  # close is a reset
                client.sendall(whole[:cut])
    assert ask(address_of(instance), good) == [204]
    everything_is_counted(instance, 1)
    shop = instance.intake()
    assert shop["counted"] <= 21, "whole requests whose client was gone may count once each"


def started_with_a_project_for_good_reports(instance: Instance) -> bytes:
    """A good report to a project of its own, whose count nothing else touches."""
    made = instance.bootstrap("good")
    instance.start()
    good = request(report_uri_body(), target=f"/api/{made['project_id']}/security/?glitchtip_key={made['public_key']}")
    assert ask(address_of(instance), good) == [204]
    instance.drained(1, "good")
    return good


def address_of(instance: Instance) -> tuple[str, int]:
    parts = urlsplit(instance.ingest_url)
    return parts.hostname or "", parts.port or 0


def addressed(raw: bytes, instance: Instance) -> bytes:
    """With the project's path and key."""
    number, key = str(instance.project["project_id"]).encode(), f"glitchtip_key={instance.project['public_key']}".encode()
    for word, value in ((b"{path}", b"/api/%b/security/" % number), (b"{id}", number), (b"{key}", key)):
        raw = raw.replace(word, value)
    return raw


def malformed() -> Iterator[Case]:
    fine = {"accepted": TAKEN, "4xx": REFUSED}
    for case in MALFORMED:
        headers = [f"{name}: {value}" for name, value in case["headers"].items()]
        expected = EITHER if case.get("also_acceptable") else fine[case["expect"]]
        body = base64.b64decode(case["body_base64"])
        yield Case(f"{case['id']} {case['description']}", request(body, *headers, kind=case["content_type"]), expected)


def everything_is_counted(instance: Instance, good: int) -> None:
    """Every good report (and the first), and of the bad ones the sum; nobody died and nothing was set aside."""
    assert instance.drained(good + 1, "good")["counted"] == good + 1
    shop = instance.drained(0)
    assert shop["accepted"] == shop["counted"] + sum(shop["shed"].values()) + sum(shop["rejected"].values()) + shop["set_aside"], shop
    assert shop["set_aside"] == 0
    assert "Traceback" not in instance.words(), instance.words()


@contextmanager
def memory_stays_bounded(instance: Instance, in_flight: int = 0) -> Iterator[None]:
    """The peak of every process, in bytes, against what it held before; and all of them are there at the end."""
    before = {pid: _memory(pid, "VmRSS") for pid in instance.pids()}
    for pid in before:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # begins VmHWM anew
    yield
    grown = {pid: _memory(pid, "VmHWM") - held for pid, held in before.items()}
    assert max(grown.values()) < OVER_IDLE + in_flight, {pid: f"{more / 2**20:.0f} MiB" for pid, more in grown.items()}
    assert set(before) <= set(instance.pids())


def _memory(pid: int, field: str) -> int:
    lines: Any = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines[field].split()[0]) * 1024


@contextmanager
def slow_clients(instance: Instance) -> Iterator[None]:
    """Heads and bodies that begin and go no further. At the end those with half a head must have been cut."""
    begun = time.monotonic()
    with ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(address_of(instance))) for _ in range(SLOW_CLIENTS)]
        for number, client in enumerate(clients):
            client.sendall(addressed(request(length="9999"), instance) if number % 3 == 0 else b"POST /api/1/security/ HTTP/1.1\r\nX-A: ")
        yield
        time.sleep(max(0.0, begun + HEADER_SECONDS + 3 - time.monotonic()))
        for client in clients[1::3]:
            client.settimeout(1)
            with suppress(ConnectionResetError):
                client.recv(1000)  # its end, or an answer and its end; a time-out where it is still open
