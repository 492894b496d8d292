"""LocalStack without a container, on loopback alone: run by the Python of its own environment, ended by a closed stdin.

What it would download is replaced: DynamoDB by a server that is there already, the runtime of Lambda by a process on
this machine (see `lambda_process`). What CLOUD_CRON_E2E says as JSON is how: see `Options`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from localstack.services.dynamodb import server as dynamodb
from localstack.services.lambda_.invocation import runtime_executor
from twisted.internet import endpoints

from tests.e2e.lambda_process import OPTIONS, Executor


class Loopback(endpoints.TCP4ServerEndpoint):  # type: ignore[misc]  # not installed here
    """A listening socket on 127.0.0.1, whatever was asked for."""

    def __init__(self, reactor, port, backlog=50, interface=""):
        super().__init__(reactor, port, backlog, "127.0.0.1")


def end_with_the_caller() -> None:
    """Kill the process group, functions included, once whoever started it closes the pipe or is gone."""

    def watch() -> None:
        sys.stdin.buffer.read()
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def replace_dynamodb() -> None:
    """Forward to the server on `dynamodb_port`; it neither starts nor stops here."""
    begun = dynamodb.DynamodbServer.__init__

    def begin(self, port=None, host="localhost", db_path=None):
        begun(self, OPTIONS.dynamodb_port, "127.0.0.1", db_path)

    dynamodb.DynamodbServer.__init__ = begin
    dynamodb.DynamodbServer.start_dynamodb = lambda _: True
    dynamodb.DynamodbServer.is_up = lambda _: True
    dynamodb.DynamodbServer.stop_dynamodb = lambda _: None


def main() -> None:
    """Serve until ended."""
    end_with_the_caller()
    endpoints.TCP4ServerEndpoint = Loopback
    replace_dynamodb()
    runtime_executor.get_runtime_executor = lambda: Executor
    from localstack.runtime.main import main as serve  # noqa: PLC0415 - it imports what was replaced above

    serve()


if __name__ == "__main__":
    main()
