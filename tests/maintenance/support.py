"""An app with its maintenance: a ledger in SQLite, the other ports in memory, and a hook at every call of one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron import CloudCron
from cloud_cron.errors import BusError
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.messages import Message, envelope
from cloud_cron.ports import Key, Received, Record
from cloud_cron.runtime.dispatch import Runtime
from cloud_cron.runtime.maintenance.hands import Failure
from cloud_cron.runtime.maintenance.rounds import Desk, maintain
from cloud_cron.runtime.watching import Watch
from tests.dropped import DroppedStore
from tests.runtime.support import START, Crash, Hooked, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DUE = "2030-01-01T00:00:00Z"
EVENT = {"task": "export", "scheduled_at": DUE, "attempt": "1", "schedule": "rate(1 hour)"}
RUN = Key("R#export", DUE)


@dataclass
class FakeHands:
    """Queues and functions in memory."""

    failed: list[Failure] = field(default_factory=list)
    lost: list[Failure] = field(default_factory=list)
    dead: dict[str, list[Received]] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    invoked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def invoke(self, task: str, event: Mapping[str, Any]) -> None:
        self.invoked.append((task, dict(event)))

    def failures(self) -> Iterator[Failure]:
        yield from list(self.failed)

    def unstarted(self) -> Iterator[Failure]:
        yield from list(self.lost)

    def settle(self, failure: Failure) -> None:
        self.failed = [each for each in self.failed if each.handle != failure.handle]
        self.lost = [each for each in self.lost if each.handle != failure.handle]

    def letters(self, notifier: str) -> tuple[int, list[Received]]:
        letters = self.dead.get(notifier, [])
        return len(letters), [] if notifier in self.held else letters[:10]


@dataclass
class FakeHeart:
    """Counts its beats, and knows how long each may have taken."""

    beats: list[float] = field(default_factory=list)

    def beat(self, seconds: float) -> None:
        self.beats.append(seconds)


@dataclass
class Context:
    aws_request_id: str = "round-1"
    left: float = 240_000

    def get_remaining_time_in_millis(self) -> int:
        return int(self.left)


class Stage:
    """An app with a task and a notifier, and its maintenance."""

    def __init__(self, *, watch: str | None = "ops", schedule: str = "rate(1 hour)", **options: Any) -> None:
        self.world, self.hands, self.called, self.watch = World(), FakeHands(), 0, watch
        self.heart = FakeHeart()
        ledger: Any = SqliteLedger(DroppedStore())
        self.ledger = self.world.ledger = ledger
        self.app = CloudCron("shop")

        @self.app.schedule(schedule, topics=["orders"], **options)
        def export(run):
            self.called += 1
            return {"orders": {"n": 1}}

        self.app.notifier("print", name="tell", topics=["orders", "ops"])(lambda message: "x")

    def round(self, context: Context | None = None) -> dict[str, Any]:
        ports, model = self.world.ports, self.app.model()
        watch = Watch(ports.bus, ports.clock, "shop", "dev", self.watch)
        hands: Any = Hooked("hands", Iterators(self.hands), self.world.step)
        heart: Any = Hooked("heart", self.heart, self.world.step)
        return maintain(Desk(model, "dev", ports, watch, hands, heart), context or Context())

    def run(self, event: dict[str, Any], request: str = "r1") -> dict[str, Any]:
        """Call the task as Lambda would."""
        runtime = Runtime(self.app, self.app.model(), self.world.ports, stage="dev", queues={})
        return runtime.handle("export", event, Context(request, 60_000))

    def record_only(self, event: dict[str, Any], request: str = "r1") -> None:
        """Let the task run, and stop before anything is published."""
        self.world.fail(BusError("CC224", "no"), "before bus.publish")
        with pytest.raises(BusError):
            self.run(event, request)
        self.world.heal()

    def put(self, state: str, key: Key = RUN, **fields: Any) -> Record:
        """Have a record."""
        data = json.dumps({"event": {**EVENT, "scheduled_at": key.sort}})
        record = Record(state, **{"token": f"t-{key.sort}", "at": START.timestamp(), "data": data, **fields})
        assert self.ledger.create(key, record) is None
        return record

    def state(self, key: Key = RUN) -> str | None:
        found = self.ledger.get(key)
        return found.state if found else None

    def states(self) -> dict[Key, str]:
        return {key: record.state for key, record in self.ledger.records("R#export")}

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(message.body)["payload"] for message in self.world.bus.published["ops"]]

    def orders(self) -> list[dict[str, Any]]:
        return [json.loads(message.body)["payload"] for message in self.world.bus.published["orders"]]


class Iterators:
    """Hands whose queues are read when they are asked for, so that a hook stands before it."""

    def __init__(self, hands: FakeHands) -> None:
        self._hands = hands

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._hands, name)
        return (lambda: list(method())) if name in {"failures", "unstarted"} else method


def crash_everywhere(build: Callable[[Stage], None], **options: Any) -> int:
    """Play a round to its end after a crash at every step of it; what is told and recorded is as without one.

    Every time something is told, it is told in the same words. How many steps there were.
    """
    whole = Stage(**options)
    build(whole)
    whole.world.steps.clear()
    whole.round()
    steps = len(whole.world.steps)
    for number in range(steps):
        stage = Stage(**options)
        build(stage)
        stage.world.steps.clear()
        bodies = listened(stage)
        stage.world.crash_at(number)
        with pytest.raises(Crash):
            stage.round()
        stage.world.heal()
        for name in ("round-2", "round-3"):
            stage.world.clock.move(150)
            stage.round(Context(name))
        assert stage.told() == whole.told(), f"step {number}"
        assert (stage.states(), stage.orders()) == (whole.states(), whole.orders()), f"step {number}"
        assert (stage.hands.failed, stage.hands.lost) == (whole.hands.failed, whole.hands.lost)
        assert len(stage.hands.invoked) <= len(whole.hands.invoked)
        assert all(len(said) == 1 for said in bodies.values()), f"step {number}"
    return steps


def listened(stage: Stage) -> dict[str, set[str]]:
    """The payloads that are published under each id, repeated ones too."""
    said: dict[str, set[str]] = {}
    publish = stage.world.bus.publish

    def heard(topic: str, messages: Any) -> None:
        for message in messages:
            said.setdefault(message.id, set()).add(json.dumps(json.loads(message.body)["payload"]))
        publish(topic, messages)

    stage.world.bus.publish = heard  # type: ignore[method-assign]
    return said


def failure(**changes: Any) -> Failure:
    return Failure("export", EVENT, "r1", "ValueError", "boom", "h1")._replace(**changes)


def letter(topic: str = "orders", *, after: float = 0.0) -> Received:
    """A dead letter that came so many seconds after the start."""
    body = envelope("shop", "dev", Message(topic, {"n": 1}, "id-1", "export", f"export@{DUE}", START, START))
    attributes = {"cc_error": "no such box", "cc_error_code": "Permanent"}
    return Received("m1", "h", body, "g", "d", 1, START.timestamp() + after, attributes, "q")
