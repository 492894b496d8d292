"""The parts of the campaign that the simulator plays: which worlds, and what they must be like."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from cloud_cron.aws.ledger import DynamoLedger
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.payloads import SqlitePayloads
from cloud_cron.testing.crashes import Scenario
from cloud_cron.testing.simulator.exploring import deaths, everything, explored
from cloud_cron.testing.simulator.faults import Plan
from cloud_cron.testing.simulator.services import Services, in_memory
from cloud_cron.testing.simulator.simulation import Episode
from cloud_cron.testing.simulator.weather import RATES, Climate, Weather
from tests.aws.dynamodb import table
from tests.campaign.apps import START, clinic
from tests.campaign.figures import Figures, judged, total
from tests.dropped import DroppedStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from cloud_cron.testing.setup import Setup
    from cloud_cron.testing.simulator.exploring import Choice
    from cloud_cron.testing.simulator.services import Made

OTHERS = ("bob@example.org", "cyn@example.org")


def scenario(setup: Setup, services: Made = in_memory) -> Scenario:
    """One run of the shop's task on demand."""
    return Scenario(setup, START, (), "export", {}, services)


def exhaustive(scene: Scenario, choices: Sequence[Choice]) -> Figures:
    """Every world of a ladder of faults, and the clean one."""
    clean = scene.play(Plan())
    return judged(clean) + total(judged(world) for _, world in explored(scene.play, clean, choices))


def crashes(setup: Setup, depth: int = 1, services: Made = in_memory) -> Figures:
    """Every list of `depth` crashes."""
    return exhaustive(scenario(setup, services), [deaths] * depth)


def faults_and_crashes(setup: Setup) -> Figures:
    """Every fault at every call, and every crash after it."""
    return exhaustive(scenario(setup), [everything, deaths])


def seeds(bound: int, level: Any, numbers: Iterable[int], *, days: float = 1) -> Figures:
    """Days of the clinic in the weather of each seed; every fourth sees its recipients change half-way."""
    figures, setup = Figures(), clinic(bound)
    for number in numbers:
        changes = number % 4 == 3
        deploys = ((timedelta(days=days / 2), clinic(bound, people=OTHERS)),) if changes else ()
        episode = Episode(setup, START, days, deploys=deploys)
        climate = Climate(RATES[level], loses_runs=bool(setup.settings.watch))
        world = episode.play(Weather(climate, Random(number)))
        figures += judged(world, episode.judge(world))
    return figures


def dense(setup: Setup, numbers: Iterable[int], rate: float = 0.25) -> Figures:
    """One run after the other, in which something goes wrong at every fourth call."""
    figures = Figures()
    for number in numbers:
        episode = Episode(setup, START, 2 / 24)
        figures += judged(episode.play(Weather(Climate(rate), Random(number))))
    return figures


def again(made: Callable[[], Setup], numbers: Iterable[int]) -> tuple[int, int]:
    """Of so many seeds, how many make the same world twice: the same calls in the same order, with the same faults."""
    same = count = 0
    for number in numbers:
        tapes = [
            Episode(made(), START, 0.25).play(Weather(Climate(RATES["rough"]), Random(number)), taped=True).line.tape
            for _ in range(2)
        ]
        same += tapes[0] == tapes[1] and bool(tapes[0])
        count += 1
    return same, count


@contextmanager
def ledgers(name: str) -> Iterator[Made]:
    """Services whose ledger is one of the three that ship."""
    match name:
        case "memory":
            yield in_memory
        case "sqlite":
            yield _sqlite
        case _:
            with table() as (client, table_name):
                yield _dynamodb(client, table_name)


def _sqlite(clock: Any, ids: Any) -> Services:
    store = DroppedStore()
    return Services(LocalBus(store, clock, ids), SqliteLedger(store), SqlitePayloads(store, clock))


def _dynamodb(client: Any, name: str) -> Callable[..., Services]:
    def made(clock: Any, ids: Any) -> Services:
        for item in client.scan(TableName=name, ProjectionExpression="pk, sk")["Items"]:
            client.delete_item(TableName=name, Key=item)
        ledger: Any = DynamoLedger(client, name, clock=clock, horizon=3_024_000)
        return in_memory(clock, ids)._replace(ledger=ledger)

    return made
