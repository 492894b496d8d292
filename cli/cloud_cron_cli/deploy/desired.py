"""What the stacks of a stage shall be, from the project and from what is deployed already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.errors import DeployError
from cloud_cron.freezing import NOTHING
from cloud_cron_cli.deploy.converging import Target
from cloud_cron_cli.deploy.deployed import IMAGE, PARTS
from cloud_cron_cli.deploy.template import Part, artifacts, check_size, digest, dumps, sealed, synthesize, tags
from cloud_cron_cli.deploy.template.scope import MAIN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cloud_cron.config import Settings
    from cloud_cron.model import AppModel
    from cloud_cron_cli.deploy.deployed import Deployed

LARGEST_INLINE = 51_200
"""Bytes of a template within a request (CloudFormation User Guide, "Quotas")."""


class App(NamedTuple):
    """A model with its configuration applied, that configuration, and the templates that Amazon SES is given."""

    model: AppModel
    settings: Settings
    ses_templates: Mapping[str, Mapping[str, str]] = NOTHING

    @property
    def tags(self) -> dict[str, str]:
        """The tags of every stack."""
        return tags(self.model, self.settings)


class Desired(NamedTuple):
    """The parts, the main one first, and the image that they run."""

    app: App
    artifacts: Part
    parts: list[Part]
    image: str | None


def desire(app: App, deployed: Deployed, image: str | None, retiring: Collection[str] = ()) -> Desired:
    """The parts of an app; what is deployed stays in its stack."""
    parts = synthesize(app.model, app.settings, image, deployed.placement, retiring, ses_templates=app.ses_templates)
    store = artifacts(app.model, app.settings, leaving=is_leaving(app, deployed))
    return Desired(app, store, parts, image)


REPOSITORY_LATER: Final = "our own repository of images is not used any more: deploy again to remove it"


def is_leaving(app: App, deployed: Deployed) -> bool:
    """Whether an existing repository takes the place of ours, whose images functions still run: it cannot go yet."""
    own = deployed.repository
    deployed_in = (deployed.image or "").partition("@")[0]
    return "repository" in app.settings.image and own is not None and deployed_in.endswith(f"/{own}")


def check_sizes(desired: Desired) -> None:
    """Refuse a part that is too large for CloudFormation: `ConfigError` CC857."""
    for part in desired.parts:
        check_size(part.stack, part.template, dumps(part.template))


UNTIDY: Final = "-untidy"
"""What follows the digest of a main stack as long as queues of removed notifiers may be left."""


def target(desired: Desired, part: Part, main: Mapping[str, str], highest: int = 0, mark: str = "") -> Target:
    """One part with its parameters, which the outputs of the main stack fill, and sealed with its digest and `mark`.

    The main stack also tells the image, and the highest number of a stack beside it: neither is part of the digest.
    """
    parameters = filled(part, main)
    own = digest(part.template, parameters, desired.app.tags) + mark
    template = sealed(part.template, own)
    if part.key == MAIN:
        more = {PARTS: {"Value": str(highest)}}
        more |= {IMAGE: {"Value": desired.image}} if desired.image else {}
        template = {**template, "Outputs": {**template["Outputs"], **more}}
    return Target(part.stack, dumps(template), own, parameters, desired.app.tags)


def filled(part: Part, main: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a part; `DeployError` CC822 when the main stack does not tell one of them."""
    missing = [output for output in part.parameters.values() if output not in main]
    if missing:
        message = f"the main stack does not tell {', '.join(missing)}, which stack {part.stack} needs"
        raise DeployError("CC822", message, hint="delete its output TemplateDigest by a change of the app, and deploy")
    return {name: main[output] for name, output in part.parameters.items()}
