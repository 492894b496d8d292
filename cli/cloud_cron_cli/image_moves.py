"""Images that a person moves: where to, under which tags, and what that came to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from cloud_cron_cli.deploy import deployed as stage_of
from cloud_cron_cli.deploy import repositories
from cloud_cron_cli.deploy.aws_session import AwsSession
from cloud_cron_cli.deploy.images.copying import copy
from cloud_cron_cli.deploy.images.deploying import Shipment
from cloud_cron_cli.deploy.images.oci import ARCHITECTURES, Platform
from cloud_cron_cli.deploy.images.options import architecture_of
from cloud_cron_cli.deploy.images.reference import parse
from cloud_cron_cli.deploy.images.registry.credentials import ECR_HOST
from cloud_cron_cli.deploy.shipping import built
from cloud_cron_cli.deploy.storing import store
from cloud_cron_cli.imaging import images_of, means_of
from cloud_cron_cli.progress import watched
from cloud_cron_cli.project import opened
from cloud_cron_cli.stage import app_of, tools
from cloud_cron_cli.transfers import moving

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.images.building import Built
    from cloud_cron_cli.deploy.images.copying import Copied
    from cloud_cron_cli.deploy.images.deploying import Means
    from cloud_cron_cli.deploy.images.options import Wish
    from cloud_cron_cli.deploy.images.pushing import Pushed
    from cloud_cron_cli.deploy.images.reference import Reference
    from cloud_cron_cli.deploy.ports import Display, Tools
    from cloud_cron_cli.options import Choices
    from cloud_cron_cli.output import Output
    from cloud_cron_cli.project import Project

_PATIENCE: Final = 3_600.0
_NAMES: Final = {**ARCHITECTURES, **{name: name for name in ARCHITECTURES.values()}}


class Place(NamedTuple):
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
) -> tuple[Built, Place, Pushed]:
    """Build the image and send it; to the stage's repository unless another is named."""
    app = app_of(project)
    with watched(out, yes=True) as display, moving(out) as transfers:
        means = means_of(choices, project, transfers, display.say)
        images = images_of(project, means, wish)
        if destination is not None:
            target = _named(destination)
            there = means.open(target).holds(target.version) is not None
            image = images.built(app, destination if there else None)
            place = _place(target)
            return image, place, Shipment(target, image, means).push([target.tag or built(image.image.digest)])
        ports = tools(choices, project, display, images)
        found = stage_of.read(ports.stacks, project.model.name, project.stage, app.tags)
        shipment = images.prepared(app, found)
        place = _own(ports, project)
        tags = [built(shipment.built.image.digest), *filter(None, [app.settings.image.get("tag")])]
        return shipment.built, place, shipment._replace(target=parse(place.uri)).push(tags)


def copied(choices: Choices, out: Output, copying: Copying) -> tuple[Place, Copied]:
    """Copy an image; to the stage's repository unless another is named."""
    project = opened(choices) if copying.destination is None else None
    with watched(out, yes=True) as display, moving(out) as transfers:
        means = means_of(choices, project, transfers, display.say)
        target, place = _target(choices, project, display, copying, means)
        move = partial(
            copy,
            means.open(copying.source),
            copying.source,
            means.open(target),
            platform=_platform(copying.platform, project),
            cache=means.cache,
            transfers=means.transfers,
            last_resort=means.last_resort(target.host),
        )
        tags = copying.tags or ((target.tag,) if target.tag else ())
        if not tags:
            tags = (built(move(tags=(), dry=True).digest),)
        return place, move(tags=tags, dry=copying.dry)


def _target(
    choices: Choices, project: Project | None, display: Display, copying: Copying, means: Means
) -> tuple[Reference, Place]:
    """Where a copy goes; a dry one makes no repository."""
    if project is None:
        target = _named(str(copying.destination))
        return target, _place(target)
    ports = tools(choices, project, display)
    if not copying.dry:
        place = _own(ports, project)
        return parse(place.uri), place
    app = app_of(project)
    found = stage_of.read(ports.stacks, project.model.name, project.stage, app.tags)
    target = parse(repositories.uri(app, found, means.registry))
    return target, _place(target)


def _own(ports: Tools, project: Project) -> Place:
    """The repository of the stage, made if need be."""
    outputs = store(ports, app_of(project), _PATIENCE).outputs
    return Place(outputs["RepositoryUri"], outputs.get("RepositoryArn"))


def _place(target: Reference) -> Place:
    """A repository by its name."""
    found = ECR_HOST.fullmatch(target.host)
    if not found:
        return Place(target.repository, None)
    partition = AwsSession(found["region"]).partition
    there = f"arn:{partition}:ecr:{found['region']}:{found['account']}:repository/{target.name}"
    return Place(target.repository, there)


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
