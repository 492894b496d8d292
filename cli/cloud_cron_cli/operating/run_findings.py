"""Findings about runs: lost, skipped, or left in the middle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron.runtime.task import WAITING
from cloud_cron_cli import runs, words
from cloud_cron_cli.operating.findings import ERROR, NOTE, Finding, command
from cloud_cron_cli.operating.letters import NOBODY, SCHEDULER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cloud_cron.ports import Key, Record
    from cloud_cron_cli.operating.letters import LostRun
    from cloud_cron_cli.operating.place import Place

LONG: Final = 1800.0
"""Seconds after which whoever finishes what was left (the host, or maintenance on AWS) should have been there."""


def lost(place: Place, found: Sequence[LostRun]) -> list[Finding]:
    """One for each task and hop; letters that ask for no run of this app by themselves."""
    groups: dict[tuple[str, str], list[LostRun]] = {}
    for run in found:
        groups.setdefault((run.owner, run.hop), []).append(run)
    return [_lost(place, name, hop, several) for (name, hop), several in groups.items()]


def _lost(place: Place, name: str, hop: str, several: Sequence[LostRun]) -> Finding:
    last, count = several[-1], len(several)
    drop = command("dlq", "resolve", name, last.id, "--drop")
    if name == NOBODY or not place.takes(name):
        show = command("dlq", "show", name, last.id)
        message = f"{words.count(count, 'letter')} of hop {hop} asks for no run of this app: {last.code}: {last.reason}"
        return Finding("stray", ERROR, None, message, (show, drop), count)
    redrive = command("dlq", "redrive", name, "--hop", hop)
    what = words.count(count, "run")
    if hop == SCHEDULER:
        were = "was" if count == 1 else "were"
        message = f"{what} of {name} {were} not made in time, the last of them {last.id}: {last.reason}"
        return Finding("missed", ERROR, name, message, (redrive, drop), count)
    message = f"{what} of {name} failed for good, the last of them {last.id}: {_why(last)}"
    return Finding("failed", ERROR, name, message, (command("logs", name), redrive, drop), count)


def _why(run: LostRun) -> str:
    """The code and the reason; that of an exception of the user's begins with its code already."""
    return run.reason if run.reason.startswith(f"{run.code}:") else f"{run.code}: {run.reason}"


def skipped(newest: Mapping[str, tuple[Key, Record]]) -> list[Finding]:
    """Tasks whose last run was skipped, which is what somebody asked for."""
    return [
        Finding("skipped", NOTE, task, f"the last run of {task} was skipped, {runs.name(key)}: {record.reason}")
        for task, (key, record) in newest.items()
        if record.state == "SKIPPED"
    ]


def left(place: Place, under_way: Sequence[tuple[Key, Record]]) -> list[Finding]:
    """Runs that nobody is at any more, though somebody should have come back to them.

    One that waits for another run of its task to end is where it should be.
    """
    now = place.now().timestamp()
    busy = {key.partition for key, record in under_way if record.state == "CLAIMED" and record.lease >= now}
    found = []
    for key, record in under_way:
        since = record.not_before if record.state == "RETRY" else record.lease
        waits = record.code == WAITING and key.partition in busy
        if since + LONG < now and not waits:
            task = key.partition.removeprefix("R#")
            message = (
                f"{runs.name(key)} was {_LEFT[record.state]}, and nobody has come back to it for {_span(now - since)}"
            )
            found.append(Finding("left", ERROR, task, message, (command("logs", task),)))
    return found


_LEFT: Final = {
    "CLAIMED": "begun and not ended",
    "RECORDED": "made, and not everything that it returned was published",
    "RETRY": "to be tried again",
}


def _span(seconds: float) -> str:
    return f"{seconds / 3600:.0f} h" if seconds >= 3 * 3600 else f"{seconds / 60:.0f} min"
