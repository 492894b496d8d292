"""Tells an address once a minute that all is well, so that somebody else notices when nothing is told any more."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

from cloud_cron.aws.clients import MachineClients
from cloud_cron.aws.secrets import AwsSecrets
from cloud_cron.local.secrets import MachineSecrets
from cloud_cron.runtime.heartbeat import Heartbeat

if TYPE_CHECKING:
    from cloud_cron.local.log import Log
    from cloud_cron.ports import Clock


class Pulse:
    """The heartbeat of one host, which does not wait for it."""

    def __init__(self, clock: Clock, log: Log) -> None:
        """Nothing is asked yet."""
        self._secrets = MachineSecrets(AwsSecrets(MachineClients(), clock))
        self._log = log

    def ping(self, address: str) -> Thread:
        """Ask for the address, or for the one that this refers to; what goes wrong is logged."""
        heartbeat = Heartbeat(address, self._secrets, self._log.write)
        thread = Thread(target=heartbeat.beat, daemon=True)
        thread.start()
        return thread
