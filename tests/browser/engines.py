"""Three real engines, each driven over its own protocol: Chromium by Playwright, Firefox by Marionette, WebKitGTK by WebDriver.

`visit(address)` of each opens a page and returns once it has loaded. Nothing here goes to any host but this machine.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from playwright.sync_api import Browser, Playwright

from tests.services import free_port

CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
]  # fmt: skip
FIREFOX_PREFERENCES = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}
Visit = Callable[[str], None]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def program(name: str) -> str:
    """The path of a browser; without it the tests that need it are skipped, and in CI a skip is a failure."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on this machine")
    return found


def launch_chromium(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=program("chromium"), args=CHROMIUM_ARGUMENTS)


@contextmanager
def firefox(more: Mapping[str, Any] | None = None) -> Iterator[Visit]:
    """`more` are further preferences. Certificates are not checked."""
    path = program("firefox-esr")
    with tempfile.TemporaryDirectory(prefix="glitchcsp-firefox-") as profile:
        port = free_port()
        preferences = {**FIREFOX_PREFERENCES, "marionette.port": port, **(more or {})}
        lines = (f'user_pref("{name}", {json.dumps(value)});' for name, value in preferences.items())
        (Path(profile) / "user.js").write_text("\n".join(lines))
        command = [path, "--headless", "--marionette", "--no-remote", "--profile", profile, "about:blank"]
        with _process(command, {"HOME": profile}), _connection(port) as server, server.makefile("rb") as answers:
            _message(answers)
            _ask(server, answers, "WebDriver:NewSession", acceptInsecureCerts=True)
            yield lambda address: _ask(server, answers, "WebDriver:Navigate", url=address)
            with suppress(OSError, ValueError):
                _ask(server, answers, "Marionette:Quit", flags=["eForceQuit"])


def _ask(server: socket.socket, answers: BinaryIO, command: str, **parameters: Any) -> None:
    """One Marionette command: `LENGTH:[0, id, name, parameters]`, answered by `LENGTH:[1, id, error, result]`."""
    message = json.dumps([0, 1, command, parameters]).encode()
    server.sendall(str(len(message)).encode() + b":" + message)
    answer = _message(answers)
    assert answer[2] is None, answer


def _message(answers: BinaryIO) -> Any:
    length = b""
    while (character := answers.read(1)) not in (b":", b""):
        length += character
    return json.loads(answers.read(int(length)))


@contextmanager
def webkit() -> Iterator[Visit]:
    driver = program("WebKitWebDriver")
    found = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"))
    if not found:
        pytest.skip("MiniBrowser is not on this machine")
    with tempfile.TemporaryDirectory(prefix="glitchcsp-webkit-") as home, _screen() as display:
        port = free_port()
        settings = {
            "DISPLAY": display, "HOME": home, "XDG_RUNTIME_DIR": home, "NO_AT_BRIDGE": "1", "GDK_BACKEND": "x11",
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
        }  # fmt: skip
        with _process([driver, f"--port={port}"], settings), _connection(port):
            options = {"webkitgtk:browserOptions": {"binary": str(found[0]), "args": ["--automation"]}}
            session = _webdriver(port, "POST", "/session", {"capabilities": {"alwaysMatch": options}})["sessionId"]
            yield lambda address: _webdriver(port, "POST", f"/session/{session}/url", {"url": address})
            _webdriver(port, "DELETE", f"/session/{session}")


def _webdriver(port: int, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["value"]


@contextmanager
def _screen() -> Iterator[str]:
    """A virtual screen, since WebKitGTK has no headless mode; the X server picks the number itself."""
    read, write = os.pipe()
    command = [program("Xvfb"), "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], **QUIET)
    os.close(write)
    try:
        with os.fdopen(read) as number:
            yield f":{number.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _process(command: list[str], settings: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(command, env={**os.environ, **settings}, **QUIET)
    try:
        yield
    finally:
        with suppress(subprocess.TimeoutExpired):
            process.terminate()
            process.wait(10)
        process.kill()
        process.wait()


@contextmanager
def _connection(port: int, seconds: float = 30) -> Iterator[socket.socket]:
    end = time.monotonic() + seconds
    while True:
        try:
            server = socket.create_connection(("127.0.0.1", port), timeout=60)
            break
        except OSError:
            assert time.monotonic() < end, "the browser did not start"
            time.sleep(0.05)
    with server:
        yield server
