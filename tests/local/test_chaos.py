"""Faults on purpose: what they do to a call, each in a process of its own where it must end."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from cloud_cron import Ambiguous, ChannelDown, Retry
from cloud_cron.errors import BusError, StoreError
from cloud_cron.local.chaos import Chaos
from cloud_cron.ports import Key, Ports, Receipt, Record

if sys.platform == "win32":
    pytest.skip("needs fork", allow_module_level=True)

KEY, CLAIM = Key("E#n#m", "a"), Record("CLAIMED", token="t")


class Script(Random):
    """Strikes at every call, with what a test says."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.way = way

    def random(self) -> float:
        return 0.0

    def choice(self, seq: Any) -> Any:
        assert self.way in seq
        return self.way


class Target:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *_: self.asked.append(name)

    def sender(self, *_: Any) -> Any:
        return SimpleNamespace(send=self.send)

    def send(self, *_: Any) -> Receipt:
        self.asked.append("send")
        return Receipt("1")


@pytest.fixture
def struck():
    def made(way: str) -> tuple[Ports, Target, list[dict[str, Any]]]:
        target: Any = Target()
        lines: list[dict[str, Any]] = []
        log: Any = SimpleNamespace(write=lambda **fields: lines.append(fields))
        ports = Ports(target, target, target, target, target, target, target, payloads=target)
        return Chaos(0.05, log, Script(way)).around(ports), target, lines

    return made


@pytest.mark.parametrize(("way", "asked"), [("fails before", []), ("fails after", ["create"])])
def test_a_call_fails_before_or_after_it_took_effect(struck, way, asked):
    ports, target, lines = struck(way)
    with pytest.raises(StoreError):
        ports.ledger.create(KEY, CLAIM)
    assert target.asked == asked
    assert lines == [{"event": "chaos", "level": "warning", "status": way, "call": "ledger.create"}]
    with pytest.raises(BusError):
        ports.bus.publish("t", [])


def test_what_a_queue_is_asked_again_and_again_is_let_through(struck):
    ports, target, lines = struck("fails before")
    ports.bus.next_visible("q")
    assert (target.asked, lines) == (["next_visible"], [])


@pytest.mark.parametrize(
    ("way", "outcome", "asked"),
    [
        ("is busy", Retry, []),
        ("is down", ChannelDown, []),
        ("times out", Ambiguous, []),
        ("loses its answer", Ambiguous, ["send"]),
    ],
)
def test_a_provider_answers_as_on_a_bad_day(struck, way, outcome, asked):
    ports, target, _ = struck(way)
    with pytest.raises(outcome):
        ports.senders.sender("mail", None).send("x", "ada@example.org", "k", 1.0)
    assert target.asked == asked


@pytest.mark.parametrize("way", ["dies before", "dies after"])
def test_a_worker_is_killed_and_nothing_of_it_runs_on(struck, way):
    for call in (
        lambda ports: ports.ledger.create(KEY, CLAIM),
        lambda ports: ports.senders.sender("mail", None).send("x", "ada@example.org", "k", 1.0),
    ):
        ports, _, _ = struck(way)
        child = os.fork()
        if not child:
            try:
                call(ports)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL


def test_without_a_strike_the_call_is_what_it_was(struck):
    ports, target, lines = struck("fails before")
    calm = Chaos(0.0, replace, Random(1)).around(replace(ports, ledger=target))  # type: ignore[arg-type]  # no log is asked
    calm.ledger.create(KEY, CLAIM)
    assert (target.asked, lines) == (["create"], [])
