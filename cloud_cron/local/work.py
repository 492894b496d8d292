"""What the database and the clock ask of one load of an app: runs to begin, messages to deliver, things to tell."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cloud_cron.local import queues
from cloud_cron.local.jumps import shift
from cloud_cron.local.review import Review
from cloud_cron.local.scheduler import Scheduler
from cloud_cron.local.upkeep import Upkeep
from cloud_cron.runs import BACKFILL, instant
from cloud_cron.runtime.task import abandoned

if TYPE_CHECKING:
    from cloud_cron.local.crew import Crew, Job
    from cloud_cron.local.generation import Settled
    from cloud_cron.local.host_ports import HostPorts
    from cloud_cron.model import AppModel
    from cloud_cron.ports import Key, Record

OURS: Final = "host-"
AHEAD: Final = timedelta(seconds=1)
LOOK_EVERY: Final = timedelta(seconds=10)


class Work:
    """Everything that follows from one model. Methods raise `StoreError` and `BusError`; then they are called again."""

    def __init__(  # noqa: PLR0913 - where, what, and by whom
        self, ports: HostPorts, stage: str, model: AppModel, settled: Settled, crew: Crew, *, room: int
    ) -> None:  # fmt: skip
        """Make the queues, and find out what is owed. `room` is how many runs may be under way at once."""
        self.model = model
        self._ports = ports
        self._stage = stage
        self._crew = crew
        self._room = room
        queues.wired(ports.bus, model, stage)
        self._horizon = settled.horizon
        self.scheduler = self._owed()
        self._is_stale = False
        self._review = Review(ports, stage, model, settled.watch)
        self._upkeep = Upkeep(ports.store, model, settled.horizon)
        self._look_at = ports.clock.now()

    def resume(self) -> None:
        """Do not wait for workers of an earlier host, of which none is left: their messages are delivered now."""
        for notifier in self.model.notifiers:
            self._ports.bus.release(queues.queue(self.model.name, self._stage, notifier.name))

    def fire(self, now: datetime) -> None:
        """Begin runs whose time has come, or is about to: a worker is made ready a moment before."""
        if self._is_stale:
            self.scheduler, self._is_stale = self._owed(), False
        due = self.scheduler.next()
        if not self.scheduler.is_owing() and (due is None or due > now + AHEAD):
            return
        ports = self._ports
        self._is_stale = True  # unless what it decided reaches the disk
        with ports.store.transaction():
            room = self._room - len(self._crew.runs())
            busy = {job.task for job in self._crew.runs() if job.of_the_past}
            fires, missed = self.scheduler.take(now, room=room, paused=ports.book.paused(), busy=busy, ahead=AHEAD)
        self._is_stale = False
        for fire in fires:
            task = self.model.task(fire.task)
            assert task is not None  # noqa: S101 - the scheduler has the same model
            self._crew.run(task, fire.event, f"{OURS}{ports.ids.ulid(now)}", fire, now.timestamp())
        for fire in missed:
            run = f"{fire.task}@{instant(fire.at)}"
            ports.log.write(event="run", level="error", task=fire.task, run_id=run, status="missed")

    def _owed(self) -> Scheduler:
        """What the database says is owed; runs that are under way are known."""
        ports = self._ports
        made = Scheduler(self.model, ports.book, ports.ledger, ports.clock.now(), horizon=self._horizon)
        made.given.update(job.fire for job in self._crew.runs() if job.fire)
        return made

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to look, though nothing changed."""
        return now >= self._look_at or self._look_at - now > LOOK_EVERY  # the clock may have been set back

    def look(self, now: datetime) -> bool:
        """Do what the database asks for; whether that changed it."""
        self._look_at = now + LOOK_EVERY
        jump = self._ports.jumps.latest()
        if jump:
            shift(self._ports.store, jump, now.timestamp())
            self._ports.log.write(event="host", level="warning", message=f"the clock jumped by {jump:.0f} seconds")
        self._take_up(now)
        self._send_couriers()
        told = self._review.look()
        for payload in told:
            fields = {name: value for name, value in payload.items() if name not in {"error", "kind"}}
            reason = payload["error"]["message"]
            self._ports.log.write(event="watch", level="warning", status=payload["kind"], reason=reason, **fields)
        return bool(told)

    def keep(self, now: datetime) -> None:
        """What is done once a minute: the book of fire times, and what keeps the database small."""
        self.scheduler.account(now)
        self._upkeep.step(now.timestamp())

    def settle(self, job: Job) -> Record | None:
        """A run's worker is gone: whatever it had claimed is claimed no more; the record of what was cut off."""
        cut = None
        for key, record in self._ports.ledger.open_runs():
            if record.source == job.request and record.state == "CLAIMED" and _task_of(key) == job.task:
                cut = self._abandon(key, record, job.why or "its worker ended")
        if job.fire:
            self.scheduler.settle(job.fire, self._ports.clock.now())
        return cut

    def _abandon(self, key: Key, record: Record, why: str) -> Record | None:
        task = self.model.task(_task_of(key))
        if task is None:
            return None
        now = self._ports.clock.now().timestamp()
        after = abandoned(self._ports.ledger, task, key, record, now, why)
        if after:
            status = after.state.lower()
            self._ports.log.write(
                event="run", level="error", task=task.name, status=status, attempt=after.attempts, reason=why
            )
        return after

    def _take_up(self, now: datetime) -> None:
        """Runs to try again, recorded and not published, or cut off with an earlier host; one of a task at a time."""
        under_way = {job.request for job in self._crew.runs()}
        busy = {job.task for job in self._crew.runs()}
        for key, record in self._ports.ledger.open_runs():
            task = self.model.task(_task_of(key))
            if task is None or record.source in under_way:
                continue
            ours = record.source.startswith(OURS)
            if record.state == "CLAIMED" and ours:
                self._abandon(key, record, "the host stopped during this run")
                self._look_at = now
            elif self._may_go_on(record, now, ours=ours) and len(self._crew.runs()) < self._room:
                event = json.loads(record.data)["event"]
                if task.name in busy and (event.get("trigger") == BACKFILL or task.overlap == "queue"):
                    continue
                busy.add(task.name)
                request = record.source or f"{OURS}{self._ports.ids.ulid(now)}"
                self._crew.run(task, event, request, None, now.timestamp())

    def _may_go_on(self, record: Record, now: datetime, *, ours: bool) -> bool:
        """Whether an open run is to be taken up now; else its time is kept in mind."""
        if record.state == "RECORDED" and ours:
            return True
        end = record.not_before if record.state == "RETRY" else record.lease
        if end > now.timestamp():
            self._look_at = min(self._look_at, datetime.fromtimestamp(end, UTC))
        return end <= now.timestamp()

    def _send_couriers(self) -> None:
        """A courier for each notifier with messages that are visible; none for one that is paused."""
        paused, at_work = self._ports.book.paused(), self._crew.couriers()
        for notifier in self.model.notifiers:
            courier = at_work.get(notifier.name)
            if notifier.name in paused or not notifier.enabled:
                if courier:
                    self._crew.dismiss(courier)
                continue
            if courier:
                continue
            visible = self._ports.bus.next_visible(queues.queue(self.model.name, self._stage, notifier.name))
            if visible and visible <= self._ports.clock.now():
                self._crew.courier(notifier)
            elif visible:
                self._look_at = min(self._look_at, visible)


def _task_of(key: Key) -> str:
    return key.partition.removeprefix("R#")
