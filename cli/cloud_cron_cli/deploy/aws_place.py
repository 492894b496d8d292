"""The port `Place` on AWS: the queues, the ledger and the functions of a stage that is deployed.

Nothing there changes together with anything else, so that each step may be made twice: a copy is sent before its letter
goes, and a run is asked for before its letter goes. Who did what is in the ledger, in partitions `A#`.
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.aws import kept_runs
from cloud_cron.aws.ledger import DynamoLedger
from cloud_cron.aws.payloads import S3Payloads
from cloud_cron.encoding import dumps
from cloud_cron.errors import NotFound
from cloud_cron.ports import Key, Record
from cloud_cron.runs import instant
from cloud_cron.runtime.machine import SystemClock
from cloud_cron_cli.deploy import aws_lost_runs, aws_unheard
from cloud_cron_cli.deploy.aws_calling import called
from cloud_cron_cli.deploy.aws_errors import asking
from cloud_cron_cli.deploy.aws_health import AwsHealth
from cloud_cron_cli.deploy.aws_shelf import Shelf, read
from cloud_cron_cli.deploy.aws_standing import AwsStanding
from cloud_cron_cli.deploy.aws_switches import AwsSwitches
from cloud_cron_cli.deploy.aws_turns import AwsTurns
from cloud_cron_cli.deploy.deployed import main_of
from cloud_cron_cli.deploy.template.tasks import keeps_records
from cloud_cron_cli.operating.letters import Heap, Letter, of_record
from cloud_cron_cli.operating.place import Vitals
from cloud_cron_cli.operating.reading import letter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cloud_cron.model import TaskModel
    from cloud_cron.ports import Clock, Received
    from cloud_cron_cli.deploy.aws_account import AwsAccount
    from cloud_cron_cli.deploy.aws_calling import Raised
    from cloud_cron_cli.deploy.aws_session import AwsSession
    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.operating.letters import LostRun
    from cloud_cron_cli.project import Project

REDRIVEN: Final = "redriven"
"""The code of a run that was asked for again, until its function takes it up."""

_LOST: Final = frozenset({"FAILED", "MISSED"})


class AwsPlace:
    """One stage; `patience` is as `Shelf` takes it."""

    def __init__(  # noqa: PLR0913 - a stage, and who looks at it from where
        self,
        project: Project,
        found: Deployed,
        session: AwsSession,
        account: AwsAccount,
        *,
        clock: Clock | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        """No call is made yet; `NotFound` CC826 when nothing is deployed."""
        self._project = project
        self._pieces = found.pieces
        self._outputs = main_of(found, project.model.name, project.stage).outputs
        self._session = session
        self._account = account
        self._clock = clock or SystemClock()
        self._shelf = shelf or Shelf(session)
        self._standing = AwsStanding(session)
        self._health = AwsHealth(session)
        self._switches = AwsSwitches(session, self._outputs["ScheduleGroup"])

    @cached_property
    def ledger(self) -> DynamoLedger:
        """The table of the stage; what it never forgets, it does not forget because a person touched it."""
        client, horizon = self._session.client("dynamodb"), self._project.settings.horizon
        kept = kept_runs(self._project.model.tasks)
        return DynamoLedger(client, self._outputs["Ledger"], clock=self._clock, horizon=horizon, kept=kept)

    @cached_property
    def payloads(self) -> S3Payloads:
        """The bucket of the stage."""
        return S3Payloads(lambda: self._session.client("s3"), self._outputs["PayloadBucket"])

    def now(self) -> datetime:
        """This machine's clock."""
        return self._clock.now()

    def token(self) -> str:
        """A random one."""
        return token_hex(8)

    def who(self) -> str:
        """The ARN of the credentials."""
        return self._account.caller()

    def note(self, status: str, owner: str, **fields: Any) -> None:  # noqa: ANN401 - JSON
        """One record in the ledger, which keeps it for a horizon."""
        now = self.now()
        told = {name: value for name, value in fields.items() if name != "level"}
        record = Record(status.upper(), self.token(), reason=self.who(), at=now.timestamp(), data=dumps(told))
        self.ledger.create(Key(f"A#{owner}", f"{instant(now)}#{record.token}"), record)

    def at_once(self) -> AbstractContextManager[object]:
        """There is no such thing."""
        return nullcontext()

    def notifiers(self) -> list[str]:
        """Those that are deployed."""
        return [said["name"] for said in self._kind("notifier")]

    def takes(self, part: str) -> bool:
        """Whether its function is deployed."""
        return f"task:{part}" in self._pieces or f"notifier:{part}" in self._pieces

    def dead(self, notifier: str) -> Heap[Letter]:
        """Those of its own queue, and those that its subscriptions could not deliver."""
        said, found, unseen = self._piece("notifier", notifier), list[Letter](), 0
        for name in ("dead_letter_url", "subscription_dead_letter_url"):
            url, lost = said[name], name.startswith("subscription")
            raws, more = self._shelf.look(url)
            found += [letter(self._project.model, notifier, read(url, raw), undelivered=lost) for raw in raws]
            unseen += more
        return Heap(sorted(found, key=lambda each: each.received.sent_at), unseen)

    def blocking(self, notifier: str) -> list[Received]:  # noqa: ARG002 - the port
        """Nothing: whoever looks into a queue that is in use hides its messages from the notifier."""
        return []

    def lost_runs(self, task: str | None = None) -> Heap[LostRun]:
        """From the queues of what failed, and from the ledger."""
        functions = {said["function_name"]: said["name"] for said in self._kind("task")}
        queues = (self._outputs["FailureQueueUrl"], self._outputs["ScheduleDeadLetterUrl"])
        sources = aws_lost_runs.Sources(*queues, self._outputs["Ledger"], functions)
        return aws_lost_runs.lost(self._shelf, self._standing, sources, task, self.now())

    def put_back(self, letters: Sequence[Letter]) -> None:
        """One after the other.

        What comes back from a dead-letter queue has its old message id for deduplication, as SQS does it (SQS Developer
        Guide, "Configure a dead-letter queue redrive"); what never arrived has its own.
        """
        for each in letters:
            received = each.received
            dedup = received.dedup if each.undelivered else received.id
            self._shelf.copy(received, self._piece("notifier", each.notifier)["queue_url"], dedup)
            self._shelf.remove(received)

    def put_all_back(self, notifier: str) -> None:
        """What never arrived, letter by letter; then SQS moves the notifier's own dead letters, seen or not.

        A move takes what it can see, so that what was looked at is put down before. SQS refuses to move letters of a
        subscription: "Source queue must be configured as a Dead Letter Queue" (recorded on AWS).
        """
        said = self._piece("notifier", notifier)
        while lost := [each for each in self.dead(notifier).seen if each.undelivered]:
            self.put_back(lost)
            self._shelf.put_down(said["subscription_dead_letter_url"])
        if self.dead(notifier) != Heap([]):
            self._shelf.put_down(said["dead_letter_url"])
            self._shelf.move_all(said["dead_letter_arn"], said["queue_arn"])

    def run_again(self, run: LostRun) -> None:
        """Call the task's function with its event, without waiting; what is recorded of the run decides what happens.

        That it was called is noted after that: whoever is killed in between leaves the letter where it is.
        """
        name = self._pieces[f"task:{run.task}"]["function_name"]
        found = self.ledger.get(run.key) if run.key else None
        lost = found if found and found.state in _LOST else None
        event = (of_record(run.key, lost).event if run.key and lost else None) or run.event or {}
        with asking(f"lambda:InvokeFunction of {name}"):
            self._session.client("lambda").invoke(
                FunctionName=name, InvocationType="Event", Payload=json.dumps(dict(event)).encode()
            )
        if run.key and lost:
            now, token = self.now().timestamp(), self.token()
            self.ledger.swap(run.key, lost, lost._replace(state="RETRY", token=token, not_before=now, code=REDRIVEN))
        if run.received is not None:
            self._shelf.remove(run.received)

    def call(self, task: str, event: Mapping[str, Any]) -> Mapping[str, Any] | Raised:
        """Call a task's function, and wait for it; `NotFound` CC826 for a task that is not deployed yet."""
        said, model = self._piece("task", task), self._project.task(task)
        return called(self._session, said["function_name"], event, model.timeout)

    def turns(self, task: TaskModel) -> AwsTurns:
        """Schedules beside that of the task; `NotFound` CC826 for a task that has none there yet."""
        schedules = self._piece("task", task.name)["schedules"]
        if not schedules:
            message = f"task {task.name!r} has no schedule at stage {self._project.stage}"
            raise NotFound("CC826", message, hint="cloud-cron deploy")
        beside = self._switches.schedule(schedules[0]["name"])
        remembers = keeps_records(task, self._project.settings)
        return AwsTurns(self._session, beside, task, self._clock, remembers=remembers)

    def discard(self, found: Letter | LostRun) -> None:
        """Delete it; the letter of a run may be its record alone, which says so already."""
        if found.received is not None:
            self._shelf.remove(found.received)

    def close(self) -> None:
        """Let others see what was looked at."""
        self._shelf.put_down()

    def pausable(self) -> list[str]:
        """Tasks with schedules, and notifiers."""
        return [said["name"] for said in self._parts() if said["kind"] == "notifier" or said["schedules"]]

    def paused(self) -> list[str]:
        """Those that are switched off, though the app has them on."""
        model, found = self._project.model, []
        for said in self._parts():
            part = model.task(said["name"]) or model.notifier(said["name"])
            if part and part.enabled and self._switches.is_off(said):
                found.append(said["name"])
        return found

    def switch(self, names: Sequence[str], *, on: bool) -> None:
        """Their schedules, and what feeds their functions."""
        for said in self._parts():
            if said["name"] in names:
                self._switches.switch(said, on=on)

    def obstacle(self, part: str) -> str | None:
        """An event source mapping that is switched off."""
        said = self._pieces.get(f"notifier:{part}")
        if said and self._switches.is_off(said):
            return f"{part} is switched off on AWS: nothing is sent until `cloud-cron resume {part} --remote`"
        return None

    def vitals(self) -> Vitals:
        """Read alone; nobody has to serve."""
        table, model, now = self._outputs["Ledger"], self._project.model, self.now()
        tasks = [task for task in model.tasks if f"task:{task.name}" in self._pieces]
        newest = {task.name: run for task in tasks if (run := self._standing.newest_run(table, task.name))}
        backlogs = {
            said["name"]: self._health.backlog(said, self._standing.depth(said["queue_url"]), now)
            for said in self._kind("notifier")
        }
        events = self._pieces.get("events:events")
        unheard = aws_unheard.of(self._shelf, events) if events else None
        return Vitals(None, self.paused(), newest, self.ledger.open_runs(), backlogs, unheard)

    def _parts(self) -> list[Mapping[str, Any]]:
        return [*self._kind("task"), *self._kind("notifier")]

    def _kind(self, kind: str) -> list[Mapping[str, Any]]:
        return [said for said in self._pieces.values() if said["kind"] == kind]

    def _piece(self, kind: str, name: str) -> Mapping[str, Any]:
        """What the stack says of a task or notifier; `NotFound` CC826 for one that is not deployed yet."""
        key = f"{kind}:{name}"
        if key not in self._pieces:
            message = f"{kind} {name!r} is not deployed at stage {self._project.stage}"
            raise NotFound("CC826", message, hint="cloud-cron deploy")
        return self._pieces[key]
