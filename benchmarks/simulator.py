"""How fast worlds are simulated: port calls a second of one core, the clock's among them, of an app that does nothing.

The best of several rounds, because a machine that does something else beside it can only make one slower. What a port
call costs is also told in calls of an empty function, which says the same on a slow machine and on a fast one.
"""

from __future__ import annotations

from time import process_time
from timeit import repeat
from typing import TYPE_CHECKING

from cloud_cron import CloudCron, Email, Message
from cloud_cron.testing import CronRunner

if TYPE_CHECKING:
    from cloud_cron.testing.simulator.weather import Level

GOAL = 100_000
ROUNDS = 7
SEEDS = 4
EMPTY = 1_000_000

app = CloudCron("shop")


@app.schedule("rate(1 hour)", topics=["orders"])
def export() -> dict[str, object]:
    """Two orders an hour."""
    return {"orders": [{"n": 1}, {"n": 2}]}


@app.schedule("cron(0 8 * * ? *)", topics=["orders"], timezone="Europe/Berlin")
def report() -> dict[str, object]:
    """One more a day."""
    return {"orders": {"n": 3}}


@app.notifier("email", recipients=["ann@example.org", "bob@example.org"])
def mail(message: Message) -> Email:
    """A mail to two people whose parts are all written, so that no template is rendered."""
    return Email("orders", f"order {message.payload['n']}", "<p>see above</p>")


def main() -> None:
    """Measure, and print."""
    empty = min(repeat("empty()", "def empty(): pass", number=EMPTY, repeat=ROUNDS)) / EMPTY
    print(f"port calls a second of one core, the best of {ROUNDS} rounds (goal {GOAL:,})")
    levels: tuple[Level, ...] = ("none", "mild", "rough")
    for faults in levels:
        rate = max(played(faults) for _ in range(ROUNDS))
        print(f"  {faults:5} faults   {rate:9,.0f}   a call costs {1 / rate / empty:4.0f} calls of an empty function")


def played(faults: Level) -> float:
    """Port calls a second, in two days of a few seeds."""
    with CronRunner(app) as cron:
        began = process_time()
        found = cron.simulate(days=2, faults=faults, seeds=SEEDS)
        return found.calls / (process_time() - began)


if __name__ == "__main__":
    main()
