"""What a judge says of a world."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloud_cron.testing.simulator.names import Told


@dataclass
class Verdict:
    """What became of one world. `problems` are broken guarantees; three kinds of them are counted.

    These are the `lost`, those out of order (`order_breaks`), and `healthy` messages that were given up. `deliveries`
    counts (notifier, message, recipient); `acceptances` how often the provider took each of them.
    """

    problems: list[str] = field(default_factory=list)
    lost: int = 0
    order_breaks: int = 0
    healthy: int = 0
    deliveries: int = 0
    doubt: int = 0
    acceptances: Counter[Told] = field(default_factory=Counter)

    def give_up(self, problem: str) -> None:
        """A message is among the dead letters, or was refused, for no reason."""
        self.problems.append(problem)
        self.healthy += 1

    def lose(self, problem: str) -> None:
        """Something is nowhere to be found."""
        self.problems.append(problem)
        self.lost += 1
