"""Embedded mode's broker: kombu's filesystem transport, with messages that appear whole and never leave our folder.

kombu writes into the file under its final name, where a reader can catch it half written, and moves what it reads through
the machine's shared /tmp. It keeps which queue an exchange feeds in files as well: a full disk left one empty, and no worker
started any more. Each process declares its queues anyway, so that is kept in memory here, as with any broker without fan-out.
"""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem, virtual
from kombu.utils import json

dumps: Any = json.dumps
loads: Any = json.loads


class Channel(filesystem.Channel):
    supports_fanout = False
    get_table: Any = virtual.Channel.get_table

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for folder in (self.data_folder_in, self.control_folder):
            Path(folder).mkdir(parents=True, exist_ok=True)

    def _put(self, queue: Any, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # as kombu does
        folder = Path(self.data_folder_out)
        name = f"{time.time_ns() // 1000:020d}_{uuid.uuid4().hex}.{queue}.msg"
        draft = folder / f"{name}.draft"
        try:
            draft.write_text(dumps(payload))
            draft.rename(folder / name)
        except OSError:
            draft.unlink(missing_ok=True)
            raise

    def _get(self, queue: Any, timeout: Any = None) -> Any:
        """The oldest message; whoever renames it first has it."""
        for name in sorted(_listed(self.data_folder_in)):
            if not name.endswith(f".{queue}.msg"):
                continue
            path = Path(self.data_folder_in) / name
            taken = path.with_name(f"{name}.taken")
            try:
                path.rename(taken)
            except FileNotFoundError:
                continue
            text = taken.read_text()
            taken.unlink()
            return loads(text)
        raise Empty


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


class Transport(filesystem.Transport):
    Channel = Channel
