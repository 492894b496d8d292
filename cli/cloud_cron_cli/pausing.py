"""Who is to be paused, or to go on, and who was already."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cloud_cron.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron_cli.operating.place import Place
    from cloud_cron_cli.project import Project


class Changed(NamedTuple):
    """Names, in the order of the app."""

    changed: list[str]
    already: list[str]


def pause(project: Project, place: Place, names: Sequence[str]) -> Changed:
    """Pause tasks and notifiers, without names all of the app.

    Raises `NotFound`: CC720, CC721 for a name, CC826 for one that cannot be paused at this place.
    """
    wanted = _wanted(project, place, names)
    with place.at_once():
        paused = place.paused()
        changed = [name for name in wanted if name not in paused]
        place.switch(changed, on=False)
    return _told(place, "paused", wanted, changed)


def resume(project: Project, place: Place, names: Sequence[str]) -> Changed:
    """Let them go on, without names everybody who is paused, known to the app or not; raises the same."""
    wanted = _wanted(project, place, names)
    with place.at_once():
        paused = place.paused()
        wanted += [name for name in paused if not names and name not in wanted]
        changed = [name for name in wanted if name in paused]
        place.switch(changed, on=True)
    return _told(place, "resumed", wanted, changed)


def _wanted(project: Project, place: Place, names: Sequence[str]) -> list[str]:
    every = place.pausable()
    if not names:
        names = [*(task.name for task in project.model.tasks), *(part.name for part in project.model.notifiers)]
        return [name for name in names if name in every]
    wanted = [project.part(name).name for name in dict.fromkeys(names)]
    for name in wanted:
        if name not in every:
            message = f"{name} has nothing at stage {project.stage} that could be switched off"
            raise NotFound(
                "CC826", message, hint="a task without schedules runs on demand alone; else cloud-cron deploy"
            )
    return wanted


def _told(place: Place, status: str, wanted: list[str], changed: list[str]) -> Changed:
    for name in changed:
        place.note(status, name)
    return Changed(changed, [name for name in wanted if name not in changed])
