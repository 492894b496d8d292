"""What finds planted bugs: each a small piece of the campaign, which says how many problems there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cloud_cron.errors import Ambiguous, ChannelDown, Permanent
from cloud_cron.testing.answers import Accepted, Line
from cloud_cron.testing.simulator.exploring import deaths, explored
from cloud_cron.testing.simulator.faults import Plan
from cloud_cron.testing.simulator.judge import Judge
from cloud_cron.testing.simulator.simulation import Episode
from cloud_cron.testing.simulator.world import World
from tests.campaign.apps import START, fickle, shop
from tests.campaign.parts import crashes, exhaustive, faults_and_crashes, scenario, seeds

LONGEST_DELAY = 7 * 60.0
"""Seconds by which one crash may delay a delivery: the visibility timeout of six minutes, and a lease."""


def rough_days() -> int:
    """A few days in which much goes wrong."""
    return seeds(1, "rough", range(12)).problems


def every_crash() -> int:
    """Every single crash."""
    return crashes(shop()).problems


def every_pair() -> int:
    """Every two crashes, of the smallest run."""
    return crashes(shop(messages=1, people=("ann@example.org",)), 2).problems


def every_fault() -> int:
    """Every fault, and every crash after it."""
    return faults_and_crashes(shop(messages=1, people=("ann@example.org",))).problems


def every_crash_of_a_refusal() -> int:
    """Every single crash while the provider refuses a recipient."""
    scene = scenario(shop())._replace(script=(Line("mail", Permanent("no such box")),))
    return exhaustive(scene, [deaths]).problems


def every_crash_of_a_change() -> int:
    """Every single crash of a task that returns something else when it is called again."""
    return crashes(fickle()).problems


def backlog() -> int:
    """A channel that is down for hours, while messages pile up behind the first."""
    episode = Episode(shop(), START, 0.25, script=(Line("mail", ChannelDown("suspended"), times=30),))
    world = episode.play(Plan())
    world.scripted = False  # a channel that is down refuses nobody
    return len(Judge(world).verdict().problems)


def old_redrive() -> int:
    """Letters that are put back when the ledger has forgotten what they are about; how often somebody is told again."""
    setup = shop()
    world = World(setup, START, Plan(), script=(Line("mail", Permanent("no such box"), recipient="bob@example.org"),))
    world.functions.invoke(setup.task("export"), {})
    world.settle(timedelta(days=1))
    before = len(world.outbox.sent)
    world.clock.set(START + timedelta(days=13))
    horizon = replace(setup, settings=replace(setup.settings, horizon=86_400.0))
    world.deploy(horizon)
    world.services.ledger.expire(world.clock.now().timestamp() - 86_400.0)  # type: ignore[attr-defined]
    letters = world.services.bus.redrive(world.dead_letters("mail"))
    world.settle(timedelta(days=1))
    left = len(world.services.bus.peek(world.dead_letters("mail")))
    return len(world.outbox.sent) - before + abs(letters - left) + (letters != 1)


def redrives() -> int:
    """A letter that is put back as soon as it is one, over and over: its provider loses an answer, then refuses it."""
    lost, refused = Line("mail", Accepted(but=Ambiguous("no answer"))), Line("mail", Permanent("no such box"))
    setup = shop(messages=1, people=("ann@example.org",))
    world = World(setup, START, Plan(), script=(refused, lost, refused, lost, refused, lost, refused))
    world.functions.invoke(setup.task("export"), {})
    problems = 0
    for _ in range(6):
        world.settle(timedelta(days=1))
        problems += len(Judge(world).verdict().problems) + (
            len(world.services.bus.peek(world.dead_letters("mail"))) != 1
        )
        world.services.bus.redrive(world.dead_letters("mail"))
    return problems


def delay() -> int:
    """Single crashes that delay a delivery for longer than they may."""
    scene = scenario(shop())
    clean = scene.play(Plan())
    worlds = (world for _, world in explored(scene.play, clean, [deaths]))
    return sum((world.clock.now() - START).total_seconds() > LONGEST_DELAY for world in worlds)
