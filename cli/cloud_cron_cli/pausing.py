"""Who is to be paused, or to go on, and who was already."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron_cli.machine import Machine
    from cloud_cron_cli.project import Project


class Changed(NamedTuple):
    """Names, in the order of the app."""

    changed: list[str]
    already: list[str]


def pause(project: Project, machine: Machine, names: Sequence[str]) -> Changed:
    """Pause tasks and notifiers, without names all of the app; raises `NotFound` (CC720, CC721)."""
    wanted = _wanted(project, names)
    with machine.store.transaction():
        paused = machine.book.paused()
        machine.book.pause(wanted, machine.now().timestamp())
    return _told(project, machine, "paused", wanted, [name for name in wanted if name not in paused])


def resume(project: Project, machine: Machine, names: Sequence[str]) -> Changed:
    """Let them go on, without names everybody who is paused, known to the app or not; raises the same."""
    wanted = _wanted(project, names)
    with machine.store.transaction():
        paused = machine.book.paused()
        wanted += [name for name in paused if not names and name not in wanted]
        machine.book.resume(wanted)
    return _told(project, machine, "resumed", wanted, [name for name in wanted if name in paused])


def _wanted(project: Project, names: Sequence[str]) -> list[str]:
    if names:
        return [project.part(name).name for name in dict.fromkeys(names)]
    return [task.name for task in project.model.tasks] + [notifier.name for notifier in project.model.notifiers]


def _told(project: Project, machine: Machine, status: str, wanted: list[str], changed: list[str]) -> Changed:
    for name in changed:
        machine.note(status, **{"notifier" if project.model.notifier(name) else "task": name})
    return Changed(changed, [name for name in wanted if name not in changed])
