"""A database that nobody closes, where there is no end of a block or of a test to do it."""

from __future__ import annotations

from cloud_cron.local.store import Store


class DroppedStore(Store):
    """In memory, and closed when it is used no more: Python warns of connections that are not."""

    def __del__(self) -> None:
        """Close."""
        self.close()
