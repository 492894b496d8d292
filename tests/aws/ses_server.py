"""A server on loopback that answers the calls of SES v2 by a script, and clients that talk to it."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterator


class Answer(NamedTuple):
    """What the server says; `code` None is an acceptance."""

    status: int = 200
    code: str | None = None
    message: str = "no"


class Drop(NamedTuple):
    """Take the whole request and hang up, after the head of an answer or before."""

    begun: bool = False


class Silence(NamedTuple):
    """Take the whole request and say nothing until the server goes."""


class SesServer:
    """The server; `answer` is given to every call, `asked` is what was asked: path and JSON."""

    def __init__(self) -> None:
        self.answer: Answer | Drop | Silence = Answer()
        self.answers: dict[str, tuple[Answer, dict[str, Any]]] = {}
        self.asked: list[tuple[str, Any]] = []
        self.gone = threading.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def served() -> Iterator[SesServer]:
    """A server in a thread of its own."""
    said = SesServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            said.asked.append((self.path, json.loads(body or b"null")))
            self._give(said.answer, {"MessageId": "m-1"})

        def do_GET(self) -> None:
            said.asked.append((self.path, None))
            answer, told = said.answers.get(self.path, (Answer(404, "NotFoundException"), {}))
            self._give(answer, told)

        def _give(self, answer: Answer | Drop | Silence, told: dict[str, Any]) -> None:
            match answer:
                case Silence():
                    said.gone.wait(10)
                    self.close_connection = True
                case Drop(begun):
                    if begun:
                        self.wfile.write(
                            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{"
                        )
                    self.close_connection = True
                case Answer(status, code, message):
                    text = json.dumps({"message": message} if code else told).encode()
                    self.send_response(status)
                    if code:
                        self.send_header("x-amzn-ErrorType", code)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    said.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield said
    finally:
        said.gone.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def deaf() -> Iterator[str]:
    """The URL of a port whose queue of connections is full, so that no further one is ever made."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)  # noqa: FBT003 - the library's signature
            each.connect_ex(listening.getsockname())
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            for each in waiting:
                each.close()


def client(url: str, *, key: str | None = "testing", **more: Any) -> Any:
    """A real client of SES v2; `more` goes into its configuration."""
    session = botocore.session.Session()
    config = Config(connect_timeout=0.3, read_timeout=0.3, retries={"total_max_attempts": 1}, **more)
    if key:
        session.set_credentials(key, "testing")
    return session.create_client("sesv2", region_name="eu-central-1", endpoint_url=url, config=config)
