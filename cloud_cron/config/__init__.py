"""The optional `cloud-cron.toml` beside the entry module: what differs between places, and from stage to stage.

Reading it (`load`) gives the frozen `Settings` of one stage; applying them to a model (`resolve`) gives another model,
which is all that the other parts of cloud-cron look at. Every key of every stage is checked at once, so that a mistake
in `[stages.prod]` is found on the laptop. Nothing here reads the environment, and no value may be a secret.
"""

from __future__ import annotations

from cloud_cron.config.loading import load
from cloud_cron.config.resolving import resolve
from cloud_cron.config.settings import FILE, Settings

__all__ = ["FILE", "Settings", "load", "resolve"]
