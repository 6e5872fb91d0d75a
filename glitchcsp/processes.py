"""A process that must not outlive the one that started it (Linux: parent-death signal)."""

from __future__ import annotations

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1
SUPERVISOR = "GLITCHCSP_SUPERVISOR"
"""Environment: the supervisor's process id. Only its descendants bind their life to their parent's."""


def die_with_parent() -> None:
    """Ask the kernel for SIGKILL when our parent dies. A parent that died before we asked is seen by asking again."""
    if SUPERVISOR not in os.environ:
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent or parent == 1 or not _is_alive(int(os.environ[SUPERVISOR])):
        os._exit(1)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
