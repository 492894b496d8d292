"""What rendering one delivery may look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron.messages import Message


class Parts(Protocol):
    """Renders the parts (`subject`, `text`, `html`) of one notifier's content."""

    def render(self, part: str, variables: Mapping[str, Any]) -> str:
        """The part from the notifier's own template, else from the default layout. Raises `RenderError`."""
        ...

    def has(self, part: str) -> bool:
        """Whether the notifier has a template of its own for that part."""
        ...

    def raw(self, part: str) -> str | None:
        """The notifier's own template for that part as it was written, or None. Raises `RenderError`."""
        ...


@dataclass(frozen=True)
class Context:
    """What rendering one delivery may look at; `options` are those of the channel, as the notifier has them.

    `parts.render("text", variables)` is a part from the notifier's template, else from the default layout, and raises
    `RenderError` (CC401 to CC411).
    """

    app: str
    stage: str
    notifier: str
    message: Message
    recipient: str
    parts: Parts
    options: Mapping[str, Any] = field(default_factory=dict)

    def variables(self, own: Mapping[str, Any], settled: Mapping[str, str] | None = None) -> Variables:
        """The template variables: the mapping's keys, and `message`, `recipient`, `app`, `stage` where it has none.

        `settled` are the parts whose text is known already, so that a default layout can be put around it.
        """
        return Variables(self, own, settled or {})


class Variables(dict[str, Any]):
    """Template variables that remember where they come from, which is what the default layouts show."""

    def __init__(self, context: Context, own: Mapping[str, Any], settled: Mapping[str, str]) -> None:
        """`own` is what the notifier returned: its keys win."""
        super().__init__(message=context.message, recipient=context.recipient, app=context.app, stage=context.stage)
        self.update(own)
        self.context = context
        self.own = own
        self.settled = settled
