"""What docs/production.md promises of compose.yaml and the image, read from the files: no Docker engine is needed here."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
import yaml

from glitchcsp import write_secrets

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "compose.yaml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
OURS = {"migrate", "web", "ingest", "worker", "beat"}


def command_of(service: str) -> str:
    command = SERVICES[service]["command"]
    return command if isinstance(command, str) else " ".join(command)


def test_every_process_of_full_mode_has_a_service():
    assert set(SERVICES) == OURS | {"postgres", "redis", "proxy"}
    assert SERVICES["web"]["environment"]["GLITCHCSP_ROLE"] == "web"
    assert SERVICES["ingest"]["environment"]["GLITCHCSP_ROLE"] == "ingest"
    assert "migrate" in command_of("migrate")
    assert "worker" in command_of("worker")
    assert "drain" in command_of("worker"), "the drain has its own queue"
    assert "beat" in command_of("beat")


def test_only_the_proxy_is_published():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert not any("network_mode" in service for service in SERVICES.values())


def test_postgres_and_redis_are_not_on_the_proxys_network():
    assert SERVICES["proxy"]["networks"] == ["front"]
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["back"]


def test_the_proxys_network_is_the_only_trusted_one():
    (subnet,) = [one["subnet"] for one in COMPOSE["networks"]["front"]["ipam"]["config"]]
    assert {SERVICES[name]["environment"]["TRUSTED_PROXIES"] for name in OURS} == {subnet}


def test_it_refuses_to_start_without_its_secrets():
    for name in write_secrets.SECRETS:
        uses = re.findall(r"\$\{" + name + r"([^}]*)\}", TEXT)
        assert uses
        assert all(use.startswith(":?") and "make secrets" in use for use in uses)
    assert not re.search(r"(SECRET_KEY|PASSWORD)\w*: [A-Za-z0-9]", TEXT), "no secret is written here"


def test_redis_keeps_what_it_accepted():
    command = command_of("redis")
    assert "--appendonly yes" in command
    assert "--appendfsync always" in command
    assert "--maxmemory-policy noeviction" in command
    assert "--requirepass" in command


def test_every_service_but_migrations_has_a_health_check():
    assert {name for name, service in SERVICES.items() if "healthcheck" not in service} == {"migrate"}


def test_what_must_last_is_a_volume():
    mounted = {name: [one.partition(":")[0] for one in service.get("volumes", [])] for name, service in SERVICES.items()}
    assert mounted["postgres"] == ["postgres"]
    assert mounted["redis"] == ["redis"]
    assert mounted["ingest"] == ["spool"]
    assert set(COMPOSE["volumes"]) >= {"postgres", "redis", "spool"}


def test_migrations_run_once_before_everything_else():
    for name in OURS - {"migrate"}:
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_our_containers_can_write_nothing_but_their_volumes():
    for name in OURS:
        assert SERVICES[name]["read_only"] is True
        assert SERVICES[name]["cap_drop"] == ["ALL"]


def test_the_image_is_built_in_stages_and_is_not_root():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert sum(line.startswith("FROM ") for line in lines) == 2
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users
    assert users[-1] != "root"
    assert any("--require-hashes" in line for line in lines)


def test_the_image_gets_every_folder_of_ours_and_nothing_secret():
    copied = {line.split()[1] for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("COPY ")}
    assert copied >= {"policies", "projects", "issues", "ingest", "alerts", "glitchcsp", "templates", "static", "manage.py"}
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*", "nothing is sent that is not named"


@pytest.mark.parametrize("path", ["/api/1/security/", "/api/42/csp-report/"])
def test_both_example_proxies_send_the_endpoints_paths_to_ingest(path):
    for name in ("Caddyfile", "nginx.conf"):
        text = (ROOT / "deploy" / name).read_text()
        pattern = next(iter(re.findall(r"(\^/api/\S+\$)", text)))
        assert re.search(pattern, path)
        assert not re.search(pattern, "/api/0/projects/")
        assert not re.search(pattern, "/acme/shop/")


def test_make_secrets_writes_a_file_for_one_pair_of_eyes(tmp_path):
    path = tmp_path / ".env"
    assert "Wrote" in write_secrets.write(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    values = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line and not line.startswith("#"))
    assert set(values) == {*write_secrets.SECRETS, "GLITCHCSP_URL"}
    assert len({values[name] for name in write_secrets.SECRETS}) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{50,}", values[name]) for name in write_secrets.SECRETS), "they go into addresses as they are"


def test_make_secrets_keeps_what_is_there(tmp_path):
    path = tmp_path / ".env"
    path.write_text("SECRET_KEY=mine\nGLITCHCSP_URL=https://csp.example.com")
    write_secrets.write(path)
    text = path.read_text()
    assert text.startswith("SECRET_KEY=mine\nGLITCHCSP_URL=https://csp.example.com\nPOSTGRES_PASSWORD=")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "nothing was changed" in write_secrets.write(path)
    assert path.read_text() == text
