"""A task of which nothing need be remembered: it publishes nothing, and its runs may overlap.

It is run as `runtime.task` would run it on a ledger that forgets, without loading what keeps records and publishes: no
call of AWS, and next to no time of its own.
"""

from __future__ import annotations

from cloud_cron.errors import ResultError
from cloud_cron.runtime.invocations import invocation
from cloud_cron.runtime.reports import RunReport
from cloud_cron.runtime.viewing import outside, view

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from cloud_cron.functions import Function
    from cloud_cron.ports import Clock, Journal
    from cloud_cron.runs import Run
    from cloud_cron.runtime.dispatch import LambdaContext
    from cloud_cron.runtime.reports import RunState
    from cloud_cron.task_model import TaskModel
    from cloud_cron.timetable import Timetable


class Unrecorded:
    """A handler of events for one such task."""

    def __init__(  # noqa: PLR0913 - what a run is made of
        self,
        task: TaskModel,
        function: Function,
        *,
        secrets: Mapping[str, str],
        clock: Clock,
        journal: Journal,
        known: Collection[str],
    ) -> None:
        """`known` are all tasks of the app, for the error of an event that names none of them."""
        self._task = task
        self._function = function
        self._secrets = secrets
        self._clock = clock
        self._journal = journal
        self._known = known

    def __call__(self, event: object, context: LambdaContext) -> dict[str, Any]:
        """Run the task; what Lambda is answered.

        Raises the user's exception, `ResultError` for what the function returned, `EventError` for an event that asks
        for no run.
        """
        now = self._clock.now()
        asked = invocation(event, self._task.name, now, self._known)
        moment = asked.scheduled_at or asked.as_of or now.replace(microsecond=0)
        run = view(
            self._task,
            asked,
            moment,
            context.aws_request_id,
            attempt=1,
            timetable=self._timetable,
            secrets=self._secrets,
            remaining=lambda: context.get_remaining_time_in_millis() / 1000,
            last=_nothing,
        )
        reason = outside(self._task, asked)
        if reason:
            return self._answer(run, "skipped", reason=reason)
        try:
            self._check(self._function(run))
        except Exception as error:
            from cloud_cron.runtime.wording import told  # noqa: PLC0415 - most runs succeed

            if isinstance(error, ResultError):
                error.at(self._task.where)
            self._answer(run, "retry" if self._task.retries else "failed", reason=told(error), error=error)
            raise
        return self._answer(run, "done")

    def _timetable(self) -> Timetable:
        from cloud_cron.timetable import Timetable  # noqa: PLC0415 - few tasks ask for their neighbours

        return Timetable(self._task)

    def _check(self, result: object) -> None:
        """Refuse what is no result of a task without topics: CC201, CC202."""
        if result is None:
            return
        from cloud_cron.runtime.results import checked  # noqa: PLC0415 - hardly any such task returns something

        checked(self._task, result)

    def _answer(self, run: Run, state: RunState, **told: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of RunReport
        self._journal.note(RunReport(run=run, state=state, **told))
        return {"run": run.id, "state": state, "published": 0}


def _nothing() -> None:
    """The last run of which something is remembered."""
