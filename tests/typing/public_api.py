"""What a type checker knows about a user's app: read by `make types`, never run.

A `type: ignore` here is a check too: mypy refuses one that is not needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_type

from cloud_cron import SKIP, AppModel, CloudCron, Email, Message, Permanent, Retry, Run, Sms
from cloud_cron.content import Skip

app = CloudCron("typed")


@app.schedule("cron(0 8 * * ? *)", topics=["reports"], timezone="Europe/Berlin", overlap="skip")
def morning(run: Run) -> dict[str, list[int]]:
    assert_type(run.scheduled_at, datetime)
    assert_type(run.previous, datetime | None)
    assert_type(run.remaining(), float)
    assert_type(run.secrets, Mapping[str, str])
    return {"reports": [run.attempt]}


@app.schedule()
async def by_hand() -> None:
    """A coroutine without an argument is a task as well."""


@app.notifier("email", topics=["reports"], delivery="at-least-once")
def mail(message: Message) -> Email:
    assert_type(message.topic, str)
    assert_type(message.payload["x"], Any)
    assert_type(message.scheduled_at, datetime | None)
    return Email("subject", text="text", to=["a@example.com"])


@app.notifier("sms")
def text(message: Message) -> Sms | str | Skip:
    if not message.payload:
        return SKIP
    if message.attempt > 1:
        raise Permanent("too late")
    raise Retry(after=2.5)


def a_task_stays_the_function_it_was(run: Run) -> None:
    assert_type(morning(run), dict[str, list[int]])
    morning()  # type: ignore[call-arg]
    morning("run")  # type: ignore[arg-type]


async def a_coroutine_stays_a_coroutine() -> None:
    await by_hand()
    await by_hand(1)  # type: ignore[call-arg]


def a_notifier_stays_the_function_it_was(message: Message) -> None:
    assert_type(mail(message), Email)
    assert_type(text(message), Sms | str | Skip)


def options_have_types() -> None:
    app.schedule("rate(1 day)", timeout="60")  # type: ignore[arg-type]
    app.schedule("rate(1 day)", overlap="never")  # type: ignore[arg-type]
    app.schedule("rate(1 day)", topic=["reports"])  # type: ignore[arg-type]
    app.notifier("email", on_poison="ignore")  # type: ignore[arg-type]
    assert_type(app.model(), AppModel)


def values_are_frozen(run: Run) -> None:
    run.attempt = 2  # type: ignore[misc]
    Email("subject").text = "changed"  # type: ignore[misc]
