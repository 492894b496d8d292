"""The image of a deploy: made before anything is refused, sent before anything changes, and kept as long as it may run.

A tag that begins with `live-` keeps an image from the repository's lifecycle. It is put before a change that needs the
image, and taken away when ten later ones have succeeded and no function runs the image.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.errors import CloudCronError, ImageError
from cloud_cron_cli.deploy.template.repository import LIVE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.deploy.desired import App
    from cloud_cron_cli.deploy.ports import Prepared, Tools
    from cloud_cron_cli.deploy.stacks import Stack

BUILT: Final = "b-"
KEPT: Final = 10
"""So many images stay live after they were deployed: what a rollback may need."""
_ID: Final = r"[0-9]{8}T[0-9]{6}Z-[a-z0-9]+"
_SHORT: Final = 12


class Given(NamedTuple):
    """An image that somebody else made, and keeps."""

    uri: str
    sbom: str | None = None

    def tags(self) -> Mapping[str, str]:
        """None of our business."""
        return {}

    def push(self, tags: Sequence[str]) -> None:
        """It is there."""

    def untag(self, tags: Sequence[str]) -> None:
        """Its tags are not ours."""


def chosen(tools: Tools, app: App, found: Deployed, given: str | None) -> Prepared:
    """The given image by its digest, or the one that is made of the app."""
    return tools.images.prepared(app, found) if given is None else Given(tools.account.resolve(given))


def ship(tools: Tools, app: App, image: Prepared, bucket: str) -> None:
    """Send the image and what is known of it.

    Its tags are `b-` with its digest, the one that the configuration names, and a live one unless it was the last
    image that was sent. Raises `ImageError` CC886 for a tag that another image has; tags of ours never move.
    """
    digest = digest_of(image.uri)
    there = image.tags()
    named = [built(digest), *([app.settings.image["tag"]] if "tag" in app.settings.image else [])]
    for tag in named:
        if there.get(tag, digest) != digest:
            message = f"tag {tag} stands for another image already: {there[tag]}"
            raise ImageError("CC886", message, hint="name a new tag for each image, or leave [image] tag out")
    newest = live(app, there)[-1:]
    if not newest or there[newest[0]] != digest:
        named.append(_new(tools, app))
    if image.sbom is not None:
        tools.storage.put(bucket, f"images/{digest.removeprefix('sha256:')}.cdx.json", image.sbom)
    image.push(named)


def retire(tools: Tools, app: App, image: Prepared, stacks: Iterable[Stack]) -> None:
    """Take the live tags of earlier deploys away; whatever goes wrong with that, the deploy was done."""
    try:
        there = image.tags()
        old = live(app, there)[:-KEPT]
        if not old:
            return
        resources = [resource for stack in stacks for resource in tools.stacks.resources(stack.id)]
        functions = [each.physical for each in resources if each.kind == "AWS::Lambda::Function" and each.physical]
        needed = tools.images.running(functions) | {digest_of(image.uri)}
        if gone := [tag for tag in old if there[tag] not in needed]:
            image.untag(gone)
    except CloudCronError as error:
        tools.display.say(f"the tags of earlier images stay for now: {error}")


def live(app: App, tags: Iterable[str]) -> list[str]:
    """The live tags of this app and stage, the oldest first; a repository may hold those of others."""
    own = re.compile(re.escape(_prefix(app)) + _ID)
    return sorted(tag for tag in tags if own.fullmatch(tag))


def built(digest: str) -> str:
    """The tag of every image, by its digest."""
    return BUILT + digest.removeprefix("sha256:")[:_SHORT]


def digest_of(uri: str) -> str:
    """The digest in a URI."""
    return uri.partition("@")[2]


def _new(tools: Tools, app: App) -> str:
    """A live tag that sorts after all others."""
    at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(tools.time.now()))
    return f"{_prefix(app)}{at}-{tools.time.token()[:8]}"


def _prefix(app: App) -> str:
    return f"{LIVE}{app.model.name}-{app.settings.stage}-"
