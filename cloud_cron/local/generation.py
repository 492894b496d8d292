"""One load of the user's code: a zygote and its workers, as their host sees them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from cloud_cron import errors
from cloud_cron.model import AppModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.local.clock import SteppedClock
    from cloud_cron.local.lock import HostLock
    from cloud_cron.local.site import Site

_LONGEST = 65_536


class Settled(NamedTuple):
    """What the configuration says to the host: the ledger's horizon in seconds, and who hears of what goes wrong."""

    horizon: float
    watch: str | None
    heartbeat: str | None


class Failed(NamedTuple):
    """Why the app could not be loaded: the error, and the user's traceback if it was his code that raised."""

    error: errors.CloudCronError
    traceback: str


class Generation:
    """A zygote process. It says `loaded` or `failed` first; until then nothing can be asked of it."""

    def __init__(
        self, site: Site, reports: socket.socket, clock: SteppedClock, lock: HostLock | None, output: int | None = None
    ) -> None:  # fmt: skip
        """Begin to load the app; the host goes on meanwhile.

        `output` is the file descriptor for what the user's code writes past `print` or while it is imported.
        """
        self.begun = monotonic()
        self._socket, theirs = socket.socketpair()
        passed = [theirs.fileno(), reports.fileno(), clock.fileno(), *([lock.fileno()] if lock else [])]
        python = [sys.executable, "-u"]  # what is printed while the app is imported is seen then
        command = [*python, "-m", "cloud_cron.local.zygote", *map(str, passed[:3])]
        self._process = subprocess.Popen(
            command, pass_fds=passed, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=site.folder,
            env=os.environ,
        )  # fmt: skip
        theirs.close()
        self._buffer = b""
        self._send(site.to_json())
        self.model: AppModel | None = None
        self.settled = Settled(0.0, None, None)
        self.files: list[str] = []
        self.failed: Failed | None = None
        self.retired = False

    def fileno(self) -> int:
        """What to wait on."""
        return self._socket.fileno()

    @property
    def pid(self) -> int:
        """The zygote's process."""
        return self._process.pid

    def begin(self, kind: str, job: str, **details: Any) -> None:  # noqa: ANN401 - JSON
        """Let a worker begin a `run` or be a `courier`; `job` is what its end is told by."""
        self._send(json.dumps({"do": kind, "job": job, **details}))

    def stop(self, job: str, *, kill: bool = False) -> None:
        """Ask a worker to finish what it has begun, or end it at once."""
        self._send(json.dumps({"do": "kill" if kill else "stop", "job": job}))

    def retire(self) -> None:
        """Take no more work: couriers finish their batch, runs their run, then the zygote ends."""
        self.retired = True
        self._send(json.dumps({"do": "retire"}))

    def events(self) -> Iterator[dict[str, Any]]:
        """What it says; `gone` when it is."""
        try:
            data = self._socket.recv(_LONGEST)
        except OSError:
            data = b""
        if not data:
            if self.model is None and self.failed is None:
                message = "the process that loads the app ended"
                self.failed = Failed(errors.LoadError("CC702", message, hint="does the app end the process?"), "")
            yield {"gone": True}
            return
        self._buffer += data
        while b"\n" in self._buffer:
            line, _, self._buffer = self._buffer.partition(b"\n")
            event = json.loads(line)
            if "loaded" in event:
                self.model = AppModel.from_json(event["loaded"])
                self.settled, self.files = Settled(**event["settings"]), event["files"]
            elif "failed" in event:
                self.failed = _failure(event["failed"])
            yield event

    def close(self) -> None:
        """End it, and its workers with it."""
        self._socket.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _send(self, line: str) -> None:
        with suppress(OSError):
            self._socket.sendall(line.encode() + b"\n")


def _failure(told: dict[str, Any]) -> Failed:
    kind = getattr(errors, told["kind"], errors.LoadError)
    error = kind(told["code"], told["message"], where=told["where"], hint=told["hint"])
    return Failed(error, told["traceback"])
