"""The ledger of a task that keeps none: it publishes nothing, and may overlap, so that nothing need be remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloud_cron.ports import Key, Record


class ForgetfulLedger:
    """The port `Ledger` without memory: every claim succeeds, and no run was ever made before."""

    def create(self, key: Key, record: Record) -> Record | None:  # noqa: ARG002 - the port's signature
        """Nothing is ever there."""
        return None

    def swap(self, key: Key, expected: Record, record: Record) -> bool:  # noqa: ARG002 - the port's signature
        """Nobody else was faster."""
        return True

    def sent(self, key: Key, provider_id: str) -> None:
        """Forget it."""

    def get(self, key: Key) -> Record | None:  # noqa: ARG002 - the port's signature
        """Nothing is known."""
        return None

    def records(self, partition: str) -> list[tuple[Key, Record]]:  # noqa: ARG002 - the port's signature
        """Nothing is known."""
        return []

    def latest(self, partition: str, state: str) -> Record | None:  # noqa: ARG002 - the port's signature
        """Nothing is known."""
        return None

    def open_runs(self, partition: str | None = None) -> list[tuple[Key, Record]]:  # noqa: ARG002 - the port's signature
        """Nothing is known."""
        return []
