"""A task as a frozen value."""

from __future__ import annotations

from cloud_cron import checks
from cloud_cron.freezing import NOTHING
from cloud_cron.values import value

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


@value(frozen=True)
class TaskModel:
    """One task. Seconds, MiB; `window` in minutes; `start` and `end` ISO 8601 with offset; `where` is file:line."""

    name: str
    schedules: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    timezone: str = "UTC"
    start: str | None = None
    end: str | None = None
    window: int | None = None
    overlap: str | None = None
    catchup: str = "latest"
    order: str = "task"
    timeout: int = 60
    memory: int = 256
    retries: int = 2
    input: Any = None
    env: Mapping[str, str] = NOTHING
    secrets: Mapping[str, str] = NOTHING
    permissions: tuple[Mapping[str, Any], ...] = ()
    function: Mapping[str, Any] = NOTHING
    enabled: bool = True
    description: str | None = None
    where: str = ""

    def __post_init__(self) -> None:
        """Refuse what no host could run; raises `DeclarationError`."""
        checks.identifier(self.name, "task")
        checks.topics(self.topics)
        if self.window is not None:
            checks.whole("window", self.window, 1, 1440)
        if self.overlap is not None:
            checks.choice("overlap", self.overlap, ("skip", "queue", "allow"))
        checks.catchup(self.catchup)
        checks.order(self.order)
        checks.whole("retries", self.retries, 0)
        checks.text("description", self.description, 512)
        checks.function(self)
