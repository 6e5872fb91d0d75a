"""policies.exporters, read back by the servers they are written for: Apache answers requests, Caddy says what it understood."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.exporters import export
from policies.policy import PolicyList, parse_header, parse_policy
from tests.policies.test_exporters import expected, hostile, program
from tests.services import free_port

HEADERS = ("Content-Security-Policy", "Content-Security-Policy-Report-Only")
BATCHES = settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))


@contextmanager
def apache(folder: Path, places: list[str]) -> Iterator[int]:
    """A server on a free port; `places[n]` is what stands in the configuration of /n."""
    port = free_port()
    modules = "\n".join(
        f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in ("mpm_event", "authz_core", "headers")
    )
    blocks = "\n".join(f'<Location "/{number}">\n{text}\n</Location>' for number, text in enumerate(places))
    owner = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
    configuration = folder / "apache.conf"
    configuration.write_text(
        f'{modules}\nServerRoot "{folder}"\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile "{folder}/pid"\n'
        f'{owner}ErrorLog "{folder}/errors"\nDocumentRoot "/usr"\n{blocks}\n'
    )
    command = [program("apache2"), "-f", str(configuration)]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=20, check=False)
    assert "Syntax OK" in checked.stderr, (places, checked.stderr)
    running = subprocess.Popen([*command, "-X"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        running.terminate()
        running.wait(20)


def answered(port: int, path: str) -> list[tuple[str, str]]:
    """The header fields of an answer, waited for while the server starts."""
    for _ in range(100):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().getheaders()
        except ConnectionError:
            time.sleep(0.05)
        finally:
            connection.close()
    pytest.fail("Apache did not answer within five seconds")


def sent(fields: list[tuple[str, str]]) -> list[str]:
    """The policies in the fields; a server may join fields of one name with commas."""
    values = [value for name in HEADERS for field, value in fields if field == name]
    return [str(policy) for value in values for policy in parse_header(value)]


@given(st.lists(hostile, min_size=8, max_size=12))
@BATCHES
def test_apache_sends_what_was_meant(tmp_path_factory: pytest.TempPathFactory, several: list[PolicyList]) -> None:
    exports = [export(policies, "apache") for policies in several]
    with apache(tmp_path_factory.mktemp("apache"), [exported.text for exported in exports]) as port:
        for number, (policies, exported) in enumerate(zip(several, exports, strict=True)):
            fields = answered(port, f"/{number}")
            assert {name for name, _ in fields} <= {"Date", "Server", "Content-Length", "Content-Type", *HEADERS}
            if "'nonce-" not in str(policies).lower():
                assert sent(fields) == expected(policies), exported.text


def test_apache_sends_percent_escapes_as_they_are(tmp_path: Path) -> None:
    with apache(tmp_path, [export(parse_header("img-src https://a.example/%20/, img-src https:"), "apache").text]) as port:
        assert sent(answered(port, "/0")) == ["img-src https://a.example/%20/", "img-src https:"]


def understood(folder: Path, text: str) -> dict[str, Any]:
    """What Caddy makes of a site with this text in it; it fails where Caddy can't read it."""
    caddyfile = folder / "Caddyfile"
    caddyfile.write_text(f":18080 {{\n{text}\n}}\n")
    command = [program("caddy"), "adapt", "--config", str(caddyfile), "--adapter", "caddyfile", "--validate"]
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "PATH": os.environ["PATH"]}
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False, env=home)
    assert done.returncode == 0, (text, done.stderr)
    routes = json.loads(done.stdout)["apps"]["http"]["servers"]["srv0"].get("routes", [])
    handlers = [handler for route in routes for handler in route["handle"]]
    assert [handler["handler"] for handler in handlers] in ([], ["headers"]), text
    return handlers[0]["response"] if handlers else {}


@given(hostile)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_caddy_understands_what_was_meant(tmp_path_factory: pytest.TempPathFactory, policies: PolicyList) -> None:
    text = export(policies, "caddy").text
    response = understood(tmp_path_factory.mktemp("caddy"), text) if text else {}
    assert set(response) <= {"set", "add"}
    values = [value for verb in ("set", "add") for header in HEADERS for value in response.get(verb, {}).get(header, [])]
    assert values == expected(policies, nonce="'nonce-{http.request.uuid}'"), text


def test_caddy_keeps_policies_of_both_headers_apart(tmp_path: Path) -> None:
    policies = [parse_policy("img-src 'self'"), parse_policy("img-src https:"), parse_policy("img-src *", disposition="report")]
    response = understood(tmp_path, export(policies, "caddy").text)
    assert response == {
        "add": {"Content-Security-Policy": ["img-src https:"]},
        "set": {"Content-Security-Policy": ["img-src 'self'"], "Content-Security-Policy-Report-Only": ["img-src *"]},
    }
