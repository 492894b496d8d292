"""LocalStack as a process beside the tests: started on free ports, gone with them whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import boto3
from botocore.config import Config
from moto.server import ThreadedMotoServer

from tests.loopback import free_port, until

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-e2e/bin/python"
REGION = "us-east-1"
NOISE = ("Unable to get image hash", "Advanced Lambda Logging Configuration", "cloudformation.DescribeStacks => 200")


@dataclass(frozen=True)
class Account:
    """One account of the emulator: nothing of another is seen in it."""

    url: str
    id: str

    @property
    def environment(self) -> dict[str, str]:
        """What a command needs to work there."""
        return {
            "AWS_ACCESS_KEY_ID": self.id,
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str) -> Any:
        """A client of boto3's."""
        session = boto3.session.Session(self.id, "testing", region_name=REGION)
        config = Config(retries={"total_max_attempts": 1}, read_timeout=90, s3={"addressing_style": "path"})
        return session.client(service, endpoint_url=self.url, config=config)  # type: ignore[call-overload]


class LocalStack:
    """The emulator; `images` holds what functions run, `log` what it and the functions print."""

    def __init__(self, folder: Path) -> None:
        self.images = folder / "images"
        self.images.mkdir()
        self.log = folder / "localstack.log"
        self.folder = folder
        self.accounts = 0

    def __enter__(self) -> Self:
        self.dynamodb = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.dynamodb.start()
        address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{address}"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(PYTHON), "-m", "tests.e2e.localstack_host"],
                cwd=self.folder,
                env=self._environment(address),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            until("LocalStack is ready", self._ready)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()
        self.dynamodb.stop()

    def _environment(self, address: str) -> dict[str, str]:
        options = {
            "python": sys.executable,
            "images": str(self.images),
            "log": str(self.log),
            "dynamodb_port": self.dynamodb.get_host_and_port()[1],
        }
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT),
            "CLOUD_CRON_E2E": json.dumps(options),
            "FILESYSTEM_ROOT": str(self.folder / "localstack"),
            "GATEWAY_LISTEN": address,
            "LOCALSTACK_HOST": address,
            "DISABLE_EVENTS": "1",
            "SKIP_SSL_CERT_DOWNLOAD": "1",
            "DNS_ADDRESS": "0",
            "LAMBDA_RETRY_BASE_DELAY": "1",
            "SQS_ENDPOINT_STRATEGY": "path",
        }

    def _ready(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"LocalStack ended:\n{self.tail()}")
        try:
            with urllib.request.urlopen(f"{self.url}/_localstack/health", timeout=5) as answer:  # noqa: S310 - http
                return bool(answer.status == 200)
        except OSError:
            return False

    def account(self) -> Account:
        """An account in which nothing is."""
        self.accounts += 1
        return Account(self.url, f"{self.accounts:012d}")

    def tail(self, size: int = 20_000) -> str:
        """The end of the log, without what the emulator says of every function."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(line for line in lines if not any(noise in line for noise in NOISE))[-size:]
