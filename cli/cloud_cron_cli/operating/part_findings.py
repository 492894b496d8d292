"""Findings about the parts of an app: what does not run, what is paused, what waits behind what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cloud_cron_cli import times, words
from cloud_cron_cli.operating.findings import ERROR, NOTE, Finding, command

if TYPE_CHECKING:
    from cloud_cron_cli.operating.place import Backlog, Place, Vitals

LATE: Final = 3600.0
"""Seconds that a message may wait before somebody should look: longer than any pause between two attempts."""


def find(place: Place, vitals: Vitals) -> list[Finding]:
    """Whether anything runs, who is paused, and what waits at each notifier that is not."""
    found: list[Finding] = []
    if vitals.idle:
        severity = ERROR if vitals.idle.matters else NOTE
        found.append(Finding("idle", severity, None, vitals.idle.message, (vitals.idle.command,)))
    found += [_paused(name, vitals.backlogs.get(name)) for name in vitals.paused]
    for name, backlog in vitals.backlogs.items():
        if name not in vitals.paused and not vitals.idle:
            found += _waiting(place, name, backlog)
    return found


def _paused(name: str, backlog: Backlog | None) -> Finding:
    waiting = backlog.waiting + backlog.in_flight if backlog else 0
    more = f", and {words.count(waiting, 'message')} for it kept" if waiting else ""
    return Finding("paused", NOTE, name, f"{name} is paused{more}", (command("resume", name),))


def _waiting(place: Place, name: str, backlog: Backlog) -> list[Finding]:
    count = backlog.waiting + backlog.in_flight
    if not count:
        return []
    what = words.count(count, "message")
    if backlog.down:
        message = f"the channel of {name} is out of order, and is tried again by itself: {backlog.reason}"
        return [
            Finding("channel-down", ERROR, name, f"{message}; {what} kept until then", (command("logs", name),), count)
        ]
    now = place.now()
    if backlog.oldest is None or now.timestamp() - backlog.oldest < LATE:
        return []
    show = (command("dlq", "show", name, backlog.head),) if backlog.head else ()
    why = f": {backlog.reason}" if backlog.reason else ""
    since = times.ago(datetime.fromtimestamp(backlog.oldest, UTC), now)
    message = f"{what} kept by {name}, the oldest since {since}{why}"
    return [Finding("stuck", ERROR, name, message, (*show, command("logs", name)), count)]
