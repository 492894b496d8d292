"""What there is to see of a host at work: its tasks, its notifiers and its outbox, as values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from cloud_cron.local import mailbox, queues
from cloud_cron.timetable import Timetable
from cloud_cron_cli import words

if TYPE_CHECKING:
    from cloud_cron.local.book import Watched
    from cloud_cron.local.mailbox import Letter
    from cloud_cron.local.service import Service
    from cloud_cron.model import AppModel, NotifierModel, TaskModel


class Task(NamedTuple):
    """`due` is None where `silence` says why; `state` is empty before the first run, which was due `at`."""

    name: str
    schedule: str
    due: datetime | None
    silence: str
    state: str
    reason: str
    at: datetime | None
    is_paused: bool


class Notifier(NamedTuple):
    """Messages that wait, are in flight or dead, and deliveries that were accepted."""

    name: str
    channel: str
    waiting: int
    in_flight: int
    dead: int
    accepted: int
    is_paused: bool


class Facts(NamedTuple):
    """Of one app at one instant: `letter` is the last one in the outbox, `trouble` what stands in the way."""

    app: str
    stage: str
    sends: bool
    tasks: tuple[Task, ...]
    notifiers: tuple[Notifier, ...]
    letters: int
    letter: Letter | None
    trouble: str


def facts(service: Service, model: AppModel) -> Facts:
    """Ask the database; raises `StoreError` and `BusError`."""
    paused, pages = service.book.paused(), service.book.pages()
    newest = None if service.site.sends else next(iter(mailbox.letters(service.store, 1)), None)
    stands = service.board.trouble or ""
    if service.board.reload_failed:
        stands = stands or "the last change could not be loaded; the app before it is at work"
    return Facts(
        model.name,
        service.site.stage,
        service.site.sends,
        tuple(_task(service, task, pages.get(task.name), is_paused=task.name in paused) for task in model.tasks),
        tuple(_notifier(service, model, part, is_paused=part.name in paused) for part in model.notifiers),
        mailbox.count(service.store) if newest else 0,
        newest,
        stands,
    )


def _task(service: Service, task: TaskModel, page: Watched | None, *, is_paused: bool) -> Task:
    # The book is ahead of a clock that was stepped and is not any more.
    since = max(service.clock.now(), datetime.fromtimestamp(page.accounted if page else 0.0, UTC))
    due = Timetable(task).next(since) if task.enabled else None
    found = service.ledger.newest_run(task.name)
    _, record = found or (None, None)
    return Task(
        task.name,
        " and ".join(words.schedules_of(task)),
        due,
        "" if due else words.silence(task),
        record.state.lower() if record else "",
        record.reason if record else "",
        datetime.fromtimestamp(record.at, UTC) if record else None,
        is_paused,
    )


def _notifier(service: Service, model: AppModel, part: NotifierModel, *, is_paused: bool) -> Notifier:
    place = (model.name, service.site.stage, part.name)
    waiting, in_flight = service.bus.counts(queues.queue(*place))
    dead = sum(service.bus.counts(queues.dead_letters(*place)))
    accepted = service.ledger.deliveries(part.name).get("SENT", 0)
    return Notifier(part.name, part.channel, waiting, in_flight, dead, accepted, is_paused)
