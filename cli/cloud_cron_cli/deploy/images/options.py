"""What `[image]` of the configuration says, with what it does not say filled in."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

AUTO: Final = "auto"
LAYERS: Final = "layers"
DOCKER: Final = "docker"
KEPT: Final = 30
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
