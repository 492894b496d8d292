"""What a host knows of itself: which workers are at what, how things last went, and what stands in the way."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from cloud_cron.model import AppModel


@dataclass
class Board:
    """Kept by the service, read by whoever shows it; counters begin with the process.

    `runs` counts (task, status), `deliveries` counts (notifier, status); `last` has the latest report of each task and
    notifier; `trouble` is what the database cannot do at the moment, `reload_failed` why the present code is not the
    newest; `beat_at` (monotonic) is when the host last looked up, `looked_at` (epoch) when it last kept its book;
    `delays` are the latest seconds between a fire time and the call of its function.
    """

    since: datetime
    model: AppModel | None = None
    runs: Counter[tuple[str, str]] = field(default_factory=Counter)
    deliveries: Counter[tuple[str, str]] = field(default_factory=Counter)
    last: dict[str, dict[str, Any]] = field(default_factory=dict)
    trouble: str | None = None
    reload_failed: str | None = None
    loads: int = 0
    looked_at: float = 0.0
    beat_at: float = field(default_factory=monotonic)
    delays: deque[float] = field(default_factory=lambda: deque(maxlen=4096))

    def beat(self) -> None:
        """The host is alive."""
        self.beat_at = monotonic()

    def note(self, report: dict[str, Any]) -> None:
        """Keep what a worker told."""
        name = report.get("task") or report.get("notifier")
        if not name or "status" not in report:
            return
        counter = self.runs if report.get("event") == "run" else self.deliveries
        counter[(name, report["status"])] += 1
        self.last[name] = report
