"""The project's own files that go into its image, and a name for all of them together.

What they are is decided by name and content alone: a checkout of another day, user or umask gives the same.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.errors import ConfigError, ImageError
from cloud_cron_cli.deploy.images import ignoring
from cloud_cron_cli.deploy.images.layers import Entry
from cloud_cron_cli.deploy.images.secrecy import HEAD, is_meant, suspicion
from cloud_cron_cli.deploy.images.walking import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cloud_cron_cli.deploy.images.walking import ProjectFile

LARGEST: Final = 2 << 30
"""Bytes: a larger file is a mistake more often than not, and starts no function quickly."""
_OWNER_RUNS: Final = 0o100
_SHOWN: Final = 5


class UserFile(NamedTuple):
    """A file by its path from the project's folder; a small one is held as it was when it was judged."""

    path: str
    data: bytes | Path
    digest: str
    executable: bool


class UserFiles(NamedTuple):
    """The files in order of their paths."""

    files: tuple[UserFile, ...]

    @property
    def key(self) -> str:
        """A name of the names, the contents, and which of them are programs."""
        told = "\0".join(f"{file.digest} {file.executable:d} {file.path}" for file in self.files)
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def paths(self) -> frozenset[str]:
        """Their paths."""
        return frozenset(file.path for file in self.files)

    def entries(self, root: str) -> list[Entry]:
        """The files below a folder of the image."""
        return [Entry(f"{root}/{file.path}", file.data, file.executable) for file in self.files]


def find(folder: Path, include: Sequence[str] = ()) -> UserFiles:
    """What goes into the image; `include` are files that look like secrets and are none.

    `ConfigError` CC865 for files that look like secrets, all of them named, CC887 for a .dockerignore that cannot be
    read; `ImageError` CC866 for a file over 2 GiB, CC867 for what cannot be in an image.
    """
    found, suspects = [], []
    for place in walk(folder, ignoring.rules(_dockerignore(folder))):
        file, head = _read(place)
        found.append(file)
        names = {path.rpartition("/")[2] for path in place}
        why = next(filter(None, (suspicion(name, head) for name in names)), None)
        if why and not is_meant(place.path, include):
            suspects.append((place.path, why))
    if suspects:
        raise _secret(sorted(suspects))
    return UserFiles(tuple(sorted(found, key=lambda file: file.path)))


def _dockerignore(folder: Path) -> bytes | None:
    try:
        return (folder / ignoring.FILE).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"{ignoring.FILE} cannot be read: {error.strerror}"
        raise ConfigError("CC887", message, where=ignoring.FILE, hint="check its permissions") from error


def _read(place: ProjectFile) -> tuple[UserFile, bytes]:
    """The file, and how it begins."""
    try:
        with open(place.real, "rb", buffering=0) as file:  # noqa: PTH123 - opens every file: quick
            state = os.fstat(file.fileno())
            _check_size(place.path, state.st_size)
            head = file.read(HEAD + 1)
            hashed = hashlib.sha256(head)
            while chunk := file.read(1 << 20) if len(head) > HEAD else b"":
                hashed.update(chunk)
    except OSError as error:
        message = f"{place.path} cannot be read: {error.strerror}"
        raise ImageError("CC867", message, where=place.path, hint="check its permissions") from error
    data = Path(place.real) if len(head) > HEAD else head
    return UserFile(place.path, data, hashed.hexdigest(), bool(state.st_mode & _OWNER_RUNS)), head


def _check_size(path: str, size: int) -> None:
    if size > LARGEST:
        message = f"{path} has {size / 1e9:.1f} GB, and a file of an image may have {LARGEST / 1e9:.1f} GB"
        hint = f"keep it in S3 and read it when it is needed, or write {path} to .dockerignore"
        raise ImageError("CC866", message, where=path, hint=hint)


def _secret(suspects: Iterable[tuple[str, str]]) -> ConfigError:
    """All of them at once, so that nobody is asked file by file."""
    names = [path for path, _ in suspects]
    listed = "; ".join(f"{path} ({why})" for path, why in list(suspects)[:_SHOWN])
    more = f"; and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    hint = (
        f"write {names[0]} to .dockerignore, and give functions a secret by secrets=; "
        f'if it is none, say so in cloud-cron.toml: [image] include = ["{names[0]}"]'
    )
    message = f"what looks like a secret would be in the image: {listed}{more}"
    return ConfigError("CC865", message, where=names[0], hint=hint)
