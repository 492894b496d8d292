"""The host of one machine: fires schedules, keeps couriers at work, and stays alive whatever the user's code does.

It never imports the user's code. A zygote process loads the app and says what model it has; everything here follows
from that value and from the database. What is begun, and what is over, is in the database alone: killing this process
at any moment loses nothing.
"""

from __future__ import annotations

import json
import select
import socket
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import BusError, StoreError
from cloud_cron.local.board import Board
from cloud_cron.local.book import Book
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.crew import Crew
from cloud_cron.local.generation import Generation
from cloud_cron.local.heartbeat import Pulse
from cloud_cron.local.host_ports import HostPorts
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.jumps import Jumps
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.signals import Signals
from cloud_cron.local.work import AHEAD, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from cloud_cron.local.clock import SteppedClock
    from cloud_cron.local.crew import Job
    from cloud_cron.local.lock import HostLock
    from cloud_cron.local.log import Log
    from cloud_cron.local.site import Site
    from cloud_cron.local.store import Store
    from cloud_cron.model import AppModel

POLL: Final = 0.25
SOON: Final = 0.05
KEEP_EVERY: Final = 60.0
TROUBLE_PAUSE: Final = 2.0
_DATAGRAM: Final = 65_536


class LoadingFailed(Exception):  # noqa: N818 - says what happened
    """The app could not be loaded; `error` is what `cloud-cron check` would say, `traceback` the user's own."""

    def __init__(self, error: Exception, traceback: str) -> None:
        """Keep both."""
        super().__init__(str(error))
        self.error = error
        self.traceback = traceback


