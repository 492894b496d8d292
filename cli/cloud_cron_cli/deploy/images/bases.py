"""The image that an app's image stands on: by default AWS's own for the version of Python, pinned in the lock.

Below 3.12 that is Amazon Linux 2, from 3.12 on Amazon Linux 2023 (Lambda Developer Guide, "Deploy Python Lambda
functions with container images").
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.errors import ImageError, NotFound
from cloud_cron_cli.deploy.images.fetching import blob, document
from cloud_cron_cli.deploy.images.image import BASE, Blob, Distant, Layer
from cloud_cron_cli.deploy.images.lockfile import BasePin
from cloud_cron_cli.deploy.images.oci import ARCHITECTURES, MANIFESTS, Platform
from cloud_cron_cli.deploy.images.reference import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cloud_cron_cli.deploy.images.lockfile import Lock
    from cloud_cron_cli.deploy.images.oci import Document
    from cloud_cron_cli.deploy.images.options import ImageOptions
    from cloud_cron_cli.deploy.images.ports import Cache, Repository
    from cloud_cron_cli.deploy.images.reference import Reference

DEFAULT: Final = "public.ecr.aws/lambda/python"
TASK_ROOT: Final = "/var/task"
"""Where Lambda expects a function whose image says nothing else."""
_UNREADABLE: Final = (ValueError, KeyError, TypeError, AttributeError)
_VERSION: Final = "PYTHON_VERSION"
"""Docker's own images of Python say there which one they have."""


class Base(NamedTuple):
    """An image to stand on: `reference` as it was written, `config` as it is."""

    reference: str
    document: Document
    config: Mapping[str, Any]
    layers: tuple[Layer, ...]

    @property
    def settings(self) -> Mapping[str, Any]:
        """How it is run: Env, Entrypoint, WorkingDir and the like."""
        settings: Mapping[str, Any] = self.config.get("config") or {}
        return settings

    @property
    def environment(self) -> Mapping[str, str]:
        """Its variables."""
        return dict(each.partition("=")[::2] for each in self.settings.get("Env") or ())

    @property
    def task_root(self) -> str:
        """The folder of the function, without a slash at either end."""
        said = self.environment.get("LAMBDA_TASK_ROOT") or self.settings.get("WorkingDir") or ""
        return str(said).strip("/") or TASK_ROOT.strip("/")


class Market(NamedTuple):
    """Where bases come from."""

    registry: Callable[[Reference], Repository]
    cache: Cache


def find(
    options: ImageOptions, lock: Lock, market: Market, *, upgrade: bool = False, frozen: bool = False
) -> tuple[Base, Lock]:
    """The base, and the lock with its pin; a pin that answers what is asked for is not looked up again.

    Raises:
        ImageError: CC860 no such image, none for the platform, or none that a function could run in; CC861 another
            architecture; CC869 when `frozen` and nothing is pinned; CC870 to CC879 what the registry says.
    """
    reference = parse(options.base or f"{DEFAULT}:{options.python}")
    pin = lock.bases.get(options.architecture)
    pinned = pin.digest if pin and pin.reference == str(reference) and not upgrade else reference.digest
    if frozen and not pinned:
        message = f"cloud-cron.lock does not say which image {reference} is for {options.architecture}"
        raise ImageError("CC869", message, hint="build once without --frozen, and keep the lock that it writes")
    repository = market.registry(reference)
    found = _image(repository, reference, pinned, options, market.cache)
    base = _read(repository, reference, found, market.cache)
    _check(base, options)
    bases = {**lock.bases, options.architecture: BasePin(str(reference), found.digest)}
    return base, lock if bases == lock.bases else lock._replace(bases=bases)


def _image(
    repository: Repository, reference: Reference, pinned: str | None, options: ImageOptions, cache: Cache
) -> Document:
    """The manifest of the image itself: of an index, that for the platform; one that can be read."""
    try:
        found = document(repository, pinned or reference.version, cache)
        while found.is_index:
            found = document(repository, _chosen(found, reference, options), cache)
        if found.media_type in MANIFESTS:
            _ = found.config, found.layers
    except _UNREADABLE as error:
        raise _damaged(reference, "its manifest", error) from error
    except NotFound as error:
        message = f"there is no image {reference}{f' of digest {pinned}' if pinned else ''}"
        raise ImageError("CC860", message, hint=_remedy(options, pinned)) from error
    if found.media_type not in MANIFESTS:
        hint = "take one that was pushed in this decade"
        raise ImageError("CC860", f"{reference} is of a kind that Lambda does not take: {found.media_type}", hint=hint)
    return found


