"""Images that a person moves: where to, under which tags, and what that came to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from cloud_cron_cli.deploy.aws_session import AwsSession
from cloud_cron_cli.deploy.images.ahead import Ahead
from cloud_cron_cli.deploy.images.deploying import Shipment
from cloud_cron_cli.deploy.images.oci import ARCHITECTURES, Platform
from cloud_cron_cli.deploy.images.options import architecture_of
from cloud_cron_cli.deploy.images.reference import parse
from cloud_cron_cli.deploy.images.registry.credentials import ECR_HOST
from cloud_cron_cli.imaging import images_of, means_of
from cloud_cron_cli.progress import watched
from cloud_cron_cli.transfers import moving

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.images.building import Built
    from cloud_cron_cli.deploy.images.copying import Copied
    from cloud_cron_cli.deploy.images.deploying import AppImages, Means
    from cloud_cron_cli.deploy.images.options import Wish
    from cloud_cron_cli.deploy.images.pushing import Pushed
    from cloud_cron_cli.deploy.images.reference import Reference
    from cloud_cron_cli.deploy.ports import Display
    from cloud_cron_cli.options import Choices
    from cloud_cron_cli.output import Output
    from cloud_cron_cli.project import Project

_NAMES: Final = {**ARCHITECTURES, **{name: name for name in ARCHITECTURES.values()}}


class ImageHome(NamedTuple):
    """A repository: its URI, and its ARN if it is one of ECR."""

    uri: str
    arn: str | None


class Copying(NamedTuple):
    """A copy that was asked for."""

    source: Reference
    destination: str | None
    platform: str | None
    tags: tuple[str, ...]
    dry: bool


def pushed(
    choices: Choices, project: Project, out: Output, destination: str | None, wish: Wish
) -> tuple[Built, ImageHome, Pushed]:
    """Build the image and send it; to the stage's repository unless another is named."""
    with watched(out, yes=True) as display, moving(out) as transfers:
        means = means_of(choices, project, transfers, display.say)
        images = images_of(project, means, wish)
        if destination is not None:
            return _to(destination, project, means, images)
        from cloud_cron_cli import image_homes  # noqa: PLC0415 - a repository that is named has no stage

        return image_homes.pushed(choices, project, display, images)


def _to(destination: str, project: Project, means: Means, images: AppImages) -> tuple[Built, ImageHome, Pushed]:
    """To a repository that is named."""
    target = _named(destination)
    there = Ahead(partial(means.open(target).holds, target.version))
    image = images.built(project.model, project.settings, lambda: f"{target.repository}@{there()}" if there() else None)
    shipment = Shipment(target, image, means, {target.version: there()})
    return image, home_of(target), shipment.push([_tag(target, image.image.digest)])


def copied(choices: Choices, out: Output, copying: Copying) -> tuple[ImageHome, Copied]:
    """Copy an image; to the stage's repository unless another is named."""
    from cloud_cron_cli.deploy.images.copying import copy, found  # noqa: PLC0415 - a push does without

    project = None
    if copying.destination is None:
        from cloud_cron_cli.project import opened  # noqa: PLC0415 - otherwise there is no project

        project = opened(choices)
    with watched(out, yes=True) as display, moving(out) as transfers:
        means = means_of(choices, project, transfers, display.say)
        target, home = _target(choices, project, display, copying, means)
        original = found(means.open(copying.source), copying.source, _platform(copying.platform, project))
        done = copy(
            original,
            means.open(target),
            copying.tags or (_tag(target, original.image.digest),),
            cache=means.cache,
            transfers=means.transfers,
            dry=copying.dry,
            last_resort=means.last_resort(target.host),
        )
        return home, done


def _target(
    choices: Choices, project: Project | None, display: Display, copying: Copying, means: Means
) -> tuple[Reference, ImageHome]:
    """Where a copy goes; a dry one makes no repository."""
    if project is None:
        target = _named(str(copying.destination))
        return target, home_of(target)
    from cloud_cron_cli import image_homes  # noqa: PLC0415 - a repository that is named has no stage

    return image_homes.target(choices, project, display, means, dry=copying.dry)


def _tag(target: Reference, digest: str) -> str:
    """The tag that was given, else that of the digest."""
    if target.tag:
        return target.tag
    from cloud_cron_cli.deploy.shipping import built  # noqa: PLC0415 - whose module is that of a stage

    return built(digest)


def home_of(target: Reference) -> ImageHome:
    """A repository by its name."""
    found = ECR_HOST.fullmatch(target.host)
    if not found:
        return ImageHome(target.repository, None)
    partition = AwsSession(found["region"]).partition
    there = f"arn:{partition}:ecr:{found['region']}:{found['account']}:repository/{target.name}"
    return ImageHome(target.repository, there)


def _named(destination: str) -> Reference:
    target = parse(destination)
    if target.digest:
        message = "the destination has a digest, which the image itself decides"
        raise click.UsageError(f"{message}: name a repository, or a tag")
    return target


def _platform(given: str | None, project: Project | None) -> Platform | None:
    """What was asked for, else what the app's functions run on."""
    if given is None:
        return Platform(ARCHITECTURES[architecture_of(project.model, project.settings)]) if project else None
    os, _, architecture = given.rpartition("/")
    if architecture not in _NAMES:
        raise click.UsageError(f"--platform {given}: give one of {', '.join(_NAMES)}")
    return Platform(_NAMES[architecture], os or "linux")
