"""LocalStack without a container, on loopback alone: run by the Python of its own environment, ended by a closed stdin.

What it would download is replaced: DynamoDB by a server that is there already, the runtime of Lambda by a process on
this machine (see `lambda_process`). What CLOUD_CRON_E2E says as JSON is how: see `Options`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import replace
from types import SimpleNamespace

from localstack.services.cloudformation.engine.v2 import change_set_model_executor
from localstack.services.cloudformation.resource_provider import OperationStatus
from localstack.services.dynamodb import server as dynamodb
from localstack.services.lambda_.invocation import runtime_executor
from localstack.services.sqs.resource_providers.aws_sqs_queuepolicy import SQSQueuePolicyProvider
from twisted.internet import endpoints

from tests.e2e.lambda_process import OPTIONS, Executor


class Loopback(endpoints.TCP4ServerEndpoint):  # type: ignore[misc]  # not installed here
    """A listening socket on 127.0.0.1, whatever was asked for."""

    def __init__(self, reactor, port, backlog=50, interface=""):
        super().__init__(reactor, port, backlog, "127.0.0.1")


class Kept(str):
    """The deletion policy Retain, which RetainExceptOnCreate equals once a stack is there."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other):
        return other in {"Retain", "RetainExceptOnCreate"}

    def __ne__(self, other):
        return not self == other


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


def correct_cloudformation() -> None:
    """Deletions as on AWS: what is RetainExceptOnCreate stays, and the policy of a queue that is gone is gone too."""
    change_set_model_executor.DeletionPolicy = SimpleNamespace(Retain=Kept("Retain"))
    delete = SQSQueuePolicyProvider.delete

    def delete_gone(self, request):
        done = delete(self, request)
        return replace(done, status=OperationStatus.SUCCESS)

    SQSQueuePolicyProvider.delete = delete_gone


def main() -> None:
    """Serve until ended."""
    end_with_the_caller()
    correct_cloudformation()
    endpoints.TCP4ServerEndpoint = Loopback
    replace_dynamodb()
    runtime_executor.get_runtime_executor = lambda: Executor
    from localstack.runtime.main import main as serve  # noqa: PLC0415 - it imports what was replaced above

    serve()


if __name__ == "__main__":
    main()
