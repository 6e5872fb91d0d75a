"""What every process of ours does for itself: not outlive the one that started it (Linux: parent-death signal), not search what stays."""

from __future__ import annotations

import ctypes
import gc
import os
import signal

_PR_SET_PDEATHSIG = 1
SUPERVISOR = "GLITCHCSP_SUPERVISOR"
"""Environment: the supervisor's process id. Only its descendants bind their life to their parent's."""


GARBAGE_AT_ONCE = 10_000
"""Objects made and not yet gone at which the collector looks; Python's 700 are one batch of reports."""


def die_with_parent() -> None:
    """Ask the kernel for SIGKILL when our parent dies. One that died before we asked would never tell, so look again.

    SIGKILL, since a process that is stuck must go too: whatever is killed here loses nothing (design.md).
    """
    if SUPERVISOR not in os.environ:
        return
    supervisor, parent = int(os.environ[SUPERVISOR]), os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent or (parent == 1 and supervisor != 1) or not is_alive(supervisor):
        os._exit(1)


def stop_with_parent() -> None:
    """The supervisor under `make`: should make be killed, stop as by SIGTERM."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def keep_what_is_loaded() -> None:
    """Spare the collector what was imported and stays: looking through Django again and again took a fifth of the endpoint's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AT_ONCE)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
