"""Twilio's REST API on loopback, as far as texts go, and what a sender needs to reach it."""

from __future__ import annotations

import base64
import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

from cloud_cron.channels.sms import SmsOptions
from cloud_cron.channels.twilio import TwilioSender
from cloud_cron.channels.twilio_line import Http
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.ids import RandomIds
from cloud_cron.ports import Ports
from tests.channels.mail_servers import Words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ssl import SSLContext

    from cloud_cron.ports import Clock, Ledger

SID = "AC" + "0a" * 16
TOKEN = "canary-token-5d6f"
SECRET = json.dumps({"account_sid": SID, "auth_token": TOKEN})
FROM = "+12025550100"


class Answer(NamedTuple):
    """What the server says, once."""

    status: int
    body: Any
    headers: tuple[tuple[str, str], ...] = ()


def refusal(status: int, code: int | None, message: str = "no", **headers: str) -> Answer:
    """A refusal in Twilio's form (Twilio docs, "Twilio's Response", Exceptions)."""
    body = {"status": status, "message": message}
    if code is not None:
        body |= {"code": code, "more_info": f"https://www.twilio.com/docs/errors/{code}"}
    return Answer(status, body, tuple((name.replace("_", "-"), value) for name, value in headers.items()))


class Twilio:
    """An account: which users it knows, what it was asked for, and what it says next."""

    def __init__(self) -> None:
        self.users = {SID: TOKEN}
        self.answers: list[Answer] = []
        self.texts: list[dict[str, str]] = []
        self.calls: list[tuple[str, str]] = []
        self.connections = 0

    def answer(self, path: str, authorization: str, body: bytes) -> Answer:
        user, _, password = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        self.calls.append((path, user))
        if self.users.get(user) != password:
            return refusal(401, 20003, "Authenticate")
        if self.answers:
            return self.answers.pop(0)
        self.texts.append(dict(parse_qsl(body.decode(), strict_parsing=True)))
        return accepted(f"SM{len(self.texts):032x}")


def accepted(sid: str | None, status: str = "queued", **more: Any) -> Answer:
    return Answer(201, {"sid": sid, "status": status, "error_code": None, "error_message": None, **more})


@contextmanager
def serving(twilio: Twilio, tls: SSLContext | None = None) -> Iterator[int]:
    """The server's port; it speaks TLS when it is given a certificate."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            twilio.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = twilio.answer(self.path, self.headers.get("Authorization", ""), body)
            said = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in (("Content-Length", str(len(said))), *answer.headers):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *words: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        server.socket = tls.wrap_socket(server.socket, server_side=True) if tls else server.socket
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


class Here(Http):
    """The client that sends, whose calls of Twilio come to a place on this machine."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def request(self, method: str, url: str, *place: Any, **more: Any) -> Any:
        assert url.startswith("https://api.twilio.com/")
        return super().request(method, f"{self.place}/{url.split('/', 3)[3]}", *place, **more)


@contextmanager
def sending(
    port: int,
    words: Words | None = None,
    *,
    ledger: Ledger | None = None,
    clock: Clock | None = None,
    tls: bool = False,
    **more: Any,
) -> Iterator[TwilioSender]:
    """The channel's own sender, on a line to that port."""
    now = clock or VirtualClock(datetime(2030, 1, 1, 8, tzinfo=UTC))
    ids = RandomIds(Random(5))
    secrets = words or Words(SECRET)
    ports = Ports(None, ledger, now, ids, secrets, None, None, payloads=None)  # type: ignore[arg-type]
    options = SmsOptions(**{"from_number": FROM, "secret": "env:X", **more})
    made = TwilioSender(ports, options, lambda: Here(f"{'https' if tls else 'http'}://127.0.0.1:{port}"))
    try:
        yield made
    finally:
        made.close()
