"""Web servers on loopback that are reached by public names and addresses, with TLS that is really verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cloud_cron.channels.webhook_network import Internet

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable

HOST = "hooks.example.org"
ADDRESS = "93.184.216.34"


class Request(NamedTuple):
    """One request as it arrived; names of headers are in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes


class Loopback(Internet):
    """The internet as a test plays it: names are looked up here, and public addresses lead to ports of loopback."""

    def __init__(self, port: int, *addresses: str) -> None:
        self.port = port
        self.addresses = list(addresses or [ADDRESS])
        self.asked: list[str] = []
        self.tried: list[str] = []
        self.dead: set[str] = set()

    def look_up(self, host: str, port: int, seconds: float) -> list[str]:
        self.asked.append(host)
        return self.addresses

    def connect(self, address: str, port: int, seconds: float) -> socket.socket:
        self.tried.append(address)
        if address in self.dead:
            raise ConnectionRefusedError(111, "Connection refused")
        return super().connect("127.0.0.1", self.port, seconds)


def answering(
    context: ssl.SSLContext, *answers: str | None, seen: list[Request] | None = None
) -> Callable[[socket.socket], None]:
    """A session that reads one whole request and says these lines; None hangs up, `wait` says nothing more."""

    def session(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            request = received(secured)
            if seen is not None:
                seen.append(request)
            for answer in answers:
                if answer is None:
                    return
                if answer == "wait":
                    secured.recv(1)
                    return
                secured.sendall(f"{answer}\r\n".encode())

    return session


def received(connection: socket.socket) -> Request:
    """One request, whole."""
    file = connection.makefile("rb")
    line = file.readline().decode().strip()
    headers = {}
    while header := file.readline().decode().strip():
        name, _, value = header.partition(": ")
        headers[name.lower()] = value
    return Request(line, headers, file.read(int(headers.get("content-length", 0))))
