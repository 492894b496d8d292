"""The repository of a stage, as the place that a person moves images to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron_cli.deploy import deployed as stage_of
from cloud_cron_cli.deploy import repositories
from cloud_cron_cli.deploy.images.reference import parse
from cloud_cron_cli.deploy.shipping import built
from cloud_cron_cli.deploy.storing import store
from cloud_cron_cli.image_moves import ImageHome, home_of
from cloud_cron_cli.stage import app_of, tools

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.desired import App
    from cloud_cron_cli.deploy.images.building import Built
    from cloud_cron_cli.deploy.images.deploying import AppImages, Means
    from cloud_cron_cli.deploy.images.pushing import Pushed
    from cloud_cron_cli.deploy.images.reference import Reference
    from cloud_cron_cli.deploy.ports import Display, Tools
    from cloud_cron_cli.deploy.repositories import Registry
    from cloud_cron_cli.options import Choices
    from cloud_cron_cli.project import Project

_PATIENCE: Final = 3_600.0


def pushed(choices: Choices, project: Project, display: Display, images: AppImages) -> tuple[Built, ImageHome, Pushed]:
    """Build the image and send it there."""
    app = app_of(project)
    ports = tools(choices, project, display, images)
    found = stage_of.read(ports.stacks, project.model.name, project.stage, app.tags)
    shipment = images.prepared(app, found)
    home = _own(ports, app, shipment.means.registry)
    tags = [built(shipment.built.image.digest), *filter(None, [app.settings.image.get("tag")])]
    return shipment.built, home, shipment._replace(target=parse(home.uri)).push(tags)


def target(
    choices: Choices, project: Project, display: Display, means: Means, *, dry: bool
) -> tuple[Reference, ImageHome]:
    """The repository; a dry copy makes none."""
    ports, app = tools(choices, project, display), app_of(project)
    found = stage_of.read(ports.stacks, project.model.name, project.stage, app.tags)
    there = parse(repositories.uri(app, found, means.registry))
    if dry:
        return there, home_of(there)
    home = _own(ports, app, means.registry)
    return parse(home.uri), home


def _own(ports: Tools, app: App, registry: Registry) -> ImageHome:
    """The repository of the stage, made if need be."""
    outputs = store(ports, app, _PATIENCE).outputs
    return ImageHome(repositories.told(app, outputs, registry), outputs.get("RepositoryArn"))
