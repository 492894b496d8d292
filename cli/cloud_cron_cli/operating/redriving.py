"""Moves of letters back to where they failed: a message to its notifier's queue, a run to its task.

Nothing here decides whether somebody is told again. The ledger does, when the message is handed out: who was told is
not told again, and what is in doubt is a dead letter again. So a move that is made twice does no harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cloud_cron.errors import NotFound
from cloud_cron.runtime import claims
from cloud_cron_cli.operating import owners
from cloud_cron_cli.operating.findings import command
from cloud_cron_cli.operating.letters import NOBODY, NOTIFIER, Letter, LostRun, chosen
from cloud_cron_cli.operating.reading import deliveries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron_cli.operating.letters import Heap
    from cloud_cron_cli.operating.place import Place
    from cloud_cron_cli.project import Project


class Redriven(NamedTuple):
    """What was moved: letters that were seen, and how many there were in all (`total`), at least.

    `doubtful` of them have deliveries in doubt, which are not sent again; `kept` are runs that nobody can ask for;
    `unseen` are letters that stay because they were not seen, at least.
    """

    moved: list[Letter | LostRun]
    total: int
    doubtful: int
    kept: list[LostRun]
    unseen: int = 0


def redrive(project: Project, place: Place, name: str, ids: Sequence[str], hop: str | None = None) -> Redriven:
    """Move the letters of a task or notifier: those of these messages or runs, without ids all, if need be of one hop.

    Raises `NotFound`, and then moves none: CC741, CC742 for an id; CC744 when nobody would take what is moved; CC745
    for a letter that was named and does not say what it asks for.
    """
    with place.at_once():
        heap = owners.of(project, place, name)
        picked = _picked(heap, name, ids, hop)
        if picked and not place.takes(name):
            raise _nobody(name, picked[0])
        kept = [run for run in picked if isinstance(run, LostRun) and run.event is None]
        if ids and kept:
            raise _mute(kept[0])
        moved = [letter for letter in picked if letter not in kept]
        doubtful = sum(isinstance(each, Letter) and _is_in_doubt(project, place, each) for each in moved)
        is_notifier = owners.is_notifier(project, place, name)
        unseen = 0 if ids or (is_notifier and hop not in {None, NOTIFIER}) else heap.unseen
        total = len(moved) + (unseen if is_notifier else 0)
        if total:
            place.note("redriven", name, **{"messages" if is_notifier else "runs": [letter.id for letter in moved]})
            _move(place, name, moved, all_of_them=not ids)
    return Redriven(moved, total, doubtful, kept, 0 if is_notifier else unseen)


def _picked(heap: Heap[Letter | LostRun], name: str, ids: Sequence[str], hop: str | None) -> list[Letter | LostRun]:
    """The letters of a hop, or of any; those of the ids alone if there are some, each once and in its order."""
    seen = [letter for letter in heap.seen if hop in {None, letter.hop}]
    if not ids:
        return seen
    named = [letter for begin in ids for letter in chosen(seen, name, begin)]
    return [letter for letter in seen if any(letter is each for each in named)]


def _move(place: Place, name: str, moved: Sequence[Letter | LostRun], *, all_of_them: bool) -> None:
    runs = [run for run in moved if isinstance(run, LostRun)]
    for run in runs:
        place.run_again(run)
    if runs:
        return
    if all_of_them:
        place.put_all_back(name)
    else:
        place.put_back([letter for letter in moved if isinstance(letter, Letter)])


def _is_in_doubt(project: Project, place: Place, letter: Letter) -> bool:
    known = deliveries(project, place, letter.notifier, letter.id)
    return any(delivery.record.state == claims.DOUBT for delivery in known)


def _nobody(name: str, letter: Letter | LostRun) -> NotFound:
    whose = f"notifier {name!r}" if isinstance(letter, Letter) else f"task {name!r}"
    whose = "whoever this is for" if name == NOBODY else whose
    message = f"{whose} is not there any more, so that nobody would take what is moved"
    hint = f"bring it back under that name, or `{command('dlq', 'resolve', name, letter.short, '--drop')}`"
    return NotFound("CC744", message, hint=hint)


def _mute(run: LostRun) -> NotFound:
    message = f"the letter {run.id} does not say which run it asks for"
    show = command("dlq", "show", run.owner, run.id)
    drop = command("dlq", "resolve", run.owner, run.id, "--drop")
    hint = f"`{show}` shows it, `{drop}` lets it go"
    return NotFound("CC745", message, hint=hint)
