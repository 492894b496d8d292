"""Which repository the images of an app are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cloud_cron.aws.names import stack_name
from cloud_cron.errors import ConfigError
from cloud_cron_cli.deploy.deployed import ARTIFACTS
from cloud_cron_cli.deploy.template.repository import has_registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.deploy.desired import App


class Registry(Protocol):
    """ECR here, or what takes its place."""

    def uri(self, name: str) -> str:
        """The URI of a repository of this account and region, there or not yet."""

    def serves(self, uri: str) -> bool:
        """Whether images may go to a repository."""


def uri(app: App, found: Deployed, registry: Registry) -> str:
    """The existing repository, or that of the artifacts stack, which need not be there yet.

    Raises what `told` raises.
    """
    store = found.stacks.get(ARTIFACTS)
    return told(app, store.outputs if store else {}, registry)


def told(app: App, outputs: Mapping[str, str], registry: Registry) -> str:
    """The same by the outputs of that stack; `registry` is asked for what they do not tell.

    Raises:
        ConfigError: CC813 a repository of AWS's own, while an emulator takes AWS's place.
    """
    there = _uri(app, outputs, registry)
    if not registry.serves(there):
        message = f"the image would go to AWS, to {there}, and another endpoint takes AWS's place"
        hint = 'deploy with --image-uri, or name a registry: repository = "localhost:5000/shop" under [image]'
        raise ConfigError("CC813", message, hint=hint)
    return there


def _uri(app: App, outputs: Mapping[str, str], registry: Registry) -> str:
    given: str | None = app.settings.image.get("repository")
    if given and has_registry(given):
        return given
    name = given or stack_name(app.model.name, app.settings.stage, ARTIFACTS)
    said = outputs.get("RepositoryUri", "")
    return said if said.partition("/")[2] == name and registry.serves(said) else registry.uri(name)
