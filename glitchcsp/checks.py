"""`manage.py check --deploy`: what is allowed on one computer and wrong in production."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from redis.backoff import NoBackoff
from redis.retry import Retry

from ingest.address import networks
from projects.firstrun import is_loopback

KEYWORDS = frozenset(
    {"self", "none", "unsafe-inline", "unsafe-eval", "strict-dynamic", "report-sample", "unsafe-hashes", "wasm-unsafe-eval", "script"}
)
Found = Iterator[CheckMessage]


def deploy(check: Callable[[], Found]) -> Callable[[], Found]:
    """Register a check that takes nothing and yields what it found."""

    def run(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
        return list(check())

    register(run, Tags.security, deploy=True)
    return check


@deploy
def check_address() -> Found:
    """Secure cookies, HSTS and report-to all follow from an https address."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    if settings.MODE == "full" and not settings.HTTPS:
        yield Warning(
            f"GLITCHCSP_URL is {settings.PUBLIC_URL}: sign-in and cookies travel readable, and browsers send no reports by report-to.",
            hint="Put a TLS proxy in front (compose.yaml has one) and set GLITCHCSP_URL=https://…",
            id="glitchcsp.W001",
        )
    if settings.MODE == "full" and is_loopback(host):
        yield Warning(
            f"GLITCHCSP_URL names this computer ({host}), so no visitor's browser can reach the endpoint in your header.",
            hint="Set GLITCHCSP_URL to the address that people and browsers use.",
            id="glitchcsp.W002",
        )
    if settings.HTTPS and not settings.INGEST_URL.startswith("https://"):
        yield Error(
            f"GLITCHCSP_INGEST_URL is {settings.INGEST_URL}: a page served by https may not report to http, so nothing would arrive.",
            hint="Give it an https address, or leave it empty to use GLITCHCSP_URL.",
            id="glitchcsp.E001",
        )


@deploy
def check_secret_key() -> Found:
    if len(settings.SECRET_KEY) < 32 or len(set(settings.SECRET_KEY)) < 10:
        yield Error(
            "SECRET_KEY is short or repeats itself; whoever guesses it can sign in as anybody.",
            hint="`make secrets` writes a good one into .env.",
            id="glitchcsp.E002",
        )


@deploy
def check_proxies() -> Found:
    """An https address means that a proxy is in front, and then every visitor has the proxy's address until it is trusted."""
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        yield Warning(
            "The address is https, so a proxy is in front, but TRUSTED_PROXIES is empty: all visitors count as one client, "
            "share one limit and make one visitor a day.",
            hint="Set TRUSTED_PROXIES to the proxy's network, such as 10.0.0.0/8.",
            id="glitchcsp.W003",
        )
    if any(network.prefixlen == 0 for network in networks(settings.TRUSTED_PROXIES)):
        yield Error(
            "TRUSTED_PROXIES trusts the whole internet, so anybody can claim any address.",
            hint="Name the proxy's own network.",
            id="glitchcsp.E003",
        )


@deploy
def check_hsts() -> Found:
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS or settings.SECURE_HSTS_PRELOAD:
        host = urlsplit(settings.PUBLIC_URL).hostname
        yield Warning(
            f"HSTS covers every subdomain of {host}, also those that are not yours and have no https.",
            hint="Leave HSTS_INCLUDE_SUBDOMAINS and HSTS_PRELOAD off unless the whole domain is ready.",
            id="glitchcsp.W004",
        )


@deploy
def check_policy() -> Found:
    """A keyword without quotes is a host name to browsers: the commonest mistake in any policy, ours too."""
    for setting in ("CONTENT_SECURITY_POLICY", "CONTENT_SECURITY_POLICY_REPORT_ONLY"):
        for directive, values in ((getattr(settings, setting) or {}).get("DIRECTIVES", {})).items():
            for value in values if isinstance(values, list) else []:
                if value.lower() in KEYWORDS and directive != "sandbox":
                    yield Error(
                        f"Our own policy says {directive} {value}: without quotes that is a host named “{value}”.",
                        hint=f"""Write it as '{value}', with single quotes.""",
                        id="glitchcsp.E004",
                    )
    if 0 < settings.OWN_REPORTING.percentage <= 1:
        yield Warning(
            f"CSP_REPORT_PERCENTAGE is {settings.OWN_REPORTING.percentage:g}: that is at most one page in a hundred.",
            hint="It is a percentage, from 0 to 100; django-csp 3 wanted 0.1 for ten per cent, this wants 10.",
            id="glitchcsp.W005",
        )


@deploy
def check_redis() -> Found:
    """What the server says of itself, so that a report answered 2xx survives its crash (docs/production.md)."""
    if settings.MODE != "full":
        return
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=3, socket_timeout=3, retry=Retry(NoBackoff(), 0)) as server:
            held = server.config_get("appendonly", "appendfsync", "maxmemory-policy", "maxmemory")
    except (redis.RedisError, OSError) as error:
        yield Warning(
            f"Redis did not tell its settings ({type(error).__name__}), so nobody knows whether it keeps what it accepts.",
            hint="It needs appendonly yes, appendfsync always and maxmemory-policy noeviction.",
            id="glitchcsp.W006",
        )
        return
    yield from redis_troubles(held)


def redis_troubles(held: dict[str, str]) -> Found:
    if held.get("maxmemory-policy") != "noeviction":
        yield Error(
            f"Redis throws reports away when it is full (maxmemory-policy {held.get('maxmemory-policy')}).",
            hint="Set maxmemory-policy noeviction; the door then spools and answers 503 at the end.",
            id="glitchcsp.E005",
        )
    if held.get("appendonly") != "yes":
        yield Error(
            "Redis keeps the buffer in memory only (appendonly no): a restart loses every report not recorded yet.",
            hint="Set appendonly yes and appendfsync always.",
            id="glitchcsp.E006",
        )
    elif held.get("appendfsync") != "always":
        yield Warning(
            f"Redis syncs to disk {held.get('appendfsync')}: a crash of its machine can lose seconds of accepted reports.",
            hint="Set appendfsync always, unless you chose the faster setting on purpose.",
            id="glitchcsp.W007",
        )
    if held.get("maxmemory", "0") == "0":
        yield Warning(
            "Redis has no maxmemory: a backlog that grows ends with the machine's memory.",
            hint="Set maxmemory to well under the machine's memory.",
            id="glitchcsp.W008",
        )
