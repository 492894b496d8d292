"""The files of `cloud_cron` that go into an image: those of the running installation, so that tool and image agree."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import cloud_cron
from cloud_cron_cli.deploy.images.layers import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE: Final = "cloud_cron"
_LEFT_OUT: Final = ("local", "testing")
"""The engine of one machine, and the testing kit: the runtime never imports them."""
_ENDINGS: Final = (".py", ".html", ".txt")
"""What the package is made of: not what editors and interpreters leave beside it, nor what type checkers look for."""


class RuntimeFiles(NamedTuple):
    """The files by their path from the folder of the package, in order."""

    files: tuple[tuple[str, bytes], ...]

    @property
    def key(self) -> str:
        """A name of the names and contents."""
        whole = hashlib.sha256()
        for path, data in self.files:
            whole.update(f"{path}\0{len(data)}\0".encode() + data)
        return whole.hexdigest()

    def entries(self, root: str) -> list[Entry]:
        """The package in a folder of the image."""
        return [Entry(f"{root}/{PACKAGE}/{path}", data) for path, data in self.files]


def runtime_files(package: Path = Path(cloud_cron.__path__[0])) -> RuntimeFiles:
    """What a function needs of the package."""
    return RuntimeFiles(tuple(sorted(_within(package, ""))))


def _within(folder: Path, prefix: str) -> Iterator[tuple[str, bytes]]:
    with os.scandir(folder) as listed:
        for entry in listed:
            path = prefix + entry.name
            if entry.is_dir() and path not in _LEFT_OUT:
                yield from _within(Path(entry.path), f"{path}/")
            elif path.endswith(_ENDINGS):
                yield path, Path(entry.path).read_bytes()
