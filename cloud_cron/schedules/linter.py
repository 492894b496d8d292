"""Schedules that AWS accepts and that their author probably did not mean.

Pure: the current time is an argument. Codes: W103 never fires again, W104 fire times that a change of the clocks skips
or repeats, W105 a rate whose phase AWS cannot hold, W106 an interval shorter than the task's timeout, W107 tasks that
start in the same minute.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from heapq import merge
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Final

from cloud_cron.schedules.clock_words import duration
from cloud_cron.schedules.coincidence import meetings
from cloud_cron.schedules.cron import Cron
from cloud_cron.schedules.emission import cron_of, nearest_exact
from cloud_cron.schedules.findings import Finding
from cloud_cron.schedules.listing import listed
from cloud_cron.schedules.once import Once
from cloud_cron.schedules.rate import Rate
from cloud_cron.schedules.schedule import CEILING, FLOOR, instant_of
from cloud_cron.schedules.transitions import Transition, touched, transitions
from cloud_cron.schedules.zones import place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime, tzinfo

    from cloud_cron.schedules.schedule import Schedule

_TWO_YEARS: Final = timedelta(days=730)
_SOME_DAYS: Final = timedelta(days=8)
_SOME_FIRES: Final = 300
_TICK: Final = timedelta(microseconds=1)
_LONG: Final = 86400.0 * 366
_SHOWN: Final = 5
_MINUTE: Final = 60


def lint(
    schedules: Mapping[str, Sequence[Schedule]], now: datetime, timeouts: Mapping[str, float] | None = None
) -> list[Finding]:
    """Remarks on the schedules of tasks, by name: those of each task in turn, then those on several.

    `now` is an aware datetime; `timeouts` are in seconds by task name, and a task without one gets no W106.
    """
    moment = min(max(instant_of(now), FLOOR), CEILING)
    linter = _Linter(moment)
    found: list[Finding] = []
    for task, own in schedules.items():
        for schedule in own:
            found.extend(linter.schedule(task, schedule))
        timeout = (timeouts or {}).get(task)
        if timeout is not None:
            found.extend(_too_short(task, own, moment, timeout))
    return [*found, *_together(schedules, moment)]


class _Linter:
    """The remarks on single schedules from one moment on; remembers the transitions of each zone."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.changes: dict[str, list[Transition]] = {}

    def schedule(self, task: str, schedule: Schedule) -> Iterator[Finding]:
        """The remarks on one schedule."""
        match schedule.rule:
            case Once() as once if place(once.wall, schedule.zone) is None:
                yield _never_there(task, schedule, once)
                return
            case Rate() as rate if cron_of(rate.minutes, rate.anchor) is None:
                yield _out_of_phase(task, schedule, rate)
            case Cron() as cron:
                yield from self._clock_change(task, schedule, cron)
        if schedule.next(self.now) is None:
            yield _over(task, schedule, self.now)

    def _clock_change(self, task: str, schedule: Schedule, cron: Cron) -> Iterator[Finding]:
        first, last = schedule.span
        hits = [
            (change, times)
            for change in self._transitions(schedule.timezone, schedule.zone)
            if first <= change.instant <= last and (times := touched(cron, change))
        ]
        if hits:
            yield _skipped_or_repeated(task, schedule, hits)

    def _transitions(self, name: str, zone: tzinfo) -> list[Transition]:
        if name not in self.changes:
            self.changes[name] = transitions(zone, self.now, self.now + _TWO_YEARS)
        return self.changes[name]


def _never_there(task: str, schedule: Schedule, once: Once) -> Finding:
    message = (
        f"`{schedule.expression}` never fires: the clocks of {schedule.timezone} skip that time on {once.wall:%Y-%m-%d}"
    )
    return Finding("W104", message, 'choose a time that exists, or timezone="UTC"', task, schedule.expression)


