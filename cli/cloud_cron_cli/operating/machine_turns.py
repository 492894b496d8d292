"""The port `Turns` on one machine: a record that waits for its first attempt, which the host takes up."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from cloud_cron.encoding import dumps
from cloud_cron.ports import Record
from cloud_cron_cli.operating.place import Coming

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron.ports import Key
    from cloud_cron_cli.machine import Machine


class MachineTurns:
    """Of every task alike: the host begins a run of the past when no other of its task is under way."""

    remembers = True
    stay = False

    def __init__(self, machine: Machine) -> None:
        """The database is open."""
        self._machine = machine

    def waits(self, key: Key) -> bool:  # noqa: ARG002 - the port
        """The ledger knows of every one."""
        return False

    def give(self, key: Key, event: Mapping[str, Any]) -> None:
        """Write the record, over that of a run that was not made."""
        ledger, now = self._machine.ledger, self._machine.now().timestamp()
        at = datetime.fromisoformat(event["scheduled_at"]).timestamp()
        record = Record("RETRY", not_before=now, at=at, data=dumps({"event": dict(event)}))
        found = ledger.create(key, record)
        if found is not None:
            ledger.swap(key, found, record._replace(token=self._machine.ids.token()))

    def coming(self) -> Coming:
        """At once, if there is a host."""
        if self._machine.host():
            return Coming()
        name = "dev" if self._machine.path.name.endswith(".dev.db") else "serve"
        return Coming(idle=f"nobody serves this database: they begin when `cloud-cron {name}` does")
