"""What is promised, looked up in a world in which all is quiet: then, and whenever a message left its queue."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from cloud_cron.messages import message_id
from cloud_cron.runtime import naming, parcels
from cloud_cron.testing.simulator.hearing import unheard
from cloud_cron.testing.simulator.names import Names, Told, message_of
from cloud_cron.testing.simulator.oracle import Oracle
from cloud_cron.testing.simulator.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cloud_cron.model import NotifierModel
    from cloud_cron.ports import Key, Record
    from cloud_cron.runtime.maintenance.hands import Failure
    from cloud_cron.testing.setup import Setup
    from cloud_cron.testing.simulator.witness import Leaving
    from cloud_cron.testing.simulator.world import World

_SETTLED: Final = {"SENT", "REJECTED", "DOUBT", "STALE", "SKIPPED"}
_BAD: Final = {"REJECTED", "DOUBT", "STALE"}
_OVER: Final = {"DONE", "FAILED", "SKIPPED", "MISSED"}
_GONE: Final = "CC613"
"""Of a payload that was put aside; no fault of a world takes one away."""


class Judge:
    """Looks at one world. `setups` are what was deployed in it, one after the other."""

    def __init__(self, world: World, *setups: Setup) -> None:
        """Nothing is touched."""
        self.names = Names(world)
        self._world = world
        self._setup = world.setup
        self._bus, self._ledger, self._payloads, _ = world.services
        told = [Told(sent.notifier, sent.message.id, sent.recipient) for sent in world.outbox.sent]
        self._order = list(dict.fromkeys(told))
        self._verdict = Verdict(acceptances=Counter(told))
        self._oracle = Oracle(world, setups or (world.setup,), self.names)
        self._broken: set[tuple[str, str]] = set()

    def verdict(self) -> Verdict:
        """Every broken guarantee."""
        witness, recorded = self._world.witness, list(self._recorded())
        expected = dict(recorded) | {own: topic for own, (topic, _) in witness.published.items()}
        self._judge_ids(own for own, _ in recorded)
        for own in witness.premature:
            self._verdict.problems.append(f"{self.names.message(own)} was published before its run had recorded it")
        for notifier in self._setup.model.notifiers:
            if notifier.enabled:
                self._judge_notifier(notifier, expected)
        for leaving in witness.leavings:
            if (leaving.notifier, leaving.message) not in self._broken:
                self._judge_leaving(leaving)
        self._judge_bound()
        return self._verdict

    def _judge_notifier(self, notifier: NotifierModel, expected: Mapping[str, str]) -> None:
        """Every message that it should hear of, by what became of it in the end; `expected` has the topics by id."""
        letters = self._bus.peek(self._world.dead_letters(notifier.name))
        dead = {message_of(letter): letter.attributes.get("cc_error_code", "") for letter in letters}
        waiting = {message_of(letter) for letter in self._bus.peek(self._world.queue(notifier.name))}
        for own, topic in expected.items():
            if topic in notifier.topics:
                before = len(self._verdict.problems)
                self._judge(notifier, own, dead.get(own), waits=own in waiting)
                if len(self._verdict.problems) > before:
                    self._broken.add((notifier.name, own))
        self._judge_order(notifier)

    def _judge_ids(self, several: Iterable[str]) -> None:
        """No two messages have one id, by which queues and ledger would take the second one for the first."""
        for own, count in Counter(several).items():
            if count > 1:
                self._verdict.lose(f"{self.names.message(own)} has the id of {count} messages")

    def _recorded(self) -> Iterator[tuple[str, str]]:
        """Id and topic of every message that a run says it published; every run must be accounted for."""
        model = self._setup.model
        given_up = {_run_of(failure) for failure in self._world.functions.failed}
        for key in self._world.expected:
            if self._ledger.get(key) is None and key not in given_up:
                self._verdict.lose(f"the {self.names.key(key)} has no record")
        self._verdict.problems += unheard(self._world, self.names, given_up)
        for task in model.tasks:
            for key, run in self._ledger.records(f"R#{task.name}"):
                if run.state not in _OVER and key not in given_up:
                    self._verdict.lose(f"the {self.names.key(key)} is {run.state} for good")
                run_id = f"{task.name}{key.sort}" if key.sort.startswith("!") else f"{task.name}@{key.sort}"
                payloads = parcels.from_record(self._payloads, run).get("payloads") or {}
                for topic, several in payloads.items():
                    for ordinal, payload in enumerate(several):
                        own = message_id(model.name, self._setup.stage, run_id, topic, ordinal)
                        if self._oracle.differs(own, payload):
                            what = f"{self.names.message(own)} was published, and its run recorded something else"
                            self._verdict.problems.append(what)
                        yield own, topic

    def _judge(self, notifier: NotifierModel, own: str, reason: str | None, *, waits: bool) -> None:
        """One message of one notifier: every recipient settled, and the bad ones where people look.

        `reason` is why it is dead, None when it is not; an empty one is that of a queue which handed it out too often.
        """
        found = self._ledger.records(naming.message_key(notifier.name, own).partition)
        each = [(key, record) for key, record in found if key.sort != naming.WHOLE]
        self._verdict.deliveries += len(each)
        if notifier.on_poison == "block" and waits:
            return
        is_dead = reason is not None
        if not is_dead:
            self._judge_reach(notifier.name, own, found)
        self._judge_people(notifier.name, own, {key.sort for key, record in each if record.state == "SENT"})
        for key, record in _spoken(found):
            if not self._oracle.has_left(notifier.name, key):
                self._judge_record(key, record, is_dead=is_dead)
        self._judge_health(notifier.name, own, found, reason)
        if any(record.code == _GONE for _, record in found):
            self._verdict.give_up(f"{notifier.name}: {self.names.message(own)} came without its payload")

    def _judge_leaving(self, leaving: Leaving) -> None:
        """What held when a message left its queue, whatever became of it later: a dead letter is bad, or it is done."""
        notifier, own, found = leaving.notifier, leaving.message, leaving.found
        then, now = dict(found), dict(self._ledger.records(naming.message_key(notifier, own).partition))
        if leaving.reason is None:
            if then.keys() != now.keys():
                self._judge_reach(notifier, own, found)
            self._judge_done(leaving)
        elif _states(then) != _states(now):
            self._judge_health(notifier, own, found, leaving.reason)

    def _judge_done(self, leaving: Leaving) -> None:
        """Whoever is done with a message has settled every recipient, the bad ones where people look."""
        notifier, found = leaving.notifier, leaving.found
        for key, record in (pair for pair in _spoken(found) if not self._oracle.has_left(notifier, pair[0])):
            what, left = f"{self.names.key(key)} was {record.state}", "when its message left the queue"
            if record.state not in _SETTLED and not leaving.another:
                self._verdict.lose(f"{what} {left}")
            elif record.state in _BAD and not leaving.parked:
                self._verdict.lose(f"{what}, and in no dead-letter queue, {left}")
            elif record.state == "SENT" and self.names.place(key) >= leaving.accepted:
                self._verdict.lose(f"{what} {left}, and the provider accepted it later")

    def _judge_reach(self, notifier: str, own: str, found: Sequence[tuple[Key, Record]]) -> None:
        """A message that is no dead letter has a record, and so has everybody who should hear of it."""
        if not found:
            what = f"{notifier}: {self.names.message(own)}"
            self._verdict.lose(f"{what} is nowhere: not sent, not refused, not in the dead-letter queue")
        known = {key.sort: record.state for key, record in found}
        if known.pop(naming.WHOLE, "") in _SETTLED or not known:
            return
        for sort in sorted(self._oracle.missing(notifier, own, {*known})):
            what = f"{notifier}: {self.names.message(own)}{self.names.recipient(sort)}"
            self._verdict.lose(f"{what} was never tried")

    def _judge_health(self, notifier: str, own: str, found: Sequence[tuple[Key, Record]], reason: str | None) -> None:
        """Nothing is given up for no reason; `found` are its records, `reason` is as `_judge` takes it."""
        what, states = f"{notifier}: {self.names.message(own)}", {record.state for _, record in found}
        if reason == "" and states and not states & _BAD:
            self._verdict.give_up(f"{what} is in the dead-letter queue, and nothing is wrong with it")
        refused = (notifier, own) in self._world.line.refused or self._world.scripted
        if "REJECTED" in states and not refused and self._oracle.tells(notifier, own):
            [why, *_] = [record.reason for _, record in found if record.state == "REJECTED"]
            self._verdict.give_up(f"{what} is REJECTED, and nobody refused it: {why}")

    def _judge_record(self, key: Key, record: Record, *, is_dead: bool) -> None:
        self._verdict.doubt += record.state == "DOUBT"
        if record.state not in _SETTLED and not is_dead:
            self._verdict.lose(f"{self.names.key(key)} is {record.state} for good")
        if record.state in _BAD and not is_dead:
            self._verdict.lose(f"{self.names.key(key)} is {record.state}, and in no dead-letter queue")
        if record.state == "SENT" and not self.names.was_told(key):
            self._verdict.lose(f"{self.names.key(key)} is SENT, but the provider never accepted it")

    def _judge_people(self, notifier: str, own: str, sent: set[str]) -> None:
        """Whoever is configured and was sent it, by the ledger's word, was told by the provider's."""
        for address, sort in self._oracle.people(notifier).items():
            told = Told(notifier, own, address)
            if sort in sent and told not in self._verdict.acceptances:
                self._verdict.lose(f"{self.names.told(told)} is SENT, but the provider never accepted it")

    def _judge_bound(self) -> None:
        """Acceptances are bounded, and each has a record."""
        spare = {notifier.name: notifier.max_ambiguous for notifier in self._setup.model.notifiers}
        for told, count in self._verdict.acceptances.items():
            most = spare[told.notifier]
            if count > 1 + most:
                text = f"{self.names.told(told)} was accepted {count} times; max_ambiguous={most} allows {1 + most}"
                self._verdict.problems.append(text)
            if self._ledger.get(self.names.key_of(told)) is None:
                text = f"{self.names.told(told)} was accepted, and the ledger does not know of it"
                self._verdict.problems.append(text)

    def _judge_order(self, notifier: NotifierModel) -> None:
        """Inside a group, each recipient hears of messages in the order of publishing.

        Repeats aside, and what was parked in the dead-letter queue, which its group does not wait for.
        """
        places = {own: place for place, own in enumerate(self._world.witness.published)}
        groups: dict[tuple[str, str], list[str]] = {}
        for told in self._order:
            if told.notifier == notifier.name and told.message in places and not self._was_parked(told):
                groups.setdefault((self._oracle.group(told.message), told.recipient), []).append(told.message)
        for (_, recipient), messages in groups.items():
            for early, late in pairwise(messages):
                if places[early] > places[late]:
                    text = f"{self.names.message(late)} came to {recipient} after {self.names.message(early)}"
                    self._verdict.problems.append(f"{notifier.name}: {text}")
                    self._verdict.order_breaks += 1

    def _was_parked(self, told: Told) -> bool:
        return (self._world.queue(told.notifier), told.message) in self._world.witness.parked


def _states(records: Mapping[Key, Record]) -> dict[Key, str]:
    """What became of each."""
    return {key: record.state for key, record in records.items()}


def _spoken(found: Sequence[tuple[Key, Record]]) -> list[tuple[Key, Record]]:
    """The records that count: what is said of a message as a whole is said of each recipient too, unless it is bad."""
    each = [pair for pair in found if pair[0].sort != naming.WHOLE]
    return [pair for pair in found if pair[0].sort != naming.WHOLE or not each or pair[1].state in _BAD]


def _run_of(failure: Failure) -> Key:
    """The run that an event asked for which Lambda gave up."""
    at = failure.event.get("scheduled_at")
    unique = failure.event.get("request") or failure.request
    return naming.run_key(failure.task, datetime.fromisoformat(at) if at else None, unique)
