"""One request and its answer, by a deadline, and an exact word on whether the request can have been accepted.

Until the last byte of the body was handed over, it cannot have been: a request is complete with its content
(RFC 9112, 6.3). From then on, until the answer, it may have been.
"""

from __future__ import annotations

import ssl
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from io import BufferedReader, RawIOBase
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.channels.webhook_network import is_public
from cloud_cron.errors import Ambiguous, Permanent, Retry

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from cloud_cron.channels.webhook_address import WebhookAddress
    from cloud_cron.channels.webhook_network import Network

_CHUNK: Final = 65_536
_LEAST: Final = 0.05


class Answer(NamedTuple):
    """What the server said: its status, and the header `Retry-After`. The rest is not read."""

    status: int
    retry_after: str | None


def exchange(network: Network, to: WebhookAddress, body: bytes, headers: Mapping[str, str], end: float) -> Answer:
    """POST the body, and return the answer, by `end` (monotonic).

    Raises `Retry` for what was certainly not accepted, `Permanent` for a place where nothing is sent to, `Ambiguous`
    when the answer to a whole request was lost.
    """
    place = f"the server {to.authority}"
    try:
        reached = _reached(network, to, end)
    except OSError as error:
        raise Retry(f"{place} cannot be reached: {_why(error)}") from None
    with closing(reached):
        try:
            reached.settimeout(_left(end))
            secured = network.secure(reached, to.host)
        except OSError as error:
            raise Retry(f"{place} offers no TLS that is to be trusted: {_why(error)}") from None
        with closing(secured):
            return _asked(HTTPConnection(to.host), _Patient(secured, end), to, body, headers)


def _asked(
    connection: HTTPConnection, wire: _Patient, to: WebhookAddress, body: bytes, headers: Mapping[str, str]
) -> Answer:
    connection.sock = wire  # as much of a socket as the client uses
    place = f"the server {to.authority}"
    try:
        connection.request("POST", to.target, body, {"Host": to.authority, **headers})
    except OSError as error:
        raise Retry(f"{place} went away before it had everything: {_why(error)}") from None
    try:
        response = connection.getresponse()
    except (OSError, HTTPException) as error:
        raise Ambiguous(f"{place} had everything and did not answer: {_why(error)}") from None
    return Answer(response.status, response.headers.get("Retry-After"))


def _reached(network: Network, to: WebhookAddress, end: float) -> socket.socket:
    """A connection to one of the host's addresses, each of which gets its share of the time."""
    found = network.look_up(to.host, to.port, _left(end))
    for address in found:
        if not is_public(address):
            raise Permanent(f"the server {to.authority} is at a private address, where nothing is sent to")
    problem = OSError("it has no address")
    for number, address in enumerate(found):
        try:
            return network.connect(address, to.port, _left(end) / (len(found) - number))
        except OSError as error:
            problem = error
    raise problem


class _Patient:
    """A socket whose every exchange ends by `end`, and not anew with every byte that arrives."""

    def __init__(self, connection: ssl.SSLSocket, end: float) -> None:
        self._connection = connection
        self._end = end

    def ready(self) -> ssl.SSLSocket:
        """The connection, which waits until the end and no longer."""
        self._connection.settimeout(_left(self._end))
        return self._connection

    def sendall(self, data: Any) -> None:  # noqa: ANN401 - any readable memory
        whole = memoryview(data)
        for start in range(0, len(whole), _CHUNK):
            self.ready().sendall(whole[start : start + _CHUNK])

    def makefile(self, _mode: str) -> BufferedReader:
        return BufferedReader(_Incoming(self))

    def close(self) -> None:
        self._connection.close()


class _Incoming(RawIOBase):
    """What arrives, for as long as there is time."""

    def __init__(self, wire: _Patient) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable memory
        return self._wire.ready().recv_into(buffer)


def _left(end: float) -> float:
    """Seconds until the end; TimeoutError when there is no time to hear of it."""
    seconds = end - monotonic()
    if seconds < _LEAST:
        raise TimeoutError("timed out")
    return seconds


def _why(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return " ".join(str(error).split()) or type(error).__name__
