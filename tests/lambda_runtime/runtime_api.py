"""Lambda's Runtime API on the loopback interface, and the real awslambdaric as the process that talks to it.

Paths and headers: Lambda Developer Guide, "Using the Lambda runtime API to build a custom runtime".
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HANDLER = "cloud_cron.runtime.entrypoint.handler"
PREFIX = "/2018-06-01/runtime"
SAID = {
    "AWS_LAMBDA_FUNCTION_NAME": "shop-dev-export-abcdef",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
    "AWS_LAMBDA_LOG_LEVEL": "INFO",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}
"""What Lambda tells every function."""


@dataclass(frozen=True)
class Request:
    """One invocation; `seconds` is what is left of its time when the function gets it."""

    id: str
    event: Any
    seconds: float = 60.0


@dataclass(frozen=True)
class Answer:
    """What the function answered: `kind` is `response`, `error` or `init`."""

    kind: str
    body: Any
    id: str = ""


@dataclass
class RuntimeApi:
    """The server: requests are handed out in order, answers come back in order."""

    requests: Queue[Request | None] = field(default_factory=Queue)
    answers: Queue[Answer] = field(default_factory=Queue)
    taken: Queue[Request] = field(default_factory=Queue)
    arn: str = "arn:aws:lambda:us-east-1:123456789012:function:shop-dev-export-abcdef"

    def __enter__(self) -> Self:
        self.server = _Server(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.requests.put(None)
        self.server.shutdown()
        self.server.server_close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """A function that was killed is no news."""


class Function:
    """A function's process, as Lambda runs it: awslambdaric, a read-only folder, and an environment of its own."""

    def __init__(self, folder: Path, environment: Mapping[str, str], handler: str = HANDLER) -> None:
        self.folder = folder
        self.environment = dict(environment)
        self.handler = handler
        self.log = b""

    def __enter__(self) -> Self:
        self.api = RuntimeApi().__enter__()
        self.process = self._begun({"AWS_LAMBDA_RUNTIME_API": self.api.address, **SAID, **self.environment})
        return self

    def _begun(self, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
        places = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "LAMBDA_TASK_ROOT": str(self.folder)}
        return subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", self.handler],
            cwd=self.folder,
            env={**kept, **places, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def __exit__(self, *_: object) -> None:
        self._end()
        self.api.__exit__()

    def _end(self) -> None:
        self.process.kill()
        if self.process.stdout and not self.process.stdout.closed:
            self.log += self.process.communicate()[0]

    def call(self, event: Any, request: str = "request-1", seconds: float = 60.0) -> Answer:
        """One invocation, and its answer."""
        self.api.requests.put(Request(request, event, seconds))
        return self.answer()

    def answer(self, wait: float = 20.0) -> Answer:
        """The next answer; AssertionError with the log when none comes."""
        end = time.monotonic() + wait
        while time.monotonic() < end:
            try:
                return self.api.answers.get(timeout=0.2)
            except Empty:
                if self.process.poll() is not None and self.api.answers.empty():
                    break
        self._end()
        raise AssertionError(f"no answer from the function:\n{self.log.decode()}")

    def kill(self) -> None:
        """SIGKILL, as Lambda ends a function that runs out of time or memory."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def lines(self) -> list[dict[str, Any]]:
        """The log lines, once the function has ended."""
        return [json.loads(line) for line in self.log.decode().splitlines() if line.startswith("{")]


def _handler(api: RuntimeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            request = api.requests.get()
            if request is None:
                self.close_connection = True
                return
            api.taken.put(request)
            body = json.dumps(request.event).encode()
            self._answer(
                200,
                body,
                {
                    "Lambda-Runtime-Aws-Request-Id": request.id,
                    "Lambda-Runtime-Deadline-Ms": str(int((time.time() + request.seconds) * 1000)),
                    "Lambda-Runtime-Invoked-Function-Arn": api.arn,
                    "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
                },
            )

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"null")
            path = self.path.removeprefix(PREFIX).strip("/").split("/")
            kind, request = ("init", "") if path[0] == "init" else (path[2], path[1])
            api.answers.put(Answer(kind, body, request))
            self._answer(202, b'{"status": "OK"}', {})

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            lines = [f"HTTP/1.1 {status} OK", f"Content-Length: {len(body)}", "Content-Type: application/json"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            self.wfile.write("\r\n".join([*lines, "", ""]).encode() + body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
