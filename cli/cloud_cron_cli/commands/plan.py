"""`cloud-cron plan`: what a deploy would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from cloud_cron.errors import CloudCronError
from cloud_cron_cli import words
from cloud_cron_cli.deploy import deployable, plan
from cloud_cron_cli.deploy.images.options import Wish
from cloud_cron_cli.deploy.planning import plan as planned
from cloud_cron_cli.failures import FAILED, report
from cloud_cron_cli.image_options import builder_option, frozen_option
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, bad, dim, doubtful, good, strong, visible
from cloud_cron_cli.progress import Silence
from cloud_cron_cli.project import opened
from cloud_cron_cli.stage import tools, whole_app
from cloud_cron_cli.table import HELP
from cloud_cron_cli.transfers import Unwatched

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.plan import Plan
    from cloud_cron_cli.project import Project

_CHANGES: Final = 2
_STYLE: Final = {plan.ADD: good, plan.CHANGE: doubtful, plan.REPLACE: bad, plan.REMOVE: bad}
_SIGN: Final = {plan.ADD: "+", plan.CHANGE: "~", plan.REPLACE: "±", plan.REMOVE: "-"}


@click.command("plan", cls=Command, short_help=HELP["plan"])
@click.option("--image-uri", metavar="URI", help="An image that is there, by digest or tag; none is made.")
@builder_option
@frozen_option
@click.option("--exit-code", is_flag=True, help="Exit 0 without changes, 1 on an error, 2 with changes.")
@click.pass_context
def command(ctx: click.Context, *, image_uri: str | None, builder: str | None, frozen: bool, exit_code: bool) -> None:
    """Compare the app in this folder with what is deployed of its stage; nothing is changed.

    The image is made, here alone, so that the plan knows whether it is another one; --image-uri spares that. With
    --json: {"app", "stage", "changes": [{"stack", "action", "logical", "kind", "details": [texts]}], "renames":
    [{"kind", "old", "new"}], "notes": [texts]}, where the action is add, change, replace or remove.
    """
    choices: Choices = ctx.obj
    out = Output(choices)
    try:
        project = opened(choices)
        deployable.check(project.model, project.settings)
        images = None
        if image_uri is None:
            from cloud_cron_cli.imaging import images_of, means_of  # noqa: PLC0415 - a given image does without

            means = means_of(choices, project, Unwatched(), out.note)
            images = images_of(project, means, Wish(builder, frozen=frozen), keeps_lock=False)
        found = planned(tools(choices, project, Silence(), images), whole_app(project), image_uri)
    except CloudCronError as error:
        if not exit_code:
            raise
        report(error, choices)
        ctx.exit(FAILED)
    _tell(out, project, found)
    ctx.exit(_CHANGES if exit_code and not found.is_empty else 0)


def _tell(out: Output, project: Project, found: Plan) -> None:
    if out.json:
        out.data({"app": project.model.name, "stage": project.stage, **found.to_json()})
        return
    for line in words.redirections(project.model):
        out.note(doubtful(line))
    if found.is_empty:
        out.say(f"{good('✓')} {strong(project.model.name)} {dim(f'stage {project.stage}')}: nothing would change")
        return
    stack = None
    for each in found.differences:
        if each.stack != stack:
            stack = each.stack
            out.say(strong(f"stack {stack}"))
        out.say(f"  {_STYLE[each.action](f'{_SIGN[each.action]} {each.action}')} {each.logical} {dim(each.kind)}")
        for detail in each.details:
            out.say(f"      {visible(detail)}")
    for note in found.notes:
        out.say(note)
    for rename in found.renames:
        out.say(doubtful(f'{rename.kind} {rename.old!r} looks renamed to {rename.new!r}: name="{rename.old}" keeps it'))
    if any(each.action == plan.REPLACE for each in found.differences):
        out.note(dim("± is deleted and made anew"))
