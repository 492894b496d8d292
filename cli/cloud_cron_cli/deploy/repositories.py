"""Which repository the images of an app are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_cron.aws.names import stack_name
from cloud_cron_cli.deploy.deployed import ARTIFACTS
from cloud_cron_cli.deploy.template.repository import has_registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.deploy.desired import App


def uri(app: App, found: Deployed, registry: Callable[[], str]) -> str:
    """The existing repository, or that of the artifacts stack, which need not be there yet.

    `registry` tells the host of ECR; it is asked only when no stack tells it.
    """
    given: str | None = app.settings.image.get("repository")
    if given and has_registry(given):
        return given
    name = given or stack_name(app.model.name, app.settings.stage, ARTIFACTS)
    store = found.stacks.get(ARTIFACTS)
    told = store.outputs.get("RepositoryUri", "") if store else ""
    return told if told.partition("/")[2] == name else f"{registry()}/{name}"
