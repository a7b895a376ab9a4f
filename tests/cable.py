# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A line to a TCP server that can be cut at a chosen message, before it or its answer arrives."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress


class Cable:
    """Listens on 127.0.0.1 and passes bytes to and from a port there, one thread for each direction.

    ``cut``: part of a client's message at which the line is cut, once, and whether the server still gets it.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self.cut: tuple[bytes, bool] | None = None
        self.cuts = 0
        self._lines: list[socket.socket] = [self._server]
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def __enter__(self) -> Cable:
        return self

    def __exit__(self, *_error: object) -> None:
        for line in self._lines:
            _shut(line)
        for thread in self._threads:
            thread.join()
        for line in self._lines:
            line.close()

    def _start(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        self._threads.append(threading.Thread(target=work, args=arguments))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._server.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._lines += (client, server)
                self._start(self._up, client, server)
                self._start(_pass_on, server, client)

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self.cut and self.cut[0] in data:
                    (_text, arrives), self.cut = self.cut, None
                    client.shutdown(socket.SHUT_RDWR)
                    self.cuts += 1
                    if not arrives:
                        break
                server.sendall(data)
        _shut(server)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    _shut(target)


def _shut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
