"""The world of the cores in memory: every port in a few lines, a hook before and after every call of one."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from cloud_cron import Channel, Content, Message, Receipt
from cloud_cron.errors import ChannelDown, NotFound, Permanent, RecipientError, RenderError, StoreError
from cloud_cron.functions import checked
from cloud_cron.messages import envelope
from cloud_cron.model import NotifierModel, TaskModel
from cloud_cron.ports import Key, Location, Outgoing, Ports, Received, Record
from cloud_cron.runtime.attempt import Desk
from cloud_cron.runtime.reports import Delivery, RunReport
from cloud_cron.runtime.running import Bench
from cloud_cron.runtime.secrets import SecretValues

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

START = datetime(2030, 1, 1, tzinfo=UTC)
QUEUE = "arn:aws:sqs:eu-central-1:111122223333:mail.fifo"


class Crash(BaseException):
    """The process is gone: nothing after it happens."""


class Clock:
    """Time that moves when it is told to."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class CountedIds:
    """Ids that never repeat, and no chance in them."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def ulid(self, at: datetime) -> str:
        return f"{int(at.timestamp())}-{next(self._numbers)}"

    def token(self) -> str:
        return f"token-{next(self._numbers)}"

    def jitter(self) -> float:
        return 0.5


class DictLedger:
    """The ledger's rules in a dict."""

    def __init__(self) -> None:
        self.rows: dict[Key, Record] = {}

    def create(self, key: Key, record: Record) -> Record | None:
        found = self.rows.get(key)
        if found is not None and (found.token != record.token or found.state == "SENT"):
            return found
        self.rows[key] = record
        return None

    def swap(self, key: Key, expected: Record, record: Record) -> bool:
        found = self.rows.get(key)
        if found is None or (found.state, found.token) != (expected.state, expected.token):
            return False
        if found.state == "SENT" != record.state:
            return False
        self.rows[key] = record
        return True

    def sent(self, key: Key, provider_id: str) -> None:
        if key not in self.rows:
            raise StoreError("CC905", "no such record")
        found = self.rows[key]
        self.rows[key] = found._replace(state="SENT", provider_id=provider_id, accepts=found.accepts + 1)

    def get(self, key: Key) -> Record | None:
        return self.rows.get(key)

    def records(self, partition: str) -> list[tuple[Key, Record]]:
        return sorted((key, record) for key, record in self.rows.items() if key.partition == partition)

    def latest(self, partition: str, state: str) -> Record | None:
        found = [record for key, record in self.records(partition) if record.state == state]
        return max(found, key=lambda record: record.at, default=None)

    def open_runs(self, partition: str | None = None) -> list[tuple[Key, Record]]:
        states = {"CLAIMED", "RECORDED", "RETRY"}
        found = [(k, r) for k, r in self.rows.items() if k.partition.startswith("R#") and r.state in states]
        found = [(key, record) for key, record in found if partition in {None, key.partition}]
        return sorted(found, key=lambda item: (item[1].at, item[0]))


class ListBus:
    """What was published, delayed and forwarded, in order; a repeated id is taken and kept once."""

    def __init__(self) -> None:
        self.published: dict[str, list[Outgoing]] = defaultdict(list)
        self.delayed: list[tuple[str, int]] = []
        self.dead: dict[str, tuple[Received, Mapping[str, str]]] = {}
        self.forwards = 0

    def publish(self, topic: str, messages: Sequence[Outgoing]) -> None:
        for message in messages:
            if message.id not in [known.id for known in self.published[topic]]:
                self.published[topic].append(message)

    def delay(self, received: Received, seconds: int) -> None:
        self.delayed.append((received.id, seconds))

    def forward(self, received: Received, dedup: str, attributes: Mapping[str, str]) -> None:
        self.forwards += 1
        self.dead.setdefault(dedup, (received, attributes))


