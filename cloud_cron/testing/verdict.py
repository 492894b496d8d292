"""What is promised, looked up in a world in which all is quiet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.messages import message_id
from cloud_cron.runtime import naming, parcels
from cloud_cron.testing.names import Names, message_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.model import NotifierModel
    from cloud_cron.ports import Key, Record
    from cloud_cron.testing.worlds import World

_SETTLED: Final = {"SENT", "REJECTED", "DOUBT", "STALE", "SKIPPED"}
_BAD: Final = {"REJECTED", "DOUBT", "STALE"}
_OVER: Final = {"DONE", "FAILED", "SKIPPED"}


@dataclass
class Verdict:
    """What became of one world. `problems` are broken guarantees; `lost` of them are lost runs and deliveries.

    `payloads` and `keys` (of deliveries) are what a world without crash shows the others to expect.
    """

    problems: list[str] = field(default_factory=list)
    lost: int = 0
    acceptances: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    doubt: int = 0
    payloads: Any = None
    keys: dict[str, set[str]] = field(default_factory=dict)

    def lose(self, problem: str) -> None:
        """Something is nowhere to be found."""
        self.problems.append(problem)
        self.lost += 1


class Judge:
    """Looks at one world; `clean` is the verdict on the world without a crash."""

    def __init__(self, world: World, clean: Verdict | None = None) -> None:
        """Nothing is touched."""
        self.names = Names(world)
        self._world = world
        self._clean = clean
        self._setup = world.scenario.setup
        self._bus, self._ledger, self._engine = world.look()
        self._verdict = Verdict(acceptances=Counter(map(_delivery, world.outbox.sent)))

    def verdict(self) -> Verdict:
        """Every broken guarantee."""
        notifiers = [notifier for notifier in self._setup.model.notifiers if notifier.enabled]
        for topic, own in self._recorded():
            for notifier in notifiers:
                if topic in notifier.topics:
                    self._judge(notifier, own)
        for notifier in notifiers:
            self._judge_order(notifier)
        self._judge_bound()
        return self._verdict

    def _recorded(self) -> Iterator[tuple[str, str]]:
        """Topic and id of every message that the run says it published; the run itself must be accounted for."""
        task, model = self._world.scenario.task, self._setup.model
        runs = self._ledger.records(f"R#{task}")
        if len(runs) != 1:
            self._verdict.lose(f"{len(runs)} records of the one run of {task}")
        for key, run in runs:
            if run.state not in _OVER:
                self._verdict.lose(f"the run of {task} is {run.state} for good")
            payloads = parcels.from_record(self._engine.ports.payloads, run).get("payloads") or {}
            self._verdict.payloads = payloads
            run_id = f"{task}{key.sort}" if key.sort.startswith("!") else f"{task}@{key.sort}"
            for topic, several in payloads.items():
                for ordinal in range(len(several)):
                    yield topic, message_id(model.name, self._setup.stage, run_id, topic, ordinal)

    def _judge(self, notifier: NotifierModel, own: str) -> None:
        """One message of one notifier: every recipient settled, and the bad ones where people look."""
        partition = naming.message_key(notifier.name, own).partition
        records = self._ledger.records(partition)
        each = [(key, record) for key, record in records if key.sort != naming.WHOLE]
        self._verdict.keys[partition] = {key.sort for key, _ in each}
        if notifier.on_poison == "block" and self._is_in(self._engine.queue(notifier.name), own):
            return
        is_dead = self._is_in(self._engine.dead_letters(notifier.name), own)
        what = f"{notifier.name}: {self.names.message(own)}"
        if not records and not is_dead:
            self._verdict.lose(f"{what} is nowhere: not sent, not refused, not in the dead-letter queue")
        for sort in sorted(self._expected(partition) - self._verdict.keys[partition]):
            if records and not is_dead and all(record.state in _SETTLED for _, record in each):
                self._verdict.lose(f"{what}{self.names.recipient(sort)} was never tried")
        for key, record in records:
            if key.sort != naming.WHOLE or not each or record.state in _BAD:  # else each recipient says more
                self._judge_record(key, record, is_dead=is_dead)
        if is_dead and records and not any(record.state in _BAD for _, record in records):
            self._verdict.problems.append(f"{what} is in the dead-letter queue, and nothing is wrong with it")

    def _judge_record(self, key: Key, record: Record, *, is_dead: bool) -> None:
        what = self.names.key(key)
        self._verdict.doubt += record.state == "DOUBT"
        if record.state not in _SETTLED and not is_dead:
            self._verdict.lose(f"{what} is {record.state} for good")
        if record.state in _BAD and not is_dead:
            self._verdict.lose(f"{what} is {record.state}, and in no dead-letter queue")
        if record.state == "SENT" and not self._accepted(key):
            self._verdict.lose(f"{what} is SENT, but the provider never accepted it")

    def _judge_bound(self) -> None:
        """Acceptances are bounded, and each has a record."""
        for (notifier, own, recipient), count in self._verdict.acceptances.items():
            model = self._setup.notifier(notifier)
            bound = 1 + model.max_ambiguous
            what = f"{notifier}: {self.names.message(own)} to {recipient}"
            if count > bound:
                text = f"{what} was accepted {count} times; max_ambiguous={model.max_ambiguous} allows {bound}"
                self._verdict.problems.append(text)
            key = naming.delivery_key(notifier, own, self._salt, model.channel, recipient)
            if self._ledger.get(key) is None:
                self._verdict.problems.append(f"{what} was accepted, and the ledger does not know of it")

    def _judge_order(self, notifier: NotifierModel) -> None:
        """Inside a group, each recipient hears of messages in the order of publishing, repeats aside."""
        places = {own: place for place, own in enumerate(self._world.log)}
        latest: dict[tuple[str, str], str] = {}
        for name, own, recipient in dict.fromkeys(map(_delivery, self._world.outbox.sent)):
            if name != notifier.name or own not in places:
                continue
            group = self._world.log[own][1].group
            before = latest.setdefault((group, recipient), own)
            if places[before] > places[own]:
                late, early = self.names.message(own), self.names.message(before)
                self._verdict.problems.append(f"{name}: {late} came to {recipient} after {early}")
            latest[group, recipient] = own

    @property
    def _salt(self) -> str:
        return f"{self._setup.model.name}|{self._setup.stage}"

    def _expected(self, partition: str) -> set[str]:
        """The deliveries of the world without a crash, when the task returned the same there."""
        same = self._clean is not None and self._clean.payloads == self._verdict.payloads
        return self._clean.keys.get(partition, set()) if self._clean and same else set()

    def _accepted(self, key: Key) -> bool:
        notifier, _, own = key.partition.removeprefix("E#").partition("#")
        channel = self._setup.notifier(notifier).channel
        heard = [
            recipient for name, message, recipient in self._verdict.acceptances if (name, message) == (notifier, own)
        ]
        return any(naming.delivery_key(notifier, own, self._salt, channel, to).sort == key.sort for to in heard)

    def _is_in(self, queue: str, own: str) -> bool:
        return any(message_of(received) == own for received in self._bus.peek(queue))


def _delivery(sent: Any) -> tuple[str, str, str]:  # noqa: ANN401 - a Sent
    return sent.notifier, sent.message.id, sent.recipient
