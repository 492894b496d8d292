"""What time it is: the machine's word, or a test's."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that moves only when it is told to, and never back."""

    def __init__(self, start: datetime) -> None:
        """Begin at an aware instant."""
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return self._now

    def set(self, instant: datetime) -> None:
        """Move forward to an instant; one that is past is ignored."""
        self._now = max(self._now, instant.astimezone(UTC))
