"""A TCP proxy that stops forwarding on the connections it has, without a word to either end."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any


class Proxy:
    def __init__(self, port: int) -> None:
        self.target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._frozen = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: Any) -> None:
        for one in [self._listener, *self._sockets]:
            one.close()

    def freeze_what_is_open(self) -> None:
        """Both ends go on believing in their connection: their kernels acknowledge all that is sent. New ones work."""
        frozen, self._frozen = self._frozen, threading.Event()
        frozen.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                self._sockets += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(one, other, self._frozen), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket, frozen: threading.Event) -> None:
    with suppress(OSError):
        while (data := source.recv(65536)) and not frozen.is_set():
            target.sendall(data)
        if not frozen.is_set():
            target.shutdown(socket.SHUT_WR)
