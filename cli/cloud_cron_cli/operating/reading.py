"""Dead letters read as the runtime reads them, so that ids are those that the ledger has."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from cloud_cron import channels
from cloud_cron.errors import EventError, RecipientError
from cloud_cron.runtime import events, naming
from cloud_cron_cli.operating.letters import Letter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cloud_cron.model import AppModel, NotifierModel
    from cloud_cron.ports import Key, Received, Record
    from cloud_cron_cli.operating.place import Place
    from cloud_cron_cli.project import Project


class Delivery(NamedTuple):
    """What the ledger says of one recipient; `address` is None for one that nobody who is configured has."""

    key: Key
    record: Record
    address: str | None

    @property
    def is_whole(self) -> bool:
        """Whether it is about the message as a whole."""
        return self.key.sort == naming.WHOLE

    def to_json(self) -> dict[str, Any]:
        """One of the `deliveries` that `dlq show --json` prints."""
        record = self.record
        return {
            "recipient": self.address,
            "key": self.key.sort,
            "state": record.state.lower(),
            "attempts": record.attempts,
            "ambiguous": record.ambiguous,
            "accepts": record.accepts,
            "code": record.code,
            "reason": record.reason,
        }


def letter(model: AppModel, notifier: str, received: Received, *, undelivered: bool = False) -> Letter:
    """One dead letter; a payload that lies elsewhere stays there."""
    try:
        message = events.carried(received, _topics(model, notifier), received.queue).message
    except EventError:
        known = received.attributes.get("cc_message_id") or received.id
        return Letter(notifier, received, known, None, undelivered)
    return Letter(notifier, received, message.id, message, undelivered)


def whole(project: Project, place: Place, found: Letter) -> Letter:
    """The letter with its payload, wherever that lies; NotFound (CC613) or EventError when it is lost."""
    if found.message is None:
        return found
    received, topics = found.received, _topics(project.model, found.notifier)
    return found._replace(message=events.message(received, topics, received.queue, place.payloads))


def deliveries(
    project: Project, place: Place, notifier: str, message: str, addresses: Iterable[str] = ()
) -> list[Delivery]:
    """What the ledger says of a message; recipients are found among the configured ones and `addresses`.

    The ledger has no addresses, only hashes of them. A notifier that the app has no more has no recipients either.
    """
    known = recipients(project, notifier, message, addresses)
    records = place.ledger.records(naming.message_key(notifier, message).partition)
    return [Delivery(key, record, known.get(key.sort)) for key, record in records]


def recipients(project: Project, notifier: str, message: str, addresses: Iterable[str] = ()) -> dict[str, str]:
    """The configured addresses and `addresses`, by what the ledger calls the delivery of a message to each."""
    model = project.model.notifier(notifier)
    if model is None:
        return {}
    salt = f"{project.model.name}|{project.stage}"
    return {
        naming.delivery_key(notifier, message, salt, model.channel, address).sort: address
        for address in _addresses(model, addresses)
    }


def _addresses(model: NotifierModel, more: Iterable[str]) -> Iterator[str]:
    """Whom a notifier may have told, as its channel writes them."""
    channel = channels.find(model.channel)
    for raw in (*more, *(model.recipients or channel.recipients)):
        address = raw
        with suppress(RecipientError):
            address = channel.normalise(raw)
        yield address


def _topics(model: AppModel, notifier: str) -> tuple[str, ...]:
    found = model.notifier(notifier)
    return found.topics if found else ()
