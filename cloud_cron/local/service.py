"""The host of one machine: fires schedules, keeps couriers at work, and stays alive whatever the user's code does.

It never imports the user's code. A zygote process loads the app and says what model it has; everything here follows
from that value and from the database. What is begun, and what is over, is in the database alone: killing this process
at any moment loses nothing.
"""

from __future__ import annotations

import json
import select
import signal
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import BusError, StoreError
from cloud_cron.local import queues
from cloud_cron.local.board import Board
from cloud_cron.local.book import Book
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.generation import Generation
from cloud_cron.local.heartbeat import ping
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.review import Review
from cloud_cron.local.scheduler import Fire, Scheduler
from cloud_cron.local.upkeep import Upkeep
from cloud_cron.runs import BACKFILL
from cloud_cron.runtime.task import abandoned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cloud_cron.local.clock import SteppedClock
    from cloud_cron.local.lock import HostLock
    from cloud_cron.local.log import Log
    from cloud_cron.local.site import Site
    from cloud_cron.local.store import Store
    from cloud_cron.model import AppModel
    from cloud_cron.ports import Key, Record

OURS: Final = "host-"
AHEAD: Final = timedelta(seconds=1)
POLL: Final = 0.25
WATCH_EVERY: Final = timedelta(seconds=60)
LOOK_EVERY: Final = timedelta(seconds=10)
TROUBLE_PAUSE: Final = timedelta(seconds=2)
_DATAGRAM: Final = 65_536


