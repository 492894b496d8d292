"""Small phrases that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron.model import AppModel, NotifierModel, TaskModel


_DEFAULT_PHASE: Final = ", counted from 1970-01-01 00:00 UTC"


def count(number: int, noun: str) -> str:
    """`1 task`, `3 tasks`, `2 deliveries`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun.removesuffix('y')}ies" if noun.endswith("ry") else f"{number:,} {noun}s"


def size(number: int) -> str:
    """`512 B`, `1.5 kB`, `153.0 MB`: as registries count, by thousands."""
    amount = float(number)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:  # noqa: PLR2004 - a thousand of one unit is one of the next
            return f"{amount:.0f} B" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def schedules_of(task: TaskModel) -> list[str]:
    """Each schedule of a task in words, without where a rate counts from unless the task says so."""
    from cloud_cron.schedules import describe  # noqa: PLC0415 - the words are only for people
    from cloud_cron.timetable import moment  # noqa: PLC0415 - the same

    start = moment("start", task.start)
    said = (describe(expression, task.timezone, start) for expression in task.schedules)
    return [text.removesuffix(_DEFAULT_PHASE) for text in said] or ["on demand"]


def audience(notifier: NotifierModel) -> str:
    """How many people a notifier tells."""
    people = set(notifier.recipients)
    return count(len(people), "recipient") if people else "nobody"


def redirections(model: AppModel) -> list[str]:
    """Which channels send everything to one address, and to which."""
    redirected = {part.channel: part.redirect_to for part in model.notifiers if part.redirect_to and part.enabled}
    return [f"every {channel} goes to {to}, whoever it is for" for channel, to in redirected.items()]


def silence(task: TaskModel) -> str:
    """Why a task is not going to run by itself."""
    if not task.enabled:
        return "not enabled"
    return "never again" if task.schedules else "on demand"
