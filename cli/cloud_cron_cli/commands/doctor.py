"""`cloud-cron doctor`: what went wrong, in words, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cloud_cron_cli import words
from cloud_cron_cli.addressing import addressed
from cloud_cron_cli.failures import DONE, FAILED
from cloud_cron_cli.machine import dev_option
from cloud_cron_cli.operating.doctor import examine
from cloud_cron_cli.operating.findings import ERROR
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, accent, bad, dim, good, visible
from cloud_cron_cli.placing import placed, remote_option
from cloud_cron_cli.project import opened
from cloud_cron_cli.table import HELP

if TYPE_CHECKING:
    from cloud_cron_cli.operating.doctor import Diagnosis
    from cloud_cron_cli.operating.findings import Finding
    from cloud_cron_cli.project import Project


@click.command(
    "doctor",
    cls=Command,
    short_help=HELP["doctor"],
    epilog="""\b
Examples:
  cloud-cron doctor
  cloud-cron doctor --remote --stage prod --json""",
)
@dev_option
@remote_option
@click.pass_obj
def command(choices: Choices, *, dev: bool, remote: bool) -> int:
    """Tell what went wrong, each with the commands to run next: what needs a person, then what is good to know.

    Failed and missed runs, runs that nobody came back to, dead letters and why each is dead, deliveries in doubt,
    messages that wait too long, channels that are out of order, events of mails that could not be recorded; and what is
    paused, was skipped, or bounced. Nothing is changed; on AWS, dead letters are hidden from others for a moment. Exit
    code 1 when something needs a person. With --json:
    {"ok", "findings": [{"kind", "severity": "error" or "note", "name", "message", "next": [commands], "count"}],
    "unseen"}.
    """
    project, out = opened(choices), Output(choices)
    with placed(choices, project, out, dev=dev, remote=remote) as place:
        found = examine(project, place)
    findings = [_completed(finding, choices, dev=dev, remote=remote) for finding in found.findings]
    found = found._replace(findings=findings)
    if out.json:
        told = [finding.to_json() for finding in found.findings]
        out.data({"ok": found.is_well, "findings": told, "unseen": found.unseen})
    else:
        _print(out, project, found)
    return DONE if found.is_well else FAILED


def _completed(finding: Finding, choices: Choices, *, dev: bool, remote: bool) -> Finding:
    """The finding with commands that are about the place that was asked about."""
    lines = (addressed(line, choices, dev=dev, remote=remote) for line in finding.commands)
    return finding._replace(commands=tuple(lines))


def _print(out: Output, project: Project, found: Diagnosis) -> None:
    for finding in found.findings:
        mark = bad("✗") if finding.severity == ERROR else dim("·")
        out.say(f"{mark} {visible(finding.message)}")
        for line in finding.commands:
            out.say(f"    {accent(visible(line))}")
    if found.unseen:
        out.note(f"at least {words.count(found.unseen, 'letter')} more were not looked at")
    if found.is_well:
        tasks, notifiers = len(project.model.tasks), len(project.model.notifiers)
        parts = f"{words.count(tasks, 'task')}, {words.count(notifiers, 'notifier')}"
        out.say(f"{good('✓')} nothing needs you  {dim(parts)}")
