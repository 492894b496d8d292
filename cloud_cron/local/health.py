"""Says over HTTP how the host is: `/healthz` for whoever restarts it, `/metrics` for whoever watches it.

Both are read only, and answer in the same time however much is in the database. A page that a browser has open cannot
read them through a name that it made lead here: on loopback only loopback's own names are answered.
"""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from cloud_cron.errors import UnsupportedError

if TYPE_CHECKING:
    from cloud_cron.local.service import Service

SILENCE: Final = 30.0
"""Seconds after which a host that did not look up is not well."""

_PATIENCE: Final = 10.0
_LAST_PORT: Final = 65_535
_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Listen(NamedTuple):
    """Where to listen: a host's name or address, and a port."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        """As it is written."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def listen(text: str) -> Listen | None:
    """`127.0.0.1:9464`, `[::1]:9464`, or None for `off`; ValueError for anything else."""
    if text == "off":
        return None
    host, colon, port = text.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    if not colon or not bare or not port.isdecimal() or int(port) > _LAST_PORT or (":" in bare) != ("[" in host):
        message = f"{text!r} is not HOST:PORT, such as 127.0.0.1:9464 or [::1]:9464, nor off"
        raise ValueError(message)
    return Listen(bare, int(port))


def check(place: Listen) -> None:
    """Raise CC911 when nobody can listen there, before anything is made for a host."""
    try:
        socket.create_server((place.host, place.port), family=_family(place)).close()
    except (OSError, OverflowError) as error:
        raise _taken(place, error) from error


def state(service: Service) -> dict[str, Any]:
    """How the host is, as `/healthz` says it; `ok` when the app is at work and the database can be used."""
    board, model = service.board, service.model
    ok = model is not None and board.trouble is None and monotonic() - board.beat_at < SILENCE
    return {
        "ok": ok,
        "since": board.since.isoformat(timespec="seconds"),
        "app": model.name if model else None,
        "stage": service.site.stage,
        "trouble": board.trouble,
        "reload_failed": board.reload_failed,
        "tasks": len(model.tasks) if model else 0,
        "notifiers": len(model.notifiers) if model else 0,
        "running": len(service.running),
        "looked_at": datetime.fromtimestamp(board.looked_at, UTC).isoformat() if board.looked_at else None,
    }


def _family(place: Listen) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in place.host else socket.AF_INET


def _taken(place: Listen, error: OSError | OverflowError) -> UnsupportedError:
    match error:
        case socket.gaierror():
            reason: object = error.strerror
        case OSError(errno=int(number)):
            reason = os.strerror(number)
        case _:
            reason = error
    hint = "choose another place with --listen HOST:PORT, or --listen off"
    return UnsupportedError("CC911", f"nobody can listen on {place}: {reason}", hint=hint)


class Health:
    """The server, in threads of its own until it is closed."""

    def __init__(self, service: Service, place: Listen) -> None:
        """Begin to answer; raises CC911 when nobody can listen there."""

        class Server(ThreadingHTTPServer):
            address_family = _family(place)
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the library's own
                """Whoever asked has gone, or asked nonsense."""

        try:
            self._server = Server((place.host, place.port), _handler(service, loopback=place.is_loopback))
        except (OSError, OverflowError) as error:
            raise _taken(place, error) from error
        self.port = int(self._server.server_address[1])
        Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Self:
        """Close at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()


def _handler(service: Service, *, loopback: bool) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE
        protocol_version = "HTTP/1.1"
        server_version = "cloud-cron"
        sys_version = ""

        def do_GET(self) -> None:
            """Answer a request for a page."""
            if loopback and not _is_own(self.headers.get("Host", "")):
                self._say(HTTPStatus.MISDIRECTED_REQUEST, "this is answered under the names of this machine alone\n")
                return
            match self.path.partition("?")[0]:
                case "/healthz":
                    found = state(service)
                    status = HTTPStatus.OK if found["ok"] else HTTPStatus.SERVICE_UNAVAILABLE
                    self._say(status, f"{json.dumps(found, indent=2)}\n", "application/json")
                case "/metrics":
                    self._metrics()
                case _:
                    self._say(HTTPStatus.NOT_FOUND, "there are /healthz and /metrics\n")

        do_HEAD = do_GET  # noqa: N815 - the library's name

        def _metrics(self) -> None:
            try:
                from cloud_cron.local.metrics import exposition  # noqa: PLC0415 - only whoever asks for it pays for it
            except ImportError:
                self._say(HTTPStatus.NOT_IMPLEMENTED, "for metrics, pip install 'cloud-cron[metrics]'\n")
                return
            text, kind = exposition(service)
            self._say(HTTPStatus.OK, text, kind)

        def _say(self, status: HTTPStatus, text: str, kind: str = "text/plain; charset=utf-8") -> None:
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def log_message(self, *_: Any) -> None:  # noqa: ANN401 - the library's own
            """Say nothing: a probe comes every few seconds."""

    return Handler


def _is_own(host: str) -> bool:
    """Whether a Host header names loopback, with or without a port."""
    name = host if host.endswith("]") or ":" not in host else host.rpartition(":")[0]
    return name.lower() in _NAMES