@dataclass(frozen=True)
class Note(Content):
    """What the made-up channel lets out."""

    text: str


class Post:
    """A provider: answers from a script, accepts otherwise; `accepted` is the truth about it."""

    def __init__(self) -> None:
        self.script: dict[str, list[BaseException | Callable[[], object]]] = defaultdict(list)
        self.calls: list[str] = []
        self.accepted: list[tuple[str, str, str]] = []
        self.timeouts: list[float] = []
        self.keys: list[str] = []

    def sender(self, notifier: str, message: Message) -> Post:
        return self

    def send(self, content: Note, recipient: str, key: str, timeout: float) -> Receipt:
        self.calls.append(recipient)
        self.timeouts.append(timeout)
        self.keys.append(key)
        answer = self.script[recipient].pop(0) if self.script[recipient] else None
        if callable(answer):
            answer()
        elif answer is not None:
            raise answer
        self.accepted.append((recipient, content.text, key))
        return Receipt(f"receipt-{len(self.accepted)}")


class Letters(Channel):
    """A channel that takes text: addresses are lower-cased, and must have an @."""

    name = "letters"
    content = Note

    def normalise(self, address: str) -> str:
        if "@" not in address:
            raise RecipientError("CC301", f"{address!r} has no @", hint="add one")
        return address.strip().lower()

    def render(self, value: Any, context: Any) -> Note:
        if value == "broken":
            raise RenderError("CC403", "the template is broken", where="mail.txt:3")
        if value == "bug":
            raise ZeroDivisionError
        return Note(str(getattr(value, "text", value)))


class Vault:
    """Secrets, and who asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def get(self, name: str, reference: str) -> str:
        self.asked.append((name, reference))
        return f"value of {reference}"

    def forget(self, reference: str) -> None: ...


class Journal:
    """What was told."""

    def __init__(self) -> None:
        self.runs: list[RunReport] = []
        self.deliveries: list[Delivery] = []

    def note(self, report: RunReport | Delivery) -> None:
        match report:
            case RunReport():
                self.runs.append(report)
            case Delivery():
                self.deliveries.append(report)

    @property
    def states(self) -> list[str]:
        return [run.state for run in self.runs]

    @property
    def statuses(self) -> list[tuple[str | None, str]]:
        return [(delivery.recipient, delivery.status) for delivery in self.deliveries]


class DictPayloads:
    """Large payloads in a dict, at a place of its own."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}

    def locate(self, name: str) -> Location:
        return Location("the-bucket", f"payloads/{name}")

    def put(self, name: str, body: bytes) -> None:
        self.bodies[name] = body

    def get(self, name: str) -> bytes:
        if name not in self.bodies:
            raise NotFound("CC613", "it is gone")
        return self.bodies[name]


class Hooked:
    """Stands before a port, and tells `step` what is about to happen, and what has."""

    def __init__(self, name: str, target: object, step: Callable[[str], None]) -> None:
        self._name, self._target, self._step = name, target, step

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*arguments: object, **named: object) -> Any:
            self._step(f"before {self._name}.{method}")
            result = getattr(self._target, method)(*arguments, **named)
            self._step(f"after {self._name}.{method}")
            return Hooked("sender", result, self._step) if method == "sender" else result

        return call


