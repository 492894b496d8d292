"""Which image of an index is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_cron.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron_cli.deploy.images.oci import Descriptor, Platform


def chosen(images: Sequence[tuple[Platform, Descriptor]], platform: Platform | None, name: str) -> Descriptor:
    """The image for a platform, or the only one; `name` is what an error calls the index.

    Raises:
        ImageError: CC880 several images and no platform asked for, CC881 none at all, CC883 none for this platform.
    """
    if not images:
        hint = "name one that holds a program for linux"
        raise ImageError("CC881", f"{name} lists no image that could run", hint=hint)
    there = ", ".join(sorted({str(each) for each, _ in images}))
    fitting = {found.digest: found for each, found in images if platform in {None, each}}
    if not fitting:
        message = f"{name} has no image for {platform}; there is {there}"
        raise ImageError("CC883", message, hint="choose one of these with --platform")
    if platform is None and len(fitting) > 1:
        message = f"{name} lists {len(fitting)} images, for {there}, and one is wanted"
        raise ImageError("CC880", message, hint="choose one with --platform")
    return next(iter(fitting.values()))