def _over(task: str, schedule: Schedule, now: datetime) -> Finding:
    last = schedule.previous(now + _TICK)
    before = (
        f"its last fire time was {last:%Y-%m-%d %H:%M}, {schedule.timezone}" if last else "it has no fire time at all"
    )
    hint = "remove it, or give it a time to come"
    return Finding("W103", f"`{schedule.expression}` never fires again: {before}", hint, task, schedule.expression)


def _out_of_phase(task: str, schedule: Schedule, rate: Rate) -> Finding:
    count, unit = duration(nearest_exact(rate.minutes)).split(" ")
    message = (
        f"`{schedule.expression}` does not keep its phase on AWS, which fires it once when it is created and counts"
        " from there, and from the next update again"
    )
    hint = f"the nearest rate that does is `rate({count} {unit})`; a cron expression always does"
    return Finding("W105", message, hint, task, schedule.expression)


def _skipped_or_repeated(
    task: str, schedule: Schedule, hits: Sequence[tuple[Transition, Sequence[datetime]]]
) -> Finding:
    """One remark for all dates of two years."""
    dates: dict[tuple[bool, str], list[str]] = {}
    for change, times in hits:
        dates.setdefault((change.forward, _times(times)), []).append(f"{times[0]:%Y-%m-%d}")
    said = [
        f"on {listed(days)} the clocks " + (f"skip {times}" if forward else f"repeat {times}, and it runs only once")
        for (forward, times), days in dates.items()
    ]
    windows = dict.fromkeys(f"{first:%H:%M}-{last:%H:%M}" for first, last in (change.window for change, _ in hits))
    message = f"`{schedule.expression}` in {schedule.timezone}: {'; '.join(said)}"
    hint = f'choose times outside of {listed(list(windows))}, or timezone="UTC", whose clock never changes'
    return Finding("W104", message, hint, task, schedule.expression)


def _times(times: Sequence[datetime]) -> str:
    if len(times) <= _SHOWN:
        return listed([f"{time:%H:%M}" for time in times])
    return f"{times[0]:%H:%M} to {times[-1]:%H:%M} ({len(times)} times)"


def _too_short(task: str, own: Sequence[Schedule], now: datetime, timeout: float) -> Iterator[Finding]:
    """The shortest pause between two fire times of a task, as far as a week of them shows it."""
    first = min((time.astimezone(UTC) for each in own if (time := each.next(now))), default=None)
    if first is None:
        return
    until = first + _SOME_DAYS + timedelta(seconds=min(timeout, _LONG))
    fires = merge(*(_instants(each, now, until) for each in own))
    for earlier, later in pairwise(islice(fires, _SOME_FIRES)):
        pause = (later - earlier).total_seconds()
        if 0 < pause < timeout:
            after = f"{pause:g} seconds" if pause % _MINUTE else duration(int(pause // _MINUTE))
            message = f"task `{task}` starts {after} after a run that may take {timeout:g} seconds"
            hint = "lower its timeout or lengthen the interval; `overlap` decides what happens to a run that is early"
            yield Finding("W106", message, hint, task)
            return


def _instants(schedule: Schedule, now: datetime, until: datetime) -> Iterator[datetime]:
    return (time.astimezone(UTC) for time in schedule.fires(now, until))


def _together(schedules: Mapping[str, Sequence[Schedule]], now: datetime) -> Iterator[Finding]:
    """One remark for all tasks that meet in a minute."""
    for tasks, first, times in meetings(schedules, now):
        names = [f"`{task}`" for task in tasks[:_SHOWN]]
        if len(tasks) > _SHOWN:
            names.append(f"{len(tasks) - _SHOWN} more")
        often = "once" if times == 1 else f"{times} times"
        message = (
            f"{listed(names)} fire in the same minute, {often} in the next year, first at {first:%Y-%m-%d %H:%M} UTC"
        )
        yield Finding(
            "W107",
            message,
            "move all but one by some minutes, so that they do not start at once",
            tasks[0],
            None,
            tasks[1:],
        )
