"""The app that is operated: a task that publishes, and a notifier that tells two people.

A world lets its task run and its notifier deliver through the runtime; `calls` are the runs that the task was called
for, `broken` what it raises, `senders` what the provider accepted, and what it answers before that.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from cloud_cron import CloudCron
from cloud_cron.messages import message_id
from cloud_cron.ports import Key, Receipt, Record
from cloud_cron.runs import instant

if TYPE_CHECKING:
    from cloud_cron.messages import Message
    from cloud_cron_cli.project import Project

ADA, BOB = "ada@example.org", "bob@example.org"


class Senders:
    """Accepts everything, but for whom an answer was prepared: that is raised, for one call each."""

    def __init__(self) -> None:
        self.accepted: list[str] = []
        self.answers: dict[str, list[BaseException]] = {}
        self.during: list[Any] = []

    def sender(self, notifier: str, message: Message) -> Senders:
        return self

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:
        while self.during:
            self.during.pop()()
        answers = self.answers.get(recipient)
        if answers:
            raise answers.pop(0)
        self.accepted.append(recipient)
        return Receipt(f"id-{len(self.accepted)}")


class World(Protocol):
    place: Any
    project: Project
    senders: Senders
    calls: list[str]
    broken: list[Exception]

    def run(self, hour: int = 1) -> str: ...

    def settle(self) -> None: ...

    def schedule(self) -> Any: ...

    def take_up(self) -> None: ...

    def lose(self, state: str, hour: int = 1, *, event: Any = None) -> None: ...

    def put_dead(self, notifier: str, body: str, **attributes: str) -> None: ...

    def again(self) -> Any: ...

    def done(self) -> list[tuple[str, str]]: ...


def application(world: World, **options: Any) -> CloudCron:
    app = CloudCron("shop")

    @app.schedule("rate(1 hour)", topics=["orders"], end=due(24), retries=0)
    def export(run):
        world.calls.append(run.id)
        if world.broken:
            raise world.broken.pop(0)
        return {"orders": {"n": 1}}

    @app.notifier("email", topics=["orders"], name="mail", recipients=[ADA, BOB], max_ambiguous=0, **options)
    def mail(message):
        return {"text": "x"}

    return app


def due(hour: int) -> str:
    """A time of the task that is over."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return instant(today - timedelta(days=2) + timedelta(hours=hour))


def event(hour: int) -> dict[str, Any]:
    return {"task": "export", "scheduled_at": due(hour), "attempt": "1", "schedule": "rate(1 hour)"}


def message_of(hour: int) -> str:
    """The id of what the run at that time publishes."""
    return message_id("shop", "dev", f"export@{due(hour)}", "orders", 0)


def lost(state: str, hour: int, asked: Any) -> tuple[Key, Record]:
    at = datetime.fromisoformat(due(hour)).timestamp()
    data = json.dumps({"event": asked or event(hour)})
    return Key("R#export", due(hour)), Record(state, f"t{hour}", at=at, code="Boom", reason="broken", data=data)
