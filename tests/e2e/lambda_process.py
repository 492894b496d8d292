"""A function of LocalStack's as a process of this machine: the project's Python, and awslambdaric as on Lambda."""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any

from localstack.services.lambda_.invocation import runtime_executor
from localstack.services.lambda_.invocation.lambda_models import InvocationResult

from tests.lambda_runtime.runtime_api import Answer, Request, RuntimeApi


@dataclass(frozen=True)
class Options:
    """`python` runs the functions; the folder of an image is `images/<its digest, without sha256:>`.

    What functions print goes to the file `log`.
    """

    python: str
    images: str
    log: str
    dynamodb_port: int


OPTIONS = Options(**json.loads(os.environ["CLOUD_CRON_E2E"]))


class Executor(runtime_executor.RuntimeExecutor):  # type: ignore[misc]  # not installed here
    """One execution environment: a process, and the Runtime API that feeds it one event after the other."""

    def start(self, env_vars: dict[str, str]) -> None:
        """Begin initialisation; as on Lambda, how that went is said to the first event."""
        image = self.function_version.config.image.image_uri
        self.folder = Path(OPTIONS.images, image.rpartition("@sha256:")[2])
        self.variables = {name: str(value) for name, value in env_vars.items()}
        self.api = RuntimeApi().__enter__()
        self._begin()

    def _begin(self) -> None:
        command = self.function_version.config.image_config.command
        environment = {
            **self.variables,
            "PATH": os.environ["PATH"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_LAMBDA_RUNTIME_API": self.api.address,
            "LAMBDA_TASK_ROOT": str(self.folder),
            "TZ": "UTC",
        }
        with Path(OPTIONS.log).open("ab") as log:
            self.process = subprocess.Popen(
                [OPTIONS.python, "-m", "awslambdaric", *command],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
            )

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """One event and its answer; a process that takes longer than the function may is killed."""
        if self.process.poll() is not None:
            self._begin()
        seconds = self.function_version.config.timeout
        self.api.arn = payload["invoked-function-arn"]
        self.api.requests.put(Request(payload["invoke-id"], json.loads(payload["payload"] or "null"), seconds))
        answer = self._answer(time.monotonic() + seconds)
        if answer.kind not in {"response", "error"}:
            self._end()
        body = json.dumps(answer.body).encode()
        return InvocationResult(payload["invoke-id"], body, answer.kind != "response", "")

    def _answer(self, end: float) -> Answer:
        while time.monotonic() < end:
            try:
                return self.api.answers.get(timeout=0.2)
            except Empty:
                if self.process.poll() is not None and self.api.answers.empty():
                    return _failed("Runtime.ExitError", f"exited with {self.process.returncode}")
        return _failed("Sandbox.Timedout", "Task timed out")

    def _end(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End the process and its server."""
        self._end()
        self.api.__exit__()

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        return "http://127.0.0.1"

    def get_logs(self) -> str:
        return ""

    @classmethod
    def prepare_version(cls, function_version: Any) -> None:
        """Nothing: the image is a folder that is there."""

    @classmethod
    def cleanup_version(cls, function_version: Any) -> None:
        """Nothing, for the same reason."""


def _failed(kind: str, message: str) -> Answer:
    return Answer("exit", {"errorType": kind, "errorMessage": message})
