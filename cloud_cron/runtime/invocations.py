"""What a task's event asks for: EventBridge Scheduler's Input, or a direct invoke.

Shapes: EventBridge Scheduler User Guide, "Adding context attributes".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cloud_cron.errors import EncodingError, EventError, did_you_mean
from cloud_cron.runs import BACKFILL, MANUAL, SCHEDULE
from cloud_cron.values import value

TYPE_CHECKING = False  # the cheapest task runs without loading typing
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any, Final

    from cloud_cron.runs import Trigger

_FARTHEST: Final = timedelta(days=2)
_LONGEST: Final = 64
_ON_DEMAND: Final = 'send {} or {"input": {...}} to run it on demand'


@value(frozen=True)
class Invocation:
    """What a task's event asks for. `scheduled_at` is None on demand; `as_of` is what such a run takes for now.

    `again` above 0 is a further run of a time that was run before, with ids of its own; `request` is the request that a
    run on demand began with, when this is a further one for it.
    """

    trigger: Trigger
    scheduled_at: datetime | None = None
    as_of: datetime | None = None
    input: Any = None
    again: int = 0
    request: str = ""


def invocation(event: object, task: str, now: datetime, known: Collection[str] = ()) -> Invocation:
    """The run that an event asks for: CC620 to CC624 when it asks for none that there could be.

    `known` are all tasks of the app, for the error of an event that names none of them. An input that JSON does not
    have is refused with its path, CC210 to CC217: Lambda's own reader lets NaN through.
    """
    if not isinstance(event, dict) or "Records" in event:
        message = f"task {task!r} was called with {shape(event)}"
        raise EventError("CC624", message, hint=_ON_DEMAND)
    if "scheduled_at" not in event:
        return _on_demand(event, task)
    if event.get("task") != task:
        hint = "deploy again" if event.get("task") in known else f"deploy again; {did_you_mean('', known)}"
        raise EventError("CC620", f"an event for task {event.get('task')!r} reached task {task!r}", hint=hint)
    when = _time("scheduled_at", event["scheduled_at"])
    trigger = BACKFILL if event.get("trigger") == BACKFILL else SCHEDULE
    if trigger == SCHEDULE and when > now + _FARTHEST:
        message = f"scheduled_at {event['scheduled_at']} is more than two days ahead of {now:%Y-%m-%dT%H:%M:%SZ}"
        raise EventError("CC623", message, hint="check the clock and the sender of this event")
    again = event.get("again", 0)
    if type(again) is not int or again < 0:
        raise EventError("CC624", f"again={again!r} does not count further runs", hint="send 1, 2, ...")
    return Invocation(trigger=trigger, scheduled_at=when, input=_input(event), again=again)


def _on_demand(event: dict[str, Any], task: str) -> Invocation:
    """A run that somebody asked for; an event of another kind must not become one by its lack of everything else."""
    if "task" in event or "schedule" in event:
        raise EventError("CC621", f"the schedule's event for {task!r} has no scheduled_at", hint="deploy again")
    if not event.keys() <= {"input", "as_of", "request"}:
        message = f"task {task!r} was called with {shape(event)}"
        raise EventError("CC624", message, hint=_ON_DEMAND)
    as_of = _time("as_of", event["as_of"]) if event.get("as_of") is not None else None
    return Invocation(trigger=MANUAL, as_of=as_of, input=_input(event), request=_request(event))


def _request(event: dict[str, Any]) -> str:
    """The request of an earlier attempt, which becomes part of a key."""
    request = event.get("request", "")
    if not (isinstance(request, str) and len(request) <= _LONGEST and request.isascii() and request.isprintable()):
        raise EventError("CC624", f"request={request!r} is no request of a run", hint=_ON_DEMAND)
    return request


def _input(event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if event.get("input") is None:
        return None
    from cloud_cron.encoding import plain  # noqa: PLC0415 - a schedule's own event has no input

    try:
        return plain(event.get("input"), "input")
    except EncodingError as error:
        raise EventError(error.code, error.message, where=error.where, hint=error.hint) from None


def _time(name: str, text: object) -> datetime:
    """An instant in UTC: CC621, CC622 for what is none. Without an offset it would depend on the machine's zone."""
    if isinstance(text, str) and text.startswith("<aws.scheduler."):
        raise EventError(
            "CC622", f"{name} is the unreplaced keyword {text}", hint="only EventBridge Scheduler fills it in"
        )
    try:
        time = datetime.fromisoformat(text) if isinstance(text, str) else None
        if time and time.utcoffset() is not None:
            return time.astimezone(UTC)
    except (OverflowError, ValueError):
        pass
    raise EventError("CC621", f"{name} {text!r} is not a time with its offset", hint="such as 2030-01-01T08:00:00Z")


def shape(event: object) -> str:
    """A word for an event, without its contents."""
    match event:
        case {"Records": [{"eventSource": str(source)}, *_]} | {"Records": [{"EventSource": str(source)}, *_]}:
            return f"an event from {source}"
        case dict():
            return f"an event with the keys {sorted(map(str, event))}" if event else "an empty event"
        case _:
            return f"a {type(event).__name__}"
