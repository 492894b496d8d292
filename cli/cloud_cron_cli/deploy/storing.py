"""The artifacts stack on its own, for whoever brings an image before there is anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_cron_cli.deploy import deployed as stage_of
from cloud_cron_cli.deploy import desired as wish
from cloud_cron_cli.deploy.converging import converge
from cloud_cron_cli.deploy.following import Patience
from cloud_cron_cli.deploy.template import artifacts

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.desired import App
    from cloud_cron_cli.deploy.ports import Tools
    from cloud_cron_cli.deploy.stacks import Stack


def store(tools: Tools, app: App, timeout: float) -> Stack:
    """The stack as a deploy would make it; `timeout` in seconds. Raises what `converge` raises."""
    found = stage_of.read(tools.stacks, app.model.name, app.settings.stage, app.tags)
    part = artifacts(app.model, app.settings, leaving=wish.is_leaving(app, found))
    alone = wish.Desired(app, part, [], None)
    return converge(tools, Patience(tools, timeout), wish.target(alone, part, {}))
