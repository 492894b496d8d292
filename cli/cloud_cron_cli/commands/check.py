"""`cloud-cron check`: every mistake that can be found without running anything."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cloud_cron.errors import CloudCronError, LoadError
from cloud_cron.runtime.machine import SystemClock
from cloud_cron_cli import checking, words
from cloud_cron_cli.diagnostics import ERROR, WARNING, Diagnostic, from_error, tell
from cloud_cron_cli.failures import DONE, MISUSED, tell_user_traceback
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, bad, dim, doubtful, good
from cloud_cron_cli.project import opened
from cloud_cron_cli.table import HELP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron_cli.project import Project


@click.command("check", cls=Command, short_help=HELP["check"])
@click.option("--strict", is_flag=True, help="Take warnings for errors.")
@click.pass_obj
def command(choices: Choices, *, strict: bool) -> int:
    """Find mistakes in app, configuration, schedules and templates.

    Templates are compiled, and rendered by what the notifiers make of samples/<topic>.json: a payload or a list of
    payloads for each topic. Exit code 2 when there is an error; with --strict, when there is a warning too. With
    --json: {"ok", "diagnostics": [{"code", "severity": "error" or "warning", "message", "file", "line", "hint"}]}.
    """
    out = Output(choices)
    summary = ""
    try:
        project = opened(choices)
    except CloudCronError as error:
        if isinstance(error, LoadError) and error.__cause__:
            tell_user_traceback(error.__cause__)
        diagnostics = [from_error(error)]
    else:
        checked = checking.check(project, SystemClock().now())
        diagnostics = checked.diagnostics
        summary = _seen(project, checked.rendered)
        for note in [*words.redirections(project.model), *checked.notes]:
            out.note(dim(note))
        for raised in checked.raised:
            tell_user_traceback(raised)
    wrong = {ERROR, WARNING} if strict else {ERROR}
    ok = not any(diagnostic.severity in wrong for diagnostic in diagnostics)
    if out.json:
        out.data({"ok": ok, "diagnostics": [diagnostic.to_json() for diagnostic in diagnostics]})
    else:
        _print(out, diagnostics, summary)
    return DONE if ok else MISUSED


def _print(out: Output, diagnostics: Sequence[Diagnostic], summary: str) -> None:
    for diagnostic in diagnostics:
        tell(diagnostic, sys.stdout)
        out.say()
    count = {kind: sum(d.severity == kind for d in diagnostics) for kind in (ERROR, WARNING)}
    found = [
        style(words.count(count[kind], kind)) for kind, style in ((ERROR, bad), (WARNING, doubtful)) if count[kind]
    ]
    verdict = words.listed(found) if found else good("✓ no mistakes")
    out.say(f"{verdict}  {dim(summary)}" if summary else verdict)


def _seen(project: Project, rendered: int) -> str:
    """What was looked at."""
    model = project.model
    schedules = sum(len(task.schedules) for task in model.tasks)
    seen = [
        words.count(len(model.tasks), "task"),
        words.count(schedules, "schedule"),
        words.count(len(model.notifiers), "notifier"),
        f"{words.count(rendered, 'sample')} rendered",
    ]
    return f"in {', '.join(seen)}"