def _remedy(options: ImageOptions, pinned: str | None) -> str:
    if pinned:
        return "take what is there now with --upgrade; a digest in base = of [image] is to be changed there"
    if options.base:
        return "see base = of [image] in cloud-cron.toml; a private registry may hide what it does not let you read"
    return f"does AWS have images for Python {options.python}? Otherwise change python = in cloud-cron.toml"


def _chosen(index: Document, reference: Reference, options: ImageOptions) -> str:
    """The digest of the image for the platform; a variant of an architecture is as good as another."""
    wanted = Platform(ARCHITECTURES[options.architecture])
    for platform, descriptor in index.images:
        if platform == wanted:
            return descriptor.digest
    there = ", ".join(sorted({str(platform) for platform, _ in index.images})) or "nothing that runs"
    message = f"{reference} is there for {there}, and not for {wanted}"
    raise ImageError("CC860", message, hint="choose another base, or another architecture in cloud-cron.toml")


def _read(repository: Repository, reference: Reference, found: Document, cache: Cache) -> Base:
    """The image with its configuration; its layers stay where they are."""
    try:
        config, diff_ids = _configured(blob(repository, found.config.digest, cache))
    except _UNREADABLE as error:
        raise _damaged(reference, "its configuration", error) from error
    if len(diff_ids) != len(found.layers):
        message = f"{reference} has {len(found.layers)} layers, and its configuration names {len(diff_ids)}"
        raise ImageError("CC860", message, hint="whoever made it did not make an image that runs; choose another base")
    layers = tuple(
        Layer(Blob(each, Distant(repository, each.digest)), diff_id, BASE, reused=True)
        for each, diff_id in zip(found.layers, diff_ids, strict=True)
    )
    return Base(str(reference), found, config, layers)


def _tagged(reference: str) -> str | None:
    """The version that a tag tells, as AWS and Docker tag their images of Python and mirrors keep it."""
    found = re.search(r"(?:^|/)python:(\d+\.\d+)(?:[.@-]|$)", reference)
    return found[1] if found else None


def _configured(data: bytes) -> tuple[Mapping[str, Any], list[str]]:
    """A configuration as far as it is made use of, and its diff_ids (OCI Image Format Specification 1.1, `config.md`).

    ValueError, KeyError, TypeError or AttributeError for another form.
    """
    config = json.loads(data)
    diff_ids = config.get("rootfs", {}).get("diff_ids", [])
    settings = config.get("config") or {}
    shapes = (
        (diff_ids, list),
        (settings, dict),
        (settings.get("Labels") or {}, dict),
        (config.get("history") or [], list),
    )
    texts = (*diff_ids, *(settings.get("Env") or ()))
    if not all(isinstance(part, shape) for part, shape in shapes) or not all(isinstance(each, str) for each in texts):
        message = "a part of it is of another kind"
        raise TypeError(message)
    return config, diff_ids


def _damaged(reference: Reference, what: str, error: Exception) -> ImageError:
    hint = "whoever made it did not make an image that runs; choose another base"
    return ImageError("CC860", f"{reference} is no image: {what} cannot be read ({error!r:.160})", hint=hint)


def _check(base: Base, options: ImageOptions) -> None:
    """Whether a function of this app can run in it."""
    wanted = Platform(ARCHITECTURES[options.architecture])
    has = Platform(str(base.config.get("architecture")), str(base.config.get("os")))
    if has != wanted:
        message = f"{base.reference} is for {has}, and the functions are for {wanted}"
        raise ImageError("CC861", message, hint="choose another base, or another architecture in cloud-cron.toml")
    version = base.environment.get(_VERSION) or _tagged(base.reference) or options.python
    if version.split(".")[:2] != options.python.split("."):
        message = f"{base.reference} has Python {version}, and the image is made for {options.python}"
        raise ImageError("CC860", message, hint=f'write python = "{".".join(version.split(".")[:2])}", or another base')
    if not base.settings.get("Entrypoint"):
        message = f"{base.reference} has no entrypoint that starts Lambda's runtime client"
        raise ImageError("CC860", message, hint=f"stand on {DEFAULT}, or on an image with awslambdaric and ENTRYPOINT")
