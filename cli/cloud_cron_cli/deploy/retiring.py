"""A topic of our own that is replaced by a given one: heard for as long as a run may still publish to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cloud_cron_cli.deploy import desired as wish
from cloud_cron_cli.deploy.template import digest
from cloud_cron_cli.deploy.template.sealing import OUTPUT

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.deploy.desired import App

_RETRIES = 2
_MARGIN = 600
"""Seconds that a retry may wait, and a message be on its way."""


class Phase(NamedTuple):
    """The topics that are still heard, and what is to be done about them later."""

    topics: frozenset[str] = frozenset()
    later: str | None = None


def phase(now: float, app: App, found: Deployed, image: str | None) -> Phase:
    """The first phase hears both topics; the second, once every run begun before it has ended, only the given one."""
    own = {said["name"] for said in found.pieces.values() if said["kind"] == "topic" and said["own"]}
    leaving = frozenset(own & set(app.settings.topics) & set(app.model.topics))
    if not leaving or found.main is None:
        return Phase()
    names = ", ".join(sorted(leaving))
    both = wish.desire(app, found, image, leaving)
    rest = longest(app) - (now - found.main.updated)
    if _is_deployed(both, found) and rest <= 0:
        return Phase()
    minutes = max(1, round((rest if _is_deployed(both, found) else longest(app)) / 60))
    return Phase(leaving, f"our own topic {names} is still heard: deploy again in {minutes} minutes to remove it")


def longest(app: App) -> float:
    """Seconds within which every run that has begun, and its retries, have ended."""
    return max((task.timeout * (task.retries + 1) for task in app.model.tasks), default=0) + _MARGIN


def _is_deployed(both: wish.Desired, found: Deployed) -> bool:
    main = both.parts[0]
    return found.main is not None and found.main.outputs.get(OUTPUT) == digest(main.template, {}, both.app.tags)
