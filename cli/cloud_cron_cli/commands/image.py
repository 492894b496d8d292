"""`cloud-cron image`: build, push and copy images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cloud_cron_cli import image_answers
from cloud_cron_cli.deploy.images.cache import users_cache
from cloud_cron_cli.deploy.images.options import Wish
from cloud_cron_cli.deploy.images.reference import parse
from cloud_cron_cli.family import Family
from cloud_cron_cli.image_moves import Copying, copied, pushed
from cloud_cron_cli.image_options import builder_option, frozen_option
from cloud_cron_cli.imaging import images_of, means_of
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, dim, good
from cloud_cron_cli.table import HELP
from cloud_cron_cli.transfers import Unwatched
from cloud_cron_cli.words import size

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.images.building import Built

command = Family(
    "image",
    short_help=HELP["image"],
    help="""Build the app's image without Docker, push it, copy images.

    `deploy` does what is needed by itself; these are for a pipeline that builds in one place and deploys in another,
    and for a look at what would be deployed.""",
    epilog="""\b
Examples:
  cloud-cron image build --output out --sbom out.cdx.json
  cloud-cron image push registry.example.org/shop:1.4
  cloud-cron image copy public.ecr.aws/lambda/python:3.13 --platform arm64""",
)


@command.command("build", cls=Command, short_help="Build the image, here alone.")
@click.option(
    "--output", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="Write it as an OCI layout."
)
@click.option("--sbom", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write what it holds.")
@builder_option
@frozen_option
@click.option("--upgrade", is_flag=True, help="Take the newest base and packages that fit, into cloud-cron.lock.")
@click.pass_obj
def _build(  # noqa: PLR0913 - what a person may choose
    choices: Choices, *, output: Path | None, sbom: Path | None, builder: str | None, frozen: bool, upgrade: bool
) -> None:
    """Build the image of the app in this folder; the same project gives the same digest everywhere.

    With --json: {"app", "digest", "source", "size", "layers": [{"holds", "digest", "size", "reused"}], "written",
    "notes"}.
    """
    from cloud_cron_cli.project import opened  # noqa: PLC0415 - a copy has no project

    project, out = opened(choices), Output(choices)
    means = means_of(choices, project, Unwatched(), out.note)
    built = images_of(project, means, Wish(builder, upgrade, frozen)).built(project.model, project.settings)
    written = _written(built, output, sbom)
    image_answers.built(out, project, built, written)


def _written(built: Built, output: Path | None, sbom: Path | None) -> list[str]:
    """What was asked for, as files."""
    if output:
        from cloud_cron_cli.deploy.images import layout  # noqa: PLC0415 - a push writes no files

        layout.written(built.image, output)
    if sbom:
        image_answers.write(sbom, built.sbom)
    return [str(path) for path in (output, sbom) if path]


@command.command("push", cls=Command, short_help="Build the image and push it.")
@click.argument("destination", metavar="[DST]", required=False)
@builder_option
@frozen_option
@click.pass_obj
def _push(choices: Choices, *, destination: str | None, builder: str | None, frozen: bool) -> None:
    """Build the image and push it to DST, such as registry.example.org/shop:1.4.

    Without DST it goes to the repository of the stage, which is made if need be. Credentials are those of AWS for ECR,
    and those of `docker login` elsewhere. With --json: what `build` prints but `written`, and {"uri", "repository":
    {"uri", "arn"}, "tags", "parts": [{"name", "size", "how"}], "sent"}.
    """
    from cloud_cron_cli.project import opened  # noqa: PLC0415 - a copy has no project

    project, out = opened(choices), Output(choices)
    image_answers.pushed(out, project, *pushed(choices, project, out, destination, Wish(builder, frozen=frozen)))


@command.command("copy", cls=Command, short_help="Copy an image from one registry to another.")
@click.argument("source", metavar="SRC")
@click.argument("destination", metavar="[DST]", required=False)
@click.option("--platform", metavar="NAME", help="Of several images the one for arm64, x86_64 or linux/...")
@click.option("--tag", "tags", metavar="TAG", multiple=True, help="The tag of the copy; may be given several times.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@click.pass_obj
def _copy(  # noqa: PLR0913 - what a person may choose
    choices: Choices,
    *,
    source: str,
    destination: str | None,
    platform: str | None,
    tags: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Copy the image SRC to DST byte for byte, so that it keeps its digest; of an index, the image of one platform.

    Without DST it goes to the repository of the stage, which is made if need be. Interrupted, the same command sends
    only what is not there yet. With --json: {"source", "source_digest", "digest", "uri", "repository": {"uri", "arn"},
    "tags", "parts": [{"name", "size", "how"}], "sent", "dry_run"}.
    """
    out = Output(choices)
    copying = Copying(parse(source), destination, platform, tags, dry_run)
    image_answers.copied(out, copying, *copied(choices, out, copying))


@command.command("prune", cls=Command, short_help="Make room in the cache of images.")
@click.option("--all", "everything", is_flag=True, help="Empty it.")
@click.pass_obj
def _prune(choices: Choices, *, everything: bool) -> None:
    """Delete what was not used for the longest time, down to the cache's limit: 5 GB, or CLOUD_CRON_CACHE_LIMIT.

    Whatever is missing is made or fetched again when it is needed. With --json: {"folder", "freed", "kept"}, in bytes.
    """
    out, cache = Output(choices), users_cache()
    freed = cache.prune(0 if everything else cache.limit)
    kept = cache.usage()
    if out.json:
        out.data({"folder": str(cache.folder), "freed": freed, "kept": kept})
    else:
        out.say(f"{good('✓')} {size(freed)} freed  {dim(f'{size(kept)} kept in {cache.folder}')}")
