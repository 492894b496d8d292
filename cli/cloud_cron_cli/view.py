"""What the screen of `dev` shows, in words: a value that is compared with what is drawn already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from click import unstyle

from cloud_cron_cli import times
from cloud_cron_cli.output import accent, bad, dim, doubtful, good, strong, visible

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from cloud_cron.local.mailbox import Letter
    from cloud_cron_cli.facts import Facts, Notifier, Task

NARROW: Final = 78
KEYS: Final = {
    "r": "run",
    "p": "pause",
    "n": "next",
    "o": "open mail",
    "l": "reload",
    "d": "dead letters",
    "?": "help",
    "q": "quit",
}
HELP: Final = {
    "r": "run a task now",
    "p": "pause all tasks and notifiers, or let them go on",
    "n": "step the clock to just before the next run",
    "o": "show the last mail in the browser",
    "l": "load the app anew",
    "d": "list the dead letters",
    "q": "quit; Ctrl-C does the same",
}
_SHOWN: Final = {"done": good("✓ done"), "failed": bad("✗ failed"), "missed": bad("✗ missed")}
_DOUBTFUL: Final = frozenset({"retry", "skipped"})
_UNDER_WAY: Final = frozenset({"claimed", "recorded"})


Rows: TypeAlias = tuple[tuple[str, ...], ...]


class View(NamedTuple):
    """Lines above, tables with their heads in the first row, and lines below; in styled text."""

    title: str
    tables: tuple[Rows, ...]
    below: tuple[str, ...]


def empty(text: str, keys: str = "") -> View:
    """Nothing but a word on what is awaited."""
    return View("", (), (text, *([keys] if keys else [])))


def view(  # noqa: PLR0913 - all that it depends on
    facts: Facts, now: datetime, running: Collection[str], step: float, foot: Sequence[str], *, width: int
) -> View:
    """How it is shown `now` on a screen that wide; `step` is that of the clock in seconds, `foot` the last lines."""
    wide = width >= NARROW
    tables = list[Rows]()
    if facts.tasks:
        heads: tuple[str, ...] = (
            ("TASK", "SCHEDULE", "NEXT RUN", "LAST RUN") if wide else ("TASK", "NEXT RUN", "LAST RUN")
        )
        tables.append((heads, *(_task(task, now, running, wide=wide) for task in facts.tasks)))
    if facts.notifiers:
        told = "SENT" if facts.sends else "OUTBOX"
        heads = ("NOTIFIER", "CHANNEL", "WAITING", "IN FLIGHT", "DEAD", told)
        tables.append((heads, *(_notifier(part, wide=wide) for part in facts.notifiers)))
    mode = bad("sends for real") if facts.sends else dim("sends nothing, keeps an outbox")
    title = f"{strong(facts.app)}  {dim(f'stage {facts.stage}')}  {mode}"
    below = [] if facts.sends else [_outbox(facts.letters, facts.letter, now)]
    if step:
        below.append(f"{dim('clock ')}  {doubtful(f'{_length(step)} ahead')}  {now.astimezone():%a %-d %b %H:%M:%S}")
    if facts.trouble:
        below.append(bad(visible(facts.trouble.partition("\n")[0])))
    return View(title, tuple(tables), (*below, *foot))


def legend(width: int) -> str:
    """The keys, as clearly as there is room for; on a narrow screen without those that are asked for least."""
    keys = [key(name, word) for name, word in KEYS.items()]
    for line in (dim(" · ").join(keys), "  ".join(keys)):
        if len(unstyle(line)) <= width:
            return line
    return "  ".join(key(name, word.partition(" ")[0]) for name, word in KEYS.items() if name not in "dl")


def key(name: str, word: str) -> str:
    """One key and what it does."""
    return f"{accent(name)} {dim(word)}"


def question(names: list[str], typed: str) -> list[str]:
    """Which task is meant, by its number: words that stand side by side."""
    numbered = [f"{accent(number)} {name}" for number, name in enumerate(names, 1)]
    return [strong("run which?"), *numbered, dim("esc: none"), *([typed] if typed else [])]


def _task(task: Task, now: datetime, running: Collection[str], *, wide: bool) -> tuple[str, ...]:
    schedule = (accent(task.schedule),) if wide else ()
    return (strong(task.name), *schedule, _due(task, now, wide=wide), _last(task, now, is_running=task.name in running))


def _due(task: Task, now: datetime, *, wide: bool) -> str:
    if task.is_paused:
        return doubtful("paused")
    if task.due is None:
        return dim("" if wide and task.silence == task.schedule else task.silence)
    away = times.away(task.due, now)
    is_near = (task.due - now).total_seconds() < 86_400  # noqa: PLR2004 - a day
    clock = f"{task.due:%H:%M:%S}" if task.due.second else f"{task.due:%H:%M}"
    if not is_near:
        clock = times.brief(task.due, now) if wide else f"{task.due:%-d %b} {clock}"
    return f"{away}  {dim(clock)}"


def _last(task: Task, now: datetime, *, is_running: bool) -> str:
    if is_running or task.state in _UNDER_WAY:
        return doubtful("running")
    if not task.state or task.at is None:
        return dim("never")
    word = _SHOWN.get(task.state) or (doubtful(task.state) if task.state in _DOUBTFUL else task.state)
    when = times.ago(task.at, now)
    reason = visible(task.reason.partition("\n")[0])
    said = f"{word} {dim(when if when != 'now' else 'just now')}"
    return f"{said}  {reason}" if reason and task.state != "done" else said


def _notifier(part: Notifier, *, wide: bool) -> tuple[str, ...]:
    name, channel = strong(part.name), part.channel
    if part.is_paused and wide:
        name = f"{name}  {doubtful('paused')}"
    elif part.is_paused:
        channel = doubtful("paused")
    waiting, flying = (accent(count) if count else dim("0") for count in (part.waiting, part.in_flight))
    dead = bad(part.dead) if part.dead else dim("0")
    accepted = good(part.accepted) if part.accepted else dim("0")
    return (name, channel, waiting, flying, dead, accepted)


def _outbox(count: int, letter: Letter | None, now: datetime) -> str:
    if letter is None:
        return f"{dim('outbox')}  {dim('empty')}"
    from datetime import UTC, datetime  # noqa: PLC0415 - at the top these are types

    when = times.ago(datetime.fromtimestamp(letter.at, UTC), now)
    to = f"  {dim(f'to {letter.recipient}')}" if letter.recipient else ""
    return f"{dim('outbox')}  {count:,}  {strong(headline(letter))}{to}  {dim(when if when != 'now' else 'just now')}"


def headline(letter: Letter) -> str:
    """The subject of a letter, or the beginning of its text."""
    content = letter.content
    text = str(content.get("subject") or content.get("title") or content.get("text") or content.get("body") or "")
    line = next((line for line in text.splitlines() if line.strip()), letter.notifier)
    return visible(line.strip())


def _length(seconds: float) -> str:
    minutes, hours = int(seconds // 60) % 60, int(seconds // 3600)
    if hours >= 48:  # noqa: PLR2004 - two days
        return f"{hours // 24} days {hours % 24} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{seconds:.0f} s"
