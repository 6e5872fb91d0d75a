"""The commands, environment and health checks of compose.yaml, run as they stand there, without Docker."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
import yaml

from tests import services
from tests.factories import report_uri_body
from tests.processes.instance import INHERITED, ROOT
from tests.services import free_port

pytestmark = pytest.mark.processes
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
LONG_RUNNING = ("web", "ingest", "worker", "beat")


class Compose:
    """What `docker compose up` would do, with a folder of its own for each container's /tmp and /data."""

    def __init__(self, folder: Path, database: str, redis: str) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in ("web", "ingest")}
        address = f"http://127.0.0.1:{self.ports['web']}"
        self.common = {
            **{name: os.environ[name] for name in INHERITED if name in os.environ},
            "SECRET_KEY": "compose-commands-" + "0123456789abcdef" * 3,
            "DATABASE_URL": database,
            "REDIS_URL": redis,
            "GLITCHCSP_URL": address,
            "GLITCHCSP_INGEST_URL": f"http://127.0.0.1:{self.ports['ingest']}",
            "GLITCHCSP_BIND": "127.0.0.1",
            "HOSTNAME": socket.gethostname(),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }

    def environment(self, service: str) -> dict[str, str]:
        """Values that compose.yaml writes out win; those it takes from .env are ours."""
        written = {name: value for name, value in SERVICES[service]["environment"].items() if "${" not in value}
        data = self.folder / service
        data.mkdir(exist_ok=True)
        return {**self.common, "GLITCHCSP_DATA": str(data), "PORT": str(self.ports.get(service, 8000)), **written, "LOG_JSON": "1"}

    def local(self, service: str, text: str) -> str:
        return text.replace("/tmp/", f"{self.folder / service}/").replace("$$", "$")

    def start(self, service: str) -> subprocess.Popen[bytes]:
        command = shlex.split(self.local(service, SERVICES[service]["command"]))
        environment = self.environment(service)
        with (self.folder / f"{service}.log").open("wb") as log:
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)

    def is_healthy(self, service: str) -> bool:
        kind, *words = SERVICES[service]["healthcheck"]["test"]
        command = ["/bin/sh", "-c", self.local(service, words[0])] if kind == "CMD-SHELL" else words
        done = subprocess.run(command, cwd=ROOT, env=self.environment(service), capture_output=True, check=False, timeout=30)
        return done.returncode == 0

    def log(self) -> str:
        return "\n".join((self.folder / f"{name}.log").read_text()[-2000:] for name in LONG_RUNNING)


@pytest.fixture
def compose(tmp_path: Path, postgresql_url: str) -> Iterator[Compose]:
    """On a Redis and a database of its own: what other tests left in theirs would be drained before the report."""
    with psycopg.connect(postgresql_url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS compose WITH (FORCE)")
        server.execute("CREATE DATABASE compose")
    with services.redis() as redis_url, ExitStack() as stack:
        running = Compose(tmp_path, f"{postgresql_url.rpartition('/')[0]}/compose", redis_url)
        assert running.start("migrate").wait(120) == 0, (tmp_path / "migrate.log").read_text()
        for name in LONG_RUNNING:
            stack.callback(_stop, running.start(name))
        yield running


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(25)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(true, words, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, words()
        time.sleep(0.5)


def test_the_services_get_healthy_and_a_report_travels_through_them(compose: Compose):
    for name in LONG_RUNNING:
        wait_for(lambda name=name: compose.is_healthy(name), lambda name=name: f"{name} is not healthy\n{compose.log()}")
    words = ["--email", "me@acme.example", "--password", "correct horse battery", "--organization", "Acme", "--project", "Shop"]
    made = subprocess.run(
        [sys.executable, "manage.py", "bootstrap", *words],
        cwd=ROOT,
        env=compose.environment("web"),
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(made.stdout)
    request = urllib.request.Request(answer["security_endpoint"], report_uri_body(), {"Content-Type": "application/csp-report"})
    assert urllib.request.urlopen(request, timeout=5).status == 204

    def intake() -> dict[str, object]:
        address = f"{compose.common['GLITCHCSP_URL']}/api/0/projects/acme/shop/intake/"
        asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {answer['api_token']}"})
        return json.load(urllib.request.urlopen(asked, timeout=5))

    wait_for(lambda: intake()["counted"] == 1, lambda: f"{intake()}\n{compose.log()}", 30)
    assert compose.is_healthy("worker")