@dataclass
class World:
    """All ports, and a plan of what goes wrong: `plan` is asked with the number and the name of every step."""

    clock: Clock = field(default_factory=Clock)
    ids: CountedIds = field(default_factory=CountedIds)
    ledger: DictLedger = field(default_factory=DictLedger)
    bus: ListBus = field(default_factory=ListBus)
    post: Post = field(default_factory=Post)
    vault: Vault = field(default_factory=Vault)
    journal: Journal = field(default_factory=Journal)
    payloads: DictPayloads = field(default_factory=DictPayloads)
    steps: list[str] = field(default_factory=list)
    plan: Callable[[int, str], None] = lambda number, name: None

    @property
    def ports(self) -> Ports:
        parts = {
            "bus": self.bus,
            "ledger": self.ledger,
            "clock": self.clock,
            "ids": self.ids,
            "secrets": self.vault,
            "senders": self.post,
            "journal": self.journal,
            "payloads": self.payloads,
        }
        hooked: dict[str, Any] = {name: Hooked(name, part, self.step) for name, part in parts.items()}
        return Ports(**hooked)

    @property
    def now(self) -> float:
        return self.clock.at.timestamp()

    def step(self, name: str) -> None:
        self.steps.append(name)
        self.plan(len(self.steps) - 1, name)

    def crash_at(self, *numbers: int) -> None:
        """Be gone at these steps, counted from the present one."""
        chosen = {len(self.steps) + number for number in numbers}

        def plan(number: int, name: str) -> None:
            if number in chosen:
                raise Crash(name)

        self.plan = plan

    def fail(self, error: Exception, *names: str, times: int = 1_000_000) -> None:
        """Let the named steps raise."""
        left = [times]

        def plan(number: int, name: str) -> None:
            if name in names and left[0] > 0:
                left[0] -= 1
                raise error

        self.plan = plan

    def heal(self) -> None:
        self.plan = lambda number, name: None


def bench(world: World, function: Callable[..., Any], **options: Any) -> Bench:
    """A task of the app `weather` in stage `dev`."""
    task = TaskModel(**{"name": "morning", "topics": ("reports", "alerts"), "where": "app.py:3", **options})
    secrets = SecretValues(task.secrets, world.ports.secrets)
    usable = checked(function, "task", "Run")
    return Bench("weather", "dev", task, usable, secrets, world.ports)


def desk(world: World, function: Callable[..., Any], **options: Any) -> Desk:
    """A notifier of that app, on the channel `letters`."""
    given = {"name": "mail", "channel": "letters", "topics": ("reports",), "recipients": ("a@x.org",), **options}
    notifier = NotifierModel(**given)
    secrets = SecretValues(notifier.secrets, world.ports.secrets)
    usable = checked(function, "notifier", "Message")
    parts: Any = None
    return Desk("weather", "dev", notifier, usable, Letters(), parts, QUEUE, 35 * 86_400.0, secrets, world.ports)


def message(number: int = 1, **changes: Any) -> Message:
    """A message that a task published."""
    known = Message("reports", {"n": number}, f"M{number}", "morning", "morning@2030", START, START)
    return replace(known, **changes)


def received(about: Message | str | dict[str, Any], **changes: Any) -> Received:
    """The message as the notifier's queue hands it out."""
    match about:
        case Message():
            body, name = envelope("weather", "dev", about), about.id
        case str():
            body, name = about, "M0"
        case _:
            body, name = json.dumps(about), "M0"
    given = Received(f"sqs-{name}", f"handle-{name}", body, "g", name, 1, START.timestamp(), {}, QUEUE)
    return given._replace(**changes)


def noting(seen: list[Any], read: Callable[[Any], Any], value: object = "x") -> Callable[[Any], object]:
    """A function of a user that keeps something of its argument."""

    def function(argument: Any) -> object:
        seen.append(read(argument))
        return value

    return function


def raising(error: BaseException) -> Callable[[], object]:
    """A function of a user that raises."""

    def function() -> object:
        raise error

    return function


def plenty() -> float:
    """Seconds left to the invocation: enough."""
    return 60.0


__all__ = [
    "QUEUE",
    "START",
    "ChannelDown",
    "Clock",
    "CountedIds",
    "Crash",
    "DictLedger",
    "DictPayloads",
    "Hooked",
    "Journal",
    "Letters",
    "ListBus",
    "Note",
    "Permanent",
    "Post",
    "Vault",
    "World",
    "bench",
    "desk",
    "message",
    "noting",
    "plenty",
    "raising",
    "received",
]
