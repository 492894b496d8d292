"""Whom a message should reach: by what is configured, and by what a notifier does where nothing goes wrong."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

from cloud_cron import channels
from cloud_cron.errors import RecipientError
from cloud_cron.runtime import addressing, naming
from cloud_cron.testing.simulator.faults import Plan
from cloud_cron.testing.simulator.names import Told, envelope
from cloud_cron.testing.simulator.services import Services, in_memory
from cloud_cron.testing.simulator.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron.ports import Clock, Ids, Key
    from cloud_cron.testing.setup import Setup
    from cloud_cron.testing.simulator.names import Names

_PATIENCE: Final = timedelta(days=2)


class Oracle:
    """Knows what should have become of the messages of one world; recipients are named as the ledger names them."""

    def __init__(self, world: World, setups: Sequence[Setup], names: Names) -> None:
        """`setups` are what was deployed in the world, one after the other."""
        self._world = world
        self._setups = setups
        self._names = names
        self._people = cache(self._read)  # by number, because a setup cannot be a key
        self._told = cache(self._tried)

    def people(self, notifier: str) -> dict[str, str]:
        """The recipients that are configured in the end, by address."""
        return self._people(len(self._setups) - 1, notifier)

    def missing(self, notifier: str, own: str, known: set[str]) -> set[str]:
        """The recipients of a message of whom nothing is known: the configured ones, or those who would be told now."""
        numbers = range(len(self._setups))
        several = [{*self._people(number, notifier).values()} for number in numbers]
        if any(sorts and sorts <= known for sorts in several):
            return set()
        return min((self._told(number, own)[notifier] - known for number in numbers), key=len)

    def tells(self, notifier: str, own: str) -> bool:
        """Whether anybody is told of a message where nothing goes wrong."""
        return any(self._told(number, own)[notifier] for number in range(len(self._setups)))

    def has_left(self, notifier: str, key: Key) -> bool:
        """Whether a deploy took the recipient away, whose letter an operator then put back for those who are left."""
        if len(self._setups) == 1:
            return False
        before = self._people(0, notifier).values()
        return key.sort in {*before} - {*self.people(notifier).values()}

    def group(self, own: str) -> str:
        """What a message comes in order with: all of its task's, if that says so, else what it was published with."""
        sent = self._world.witness.published[own][1]
        task = self._world.setup.model.task(envelope(sent.body)["task"] or "")
        return f"task {task.name}" if task and task.order == "task" else sent.group

    def differs(self, own: str, recorded: object) -> bool:
        """Whether a message was published with another payload than its run recorded; one put aside is not compared."""
        sent = self._world.witness.published.get(own)
        return sent is not None and envelope(sent[1].body).get("payload", recorded) != recorded

    def _read(self, number: int, name: str) -> dict[str, str]:
        notifier = self._setups[number].notifier(name)
        channel = channels.find(notifier.channel)
        try:
            given = notifier.recipients or channel.recipients
            addresses = [addressing.address(channel, notifier, raw, by_message=False) for raw in given]
        except RecipientError:
            return {}
        return {address: self._names.key_of(Told(name, "", address)).sort for address in addresses}

    def _tried(self, number: int, own: str) -> defaultdict[str, set[str]]:
        """Whom each notifier tells of a message in a world of its own."""
        told: defaultdict[str, set[str]] = defaultdict(set)
        if own not in self._world.witness.published:
            return told
        topic, message = self._world.witness.published[own]
        world = World(self._setups[number], self._world.clock.now(), Plan(), services=self._apart)
        world.services.bus.publish(topic, [message])
        world.settle(_PATIENCE)
        for notifier in world.setup.model.notifiers:
            found = world.services.ledger.records(naming.message_key(notifier.name, own).partition)
            told[notifier.name] = {key.sort for key, record in found if record.state == "SENT"}
        return told

    def _apart(self, clock: Clock, ids: Ids) -> Services:
        """Services of its own, beside the payloads that are there."""
        return in_memory(clock, ids)._replace(payloads=self._world.services.payloads)
