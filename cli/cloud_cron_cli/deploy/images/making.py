"""The image of an app, by layers or by Docker, as its configuration, its folder or a person asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_cron.errors import ConfigError
from cloud_cron_cli.deploy.images import building, lockfile, preflight
from cloud_cron_cli.deploy.images.building import Built, Recipe
from cloud_cron_cli.deploy.images.oci import ARCHITECTURES, Platform
from cloud_cron_cli.deploy.images.options import AUTO, DOCKER, DOCKERFILE, LAYERS, of

if TYPE_CHECKING:
    from pathlib import Path

    from cloud_cron.config import Settings
    from cloud_cron.model import AppModel
    from cloud_cron_cli.deploy.images.building import Workshop
    from cloud_cron_cli.deploy.images.options import Wish


def recipe_of(folder: Path, model: AppModel, settings: Settings, wish: Wish) -> Recipe:
    """What the image is made from; `ImageError` CC869 for a lock that cannot be read."""
    options = of(model, settings, lockfile.read(folder).python)
    return Recipe(folder, model, settings, options._replace(builder=wish.builder or options.builder))


def made(recipe: Recipe, workshop: Workshop, wish: Wish) -> Built:
    """The image; nothing is pushed, and no lock written.

    Raises:
        ConfigError: CC502 build arguments without Docker, CC865 files that look like secrets.
        ImageError: CC860 to CC887.
    """
    if builder_of(recipe) == DOCKER:
        from cloud_cron_cli.deploy.images import docker  # noqa: PLC0415 - few have a Dockerfile of their own

        image = docker.build(recipe, workshop.cache, workshop.say)
        return Built(image, "", None, lockfile.read(recipe.folder), ())
    if recipe.options.build_args:
        hint = f'write a {DOCKERFILE}, say builder = "docker", or leave them out'
        raise ConfigError("CC502", "[image] build_args are for Docker, and the image is made without", hint=hint)
    built = building.build(recipe, workshop, upgrade=wish.upgrade, frozen=wish.frozen)
    preflight.check(built.image, Platform(ARCHITECTURES[recipe.options.architecture]), contents=False)
    return built


def builder_of(recipe: Recipe) -> str:
    """`layers` or `docker`: the latter where the project has a Dockerfile of its own, unless it is said."""
    if recipe.options.builder != AUTO:
        return recipe.options.builder
    return DOCKER if (recipe.folder / DOCKERFILE).is_file() else LAYERS
