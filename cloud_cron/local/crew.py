"""The workers of a host: which generation each belongs to, and what each is at."""

from __future__ import annotations

import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cloud_cron.runs import BACKFILL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.local.generation import Generation
    from cloud_cron.local.scheduler import Fire
    from cloud_cron.model import NotifierModel, TaskModel


@dataclass
class Job:
    """What one worker is at: a run (`task`, `request`, perhaps for a `fire`) or the queue of one notifier.

    `begins` is the time before which a run does not begin (epoch seconds); one `of_the_past` makes up for a time that
    has gone. `why` is filled in when it was cut off.
    """

    name: str
    id: str
    task: str = ""
    notifier: str = ""
    request: str = ""
    fire: Fire | None = None
    timeout: int = 0
    begins: float = 0.0
    of_the_past: bool = False
    stopping: bool = False
    why: str = ""


class Crew:
    """All workers. New ones come from the generation `present`; those of `leaving` ones finish."""

    def __init__(self) -> None:
        """Nobody is there."""
        self.present: Generation | None = None
        self.leaving: list[Generation] = []
        self._jobs: dict[str, tuple[Generation, Job]] = {}
        self._number = 0

    def generations(self) -> list[Generation]:
        """Those that have workers, or can have."""
        return [*self.leaving, *([self.present] if self.present else [])]

    def replace(self, generation: Generation) -> None:
        """Let the next workers come from another generation; the present one finishes what it has begun."""
        if self.present:
            self.present.retire()
            self.leaving.append(self.present)
        self.present = generation

    def run(self, part: TaskModel, event: dict[str, Any], request: str, fire: Fire | None, now: float) -> None:
        """Let a worker run a task; one that is for a fire time waits for it."""
        if self.present is None:
            return
        begins = fire.at.timestamp() if fire else 0.0
        run = f"{part.name}@{event['scheduled_at']}" if "scheduled_at" in event else f"{part.name}!{request}"
        job = Job(self._name("run"), run, part.name, request=request, fire=fire, timeout=part.timeout, begins=begins)
        job.of_the_past = event.get("trigger") == BACKFILL
        self._jobs[job.name] = (self.present, job)
        asked = {"id": run, "task": part.name, "event": event, "request": request, "timeout": part.timeout}
        self.present.begin("run", job.name, **asked, not_before=begins, **{"in": max(0.0, begins - now)})

    def courier(self, notifier: NotifierModel) -> None:
        """Let a worker deliver what waits for a notifier."""
        if self.present:
            job = Job(self._name("courier"), notifier.name, notifier=notifier.name, timeout=notifier.timeout)
            self._jobs[job.name] = (self.present, job)
            self.present.begin("courier", job.name, notifier=notifier.name)

    def runs(self) -> list[Job]:
        """The runs that are under way, or about to be."""
        return [job for _, job in list(self._jobs.values()) if job.task]  # also asked from other threads

    def couriers(self) -> dict[str, Job]:
        """Who takes new messages, by notifier."""
        found = [job for generation, job in self._jobs.values() if job.notifier and not generation.retired]
        return {job.notifier: job for job in found if not job.stopping}

    def of(self, generation: Generation) -> Iterator[Job]:
        """The jobs of one generation."""
        yield from [job for home, job in self._jobs.values() if home is generation]

    def job(self, name: str) -> Job | None:
        """The job of that name, unless it is over."""
        return self._jobs[name][1] if name in self._jobs else None

    def dismiss(self, job: Job, *, at_once: bool = False) -> None:
        """Let a worker finish what it has begun and end, or end at once."""
        job.stopping = True
        self._jobs[job.name][0].stop(job.name, kill=at_once)

    def over(self, name: str, status: int, why: str) -> Job | None:
        """A worker's process ended; the job says why it was cut off, if it was. None for one that is not known."""
        _, job = self._jobs.pop(name, (None, None))
        if job and status != 0:
            job.why = f"it took longer than {job.timeout} seconds" if why == "timeout" else why or _died(status)
        return job

    def is_idle(self) -> bool:
        """Whether nobody is at anything."""
        return not self._jobs

    def close(self) -> None:
        """End every process at once."""
        for generation in self.generations():
            generation.close()
        self.present, self.leaving = None, []

    def _name(self, kind: str) -> str:
        self._number += 1
        return f"{kind}-{self._number}"


def _died(status: int) -> str:
    if status >= 0:
        return f"its process ended with exit code {status}"
    with suppress(ValueError):
        return f"its process was killed by {signal.Signals(-status).name}"
    return f"its process was killed by signal {-status}"
