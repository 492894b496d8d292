"""The campaign in small, for every change: `python -m tests.campaign` plays it in full."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaign import comparison, hunts
from tests.campaign.apps import PEOPLE, clinic, shop
from tests.campaign.parts import again, crashes, dense, faults_and_crashes, ledgers, seeds
from tests.campaign.peers import COMPETITORS
from tests.campaign.planted import BUGS, ROOT

BOUNDS = (0, 1, 2, 5)


def holds(figures, bound):
    return (figures.problems, figures.lost, figures.order_breaks) == (0, 0, 0) and figures.max_acceptances <= 1 + bound


@pytest.mark.parametrize("bound", BOUNDS)
@pytest.mark.parametrize("ledger", ["memory", "sqlite"])
def test_every_crash(ledger, bound):
    with ledgers(ledger) as services:
        found = crashes(shop(bound), 1, services)
    assert holds(found, bound)
    assert (found.seeds, found.crashes, found.max_acceptances) == (37, 36, min(2, 1 + bound))


@pytest.mark.slow
@pytest.mark.moto
def test_every_crash_on_dynamodb():
    with ledgers("dynamodb") as services:
        found = crashes(shop(), 1, services)
    with ledgers("memory") as services:
        assert found == crashes(shop(), 1, services)
    assert holds(found, 1)


@pytest.mark.parametrize("bound", [0, 1])
def test_every_two_crashes(bound):
    found = crashes(shop(bound, messages=1, people=PEOPLE[:1]), 2)
    assert holds(found, bound)
    assert found.crashes == 2 * (found.seeds - 1) > 300


@pytest.mark.slow
@pytest.mark.parametrize("bound", [0, 1])
def test_every_fault_and_every_crash_after_it(bound):
    found = faults_and_crashes(shop(bound, messages=1, people=PEOPLE[:1]))
    assert holds(found, bound)
    assert found.seeds > 500


@pytest.mark.parametrize("bound", BOUNDS)
def test_a_fault_at_every_fourth_call(bound):
    found = dense(shop(bound), range(8))
    assert holds(found, bound)
    assert found.faults > 80


@pytest.mark.parametrize("bound", BOUNDS)
def test_days_of_everything_at_once(bound):
    found = seeds(bound, "rough", range(bound, bound + 1))
    assert holds(found, bound)
    assert found.faults > 150


def test_a_seed_makes_the_same_calls_twice():
    assert again(clinic, range(2)) == (2, 2)


QUICK = (
    hunts.every_crash,
    hunts.every_crash_of_a_refusal,
    hunts.every_crash_of_a_change,
    hunts.backlog,
    hunts.old_redrive,
    hunts.redrives,
    hunts.delay,
)


@pytest.mark.parametrize("hunt", QUICK)
def test_what_hunts_for_bugs_finds_none_where_there_is_none(hunt):
    assert hunt() == 0


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_planted_bug_has_one_place(bug):
    assert (ROOT / f"{bug.module.replace('.', '/')}.py").read_text(encoding="utf-8").count(bug.right) == 1


ROWS = {
    "every crash": lambda peer: comparison.crashed(peer, 1),
    "every two crashes": lambda peer: comparison.crashed(peer, 2),
    "every fault, every crash": comparison.struck,
}


@pytest.mark.parametrize("what", ["every crash", *(pytest.param(name, marks=pytest.mark.slow) for name in [*ROWS][1:])])
def test_the_page_shows_what_the_campaign_finds(what):
    page = (Path(__file__).resolve().parents[2] / "docs" / "guarantees.md").read_text(encoding="utf-8")
    for number, peer in enumerate(COMPETITORS):
        found = ROWS[what](peer)
        rates = [f"{10_000 * count / found.effects:.0f}" for count in (found.duplicates, found.doubt)]
        shown = f"| {rates[0]} | {found.most} | {rates[1]} | {found.writes / found.effects:.2f} |"
        assert shown in page.partition(f"| {what} |")[2].splitlines()[number], f"{peer}: {shown}"
        assert found.lost == 0
