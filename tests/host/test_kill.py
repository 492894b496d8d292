"""Real processes, real SIGKILL, a mail server that counts: nothing is lost, nobody is told more than 1 + A times."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from random import Random
from threading import Event

import pytest

from tests.host.machine import Machine, kill_any, until, workers_of
from tests.host.stepped import Stepped

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc to find the workers"),
]
RECIPIENTS = ("ada@example.org", "bob@example.org")
MESSAGES = 3


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path / "shop")
    yield machine
    machine.close()


def expected(runs: int) -> set[tuple[str, str]]:
    """Every delivery that there must be."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415

    days = [datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=number) for number in range(runs)]
    return {(to, f"burst@{day:%Y-%m-%dT%H:%M:%SZ} {n}") for to in RECIPIENTS for day in days for n in range(MESSAGES)}


def check(machine: Machine, runs: int, most: int = 2) -> Counter[tuple[str, str]]:
    """Nothing lost, at most `most` acceptances, and the first acceptances of a run in its order."""
    accepted = Counter(machine.accepted)
    assert accepted.keys() <= expected(runs)
    missing = expected(runs) - accepted.keys()
    assert len(missing) <= machine.counts()[1] * len(RECIPIENTS), f"lost: {sorted(missing)}"
    assert max(accepted.values()) <= most
    for to in RECIPIENTS:
        firsts = list(dict.fromkeys(subject for recipient, subject in machine.accepted if recipient == to))
        for run in {subject.rpartition(" ")[0] for subject in firsts}:
            numbers = [int(subject.rpartition(" ")[2]) for subject in firsts if subject.rpartition(" ")[0] == run]
            assert numbers == sorted(numbers), f"{run} reached {to} as {numbers}"
    return accepted


def rounds(machine: Machine, count: int, seed: int) -> None:
    """Start, let it work for a moment, kill: the host, one of its workers, or everything at once."""
    random, pause = Random(seed), Event()
    for number in range(count):
        host = machine.start()
        machine.ask(range(number * 2, number * 2 + 2))
        pause.wait(random.random() * 0.4)
        below = workers_of(host.pid)
        match random.choice(["host", "worker", "all"]):
            case "worker" if below:
                kill_any([random.choice(below)])
                pause.wait(random.random() * 0.2)
                machine.kill(host)
            case "all":
                machine.kill(host)
                kill_any(below)
            case _:
                machine.kill(host)


def test_three_kills(machine):
    with machine.store():
        pass
    rounds(machine, 3, seed=1)
    stepped = Stepped(machine)
    stepped.drain()  # a run that was cut off is made again a minute later
    assert machine.stop(stepped.host) == 0
    check(machine, 6)


@pytest.mark.slow
def test_many_kills(machine):
    """Fifty, or as many as the environment says in KILLS."""
    count = int(os.environ.get("KILLS", "50"))
    with machine.store():
        pass
    rounds(machine, count, seed=2)
    host = machine.start()
    until(machine.is_drained, patience=180 + 2 * count)
    assert machine.stop(host) == 0
    accepted = check(machine, 2 * count)
    repeated = sum(count - 1 for count in accepted.values())
    print(f"{count} kills, {len(accepted)} deliveries: {repeated} repeated, {machine.counts()[1]} in doubt")  # noqa: T201