class Service:
    """Runs one app at one place until it is told to stop.

    `room` is how many runs may be under way at once, `grace` how long, in seconds, they may go on after a stop.
    """

    def __init__(  # noqa: PLR0913 - a host is this many things
        self, site: Site, store: Store, clock: SteppedClock, log: Log, lock: HostLock | None, *,
        room: int = 16, grace: float = 30.0,
    ) -> None:  # fmt: skip
        """Nothing is begun yet."""
        self.site = site
        self.log = log
        self.clock = clock
        self.store = store
        self.ids = RandomIds()
        self.bus = LocalBus(store, clock, self.ids)
        self.ledger = SqliteLedger(store)
        self.book = Book(store)
        self.board = Board(clock.now())
        self.watchers: list[Callable[[dict[str, Any]], None]] = []
        self._lock = lock
        self._room = room
        self._grace = grace
        self._reports, self._telling = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._reports.setblocking(False)  # noqa: FBT003 - the socket's signature
        self._present: Generation | None = None
        self._coming: Generation | None = None
        self._leaving: list[Generation] = []
        self._scheduler: Scheduler | None = None
        self._review: Review | None = None
        self._upkeep: Upkeep | None = None
        self._version = -1
        self._stopping_at: datetime | None = None
        self._reload = False
        self._touched = True
        self._look_at = self._watch_at = self._wait_until = datetime.fromtimestamp(0, UTC)

    # What others ask for

    def reload(self) -> None:
        """Load the app anew; the present one goes on until that has worked. Safe in a signal handler."""
        self._reload = True

    def stop(self) -> None:
        """Begin nothing more; what was begun has its time. Safe in a signal handler."""
        self._stopping_at = self._stopping_at or self.clock.now()

    def run_now(self, task: str) -> None:
        """Run a task on demand."""
        self._begin_run(task, {}, self.ids.ulid(self.clock.now()), None)

    def touch(self) -> None:
        """Look at the database now."""
        self._touched = True

    @property
    def model(self) -> AppModel | None:
        """The model of the app that is at work."""
        return self.board.model

    @property
    def files(self) -> list[str]:
        """The files that the app at work, or the one that could not be loaded last, was made of."""
        return self._present.files if self._present else []

    # Life

    def run(self, inputs: Mapping[Any, Callable[[], None]] | None = None) -> None:
        """Work until stopped. `inputs`: what else to wait for, and what to call then.

        Raises what loading the app for the first time raises; a later load that fails is logged.
        """
        with _signals(self):
            self._coming = self._generation()
            try:
                while not self._is_over():
                    self._wait(inputs or {})
                    self._tick()
            finally:
                self._close()

    def _generation(self) -> Generation:
        return Generation(self.site, self._telling, self.clock, self._lock)

    def _is_over(self) -> bool:
        """Whether a stop was asked for, and all have ended or run out of time."""
        if self._stopping_at is None:
            return False
        everybody = [*self._leaving, *([self._present] if self._present else [])]
        late = (self.clock.now() - self._stopping_at).total_seconds() > self._grace
        if late:
            self.log.write(event="host", level="warning", message="stopped before everything had ended")
        return late or all(generation.gone or not generation.jobs for generation in everybody)

    def _close(self) -> None:
        """End every process, and leave a database that says what was cut off."""
        for generation in (self._present, self._coming, *self._leaving):
            if generation:
                generation.close()
        with suppress(StoreError):
            self._scheduler_account()
        self._present = self._coming = None
        self._reports.close()
        self._telling.close()

    def _wait(self, inputs: Mapping[Any, Callable[[], None]]) -> None:
        """Sleep until something comes or is due."""
        generations = [g for g in (self._present, self._coming, *self._leaving) if g and not g.gone]
        sources = [*generations, self._reports, *inputs]
        ready, _, _ = select.select(sources, [], [], self._patience())
        for source in ready:
            if isinstance(source, Generation):
                for event in source.events():
                    self._heard(source, event)
            elif source is self._reports:
                self._listen()
            else:
                inputs[source]()

    def _patience(self) -> float:
        if self._stopping_at or self._coming or self._touched or self._reload:
            return 0.05
        following = self._scheduler.next() if self._scheduler else None
        if following is None:
            return POLL
        return min(POLL, max(0.0, (following - AHEAD - self.clock.now()).total_seconds()))

    def _listen(self) -> None:
        """What workers tell."""
        with suppress(BlockingIOError):
            while True:
                report = json.loads(self._reports.recv(_DATAGRAM))
                self._told(report)

    def _told(self, report: dict[str, Any]) -> None:
        if "began" in report:
            job = next((g.jobs[report["job"]] for g in self._all() if report["job"] in g.jobs), None)
            if job and job.get("fire"):
                self.board.delays.append(report["began"] - job["due"])
            return
        self.board.note(report)
        if report.get("event") == "run":
            self._touched = True
        for watcher in self.watchers:
            watcher(report)

    def _all(self) -> list[Generation]:
        return [generation for generation in (self._present, *self._leaving) if generation]

    def _heard(self, generation: Generation, event: dict[str, Any]) -> None:
        """What a zygote says."""
        match event:
            case {"loaded": _}:
                self._arrived(generation)
            case {"failed": _}:
                self._not_loaded(generation)
            case {"exited": job}:
                self._ended(generation, job, event)
            case {"stopping": job} if job in generation.jobs:
                generation.jobs[job]["stopping"] = True
        if generation.gone:
            self._lost(generation)

    # Loading

    def _arrived(self, generation: Generation) -> None:
        """New code takes over; the old one finishes what it has begun."""
        assert generation.model is not None  # noqa: S101 - it was loaded
        model, settings = generation.model, generation.settings
        try:
            queues.wired(self.bus, model, self.site.stage)
            now = self.clock.now()
            self._scheduler_account()
            scheduler = Scheduler(model, self.book, self.ledger, now, horizon=settings["horizon"])
        except StoreError as error:
            self._trouble(error)
            if self._present is None:
                raise
            generation.close()
            self._coming = None
            return
        scheduler.adopt(self._scheduler)
        self._scheduler = scheduler
        topic = settings["watch"]
        self._review = Review(model, self.site.stage, topic, self.store, self.bus, self.ledger, self.book, self.clock)
        self._upkeep = Upkeep(self.store, model, settings["horizon"])
        if self._present:
            self._present.retire()
            self._leaving.append(self._present)
        self._present, self._coming = generation, None
        self.board.model, self.board.reload_failed = model, None
        self.board.loads += 1
        self._touched = True
        tasks, notifiers = len(model.tasks), len(model.notifiers)
        self.log.write(
            event="host", status="loaded", app=model.name, stage=self.site.stage, tasks=tasks, notifiers=notifiers
        )

    def _not_loaded(self, generation: Generation) -> None:
        """The app could not be loaded: what is at work goes on; there must be something at first."""
        failed = generation.failed
        assert failed is not None  # noqa: S101 - it said so
        generation.close()
        self._coming = None
        if self._present is None:
            raise LoadingFailed(failed.error, failed.traceback)
        self.board.reload_failed = str(failed.error)
        self.log.write(event="host", level="error", status="reload failed", message=str(failed.error))
        for watcher in self.watchers:
            watcher({"event": "reload", "failed": failed})

    def _lost(self, generation: Generation) -> None:
        """A zygote is gone. One that retired has done its work; another one is replaced."""
        if generation in self._leaving:
            self._leaving.remove(generation)
            generation.close()
        elif generation is self._present and not self._stopping_at:
            self.log.write(event="host", level="error", message="the process that had the app loaded is gone; again")
            self._leaving.append(generation)
            self._present = None
            generation.close()
            self._leaving.remove(generation)
            self._coming = self._coming or self._generation()

    # Work

    def _tick(self) -> None:
        """Begin what is due; trouble with the database is told once, and tried again."""
        now = self.clock.now()
        if self._reload and self._coming is None and not self._stopping_at:
            self._reload = False
            self._coming = self._generation()
        if self._stopping_at:
            self._wind_down()
            return
        if self._present is None or self._scheduler is None or now < self._wait_until:
            return
        try:
            self._fire(now)
            if self._has_changed() or now >= self._look_at:
                self._look_at = now + LOOK_EVERY
                self._look(now)
            if now >= self._watch_at:
                self._watch_at = now + WATCH_EVERY
                self._watch(now)
        except (StoreError, BusError) as error:
            self._trouble(error)
            self._wait_until, self._touched = now + TROUBLE_PAUSE, True
        else:
            self._well()

    def _has_changed(self) -> bool:
        version, touched = self.store.version(), self._touched
        changed = touched or version != self._version
        self._version, self._touched = version, False
        return changed

    def _fire(self, now: datetime) -> None:
        """Begin runs whose time has come or is about to."""
        assert self._scheduler is not None  # noqa: S101 - the caller looked
        due = self._scheduler.next()
        if not self._scheduler.is_owing() and (due is None or due > now + AHEAD):
            return
        with self.store.transaction():
            room = self._room - self._busy()
            paused = self.book.paused()
            fires, missed = self._scheduler.take(now, room=room, paused=paused, ahead=AHEAD)
        for fire in fires:
            self._begin_run(fire.task, fire.event, f"{OURS}{self.ids.ulid(now)}", fire)
        for fire in missed:
            self.log.write(event="run", level="error", task=fire.task, status="missed", run_id=f"{fire.task}@{fire.at}")

    def _busy(self) -> int:
        return sum(job["kind"] == "run" for generation in self._all() for job in generation.jobs.values())

    def _begin_run(self, task: str, event: dict[str, Any], request: str, fire: Fire | None) -> None:
        part = self.model.task(task) if self.model else None
        if part is None or self._present is None:
            return
        due = fire.at.timestamp() if fire else 0.0
        early = max(0.0, due - self.clock.now().timestamp())
        run = f"{task}@{event['scheduled_at']}" if "scheduled_at" in event else f"{task}!{request}"
        details = {"id": run, "task": task, "event": event, "request": request, "timeout": part.timeout}
        job = f"run {request} {self.ids.token()}"
        self._present.begin("run", job, **details, not_before=due, due=due, fire=bool(fire), **{"in": early})
        self.board.running[job] = run

    def _ended(self, generation: Generation, job: str, event: dict[str, Any]) -> None:
        """A worker's process is over; what it left undone is known by what the database says."""
        done = generation.jobs.pop(job, None)
        self.board.running.pop(job, None)
        self._touched = True
        if done is None:
            return
        if event["status"] != 0 and not (done.get("stopping") and event["status"] == 0):
            why = event["why"] or _died(event["status"])
            name = done.get("task") or done.get("notifier")
            kind = "task" if done["kind"] == "run" else "notifier"
            self.log.write(event="worker", level="error", **{kind: name}, status="cut off", reason=why)
            done["why"] = f"{why}: the worker was cut off" if event["why"] != "timeout" else _timed_out(done)
        if done["kind"] == "run":
            try:
                self._settle(done)
            except StoreError as error:
                self._trouble(error)
                self._unsettled.append(done)

    def _settle(self, done: dict[str, Any]) -> None:
        """A run's worker is gone: whatever it had claimed is claimed no more."""
        for key, record in self.ledger.open_runs():
            if record.source == done["request"] and record.state == "CLAIMED" and _task_of(key) == done["task"]:
                self._abandon(key, record, done.get("why", "its worker ended"))
        if done["fire"] and self._scheduler:
            at = datetime.fromisoformat(done["event"]["scheduled_at"]).astimezone(UTC)
            self._scheduler.settle(Fire(at, done["task"]), self.clock.now())

    def _abandon(self, key: Key, record: Record, why: str) -> None:
        task = self.model.task(_task_of(key)) if self.model else None
        if task is None:
            return
        after = abandoned(self.ledger, task, key, record, self.clock.now().timestamp(), why)
        if after:
            status = after.state.lower()
            self.log.write(
                event="run", level="error", task=task.name, status=status, attempt=after.attempts, reason=why
            )
            self._told({"event": "run", "task": task.name, "status": status, "reason": why, "attempt": after.attempts})

    def _look(self, now: datetime) -> None:
        """Everything that the database asks for: runs to take up again, messages to deliver, things to tell."""
        for done in self._taken_over():
            self._settle(done)
        self._take_up(now)
        self._send_couriers()
        if self._review:
            for told in self._review.look():
                self.log.write(event="watch", level="warning", **{k: v for k, v in told.items() if k != "error"},
                               reason=told["error"]["message"])  # fmt: skip
                self._touched = True

    _unsettled: list[dict[str, Any]]

    def _taken_over(self) -> list[dict[str, Any]]:
        done, self._unsettled = getattr(self, "_unsettled", []), []
        return done

    def _take_up(self, now: datetime) -> None:
        """Runs that are to be tried again, were recorded and not published, or lost their worker with an earlier host."""
        under_way = {job["request"] for g in self._all() for job in g.jobs.values() if job["kind"] == "run"}
        busy = {job["task"] for g in self._all() for job in g.jobs.values() if job["kind"] == "run"}
        for key, record in self.ledger.open_runs():
            task = self.model.task(_task_of(key)) if self.model else None
            if task is None or record.source in under_way:
                continue
            ours = record.source.startswith(OURS)
            if record.state == "CLAIMED" and ours:
                self._abandon(key, record, "the host stopped during this run")
                self._touched = True
            elif self._is_due(record, now, ours=ours) and self._busy() < self._room:
                event = json.loads(record.data)["event"]
                if task.name in busy and (event.get("trigger") == BACKFILL or task.overlap == "queue"):
                    continue
                busy.add(task.name)
                self._begin_run(task.name, event, record.source or f"{OURS}{self.ids.ulid(now)}", None)

    def _is_due(self, record: Record, now: datetime, *, ours: bool) -> bool:
        if record.state == "RECORDED" and ours:
            return True
        end = record.not_before if record.state == "RETRY" else record.lease
        self._look_at = min(self._look_at, max(now, datetime.fromtimestamp(end, UTC)))
        return end <= now.timestamp()

    def _send_couriers(self) -> None:
        """A courier for each notifier with messages that are visible."""
        assert self.model is not None and self._present is not None  # noqa: S101, PT018 - the caller looked
        paused = self.book.paused()
        at_work = {
            job["notifier"]: (generation, name)
            for generation in self._all()
            for name, job in generation.jobs.items()
            if job["kind"] == "courier" and not job.get("stopping") and not generation.retired
        }
        for notifier in self.model.notifiers:
            if not notifier.enabled:
                continue
            if notifier.name in paused:
                if notifier.name in at_work:
                    generation, name = at_work[notifier.name]
                    generation.jobs[name]["stopping"] = True
                    generation.stop(name)
                continue
            visible = self.bus.next_visible(queues.queue(self.model.name, self.site.stage, notifier.name))
            if visible is None or notifier.name in at_work:
                continue
            if visible <= self.clock.now():
                job = f"courier {notifier.name} {self.ids.token()}"
                self._present.begin("courier", job, notifier=notifier.name)
            else:
                self._look_at = min(self._look_at, visible)

    def _watch(self, now: datetime) -> None:
        """Once a minute: the book, the upkeep, the heartbeat."""
        assert self._upkeep is not None and self._present is not None  # noqa: S101, PT018 - the caller looked
        self._scheduler_account()
        self._upkeep.step(now.timestamp())
        self.log.turn_over()
        self.board.looked_at = now.timestamp()
        address = self._present.settings["heartbeat"]
        if address:
            ping(address, self.log)

    def _scheduler_account(self) -> None:
        if self._scheduler:
            self._scheduler.account(self.clock.now())

    def _wind_down(self) -> None:
        """Let workers finish; a run whose time has not come does not begin."""
        if self._present and not self._present.retired:
            now = self.clock.now().timestamp()
            for name, job in self._present.jobs.items():
                if job["kind"] == "run" and job["not_before"] > now:
                    self._present.stop(name, kill=True)
            self._present.retire()

    def _trouble(self, error: StoreError | BusError) -> None:
        if self.board.trouble != error.message:
            self.board.trouble = error.message
            self.log.write(event="host", level="error", status="trouble", code=error.code, message=str(error))

    def _well(self) -> None:
        if self.board.trouble:
            self.board.trouble = None
            self.log.write(event="host", status="recovered", message="the database can be used again")


class LoadingFailed(Exception):  # noqa: N818 - says what happened
    """The app could not be loaded; `error` is what `cloud-cron check` would say, `traceback` the user's own."""

    def __init__(self, error: Exception, traceback: str) -> None:
        """Keep both."""
        super().__init__(str(error))
        self.error = error
        self.traceback = traceback


def _task_of(key: Key) -> str:
    return key.partition.removeprefix("R#")


def _died(status: int) -> str:
    if status >= 0:
        return f"exit code {status}"
    with suppress(ValueError):
        return f"killed by {signal.Signals(-status).name}"
    return f"killed by signal {-status}"


def _timed_out(done: dict[str, Any]) -> str:
    return f"it took longer than {done['timeout']} seconds" if "timeout" in done else "it took too long"


class _signals:  # noqa: N801 - used as a verb
    """SIGTERM and SIGINT stop, SIGHUP loads anew; what was set before is set again afterwards."""

    def __init__(self, service: Service) -> None:
        self._wanted = {
            signal.SIGTERM: service.stop,
            signal.SIGINT: service.stop,
            signal.SIGHUP: service.reload,
        }
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        for number, wanted in self._wanted.items():
            self._before[number] = signal.signal(number, lambda *_, do=wanted: do())

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
