"""Every registry that is spoken to: one connection each, whatever number of repositories it has."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from cloud_cron_cli.deploy.images.registry.connection import Connection
from cloud_cron_cli.deploy.images.registry.patience import Patience
from cloud_cron_cli.deploy.images.registry.repository import HttpRepository
from cloud_cron_cli.deploy.images.registry.web import Web

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.images.ports import Cache
    from cloud_cron_cli.deploy.images.reference import Reference
    from cloud_cron_cli.deploy.images.registry.credentials import Credentials


class Registries:
    """From a reference to its repository; connections, tokens and what a registry asked for are shared."""

    def __init__(self, credentials: Credentials, patience: Patience | None = None, cache: Cache | None = None) -> None:
        """Nothing is opened yet; the cache remembers how registries let us in."""
        self._cache = cache
        self._credentials = credentials
        self._patience = patience or Patience(time.sleep, random.random, time.time)
        self._web = Web()
        self._connections: dict[str, Connection] = {}

    def __call__(self, reference: Reference) -> HttpRepository:
        """The repository of a reference; nothing is asked."""
        host = reference.host
        if host not in self._connections:
            self._connections[host] = Connection(host, self._web, self._patience, self._credentials, self._cache)
        return HttpRepository(self._connections[host], reference.name)
