"""What an image says of itself: which app, made of what, by which version, on which base. Never which stage."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from cloud_cron import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

APP: Final = "cloud-cron.app"
SOURCE: Final = "cloud-cron.source"
VERSION: Final = "cloud-cron.version"
BASE: Final = "cloud-cron.base"


def labels(app: str, source: str, base: str) -> dict[str, str]:
    """The labels; `base` is its reference with the digest."""
    return {APP: app, SOURCE: source, VERSION: __version__, BASE: base}


def source_of(parts: Iterable[str]) -> str:
    """One name for all that goes into an image: the digest of its base, and the keys of its layers."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
