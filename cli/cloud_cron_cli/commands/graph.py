"""`cloud-cron graph`: who publishes what and who hears it, as a tree or as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cloud_cron.errors import UnsupportedError
from cloud_cron_cli import words
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, accent, dim, doubtful, strong
from cloud_cron_cli.project import opened
from cloud_cron_cli.table import HELP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cloud_cron.model import AppModel


@click.command("graph", cls=Command, short_help=HELP["graph"])
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.svg", help="Write a picture."
)
@click.pass_obj
def command(choices: Choices, output: Path | None) -> None:
    """Draw who publishes what, and who hears it.

    In the terminal it is a tree: tasks, the topics that each publishes, and who hears them. The picture is one SVG file
    that follows the viewer's light or dark mode.
    """
    if output is not None and output.suffix != ".svg":
        message = f"the picture is an SVG: name it {output.stem or 'graph'}.svg"
        raise click.BadParameter(message, param_hint="-o")
    project = opened(choices)
    out = Output(choices)
    if output:
        _write(output, project.model, project.stage)
        out.note(f"wrote {output}")
    if out.json:
        out.data(as_json(project.model, project.stage))
    elif not output:
        out.say(f"{strong(project.model.name)}  {dim(f'stage {project.stage}')}")
        for line in tree(project.model):
            out.say(line)


def as_json(model: AppModel, stage: str) -> dict[str, Any]:
    """The wiring as edges: from a task to a topic, from a topic to a notifier."""
    published = [{"task": task.name, "topic": topic} for task in model.tasks for topic in task.topics]
    heard = [{"topic": topic, "notifier": notifier.name} for notifier in model.notifiers for topic in notifier.topics]
    return {"app": model.name, "stage": stage, "published": published, "heard": heard}


def tree(model: AppModel) -> Iterator[str]:
    """The lines of the tree: each task with its topics, each topic with those that hear it."""
    for task in model.tasks:
        yield ""
        yield f"{strong(task.name)}{'' if task.enabled else dim('  not enabled')}"
        for text in words.schedules_of(task):
            yield dim(f"{'│' if task.topics else ' '} {text}")
        yield from _branches(model, task.topics)
    published = {topic for task in model.tasks for topic in task.topics}
    others = [topic for topic in model.topics if topic not in published]
    if others:
        yield ""
        yield dim("published by no task of this app")
        yield from _branches(model, others)


def _branches(model: AppModel, topics: Sequence[str]) -> Iterator[str]:
    for topic in topics:
        last = topic == topics[-1]
        hearers = [notifier for notifier in model.notifiers if topic in notifier.topics]
        yield f"{dim('└─' if last else '├─')} {accent(topic)}{'' if hearers else doubtful('  nobody hears it')}"
        for notifier in hearers:
            stem = f"{' ' if last else '│'}  {'└─' if notifier is hearers[-1] else '├─'}"
            yield f"{dim(stem)} {notifier.name}  {dim(f'{notifier.channel} → {words.audience(notifier)}')}"


def _write(path: Path, model: AppModel, stage: str) -> None:
    """Write the picture; CC708 where nothing can be written."""
    from cloud_cron_cli.svg import drawn  # noqa: PLC0415 - the tree does without

    try:
        path.write_text(drawn(model, stage), encoding="utf-8", newline="\n")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise UnsupportedError("CC708", message, hint="name a file in a folder that is there and yours") from error
