"""Dead letters as a person knows them: by the id of the message, with what the ledger says of each recipient."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron import channels
from cloud_cron.errors import EventError, NotFound, RecipientError
from cloud_cron.local import queues
from cloud_cron.local.fifo import SOURCE_ATTRIBUTE
from cloud_cron.local.payloads import SqlitePayloads
from cloud_cron.runtime import events, naming
from cloud_cron.runtime.machine import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cloud_cron.messages import Message
    from cloud_cron.model import NotifierModel
    from cloud_cron.ports import Key, Received, Record
    from cloud_cron_cli.machine import Machine
    from cloud_cron_cli.project import Project

SHORT: Final = 12


class Letter(NamedTuple):
    """One dead letter; `id` is that of our message, `message` None for a body that cannot be read.

    A large payload is in the message of a `whole` letter only.
    """

    notifier: NotifierModel
    received: Received
    id: str
    message: Message | None

    @property
    def code(self) -> str:
        """Why it is dead: our code, or `receives` when it was received too often and never settled."""
        return self.received.attributes.get("cc_error_code", "receives")

    @property
    def reason(self) -> str:
        """The same in words."""
        return self.received.attributes.get("cc_error", f"received {self.received.receives} times, and never settled")

    @property
    def at(self) -> datetime:
        """Since when it lies there, in UTC."""
        return datetime.fromtimestamp(int(self.received.sent_at), UTC)

    @property
    def is_worn_out(self) -> bool:
        """Whether the queue gave it up, so that nobody knows who was told."""
        return SOURCE_ATTRIBUTE in self.received.attributes

    def to_json(self) -> dict[str, Any]:
        """One of the `letters` that `dlq list --json` prints."""
        message = self.message
        return {
            "notifier": self.notifier.name,
            "id": self.id,
            "code": self.code,
            "reason": self.reason,
            "task": message.task if message else None,
            "run_id": message.run_id if message else None,
            "topic": message.topic if message else None,
            "at": self.at.isoformat(),
        }


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


def dead(project: Project, machine: Machine, notifier: NotifierModel) -> list[Letter]:
    """The dead letters of a notifier, oldest first."""
    queue = queues.dead_letters(project.model.name, project.stage, notifier.name)
    return [_letter(notifier, received) for received in machine.letters(queue)]


def blocking(project: Project, machine: Machine, notifier: NotifierModel) -> list[Letter]:
    """What waits in the queue of a notifier whose bad messages stop their group instead of becoming dead letters."""
    if notifier.on_poison != "block":
        return []
    queue = queues.queue(project.model.name, project.stage, notifier.name)
    return [_letter(notifier, received) for received in machine.letters(queue)]


def chosen(letters: Sequence[Letter], notifier: NotifierModel, begin: str) -> list[Letter]:
    """The letters of the one message whose id begins like that.

    Raises `NotFound`: CC741 when there is none, CC742 when there are several.
    """
    matching = [letter for letter in letters if begin and letter.id.lower().startswith(begin.lower())]
    ids = list(dict.fromkeys(letter.id for letter in matching))
    exact = [letter for letter in matching if letter.id == begin]
    if not ids:
        hint = f"`cloud-cron dlq list {notifier.name}` shows those that there are"
        raise NotFound("CC741", f"notifier {notifier.name!r} has no dead letter {begin!r}", hint=hint)
    if len(ids) > 1 and not exact:
        hint = "write more of it, as `cloud-cron dlq list -v` shows it"
        raise NotFound("CC742", f"{len(ids)} dead letters begin with {begin!r}", hint=hint)
    return exact or matching


def deliveries(project: Project, machine: Machine, letter: Letter, addresses: Iterable[str] = ()) -> list[Delivery]:
    """What the ledger says of a message; recipients are found among the configured ones and `addresses`.

    The ledger has no addresses, only hashes of them.
    """
    notifier = letter.notifier
    channel = channels.find(notifier.channel)
    known: dict[str, str] = {}
    for raw in (*addresses, *(notifier.recipients or channel.recipients)):
        address = raw
        with suppress(RecipientError):
            address = channel.normalise(raw)
        known[_key(project, letter, address).sort] = address
    records = machine.ledger.records(naming.message_key(notifier.name, letter.id).partition)
    return [Delivery(key, record, known.get(key.sort)) for key, record in records]


def whole(machine: Machine, letter: Letter) -> Letter:
    """The letter with its payload, wherever that lies; NotFound (CC613) or EventError when it is lost."""
    if letter.message is None:
        return letter
    received, topics = letter.received, letter.notifier.topics
    message = events.message(received, topics, received.queue, SqlitePayloads(machine.store, SystemClock()))
    return letter._replace(message=message)


def _key(project: Project, letter: Letter, address: str) -> Key:
    salt = f"{project.model.name}|{project.stage}"
    return naming.delivery_key(letter.notifier.name, letter.id, salt, letter.notifier.channel, address)


def _letter(notifier: NotifierModel, received: Received) -> Letter:
    """Read as the runtime reads it, so that the id is the one that the ledger has; what lies elsewhere stays there."""
    try:
        message = events.carried(received, notifier.topics, received.queue).message
    except EventError:
        return Letter(notifier, received, received.attributes.get("cc_message_id") or received.id, None)
    return Letter(notifier, received, message.id, message)
