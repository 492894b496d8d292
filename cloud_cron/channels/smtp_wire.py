"""SMTP on a deadline: the library's client, whose own time-out would begin anew with every byte that arrives."""

from __future__ import annotations

import smtplib
import socket
import ssl
from io import BufferedReader, RawIOBase
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_CHUNK: Final = 65_536


class Wire(smtplib.SMTP):
    """A connection whose every exchange ends by `end` (monotonic); whatever goes wrong is an OSError."""

    def __init__(self, host: str, port: int, end: float) -> None:
        """Connect, and say nothing yet. The look-up of the name is the one thing that cannot be hurried."""
        self.end = end
        super().__init__(local_hostname="")  # the library's own choice would ask the network for our name
        self.sock = self._reached(host, port)
        address = self.sock.getsockname()[0]
        self.local_hostname = f"[IPv6:{address}]" if ":" in address else f"[{address}]"  # RFC 5321, 4.1.3

    def left(self) -> float:
        """Seconds until the end; TimeoutError when it has come."""
        seconds = self.end - monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        return seconds

    def patient(self) -> socket.socket:
        """The socket, which waits until the end and no longer; an OSError when there is none any more."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        self.sock.settimeout(self.left())
        return self.sock

    def secure(self, host: str) -> None:
        """TLS from here on, with a certificate for `host`; what was said before is forgotten (RFC 3207, 4.2)."""
        self.sock = ssl.create_default_context().wrap_socket(self.patient(), server_hostname=host)
        self.file = None
        self.esmtp_features = {}

    def send(self, s: ReadableBuffer | str) -> None:
        """Send all of it."""
        data = memoryview(s.encode("ascii") if isinstance(s, str) else s)
        for start in range(0, len(data), _CHUNK):
            self.patient().sendall(data[start : start + _CHUNK])

    def getreply(self) -> tuple[int, bytes]:
        """One answer, of however many lines."""
        if self.file is None:
            self.file = BufferedReader(_Incoming(self))
        return super().getreply()

    def _reached(self, host: str, port: int) -> socket.socket:
        """A connection to one of the host's addresses, each of which gets its share of the time."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        problem = OSError("it has no address")
        for number, (family, kind, protocol, _, address) in enumerate(found):
            made = socket.socket(family, kind, protocol)
            try:
                made.settimeout(self.left() / (len(found) - number))
                made.connect(address)
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or the last line waits for the others
            except OSError as error:
                made.close()
                problem = error
            else:
                return made
        raise problem


class _Incoming(RawIOBase):
    """What arrives, for as long as there is time."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable memory
        return self._wire.patient().recv_into(buffer)
