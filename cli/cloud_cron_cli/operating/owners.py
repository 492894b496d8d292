"""Whose letters a command is about: a task, a notifier, or nobody that there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_cron_cli.operating.letters import HOPS, NOBODY, Heap

if TYPE_CHECKING:
    from cloud_cron_cli.operating.letters import Letter, LostRun
    from cloud_cron_cli.operating.place import Place
    from cloud_cron_cli.project import Project


def every(place: Place) -> Heap[Letter | LostRun]:
    """All letters, hop by hop in the order in which a run and its messages come to them."""
    runs = place.lost_runs()
    heaps = [place.dead(notifier) for notifier in place.notifiers()]
    found: list[Letter | LostRun] = [*runs.seen, *(letter for heap in heaps for letter in heap.seen)]
    found.sort(key=lambda letter: HOPS.index(letter.hop))
    return Heap(found, runs.unseen + sum(heap.unseen for heap in heaps))


def of(project: Project, place: Place, name: str) -> Heap[Letter | LostRun]:
    """The letters of one; `NotFound` CC720 or CC721 for a name that nobody has, nor any letter."""
    if is_notifier(project, place, name):
        heap = place.dead(name)
        return Heap(list(heap.seen), heap.unseen)
    runs = place.lost_runs(None if name == NOBODY else name)
    found: list[Letter | LostRun] = [run for run in runs.seen if run.owner == name]
    if not found and name != NOBODY:
        project.part(name)
    return Heap(found, 0 if name == NOBODY else runs.unseen)


def is_notifier(project: Project, place: Place, name: str) -> bool:
    """Whether a notifier has that name, or had it and left letters."""
    return project.model.notifier(name) is not None or name in place.notifiers()
