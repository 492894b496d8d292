"""A mail server that is down, busy, slow or forgetful, a clock that jumps: nobody is forgotten, or told too often."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.host.machine import Machine, until
from tests.host.stepped import Stepped
from tests.host.test_kill import check, expected

TEN_MINUTES = 600.0


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path / "shop")
    yield machine
    machine.close()


@pytest.fixture
def stepped(machine):
    return Stepped(machine)


def test_a_server_that_is_down_for_ten_minutes_costs_nothing(machine, stepped):
    machine.stop_mail()
    machine.ask(range(1))
    until(lambda: "cannot be reached" in machine.log)
    stepped.step(TEN_MINUTES / 2)
    until(lambda: machine.log.count("cannot be reached") > 2)
    stepped.step(TEN_MINUTES / 2)
    assert machine.accepted == []

    machine.serve_mail()
    stepped.drain()
    assert Counter(machine.accepted) == Counter(expected(1))


def test_a_server_that_is_busy_is_asked_again(machine, stepped):
    machine.mode("421")
    machine.ask(range(2))
    until(lambda: "421 busy" in machine.log)
    machine.mode("")
    stepped.drain()

    assert Counter(machine.accepted) == Counter(expected(2))


def test_a_slow_server_gets_its_time(machine, stepped):
    machine.mode("slow")
    machine.ask(range(1))
    until(lambda: machine.accepted)
    machine.mode("")
    stepped.drain()

    check(machine, 1)


def test_answers_that_are_lost_cost_at_most_one_repeat(machine, stepped):
    machine.mode("lost")
    machine.ask(range(1))
    until(lambda: machine.accepted)
    machine.mode("")
    stepped.drain()

    accepted = check(machine, 1)
    assert max(accepted.values()) == 2


def test_when_every_answer_is_lost_it_ends_in_doubt(machine, stepped):
    machine.mode("lost")
    machine.ask(range(1))
    stepped.drain()

    accepted = Counter(machine.accepted)
    assert set(accepted.values()) == {2}
    assert accepted.keys() == expected(1)
    assert machine.counts() == (0, 3)
    assert "did not answer to the whole mail" in machine.log


@pytest.mark.parametrize("hours", [pytest.param(1, marks=pytest.mark.slow), -1])
def test_a_clock_that_jumps_by_an_hour_loses_nothing(machine, hours):
    """It jumps while there is work, and comes back later; nobody helps by moving it on."""
    stepped = Stepped(machine, JUMPS="yes")
    machine.ask(range(3))
    until(lambda: machine.accepted)
    stepped.jump(hours * 3600.0)
    machine.ask(range(3, 6))
    until(lambda: machine.states()["DONE"] >= 4)
    stepped.jump(hours * -3600.0)
    until(machine.is_drained, patience=150)

    assert "the clock jumped by" in machine.log
    check(machine, 6)