class Service:
    """Runs one app at one place until it is told to stop.

    `room` is how many runs may be under way at once, `grace` how long, in seconds, they may go on after a stop; `jumps`
    notices when the machine's clock is set. `watchers` are called with every report of a worker, `ticks` several times
    a second. `output` is the file descriptor for what user code writes past its captured streams; this process's own
    unless set.
    """

    def __init__(  # noqa: PLR0913 - a host is this many things
        self, site: Site, store: Store, clock: SteppedClock, log: Log, lock: HostLock | None, *,
        room: int = 16, grace: float = 30.0, jumps: Jumps | None = None,
    ) -> None:  # fmt: skip
        """Nothing is begun yet."""
        self.site = site
        self.log = log
        self.clock = clock
        self.store = store
        self.bus = LocalBus(store, clock, RandomIds())
        self.book = Book(store)
        self.ledger = SqliteLedger(store)
        self.ids = RandomIds()
        self.board = Board(clock.now())
        self._pulse = Pulse(clock, log)
        self.watchers: list[Callable[[dict[str, Any]], None]] = []
        self.ticks: list[Callable[[], None]] = []
        self.output: int | None = None
        self._ports = HostPorts(store, self.bus, self.ledger, self.book, clock, self.ids, log, jumps or Jumps())
        self._lock = lock
        self._room = room
        self._grace = grace
        self._reports, self._telling = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._reports.setblocking(False)  # noqa: FBT003 - the socket's signature
        self._crew = Crew()
        self._coming: Generation | None = None
        self._work: Work | None = None
        self._unsettled: list[Job] = []
        self._version = -1
        self._stopping_at: float | None = None
        self._reload = False
        self._touched = True
        self._keep_at = self._wait_until = 0.0

    def reload(self) -> None:
        """Load the app anew; the present one goes on until that has worked. Safe in a signal handler."""
        self._reload = True

    def stop(self) -> None:
        """Begin nothing more; what was begun has its time. Safe in a signal handler."""
        self._stopping_at = self._stopping_at or monotonic()

    def run_now(self, task: str) -> None:
        """Run a task on demand."""
        part = self.model.task(task) if self.model else None
        if part:
            now = self.clock.now()
            self._crew.run(part, {}, self.ids.ulid(now), None, now.timestamp())

    def touch(self) -> None:
        """Look at the database now."""
        self._touched = True

    @property
    def model(self) -> AppModel | None:
        """The model of the app that is at work."""
        return self.board.model

    @property
    def files(self) -> list[str]:
        """The files that the app at work was loaded from."""
        return self._crew.present.files if self._crew.present else []

    @property
    def is_stopping(self) -> bool:
        """Whether a stop was asked for."""
        return self._stopping_at is not None

    @property
    def is_idle(self) -> bool:
        """Whether no worker is at anything."""
        return self._crew.is_idle()

    @property
    def running(self) -> list[str]:
        """The tasks that are being run, one entry for each run."""
        now = self.clock.now().timestamp()
        return [job.task for job in self._crew.runs() if job.begins <= now]

    @property
    def next_fire(self) -> datetime | None:
        """The next fire time of any task."""
        return self._work.scheduler.next() if self._work else None

    def run(self, inputs: Mapping[Any, Callable[[], None]] | None = None) -> None:
        """Work until stopped. `inputs`: what else to wait for, and what to call then.

        Raises `LoadingFailed` when the app cannot be loaded for the first time; a later load that fails is logged. And
        `StoreError` when the database cannot be used from the start.
        """
        with Signals(self.stop, self.reload):
            self._coming = self._generation()
            try:
                while not self._is_over():
                    self._wait(inputs or {})
                    self._tick()
                    for tick in self.ticks:
                        tick()
            finally:
                self._close()

    def _generation(self) -> Generation:
        return Generation(self.site, self._telling, self.clock, self._lock, self.output)

    def _is_over(self) -> bool:
        """Whether a stop was asked for, and all have ended or run out of time."""
        if self._stopping_at is None:
            return False
        late = monotonic() - self._stopping_at > self._grace
        if late and not self.is_idle:
            self.log.write(event="host", level="warning", message="stopped before everything had ended")
        return late or self.is_idle

    def _close(self) -> None:
        """End every process. What that cuts off is known by its records, and taken up at the next start."""
        if self._coming:
            self._coming.close()
        self._crew.close()
        with suppress(StoreError):
            if self._work:
                self._work.scheduler.account(self.clock.now())
        self._reports.close()
        self._telling.close()

    # What comes

    def _wait(self, inputs: Mapping[Any, Callable[[], None]]) -> None:
        """Sleep until something comes or is due."""
        generations = [*self._crew.generations(), *([self._coming] if self._coming else [])]
        ready, _, _ = select.select([*generations, self._reports, *inputs], [], [], self._patience())
        self._listen()  # first: a worker told it before its end
        for source in ready:
            if isinstance(source, Generation):
                for event in source.events():
                    self._heard(source, event)
            elif source in inputs:
                inputs[source]()

    def _patience(self) -> float:
        if self._stopping_at or self._coming or self._touched or self._reload:
            return SOON
        due = self.next_fire
        return POLL if due is None else min(POLL, max(0.0, (due - AHEAD - self.clock.now()).total_seconds()))

    def _listen(self) -> None:
        """What workers tell."""
        with suppress(BlockingIOError):
            while True:
                self._told(json.loads(self._reports.recv(_DATAGRAM)))

    def _told(self, report: dict[str, Any]) -> None:
        job = self._crew.job(report.get("job", ""))
        if "began" in report:
            if job and job.fire:
                self.board.delays.append(report["began"] - job.begins)
            return
        self.board.note(report)
        self._touched = self._touched or report.get("event") == "run"
        for watcher in self.watchers:
            watcher(report)

    def _heard(self, generation: Generation, event: dict[str, Any]) -> None:
        """What a zygote says."""
        match event:
            case {"loaded": _}:
                self._arrived(generation)
            case {"failed": _}:
                self._not_loaded(generation)
            case {"exited": name}:
                self._ended(name, event)
            case {"stopping": name}:
                job = self._crew.job(name)
                if job:
                    job.stopping = True
            case {"gone": _}:
                self._lost(generation)

    def _arrived(self, generation: Generation) -> None:
        """New code takes over; the old one finishes what it has begun."""
        assert generation.model is not None  # noqa: S101 - it was loaded
        self._coming = None
        try:
            if self._work:
                self._work.scheduler.account(self.clock.now())
            work = Work(self._ports, self.site.stage, generation.model, generation.settled, self._crew, room=self._room)
            if self._work is None:
                work.resume()
        except (StoreError, BusError) as error:
            generation.close()
            if self._work is None:
                raise
            self._trouble(error)
            return
        self._work = work
        self._crew.replace(generation)
        model = self.board.model = generation.model
        self.board.reload_failed = None
        self.board.loads += 1
        self._touched = True
        counts = {"tasks": len(model.tasks), "notifiers": len(model.notifiers)}
        seconds = round(monotonic() - generation.begun, 2)
        whole = {"app": model.name, "stage": self.site.stage, **counts, **_redirected(model), "seconds": seconds}
        self.log.write(event="host", status="loaded", **whole)

    def _not_loaded(self, generation: Generation) -> None:
        """The app could not be loaded: what is at work goes on; there must be something at first."""
        failed = generation.failed
        assert failed is not None  # noqa: S101 - it said so
        generation.close()
        self._coming = None
        if self._work is None:
            raise LoadingFailed(failed.error, failed.traceback)
        self.board.reload_failed = str(failed.error)
        self.log.write(event="host", level="error", status="reload failed", message=str(failed.error))
        for watcher in self.watchers:
            watcher({"event": "reload", "failed": failed})

    def _ended(self, name: str, event: dict[str, Any]) -> None:
        """A worker's process is over."""
        job = self._crew.over(name, event["status"], event["why"])
        self._touched = True
        if job and job.why:
            who = {"task": job.task} if job.task else {"notifier": job.notifier}
            self.log.write(event="worker", level="error", status="cut off", reason=job.why, **who)
        if job and job.task:
            self._unsettled.append(job)

    def _lost(self, generation: Generation) -> None:
        """A zygote is gone. One that retired has done its work; another one is replaced."""
        for job in list(self._crew.of(generation)):
            self._ended(job.name, {"status": -9, "why": "the process that had the app loaded is gone"})
        generation.close()
        if generation in self._crew.leaving:
            self._crew.leaving.remove(generation)
        elif generation is self._crew.present:
            self._crew.present = None
            if not self._stopping_at:
                self.log.write(event="host", level="error", message="the process that had the app loaded is gone")
                self._coming = self._coming or self._generation()
        elif generation is self._coming:
            self._not_loaded(generation)

    # What is to be done

    def _tick(self) -> None:
        """Begin what is due; trouble with the database is told once, and tried again."""
        now = self.clock.now()
        self.board.beat()
        if self._stopping_at:
            self._wind_down(now)
        if self._reload and not self._stopping_at:
            self._reload = False
            if self._coming:  # it has been loading since, perhaps for ever
                self._coming.close()
            self._coming = self._generation()
        if self._work is None or monotonic() < self._wait_until:
            return
        try:
            self._do(self._work, now)
        except (StoreError, BusError) as error:
            self._trouble(error)
            self._wait_until, self._touched = monotonic() + TROUBLE_PAUSE, True
        else:
            self._well()

    def _do(self, work: Work, now: datetime) -> None:
        while self._unsettled:
            self._settle(work, self._unsettled[0])
            del self._unsettled[0]
        if self._stopping_at or self._crew.present is None:
            return
        work.fire(now)
        if self._has_changed() or work.is_due(now):
            self._touched = work.look(now) or self._touched
        if monotonic() >= self._keep_at:
            self._keep_at = monotonic() + KEEP_EVERY
            work.keep(now)
            self.log.turn_over()
            self.board.looked_at = now.timestamp()
            if self._crew.present.settled.heartbeat:
                self._pulse.ping(self._crew.present.settled.heartbeat)

    def _settle(self, work: Work, job: Job) -> None:
        cut = work.settle(job)
        if cut:
            state = cut.state.lower()
            self._told({"event": "run", "task": job.task, "run_id": job.id, "status": state, "reason": cut.reason})

    def _has_changed(self) -> bool:
        """Whether anybody wrote to the database since the last look."""
        version, touched = self.store.version(), self._touched
        changed = touched or version != self._version
        self._version, self._touched = version, False
        return changed

    def _wind_down(self, now: datetime) -> None:
        """Let workers finish; a run whose time has not come does not begin."""
        if self._crew.present and not self._crew.present.retired:
            for job in self._crew.runs():
                if job.begins > now.timestamp():
                    self._crew.dismiss(job, at_once=True)
            self._crew.present.retire()

    def _trouble(self, error: StoreError | BusError) -> None:
        if self.board.trouble != error.message:
            self.board.trouble = error.message
            self.log.write(event="host", level="error", status="trouble", code=error.code, message=str(error))

    def _well(self) -> None:
        if self.board.trouble:
            self.board.trouble = None
            self.log.write(event="host", status="recovered", message="the database can be used again")


def _redirected(model: AppModel) -> dict[str, list[str]]:
    """The channels whose content goes to one address, whoever it is for; nothing where there are none."""
    found = sorted({part.channel for part in model.notifiers if part.redirect_to and part.enabled})
    return {"redirected": found} if found else {}
