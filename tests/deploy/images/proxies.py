"""An HTTP proxy on loopback: whatever name it is asked for, it leads to one place."""

from __future__ import annotations

import socket
import socketserver
import threading
from contextlib import suppress
from typing import Self


class Proxy:
    """As a context; `asked` are the heads of what it was asked."""

    def __init__(self, leads_to: str) -> None:
        host, _, port = leads_to.rpartition(":")
        self.place = host, int(port)
        self.asked: list[str] = []

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Tunnel)
        self._server.proxy = self
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    proxy: Proxy


class _Tunnel(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        head = []
        while line := self.rfile.readline().decode().strip():
            head.append(line)
        self.server.proxy.asked.append("\n".join(head))
        with socket.create_connection(self.server.proxy.place) as there:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threading.Thread(target=_carry, args=(there, self.connection), daemon=True).start()
            _carry(self.connection, there)


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
