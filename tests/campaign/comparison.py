"""The same faults with and without a ledger: what it buys, and what it costs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from random import Random
from typing import TYPE_CHECKING

from cloud_cron.testing.simulator.exploring import deaths, everything, explored
from cloud_cron.testing.simulator.faults import Plan
from cloud_cron.testing.simulator.names import Told, message_of
from cloud_cron.testing.simulator.simulation import Episode
from cloud_cron.testing.simulator.weather import Climate, Weather
from tests.campaign.apps import START, shop
from tests.campaign.parts import scenario
from tests.campaign.peers import COMPETITORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron.testing.setup import Setup
    from cloud_cron.testing.simulator.exploring import Choice
    from cloud_cron.testing.simulator.world import World

WRITES = {"create", "swap", "sent", "begin", "complete", "delete"}
DOUBTFUL = {"doubt", "ambiguous", "unknown"}
"""Codes of letters that say so; what is in doubt may turn out to have been sent."""


@dataclass(frozen=True)
class Tally:
    """What became of every effect, without a look at any ledger.

    `healthy` are messages in a dead-letter queue that no provider refused; `writes` went to records of deliveries.
    """

    effects: int = 0
    lost: int = 0
    duplicates: int = 0
    most: int = 0
    healthy: int = 0
    doubt: int = 0
    writes: int = 0

    def __add__(self, other: Tally) -> Tally:
        summed = {field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)}
        return Tally(**{**summed, "most": max(self.most, other.most)})


def tally(world: World) -> Tally:
    """Count."""
    counts = Counter(Told(sent.notifier, sent.message.id, sent.recipient) for sent in world.outbox.sent)
    result = Tally(duplicates=counts.total() - len(counts), most=max(counts.values(), default=0))
    for part in world.setup.model.notifiers:
        letters = world.services.bus.peek(world.dead_letters(part.name))
        dead = {message_of(letter) for letter in letters}
        doubt = {message_of(letter) for letter in letters if letter.attributes.get("cc_error_code") in DOUBTFUL}
        refused = {own for name, own in world.line.refused if name == part.name}
        effects = [Told(part.name, own, to) for own in world.witness.published for to in part.recipients]
        lost = [told for told in effects if told not in counts and told.message not in dead]
        result += Tally(len(effects), len(lost), healthy=len(dead - refused - doubt), doubt=len(doubt))
    tape = world.line.tape or []
    writes = [call for call in tape if call.place.port == "ledger" and call.place.method in WRITES]
    return result + Tally(writes=sum(_is_of_a_delivery(call.place.subject) for call in writes))


def _is_of_a_delivery(subject: object) -> bool:
    return isinstance(subject, str) or str(getattr(subject, "partition", "")).startswith("E#")


def crashed(competitor: str, depth: int) -> Tally:
    """Every list of so many crashes of one small run."""
    return _explored(competitor, shop(messages=2), [deaths] * depth)


def struck(competitor: str) -> Tally:
    """Every fault at every call of a smaller run, and every crash after it."""
    return _explored(competitor, shop(messages=1), [everything, deaths])


def weathered(competitor: str, rate: float, seeds: int) -> Tally:
    """A day of a shop in the weather of so many seeds."""
    episode = Episode(shop(messages=3), START, 1, prepare=COMPETITORS[competitor])
    weathers = (Weather(Climate(rate), Random(number)) for number in range(seeds))
    return sum((tally(episode.play(weather, taped=True)) for weather in weathers), Tally())


def _explored(competitor: str, setup: Setup, choices: Sequence[Choice]) -> Tally:
    scene = scenario(setup)._replace(prepare=COMPETITORS[competitor])
    clean = scene.play(Plan())
    return sum((tally(world) for _, world in explored(scene.play, clean, choices)), tally(clean))
