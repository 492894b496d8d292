"""What `[image]` of the configuration says, with what it does not say filled in."""

from __future__ import annotations

import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.config.settings import listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron.config import Settings
    from cloud_cron.model import AppModel

AUTO: Final = "auto"
LAYERS: Final = "layers"
DOCKER: Final = "docker"
DOCKERFILE: Final = "Dockerfile"
"""A project that has one is built by Docker, unless it says otherwise."""
KEPT: Final = 30
PYTHON: Final = "3.13"
PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
"""Those that Lambda has a base image of (Lambda Developer Guide, "AWS base images for Python")."""
ARCHITECTURE: Final = "x86_64"
"""What Lambda takes a function for that says nothing (Lambda API reference, CreateFunction)."""
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class ImageOptions(NamedTuple):
    """How an image is made and where it goes.

    `architecture` is Lambda's word; `base` a reference with or without digest, None for AWS's own of this Python;
    `builder` is `auto`, `layers` or `docker`; `repository` is an existing one, None for that of the artifacts stack;
    `requirements` a file of the project that names its dependencies, None for whichever is there; `include` are names
    of files that look like secrets and are none; `keep` is how many images that nothing uses stay; `tag` one more tag.
    """

    python: str
    architecture: str = "x86_64"
    base: str | None = None
    builder: str = AUTO
    repository: str | None = None
    requirements: str | None = None
    include: tuple[str, ...] = ()
    build_args: Mapping[str, str] = _NOTHING
    keep: int = KEPT
    tag: str | None = None


class Wish(NamedTuple):
    """What a person asks for beyond the configuration: another builder, a lock that is newer, or one that stays."""

    builder: str | None = None
    upgrade: bool = False
    frozen: bool = False


def of(model: AppModel, settings: Settings, lock_python: str | None = None) -> ImageOptions:
    """What the configuration says, else the lock, else what fits this machine."""
    said = settings.image
    return ImageOptions(
        python=settings.python or lock_python or python_here(),
        architecture=architecture_of(model, settings),
        base=said.get("base"),
        builder=said.get("builder", AUTO),
        repository=said.get("repository"),
        requirements=said.get("requirements"),
        include=listed(said.get("include", ())),
        build_args=said.get("build_args", _NOTHING),
        keep=said.get("keep", KEPT),
        tag=said.get("tag"),
    )


def architecture_of(model: AppModel, settings: Settings) -> str:
    """That of all functions, which have one image."""
    said = (part.function["architecture"] for part in model.functions if "architecture" in part.function)
    return str(next(said, settings.function.get("architecture", ARCHITECTURE)))


def python_here(version: tuple[int, int] = sys.version_info[:2]) -> str:
    """The version that runs this, which compiles for itself; where Lambda does not have it, one that Lambda has."""
    here = f"{version[0]}.{version[1]}"
    return here if here in PYTHONS else PYTHON
