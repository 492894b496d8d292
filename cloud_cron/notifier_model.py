"""A notifier as a frozen value."""

from __future__ import annotations

from cloud_cron import checks
from cloud_cron.freezing import NOTHING
from cloud_cron.values import value

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


@value(frozen=True)
class NotifierModel:
    """One notifier. `recipients` are as written; `options` are the channel's; `topics` are resolved names.

    `redirect_to` is who receives what is really sent, in place of its recipients; only a configuration says so.
    """

    name: str
    channel: str
    topics: tuple[str, ...] = ()
    template: str | None = None
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    recipients: tuple[str, ...] = ()
    allow_recipients: tuple[str, ...] = ()
    max_ambiguous: int = 1
    attempts: int = 5
    on_poison: str = "park"
    timeout: int = 60
    memory: int = 256
    batch_size: int = 10
    env: Mapping[str, str] = NOTHING
    secrets: Mapping[str, str] = NOTHING
    permissions: tuple[Mapping[str, Any], ...] = ()
    function: Mapping[str, Any] = NOTHING
    enabled: bool = True
    options: Mapping[str, Any] = NOTHING
    redirect_to: str | None = None
    where: str = ""

    def __post_init__(self) -> None:
        """Refuse what no host could run; raises `DeclarationError`."""
        checks.identifier(self.name, "notifier")
        checks.topics(self.topics)
        for part in ("template", "subject", "text", "html"):
            checks.text(part, getattr(self, part))
        checks.whole("max_ambiguous", self.max_ambiguous, 0)
        checks.whole("attempts", self.attempts, 1)
        checks.whole("batch_size", self.batch_size, 1, 10)
        checks.choice("on_poison", self.on_poison, ("park", "block"))
        checks.function(self)
