"""One run of one task by its deployed function, and what that says of it."""

from __future__ import annotations

import sys
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.runtime.redacting import redacted
from cloud_cron_cli import words
from cloud_cron_cli.addressing import addressed
from cloud_cron_cli.deploy.aws_calling import Raised
from cloud_cron_cli.diagnostics import ERROR, Diagnostic, tell
from cloud_cron_cli.failures import DONE, FAILED
from cloud_cron_cli.operating.findings import command
from cloud_cron_cli.output import Output, dim, doubtful, emit, good, strong, visible
from cloud_cron_cli.stage import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cloud_cron_cli.options import Choices
    from cloud_cron_cli.project import Project

_OURS: Final = "/cloud_cron/"
_UNMADE: Final = {
    "skipped": "the run was skipped, and its log says why",
    "duplicate": "this run was made before, and is not made twice",
    "waiting": "another run of the task is under way, and this one comes after it",
}


class FarRun(NamedTuple):
    """What a task's function said: which run it was, in which state that is, and how many messages it published."""

    task: str
    id: str
    state: str
    messages: int


def made(choices: Choices, project: Project, task: str, event: Mapping[str, Any]) -> int:
    """Ask for the run, tell what came of it, and give the exit code; raises what reading a stage and calling raise."""
    out, place, begun = Output(choices), place_of(choices, project), perf_counter()
    answer = place.call(task, event if "scheduled_at" in event else {**event, "request": place.token()})
    log = addressed(command("logs", task), choices, remote=True)
    if isinstance(answer, Raised):
        if out.json:
            out.data(FarRun(task, "", "raised", 0)._asdict())
        return _raised(task, answer, log)
    run = FarRun(task, answer["run"], answer["state"], answer["published"])
    if out.json:
        out.data(run._asdict())
    else:
        _print(out, run, perf_counter() - begun, log)
    return DONE if run.state in {"done", "duplicate"} else FAILED


def _print(out: Output, run: FarRun, seconds: float, log: str) -> None:
    mark = good("✓") if run.state == "done" else doubtful("…")
    out.say(f"{mark} {strong(run.task)}  {dim(f'run {run.id} on AWS, in {seconds:.2f} s')}")
    if run.state != "done":
        out.say(doubtful(_UNMADE.get(run.state, f"the run is in state {run.state}")))
        out.note(dim(log))
        return
    published = words.count(run.messages, "message") if run.messages else "nothing"
    out.say(f"it published {published}")
    if run.messages:
        out.note(dim("`cloud-cron status --remote` shows what becomes of it"))


def _raised(task: str, raised: Raised, log: str) -> int:
    """The traceback as the function had it, without our own frames, and in one line what it says."""
    frames = list(_theirs(raised))
    if frames:
        emit("Traceback (most recent call last):", sys.stderr)
    for line in frames:
        emit(line, sys.stderr)
    said = f"{raised.kind}: {raised.message}" if raised.kind else raised.message
    tell(Diagnostic(ERROR, None, f"task {task!r} raised {redacted(said)}".partition("\n")[0], hint=log), sys.stderr)
    return FAILED


def _theirs(raised: Raised) -> Iterator[str]:
    for frame in raised.frames:
        if _OURS not in frame.partition("\n")[0]:
            yield from map(visible, redacted(frame).splitlines())
