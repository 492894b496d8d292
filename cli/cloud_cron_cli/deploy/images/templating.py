"""The templates of an app, compiled when its image is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from cloud_cron.model import AppModel


def compiled(model: AppModel, folder: Path, python: str) -> dict[str, bytes]:
    """The files to lay beside the project's, by their path from its folder; nothing where nothing can be compiled."""
    raise NotImplementedError
