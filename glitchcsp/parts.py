"""The processes of an installation, each as a function that runs it in a freshly forked child (docs/production.md has the commands)."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from celery.beat import EmbeddedService
from celery.platforms import SecurityWarning
from celery.signals import worker_ready
from django.conf import settings
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from glitchcsp.celery import app
from ingest.lookout import look_first

HEADER_SECONDS = 10
HEADER_BYTES = 64 * 1024
MOST_REQUESTS = 1024
STOP_SECONDS = 5
QUEUES = ["-Q", "drain,glitchcsp"]
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]


def web() -> None:
    """Granian: it bounds headers and slow clients (docs/performance.md has the figures)."""
    alone = settings.ROLE == "ingest"
    Server(
        "glitchcsp.rsgi:application" if alone else "glitchcsp.asgi:application",
        address=settings.BIND,
        port=settings.PORT,
        interface=Interfaces.RSGI if alone else Interfaces.ASGI,
        workers=settings.WEB_PROCESSES,
        websockets=False,
        http=HTTPModes.http1,
        backpressure=MOST_REQUESTS,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=HEADER_BYTES),
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
    ).serve()


def ingest() -> None:
    settings.ROLE = "ingest"
    web()


def worker() -> None:
    """One process in embedded mode, with the beat as a thread of it; in full mode one for each core, and the beat apart."""
    warnings.filterwarnings("ignore", category=SecurityWarning)  # about pickle as root; our messages are JSON
    embedded = settings.MODE == "embedded"
    if embedded:
        worker_ready.connect(_start_beat)
    else:
        look_first()
    app.start(["--quiet", "worker", *QUEUES, *(["-P", "solo"] if embedded else []), *QUIET])


def _start_beat(**_: object) -> None:
    """Celery's own -B forks a beat whose death nobody would notice; a thread dies with its worker and comes again with it.
    It keeps its times in memory: a file is one more thing that a full disk breaks, and all is due within ten minutes."""
    EmbeddedService(app, thread=True, scheduler_cls="celery.beat:Scheduler").start()


def beat() -> None:
    app.start(["--quiet", "beat", "--schedule", str(settings.DATA_DIR / "beat"), "--loglevel", "WARNING"])


PARTS: dict[str, Callable[[], None]] = {"web": web, "ingest": ingest, "worker": worker, "beat": beat}


def parts_of(only: str) -> list[str]:
    """What to start: one part, or all that this mode needs on one machine."""
    if only:
        return [only]
    return ["web", "worker"] if settings.MODE == "embedded" else ["web", "worker", "beat"]
