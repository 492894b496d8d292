"""Listens to what a provider tells of mails that it took: a batch of a standard queue, one event after the other.

Everything may be done twice, and nothing is told twice. What cannot be done now, and what is no event, comes back, and
is a dead letter in the end: nothing is dropped in silence but events of mails that are not this stage's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.errors import CloudCronError, EventError
from cloud_cron.messages import Message
from cloud_cron.ports import Key, Record
from cloud_cron.runtime import watching
from cloud_cron.runtime.invocations import shape
from cloud_cron.runtime.mail_events import TOLD, Later, Write, after
from cloud_cron.runtime.reports import Delivery
from cloud_cron.runtime.wording import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cloud_cron.app import CloudCron
    from cloud_cron.aws.resources import Resources
    from cloud_cron.config.settings import Settings
    from cloud_cron.ports import Ports
    from cloud_cron.runtime.dispatch import LambdaContext
    from cloud_cron.runtime.function import Handler
    from cloud_cron.runtime.mail_events import MailEvent
    from cloud_cron.runtime.watching import Watch

COUNTED: Final = "B#"
"""What partitions of the ledger begin with in which mails are counted that did not reach their recipients well."""
SPARE: Final = 5.0
"""Seconds at the end of an invocation in which nothing is begun."""
_CHANNEL: Final = "email"


class Desk(NamedTuple):
    """Everything that listening works with: `read` makes an event of a body, or None of one that says nothing to us.

    `notifiers` are those that send mails, `queue` is the ARN of the one queue that may call.
    """

    notifiers: frozenset[str]
    queue: str
    read: Callable[[str], MailEvent | None]
    ports: Ports
    watch: Watch


def from_app(app: CloudCron, settings: Settings, resources: Resources) -> Handler:
    """The handler of an app's mail events, with the clients that it needs; raises what making those raises."""
    from cloud_cron import aws  # noqa: PLC0415 - one function of all
    from cloud_cron.aws import ses_events  # noqa: PLC0415 - the same
    from cloud_cron.runtime.lambda_log import LambdaLog  # noqa: PLC0415 - the same

    model, log = app.model(), LambdaLog()
    ports = aws.ports(resources=resources, model=model, part=None, horizon=settings.horizon, journal=log)
    names = frozenset(notifier.name for notifier in model.notifiers if notifier.channel == _CHANNEL)
    watch = watching.Watch(ports.bus, ports.clock, model.name, settings.stage, settings.watch)
    desk = Desk(names, resources.queue, lambda body: ses_events.read(body, resources.events_topic), ports, watch)

    def handler(event: object, context: LambdaContext) -> dict[str, Any]:
        log.request_id = context.aws_request_id
        return listen(desk, event, lambda: context.get_remaining_time_in_millis() / 1000)

    return handler


def listen(desk: Desk, event: object, left: Callable[[], float]) -> dict[str, Any]:
    """Hear every event that there is time for, and answer which ones must come back; CC601 for what is no batch."""
    kept = [record for record in list(_records(event)) if left() < SPARE or not _is_heard(desk, record)]
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in kept]}


def _records(event: object) -> Iterator[Mapping[str, Any]]:
    records = event.get("Records") if isinstance(event, dict) else None
    if not isinstance(records, list):
        message = f"the function that hears mail events was called with {shape(event)}"
        raise EventError("CC601", message, hint="only its SQS queue calls it")
    for record in records:
        match record:
            case {"messageId": str(), "body": str()}:
                yield record
            case _:
                message = "a record for the function that hears mail events has no messageId or no body"
                raise EventError("CC602", message, hint="only its SQS queue calls it")


def _is_heard(desk: Desk, record: Mapping[str, Any]) -> bool:
    """Whether nothing is left to be done about one record; no fault of one may bring back the others."""
    try:
        if (record.get("eventSource"), record.get("eventSourceARN")) != ("aws:sqs", desk.queue):
            message = (
                f"a mail event from {record.get('eventSourceARN') or 'no SQS queue'} reached the queue {desk.queue}"
            )
            raise EventError("CC603", message)  # noqa: TRY301 - told like all others
        event = desk.read(record["body"])
        return event is None or _notifier(event) not in desk.notifiers or hear(desk, event)
    except Exception as error:  # noqa: BLE001 - whatever it is, the event comes back, and the journal is told
        code = error.code if isinstance(error, CloudCronError) else ""
        unread = Message("", {}, record["messageId"])
        report = Delivery("-", _CHANNEL, None, "retry", unread, code=code, reason=told(error), error=error)
        desk.ports.journal.note(report)
        return False


def hear(desk: Desk, event: MailEvent) -> bool:
    """Record one event, and tell of it what should be; False when it must come back.

    A delivery without a record is one that the ledger has forgotten, or another stage's that mails by the same
    configuration set. Raises `StoreError` and `BusError`.
    """
    ledger, now = desk.ports.ledger, desk.ports.clock.now().timestamp()
    found = ledger.get(event.key)
    if found is None:
        return True
    match after(found, event, now, desk.ports.ids.token()):
        case Later():
            return False
        case Write(record):
            if not ledger.swap(event.key, found, record):
                return False
            _report(desk, event)
    if event.word in TOLD:
        _count(desk, event, now)
    return True


def _count(desk: Desk, event: MailEvent, now: float) -> None:
    """Count a mail once, and tell of it in the words that were found for it first.

    Of a mail that itself tells something to the topic `[watch]` no more is told: that might never end.
    """
    ledger, name = desk.ports.ledger, _notifier(event)
    place = Key(f"{COUNTED}{name}", f"{event.word}|{_message(event)}|{event.key.sort}")
    fresh = Record(event.word.upper(), provider_id=event.mail, reason=event.detail, at=now)
    first = ledger.create(place, fresh) or fresh
    if desk.watch.topic is None or ledger.get(Key(COUNTED, _message(event))):
        return
    about = "|".join([event.word, *event.key, event.recipient])
    ledger.create(Key(COUNTED, desk.watch.known_as(about)), Record("TOLD", at=now))
    desk.watch.tell(about, watching.mail(event.word, name, event.recipient, first.reason))


def _report(desk: Desk, event: MailEvent) -> None:
    place = (_notifier(event), _CHANNEL, event.recipient or None, event.word)
    desk.ports.journal.note(
        Delivery(*place, Message("", {}, _message(event)), reason=event.detail, provider_id=event.mail)
    )


def _notifier(event: MailEvent) -> str:
    return event.key.partition.split("#", 2)[1]


def _message(event: MailEvent) -> str:
    return event.key.partition.split("#", 2)[2]
