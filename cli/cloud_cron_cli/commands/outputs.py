"""`cloud-cron outputs`: names and ARNs of what is deployed."""

from __future__ import annotations

import json
from typing import Any

import click

from cloud_cron_cli.deploy.deployed import main_of, read
from cloud_cron_cli.deploy.engine import outputs
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, dim, strong
from cloud_cron_cli.progress import Silence
from cloud_cron_cli.project import Project, opened
from cloud_cron_cli.stage import app_of, tools
from cloud_cron_cli.table import HELP


@click.command("outputs", cls=Command, short_help=HELP["outputs"])
@click.pass_obj
def command(choices: Choices) -> None:
    """Show the outputs of every stack of a stage, merged: functions, roles, log groups, schedules, topics, queues.

    With --json: {"app", "stage", "tasks": [objects], "notifiers": [objects], "topics": [objects], "outputs": {name:
    value}}, where each object has `kind`, `name`, and names and ARNs of what belongs to it.
    """
    project, out = opened(choices), Output(choices)
    ports = tools(choices, project, Silence())
    found = read(ports.stacks, project.model.name, project.stage, app_of(project).tags)
    main_of(found, project.model.name, project.stage)
    shown = as_json(project, outputs(found.stacks))
    if out.json:
        out.data(shown)
    else:
        _print(out, shown)


def as_json(project: Project, merged: dict[str, str]) -> dict[str, Any]:
    """The shape that `outputs --json` prints: lists by kind, and under `outputs` what the stacks say, as it is."""
    said = [json.loads(value) for value in merged.values() if value.startswith('{"kind"')]
    kinds = {f"{kind}s": [each for each in said if each["kind"] == kind] for kind in ("task", "notifier", "topic")}
    return {"app": project.model.name, "stage": project.stage, **kinds, "outputs": merged}


def _print(out: Output, shown: dict[str, Any]) -> None:
    for kind in ("tasks", "notifiers", "topics"):
        for each in shown[kind]:
            out.say(f"{strong(each['name'])} {dim(each['kind'])}")
            for name, value in each.items():
                if name not in {"kind", "name"}:
                    out.say(f"  {name}: {value if isinstance(value, str) else json.dumps(value)}")
    for name, value in shown["outputs"].items():
        if not value.startswith('{"kind"'):
            out.say(f"{name}: {value}")
