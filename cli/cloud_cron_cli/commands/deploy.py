"""`cloud-cron deploy`: bring a stage on AWS to the app in this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cloud_cron_cli.deploy import deployable
from cloud_cron_cli.deploy.engine import Order, deploy
from cloud_cron_cli.deploy.images.options import Wish
from cloud_cron_cli.image_options import builder_option, frozen_option
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, dim, doubtful, good, strong
from cloud_cron_cli.progress import watched
from cloud_cron_cli.project import opened
from cloud_cron_cli.stage import tools, whole_app
from cloud_cron_cli.table import HELP
from cloud_cron_cli.transfers import moving
from cloud_cron_cli.words import listed, redirections

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.engine import Done
    from cloud_cron_cli.project import Project


@click.command("deploy", cls=Command, short_help=HELP["deploy"])
@click.option("--image-uri", metavar="URI", help="An image that is there, by digest or tag; none is made.")
@builder_option
@frozen_option
@click.option(
    "--timeout", metavar="MINUTES", type=click.FloatRange(min=0, min_open=True), default=60.0, help="How long.  [60]"
)
@click.option("--drain", is_flag=True, help="Wait until the queues of removed notifiers are empty.")
@click.option("--discard", is_flag=True, help="Delete messages in the queues of removed notifiers.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.pass_obj
def command(  # noqa: PLR0913 - what a person may choose
    choices: Choices,
    *,
    image_uri: str | None,
    builder: str | None,
    frozen: bool,
    timeout: float,
    drain: bool,
    discard: bool,
    yes: bool,
) -> None:
    """Deploy the app in this folder to AWS, as a change of what is deployed already.

    Its image is made here and pushed to the repository of its stage, unless --image-uri names one. An interrupted
    deploy goes on in AWS; the same command again waits for it and does the rest. With --json: {"app", "stage", "image",
    "changed": [stacks], "later", "outputs": {name: value}}, where `later` is null or what only a further deploy can do.
    """
    project, out = opened(choices), Output(choices)
    deployable.check(project.model, project.settings)
    order = Order(image_uri, timeout * 60, drain, discard)
    try:
        with watched(out, yes=yes) as display, moving(out) as transfers:
            images = None
            if image_uri is None:
                from cloud_cron_cli.imaging import images_of, means_of  # noqa: PLC0415 - a given image does without

                means = means_of(choices, project, transfers, display.say)
                images = images_of(project, means, Wish(builder, frozen=frozen))
            done = deploy(tools(choices, project, display, images), whole_app(project), order)
    except KeyboardInterrupt:
        out.note("interrupted: what was begun goes on in AWS, and `cloud-cron deploy` again takes it up")
        raise
    _tell(out, project, done)


def _tell(out: Output, project: Project, done: Done) -> None:
    if out.json:
        told = {"image": done.image, "changed": list(done.changed), "later": done.later, "outputs": dict(done.outputs)}
        out.data({"app": project.model.name, "stage": project.stage, **told})
        return
    what = f"changed {listed(done.changed)}" if done.changed else "nothing has changed"
    out.say(f"{good('✓')} {strong(project.model.name)} {dim(f'stage {project.stage}')}: {what}")
    for line in redirections(project.model):
        out.note(doubtful(line))
    out.note(dim(f"image {done.image}"))
    if done.later:
        out.say(done.later)
    out.note(dim("`cloud-cron outputs` shows names and ARNs"))
