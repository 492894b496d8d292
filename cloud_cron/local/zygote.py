"""The process that has the user's app loaded, and forks a worker for whatever its host asks for.

It has one thread and never opens the database, so that a fork copies neither locks nor connections. Nothing of the user
runs here but the import of the app; a worker that hangs is killed from here, whatever it hangs in. When the host is
gone it takes its workers with it.

Lines of JSON in: a site first, then `run`, `courier`, `stop`, `kill` and `retire`. Out: `loaded` or `failed`, then
`exited` for each job.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
import traceback
import warnings
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NoReturn

from cloud_cron.errors import CloudCronError
from cloud_cron.local import station, worker
from cloud_cron.local.child import Inherited, live
from cloud_cron.local.clock import SteppedClock
from cloud_cron.local.log import Log
from cloud_cron.local.site import Site
from cloud_cron.local.slots import Slots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.local.station import Loaded

_KILLED: Final = "killed"
_TIMEOUT: Final = "timeout"
_SLACK: Final = 0.25
_LOOK: Final = 0.5


class _Child:
    """A worker: its job, until when it may take (a run) or the deadlines of its threads (a courier)."""

    def __init__(self, job: str, deadline: float | None, slots: Slots | None) -> None:
        self.job = job
        self.deadline = deadline
        self.slots = slots
        self.why = ""
        self.stopping = False


class Zygote:
    """Serves one host over a socket."""

    def __init__(self, control: socket.socket, reports: socket.socket, clock: SteppedClock) -> None:
        """Wait for the site; nothing is loaded yet."""
        self._control = control
        self._reports = reports
        self._clock = clock
        self._buffer = b""
        self._children: dict[int, _Child] = {}
        self._retired = False
        self._gone = False
        self._lifeline = os.pipe()
        self._wakeup = os.pipe()
        for end in self._wakeup:
            os.set_blocking(end, False)

    def serve(self) -> int:
        """Load the app, then fork until the host has no more to ask for."""
        line = next(self._lines(wait=True), None)
        if line is None:
            return 0
        self._site = Site.from_json(line)
        self._log = Log(self._site.log, self._site.style)
        loaded = self._loaded()
        if loaded is None:
            return 1
        warnings.filterwarnings("ignore", category=DeprecationWarning, message=".*fork")  # only a library's own threads
        gc.collect()
        gc.freeze()
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakeup[1])
        while not (self._retired and not self._children):
            ready, _, _ = select.select([self._control.fileno(), self._wakeup[0]], [], [], self._patience())
            if self._wakeup[0] in ready:
                with suppress(BlockingIOError):
                    os.read(self._wakeup[0], 4096)
            if self._control.fileno() in ready and not self._obey(loaded):
                self._kill_all()
                return 0
            self._reap()
            self._enforce()
        return 0

    def _loaded(self) -> Loaded | None:
        """The app; what prevents it is told to the host, with the user's traceback."""
        try:
            loaded = station.load(self._site)
            _warm(loaded)
        except CloudCronError as error:
            told = "".join(traceback.format_exception(error.__cause__)) if error.__cause__ else ""
            parts = {"code": error.code, "message": error.message, "where": error.where, "hint": error.hint}
            self._tell(failed={**parts, "kind": type(error).__name__, "traceback": told})
            return None
        except BaseException as error:  # noqa: BLE001 - told to the host, which speaks to the user
            told = "".join(traceback.format_exception(error))
            parts = {"code": "CC702", "message": f"{type(error).__name__}: {error}", "where": None, "hint": None}
            self._tell(failed={**parts, "kind": "LoadError", "traceback": told})
            return None
        settings = loaded.settings
        told_settings = {"horizon": settings.horizon, "watch": settings.watch, "heartbeat": settings.heartbeat}
        self._tell(loaded=loaded.model.to_json(), settings=told_settings, files=_files(self._site))
        return loaded

    def _obey(self, loaded: Loaded) -> bool:
        """Do what came; False when the host is gone."""
        for line in self._lines(wait=False):
            command = json.loads(line)
            match command.pop("do"):
                case "run":
                    self._fork(loaded, command, command["timeout"] + max(0.0, command["in"]) + _SLACK, None)
                case "courier":
                    self._fork(loaded, command, None, Slots(self._site.threads))
                case "stop":
                    self._signal(command["job"], signal.SIGTERM)
                case "kill":
                    self._signal(command["job"], signal.SIGKILL)
                case "retire":
                    self._retired = True
                    for pid, child in self._children.items():
                        if child.slots:
                            _send(pid, signal.SIGTERM)
        return not self._gone

    def _lines(self, *, wait: bool) -> Iterator[str]:
        """Whole lines that came; with `wait` until there is one. A host that is gone ends them."""
        while True:
            while b"\n" in self._buffer:
                line, _, self._buffer = self._buffer.partition(b"\n")
                yield line.decode()
            if not wait and not select.select([self._control], [], [], 0)[0]:
                return
            try:
                data = self._control.recv(65_536)
            except OSError:
                data = b""
            if not data:
                self._gone = True
                return
            self._buffer += data

    def _fork(self, loaded: Loaded, job: dict[str, Any], seconds: float | None, slots: Slots | None) -> None:
        try:
            pid = os.fork()
        except OSError as error:
            self._tell(exited=job["job"], status=worker.TROUBLE, why=f"no process could be made: {error.strerror}")
            return
        if pid == 0:
            self._become(loaded, job, slots)
        self._children[pid] = _Child(job["job"], None if seconds is None else monotonic() + seconds, slots)

    def _become(self, loaded: Loaded, job: dict[str, Any], slots: Slots | None) -> NoReturn:
        """Leave the parent's loop for good."""
        try:
            signal.set_wakeup_fd(-1)
            self._control.close()
            os.close(self._lifeline[1])
        finally:
            own = (self._site, loaded, self._clock, self._log, self._reports, self._lifeline[0])
            live(Inherited(*own), job, slots)

    def _reap(self) -> None:
        """Tell the host which jobs ended."""
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            child = self._children.pop(pid, None)
            _send(pid, signal.SIGKILL)  # what it left behind in its group
            if child:
                self._tell(exited=child.job, status=os.waitstatus_to_exitcode(status), why=child.why)

    def _enforce(self) -> None:
        """Kill what takes too long; a courier's other threads may finish first."""
        now = monotonic()
        for pid, child in self._children.items():
            if child.deadline and child.deadline <= now:
                child.why = child.why or _TIMEOUT
                _send(pid, signal.SIGKILL)
            busy = child.slots.busy() if child.slots else []
            if any(end <= now for end in busy):
                if not child.stopping:
                    child.stopping, child.why = True, _TIMEOUT
                    self._tell(stopping=child.job)
                    _send(pid, signal.SIGTERM)
                if all(end <= now for end in busy):
                    _send(pid, signal.SIGKILL)

    def _patience(self) -> float | None:
        """How long to sleep when nothing comes."""
        ends = [child.deadline for child in self._children.values() if child.deadline]
        waits = [max(0.0, end - monotonic()) for end in ends] + [_LOOK for c in self._children.values() if c.slots]
        return min(waits, default=None)

    def _signal(self, job: str, number: signal.Signals) -> None:
        for pid, child in self._children.items():
            if child.job == job:
                child.why = child.why or (_KILLED if number == signal.SIGKILL else "")
                _send(pid, number)

    def _kill_all(self) -> None:
        for pid in self._children:
            _send(pid, signal.SIGKILL)

    def _tell(self, **event: Any) -> None:  # noqa: ANN401 - JSON
        with suppress(OSError):
            self._control.sendall(json.dumps(event).encode() + b"\n")


def _send(pid: int, number: signal.Signals) -> None:
    """To the worker and whatever it started; one that just began has no group of its own yet."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
        return
    with suppress(ProcessLookupError):
        if number != signal.SIGKILL:
            os.kill(pid, number)


def _warm(loaded: Loaded) -> None:
    """Import now what every worker would import for itself."""
    from cloud_cron import channels, rendering  # noqa: F401, PLC0415 - for the workers

    if loaded.model.notifiers:
        from cloud_cron.channels import composing  # noqa: F401, PLC0415 - the same
        from cloud_cron.rendering import engine  # noqa: F401, PLC0415 - the same


def _files(site: Site) -> list[str]:
    """The modules that were loaded from the project, which a reload depends on."""
    home = f"{os.path.realpath(site.folder)}{os.sep}"
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    real = {os.path.realpath(file) for file in files if file}
    return sorted(file for file in real if file.startswith(home) and "site-packages" not in file)


def main() -> int:
    """Serve the host that passed these file descriptors: control, reports, clock."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    control, reports, clock = (int(number) for number in sys.argv[1:4])
    return Zygote(socket.socket(fileno=control), socket.socket(fileno=reports), SteppedClock(clock)).serve()


if __name__ == "__main__":
    sys.exit(main())
