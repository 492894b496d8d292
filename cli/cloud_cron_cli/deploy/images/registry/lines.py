"""Connections over `http.client`: one is used again once all of an answer was read, and ends when anything breaks."""

from __future__ import annotations

import ssl
import weakref
from contextlib import contextmanager, suppress
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from select import select
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, quote, urlsplit

from cloud_cron_cli.deploy.images.image import CHUNK
from cloud_cron_cli.deploy.images.registry import proxies, trust
from cloud_cron_cli.deploy.images.registry.answers import Answer
from cloud_cron_cli.deploy.images.registry.refusals import Broken, untrusted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPResponse

    from cloud_cron_cli.deploy.images.registry.web import Call

CONNECT: Final = 10.0
READ: Final = 120.0
MOST: Final = 32 << 20
"""Bytes of an answer that is read whole: manifests have a few thousand, and ECR keeps none of more than 4 MiB."""
_PORTS: Final = {"http": 80, "https": 443}
_SUCCESS: Final = range(200, 300)
_LEFT_ALONE: Final = "%/:=&?~#+!$,;'@()*[]"
"""What stands for itself in a URL that somebody else made (RFC 3986, 2.2)."""


class Lines:
    """Those that are open and idle, by where they lead; safe for threads."""

    def __init__(self) -> None:
        """Nothing is opened yet; all are closed with the last who knows of this."""
        self._idle: dict[str, list[HTTPConnection]] = {}
        weakref.finalize(self, _close, self._idle)

    def ask(self, call: Call, url: str) -> Answer:
        """The answer; a stream is given piece by piece when it is a success, and all else whole.

        Raises `Broken` for none, `ImageError` CC870 for a proxy of another kind, CC875 or CC879 for no trust.
        """
        place = urlsplit(url)
        idle = self._idle.setdefault(f"{place.scheme}://{place.netloc}", [])
        line = _alive(idle) or self._made(place)
        with _ending(line, place.netloc):
            response = _answered(line, call, place)
            if call.stream and response.status in _SUCCESS:
                return Answer(response.status, response.headers, b"", _pieces(line, response, idle, place.netloc))
            data = _whole(response)
        _keep(line, idle)
        return Answer(response.status, response.headers, data)

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        return trust.context()

    def _made(self, place: SplitResult) -> HTTPConnection:
        """A new one, over the proxy of the environment; nothing but this machine is spoken to without TLS."""
        host = place.hostname or ""
        if place.scheme not in _PORTS:
            raise Broken(f"it leads to {place.scheme}://, and nothing but https:// is followed")
        try:
            port = place.port or _PORTS[place.scheme]
        except ValueError as error:
            raise Broken(f"{place.netloc} is no place: {error}") from error
        if place.scheme == "http":
            return HTTPConnection(host, port, CONNECT)
        proxy = proxies.of(place)
        if proxy is None:
            return HTTPSConnection(host, port, timeout=CONNECT, context=self._trusted)
        line = _OverProxy(proxy.host, proxy.port, timeout=CONNECT, context=self._trusted)
        line.set_tunnel(host, port, dict(proxy.headers))
        return line


class _OverProxy(HTTPSConnection):
    """A line through a proxy, which is named when there is no way to it or through it."""

    def connect(self) -> None:
        """Open the tunnel, then speak TLS in it."""
        place = f"{self.host}:{self.port}"
        try:
            super().connect()
        except ssl.SSLError:
            raise
        except OSError as error:
            raise Broken(f"by the proxy {place}, which the environment names: {error}") from error


def _alive(idle: list[HTTPConnection]) -> HTTPConnection | None:
    """One on which nothing came meanwhile, which would be its end."""
    while True:
        try:
            line = idle.pop()
        except IndexError:
            return None
        if not select([line.sock], [], [], 0)[0]:
            return line
        line.close()


def _keep(line: HTTPConnection, idle: list[HTTPConnection]) -> None:
    if line.sock is not None:  # the other side wants no more on it
        idle.append(line)


def _answered(line: HTTPConnection, call: Call, place: SplitResult) -> HTTPResponse:
    """The beginning of the answer, which may be there before all was sent."""
    if line.sock is None:
        line.connect()
        socket: Any = line.sock
        socket.settimeout(READ)
    target = quote(place._replace(scheme="", netloc="", fragment="").geturl(), _LEFT_ALONE)
    body = call.body() if callable(call.body) else call.body
    with suppress(BrokenPipeError, ConnectionResetError):
        line.request(call.method, target, body, {"User-Agent": "cloud-cron", **call.headers})
    return line.getresponse()


def _whole(response: HTTPResponse) -> bytes:
    """All of an answer; `Broken` for one that no registry would give."""
    data = response.read(MOST + 1)
    if len(data) > MOST:
        raise Broken(f"its answer has more than {MOST >> 20} MiB")
    return data


def _pieces(line: HTTPConnection, response: HTTPResponse, idle: list[HTTPConnection], host: str) -> Iterator[bytes]:
    """What is still to come; `Broken` when less comes than was said."""
    with _ending(line, host), response:
        while piece := response.read(CHUNK):
            yield piece
        if response.length:
            raise Broken(f"{response.length} bytes are missing")
    _keep(line, idle)


@contextmanager
def _ending(line: HTTPConnection, host: str) -> Iterator[None]:
    """Whatever goes wrong ends the line. Trust is for a person to settle, anything else may be over in a moment."""
    try:
        yield
    except BaseException as error:
        line.close()
        if isinstance(error, ssl.SSLCertVerificationError):
            raise untrusted(host, error.verify_message or str(error), error.verify_code) from error
        if isinstance(error, HTTPException | OSError | UnicodeError):  # the last of a name that no resolver takes
            raise Broken(str(error) or type(error).__name__) from error
        raise


def _close(idle: dict[str, list[HTTPConnection]]) -> None:
    for lines in idle.values():
        for line in lines:
            line.close()
