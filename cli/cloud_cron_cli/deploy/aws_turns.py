"""The port `Turns` on AWS: a one-time schedule for each run, beside those of its task, with the same target.

Nothing else has to be there for a run to be made, and who is killed in between loses none: a schedule stands by itself,
is named after its run, so that it is made once, and is deleted by Scheduler when it is over (EventBridge Scheduler User
Guide, "Deleting a schedule"). What Scheduler cannot hand over, and what Lambda gives up, are dead letters as ever.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.encoding import dumps
from cloud_cron.errors import CloudCronError
from cloud_cron_cli import runs, words
from cloud_cron_cli.deploy.aws_errors import asking
from cloud_cron_cli.operating.place import Coming
from cloud_cron_cli.operating.slots import slots

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from cloud_cron.model import TaskModel
    from cloud_cron.ports import Clock, Key
    from cloud_cron_cli.deploy.aws_session import AwsSession

_SOON: Final = timedelta(minutes=2)
"""After the minute that it is now, so that a moment has not gone when Scheduler hears of it."""


class AwsTurns:
    """Of one task; `remembers` says whether the ledger knows its runs."""

    stay = True

    def __init__(
        self, session: AwsSession, beside: Mapping[str, Any], task: TaskModel, clock: Clock, *, remembers: bool
    ) -> None:
        """`beside` is a schedule of the task, as GetSchedule tells of it; no call is made yet."""
        self._session = session
        self._beside = beside
        self._task = task
        self._clock = clock
        self._given: list[datetime] = []
        self.remembers = remembers

    def waits(self, key: Key) -> bool:
        """Whether there is a schedule for the run."""
        return self._name(key) in self._waiting

    def give(self, key: Key, event: Mapping[str, Any]) -> None:
        """Make a schedule for the next moment; one that is there already is that of somebody who was faster.

        When that fails, the error says how many were made before, which stay.
        """
        name, moment, client = self._name(key), next(self._slots), self._session.client("scheduler")
        with self._telling(), asking(f"scheduler:CreateSchedule of {name}"):
            try:
                client.create_schedule(
                    GroupName=self._beside["GroupName"],
                    Name=name,
                    Description=f"{runs.name(key)}, a run of the past",
                    ScheduleExpression=f"at({moment:%Y-%m-%dT%H:%M:%S})",
                    ScheduleExpressionTimezone="UTC",
                    FlexibleTimeWindow={"Mode": "OFF"},
                    ActionAfterCompletion="DELETE",
                    Target={**self._beside["Target"], "Input": dumps(dict(event))},
                )
            except client.exceptions.ConflictException:
                return
        self._given.append(moment)

    def coming(self) -> Coming:
        """The moments of the first and the last one."""
        return Coming(self._given[0], self._given[-1]) if self._given else Coming()

    @cached_property
    def _waiting(self) -> frozenset[str]:
        """The names of the schedules that are there already."""
        group, prefix = self._beside["GroupName"], f"{self._task.name}."
        with asking(f"scheduler:ListSchedules of {group}"):
            pages = self._session.client("scheduler").get_paginator("list_schedules")
            found = pages.paginate(GroupName=group, NamePrefix=prefix)
            return frozenset(each["Name"] for page in found for each in page["Schedules"])

    @cached_property
    def _slots(self) -> Iterator[datetime]:
        """From the first turn that is given on: to know which runs are to be made may take minutes."""
        return slots(self._task, self._clock.now().replace(second=0, microsecond=0) + _SOON, len(self._waiting))

    def _name(self, key: Key) -> str:
        """The task and the time, within Scheduler's 64 characters; names of `resource_name` end otherwise."""
        return f"{self._task.name}.{key.sort.replace('-', '').replace(':', '').replace('#', '.')}"

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except CloudCronError as error:
            if self._given:
                made = f"{words.count(len(self._given), 'run')} queued before; the same command queues the others"
                error.hint = f"{error.hint}; {made}" if error.hint else made
            raise
