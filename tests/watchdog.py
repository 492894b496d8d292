"""A dead man's switch on loopback: it counts who says that all is well, and answers as its path asks for."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator


class Watchdog(NamedTuple):
    """Where it is, and the paths that it was asked for."""

    address: str
    heard: list[str]


@contextmanager
def listening(context: ssl.SSLContext | None = None) -> Iterator[Watchdog]:
    """`/500` and other numbers are answered so, `/slow` a letter at a time and without end, `/rubbish` by no HTTP.

    With a context, it speaks TLS.
    """
    heard, over = list[str](), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            word = self.path[1:].partition("?")[0]
            if word == "slow":
                while not over.wait(0.02):
                    self.wfile.write(b"H")
            elif word == "rubbish":
                self.wfile.write(f"you asked for {self.path}\r\n".encode())
            else:
                self.send_response(int(word) if word.isdigit() else 200, f"you asked for {self.path}")
                self.send_header("Location", "/elsewhere")
                self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = Quiet(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield Watchdog(f"http{'s' if context else ''}://localhost:{server.server_address[1]}", heard)
    finally:
        over.set()
        server.shutdown()
        server.server_close()


class Quiet(ThreadingHTTPServer):
    """Somebody who hangs up is no news."""

    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing."""
