"""The port `Place` on one machine: its database, in which queues and records change together or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron.encoding import dumps
from cloud_cron.local import queues
from cloud_cron.local.payloads import SqlitePayloads
from cloud_cron.ports import Record
from cloud_cron.runtime import claims, naming
from cloud_cron.runtime.machine import SystemClock
from cloud_cron_cli.operating.letters import Heap, of_record
from cloud_cron_cli.operating.machine_turns import MachineTurns
from cloud_cron_cli.operating.place import Backlog, Idle, Vitals
from cloud_cron_cli.operating.reading import letter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from cloud_cron.local.ledger import SqliteLedger
    from cloud_cron.model import TaskModel
    from cloud_cron.ports import Received
    from cloud_cron_cli.machine import Machine
    from cloud_cron_cli.operating.letters import Letter, LostRun
    from cloud_cron_cli.project import Project

SHOWN: Final = 500
"""Runs that are looked at; the newest ones."""
_GIVEN_UP: Final = frozenset({"FAILED", "MISSED"})


class MachinePlace:
    """One database of a project; nobody else can look at a letter while it is moved."""

    def __init__(self, project: Project, machine: Machine) -> None:
        """The database is open."""
        self._project = project
        self._machine = machine
        self._names = (project.model.name, project.stage)
        self.payloads = SqlitePayloads(machine.store, SystemClock())

    @property
    def ledger(self) -> SqliteLedger:
        """The records of deliveries and runs."""
        return self._machine.ledger

    def now(self) -> datetime:
        """The machine's clock."""
        return self._machine.now()

    def token(self) -> str:
        """A random one."""
        return self._machine.ids.token()

    def who(self) -> str:
        """The user of this process."""
        return self._machine.user()

    def note(self, status: str, owner: str, **fields: Any) -> None:  # noqa: ANN401 - JSON
        """One line in the log of the host."""
        kind = "task" if self._project.model.task(owner) else "notifier"
        self._machine.note(status, **{kind: owner, **fields})

    def at_once(self) -> AbstractContextManager[object]:
        """One transaction of the database."""
        return self._machine.store.transaction()

    def notifiers(self) -> list[str]:
        """Those of the app, and those whose letters are still here."""
        before, after = queues.dead_letters(*self._names, "|").split("|")
        left = [
            name[len(before) : -len(after)]
            for name in self._machine.bus.queues()
            if name.startswith(before) and name.endswith(after)
        ]
        return list(dict.fromkeys([*(each.name for each in self._project.model.notifiers), *left]))

    def takes(self, part: str) -> bool:
        """The host has a queue or a schedule for what the app declares."""
        return bool(self._project.model.task(part) or self._project.model.notifier(part))

    def dead(self, notifier: str) -> Heap[Letter]:
        """All of them."""
        found = self._machine.letters(self._dead(notifier))
        return Heap([letter(self._project.model, notifier, received) for received in found])

    def blocking(self, notifier: str) -> list[Received]:
        """All of it: looking changes nothing."""
        return self._machine.letters(queues.queue(*self._names, notifier))

    def lost_runs(self, task: str | None = None) -> Heap[LostRun]:
        """The newest ones, as far as the ledger remembers."""
        since = self.now().timestamp() - self._project.settings.horizon
        found, count = self.ledger.given_up(task, since, SHOWN)
        return Heap([of_record(key, record) for key, record in found], count - len(found))

    def put_back(self, letters: Sequence[Letter]) -> None:
        """In one transaction; to the queue that each came from."""
        for notifier in dict.fromkeys(each.notifier for each in letters):
            ids = {each.received.id for each in letters if each.notifier == notifier}
            if ids:
                self._machine.bus.redrive(self._dead(notifier), ids=ids)

    def put_all_back(self, notifier: str) -> None:
        """The same of every letter."""
        self.put_back(self.dead(notifier).seen)

    def run_again(self, run: LostRun) -> None:
        """Let the host take the run up as one that waits for an attempt, if it is still lost."""
        assert run.key is not None  # noqa: S101 - runs are known by their records here
        found = self.ledger.get(run.key)
        if found and found.state in _GIVEN_UP:
            data, now = dumps({"event": dict(run.event or {})}), self.now().timestamp()
            self.ledger.swap(run.key, found, Record("RETRY", self.token(), not_before=now, at=found.at, data=data))

    def turns(self, task: TaskModel) -> MachineTurns:  # noqa: ARG002 - the port
        """Records that the host takes up."""
        return MachineTurns(self._machine)

    def discard(self, found: Letter | LostRun) -> None:
        """A letter of a message; that of a run is its record, which says so already."""
        if found.received is not None:
            self._machine.bus.discard(found.received.queue, {found.received.id})

    def pausable(self) -> list[str]:
        """All of the app."""
        model = self._project.model
        return [*(task.name for task in model.tasks), *(notifier.name for notifier in model.notifiers)]

    def paused(self) -> list[str]:
        """As the host reads it."""
        return list(self._machine.book.paused())

    def switch(self, names: Sequence[str], *, on: bool) -> None:
        """The host sees it at once."""
        if on:
            self._machine.book.resume(names)
        else:
            self._machine.book.pause(names, self.now().timestamp())

    def obstacle(self, part: str) -> str | None:
        """A pause, the configuration, or that nobody is at work."""
        notifier = self._project.model.notifier(part)
        if notifier and part in self.paused():
            return f"{part} is paused: nothing is sent until `cloud-cron resume {part}`"
        if notifier and not notifier.enabled:
            return f"{part} is not enabled: nothing is sent"
        if self._machine.host() is None:
            return "nobody serves this database: it is taken up when `cloud-cron serve` or `dev` begins"
        return None

    def vitals(self) -> Vitals:
        """Read alone."""
        machine, model = self._machine, self._project.model
        newest = {task.name: run for task in model.tasks if (run := self.ledger.newest_run(task.name))}
        name = "dev" if machine.path.name.endswith(".dev.db") else "serve"
        message = f"nobody serves {machine.path.name}, so that nothing runs and nothing is sent"
        idle = None if machine.host() else Idle(message, f"cloud-cron {name}", name == "serve")
        backlogs = {notifier.name: self._backlog(notifier.name) for notifier in model.notifiers}
        return Vitals(idle, self.paused(), newest, self.ledger.open_runs(), backlogs)

    def _backlog(self, notifier: str) -> Backlog:
        queue = queues.queue(*self._names, notifier)
        waiting, in_flight = self._machine.counts(queue)
        if not waiting + in_flight:
            return Backlog(0, 0)
        oldest = self._machine.oldest(queue)
        if oldest is None:
            return Backlog(waiting, in_flight)
        known = letter(self._project.model, notifier, oldest)
        records = self.ledger.records(naming.message_key(notifier, known.id).partition)
        tried = [record for _, record in records if record.state in {claims.RETRY, claims.REJECTED, claims.DOUBT}]
        latest = max(tried, key=lambda record: record.not_before, default=Record(""))
        down = latest.state == claims.RETRY and latest.code == claims.DOWN
        model = self._project.model.notifier(notifier)
        head = known.short if model and model.on_poison == "block" else ""
        return Backlog(waiting, in_flight, oldest.sent_at, latest.reason, down, head)

    def _dead(self, notifier: str) -> str:
        return queues.dead_letters(*self._names, notifier)
