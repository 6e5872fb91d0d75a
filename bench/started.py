"""What the benchmarks measure, started for real: the product on either pair of database and buffer, or a floor."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVER = ["granian", "--log-level", "warning", "--workers", "1", "--no-ws", "--http", "1", "--backpressure", "1024"]
MODES = ("embedded", "full")
CSP_REPORT = {
    "document-uri": "https://shop.example/checkout/%d", "referrer": "", "violated-directive": "script-src-elem",
    "effective-directive": "script-src-elem", "disposition": "enforce", "blocked-uri": "https://host%d.example/x.js", "line-number": 12,
    "column-number": 4, "source-file": "https://shop.example/app.js", "status-code": 200, "script-sample": "",
    "original-policy": "default-src 'self'; script-src 'self' https://cdn.shop.example; img-src 'self' data:; style-src 'self'; "
    "report-uri https://reports.example/api/1/security/?glitchtip_key=00000000000000000000000000000001",
}  # fmt: skip
_REPORT = json.dumps({"csp-report": CSP_REPORT})


def body(number: int) -> bytes:
    """The report numbered so: another host, one of seven pages."""
    return (_REPORT % (number % 7, number)).encode()


@dataclass(frozen=True, slots=True)
class Instance:
    mode: str
    url: str
    endpoint: str
    organization: str
    project: str
    token: str

    def intake(self) -> dict[str, int]:
        address = f"{self.url}/api/0/projects/{self.organization}/{self.project}/intake/"
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: dict[str, int] = json.load(answer)
            return found


def environment(mode: str, folder: str, port: int) -> dict[str, str]:
    """DATABASE_URL and REDIS_URL come from tests.services; embedded mode must not see them. No rate and no new issue is limited."""
    seen = {name: value for name, value in os.environ.items() if mode == "full" or name not in ("DATABASE_URL", "REDIS_URL")}
    own = {"GLITCHCSP_DATA": folder, "PORT": str(port), "SECRET_KEY": "only-for-the-benchmark", "LOG_LEVEL": "WARNING"}
    caps = {"KEY_RATE": "0", "NEW_ISSUES_PER_HOUR": "0", "PROJECT_ISSUES": "0"}
    return {**seen, **own, **caps, "DJANGO_SETTINGS_MODULE": "glitchcsp.settings", "GLITCHCSP_URL": f"http://127.0.0.1:{port}"}


@contextmanager
def environment_of(mode: str, **more: str) -> Iterator[dict[str, str]]:
    """For commands that need no server: a migrated database, the folder of embedded mode being a fresh one."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**environment(mode, folder, free_port()), **more}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=env, cwd=ROOT, check=True)
        yield env


def in_a_process(env: dict[str, str], module: str, *words: str) -> str:
    """What `python -m module words...` prints: caches and memory of one measurement do not reach the next."""
    return subprocess.run([sys.executable, "-m", module, *words], env=env, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


@contextmanager
def product(mode: str, *parts: str) -> Iterator[Instance]:
    """`manage.py serve`, whole or with the `parts` named, over a fresh embedded folder or the services' database."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        env = environment(mode, folder, port)
        manage = [sys.executable, "manage.py"]
        subprocess.run([*manage, "migrate", "-v0"], env=env, cwd=ROOT, check=True)
        first = [*manage, "bootstrap", "--email", "bench@bench.example", "--password", "correct horse battery", "--organization", "Bench"]
        rest = ["--project", f"Bench {port}", "--site", "https://shop.example", "--new-token"]
        made = subprocess.run([*first, *rest], env=env, cwd=ROOT, check=True, capture_output=True)
        words = json.loads(made.stdout)
        organization, project = words["url"].rstrip("/").split("/")[-2:]
        commands = [[*manage, "serve", *(["--only", part] if part else [])] for part in parts or ("",)]
        running = [subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL) for command in commands]
        try:
            wait_until_it_listens(port)
            yield Instance(mode, f"http://127.0.0.1:{port}", words["security_endpoint"], organization, project, words["api_token"])
        finally:
            _stop(running)


@contextmanager
def pages_beside(instance: Instance) -> Iterator[str]:
    """Full mode's pages, in a process of their own as design.md has it; embedded mode serves them beside the endpoint."""
    if instance.mode == "embedded":
        yield instance.url
        return
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [sys.executable, "manage.py", "serve", "--only", "web"]
        env = {**environment(instance.mode, folder, port), "GLITCHCSP_ROLE": "web"}
        process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            wait_until_it_listens(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            _stop([process])


@contextmanager
def floor(name: str, **env: str) -> Iterator[str]:
    """A callable of bench.floors under the product's server, or `django`'s view under the same with WSGI; its address."""
    port = free_port()
    django = ["--interface", "wsgi", "--factory", "--blocking-threads", "1", "django.core.wsgi:get_wsgi_application"]
    target = django if name == "django" else ["--interface", "asginl", f"bench.floors:{name}"]
    command = [sys.executable, "-m", *SERVER, "--port", str(port), *target]
    settings = {"DJANGO_SETTINGS_MODULE": "bench.floors", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env={**os.environ, **settings, **env}, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait_until_it_listens(port)
        yield f"http://127.0.0.1:{port}/api/1/security/?glitchtip_key={'0' * 32}"
    finally:
        _stop([process])


def _stop(running: list[subprocess.Popen[bytes]]) -> None:
    for process in running:
        process.terminate()
    for process in running:
        process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_listens(port: int, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                time.sleep(1)
                return
        if time.monotonic() > until:
            raise TimeoutError(f"nothing listens on port {port}")
        time.sleep(0.1)
