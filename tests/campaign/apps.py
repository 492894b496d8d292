"""The apps that the campaign torments. Their functions are the same whenever they are called, unless they say not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from cloud_cron import SKIP, CloudCron, Email, Permanent
from cloud_cron.testing.backends import InMemory
from cloud_cron.testing.setup import set_up

if TYPE_CHECKING:
    from cloud_cron.testing.setup import Setup

START: Final = datetime(2030, 3, 30, 20, tzinfo=UTC)
"""Five hours before the clocks change in Berlin."""
PEOPLE: Final = ("ann@example.org", "bob@example.org")
LARGE: Final = "x" * 210_000


def shop(max_ambiguous: int = 1, *, messages: int = 2, people: tuple[str, ...] = PEOPLE) -> Setup:
    """One task, a few messages in one group, one notifier."""
    app = CloudCron("shop")

    @app.schedule("rate(1 hour)", topics=["orders"])
    def export():
        return {"orders": [{"n": number} for number in range(messages)]}

    @app.notifier("email", recipients=list(people), max_ambiguous=max_ambiguous)
    def mail(message):
        return told(message)

    return set_up(app, "test", None, {}, InMemory())


def fickle() -> Setup:
    """One task that returns something else whenever it is called."""
    app, calls = CloudCron("fickle"), count()

    @app.schedule("rate(1 hour)", topics=["orders"])
    def export():
        return {"orders": [{"n": next(calls)} for _ in range(2)]}

    @app.notifier("email", recipients=list(PEOPLE))
    def mail(message):
        return told(message)

    return set_up(app, "test", None, {}, InMemory())


def clinic(max_ambiguous: int = 1, *, people: tuple[str, ...] = PEOPLE) -> Setup:  # noqa: C901 - an app is one file
    """Everything at once: zones, overlap, claim checks, refusals, a task that changes its mind, and a watch."""
    app, calls = CloudCron("clinic"), count()

    @app.schedule("rate(1 hour)", topics=["orders"], retries=1)
    def export():
        return {"orders": [{"n": number, "call": next(calls)} for number in range(3)]}

    @app.schedule("cron(30 0/2 * * ? *)", topics=["beds"], timezone="Europe/Berlin", overlap="queue", order="message")
    def beds():
        return {"beds": [{"n": number} for number in range(3)]}

    @app.schedule("cron(0 2 * * ? *)", "rate(8 hours)", topics=["scans"], timezone="Europe/Berlin", overlap="allow")
    def scans():
        return {"scans": {"n": 0, "rows": LARGE}}

    @app.schedule("rate(6 hours)", topics=["orders"], retries=0)
    def fails(run):
        if run.scheduled_at.hour % 12 == 0:
            raise OSError("no route")
        return {"orders": {"n": 7}}

    @app.notifier("email", topics=["orders", "scans"], recipients=list(people), max_ambiguous=max_ambiguous)
    def mail(message):
        return told(message)

    @app.notifier("print", topics=["beds", "ops"], delivery="at-most-once", attempts=3)
    def tell(message):
        if message.topic == "beds" and message.payload["n"] == 1:
            raise Permanent("no such bed")
        return message.topic

    @app.notifier("email", topics=["beds"], allow_recipients=["example.org"], max_ambiguous=max_ambiguous, attempts=2)
    def choose(message):
        match message.payload["n"]:
            case 0:
                return replace(told(message), to=["ward@example.org"])
            case 1:
                return SKIP
            case _:
                raise LookupError("nobody is on duty")

    setup = set_up(app, "test", None, {}, InMemory())
    return replace(setup, settings=replace(setup.settings, watch="ops"))


def told(message: Any) -> Email:
    """A mail that costs nothing to compose."""
    return Email(message.topic, str(message.payload["n"]), "<p>see above</p>")
