"""Walks a project: what is in its image, by which name, and where it really is.

A link to something inside of the project stands for what it leads to. No link is followed out of the project.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cloud_cron_cli.deploy.images.ignoring import Rules

CONTEXT: Final = ".cloud-cron-context"
"""A file that is in the folder of what Docker makes an image from: a copy of the project."""
_NOT_OURS: Final = ("pyvenv.cfg", CONTEXT, "oci-layout")
"""What marks a folder of a virtual environment, of such a copy, or of an image that was written."""


class ProjectFile(NamedTuple):
    """A file by its path from the project's folder, and where it is once every link is followed."""

    path: str
    real: str


def walk(folder: Path, rules: Rules) -> Iterator[ProjectFile]:
    """Every file that the rules do not leave out, in no order.

    `ImageError` CC867 for a link that leads out of the project, to nothing, or round in a circle; for what is no file;
    for a name that is not UTF-8; for a folder that cannot be read.
    """
    root = os.path.realpath(folder)
    yield from _Walk(root, rules).within(root, "", (root,))


class _Walk(NamedTuple):
    root: str
    rules: Rules

    def within(self, real: str, prefix: str, above: tuple[str, ...]) -> Iterator[ProjectFile]:
        """The files of a folder; `above` are the real places of it and of the folders on the way to it."""
        for entry in _listed(real, prefix):
            path = prefix + entry.name
            out = self.rules.leave_out(path)
            if entry.is_symlink():
                if not out:
                    yield from self._linked(entry.path, path, above)
            elif entry.is_dir(follow_symlinks=False):
                if not out or self.rules.may_take_back_within(path):
                    yield from self._entered(entry.path, path, above)
            elif not out:
                yield _file(entry.path, path, is_file=entry.is_file(follow_symlinks=False))

    def _entered(self, real: str, path: str, above: tuple[str, ...]) -> Iterator[ProjectFile]:
        """The files of a folder in it, unless it is none of the project's own, whatever its name."""
        if not any(os.path.exists(f"{real}/{mark}") for mark in _NOT_OURS):  # noqa: PTH110 - asked of every folder
            yield from self.within(real, f"{path}/", (*above, real))

    def _linked(self, link: str, path: str, above: tuple[str, ...]) -> Iterator[ProjectFile]:
        """What a link leads to, under the name of the link."""
        try:
            real = os.path.realpath(link, strict=True)
        except OSError as error:
            what = "leads to nothing" if isinstance(error, FileNotFoundError) else "cannot be followed"
            raise _refused(path, f"is a link that {what}: {_target(link)}") from error
        if not real.startswith(f"{self.root}/"):
            if real == self.root:
                raise _refused(path, "is a link to a folder that it is in")
            raise _refused(path, f"is a link out of the project, to {_target(link)}")
        if not os.path.isdir(real):  # noqa: PTH112 - see above
            yield _file(real, path, is_file=os.path.isfile(real))  # noqa: PTH113 - the same
        elif real in above:
            raise _refused(path, "is a link to a folder that it is in")
        else:
            yield from self._entered(real, path, above)


def _listed(real: str, prefix: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(real) as entries:
            return list(entries)
    except OSError as error:
        raise _refused(prefix.rstrip("/") or real, f"cannot be read: {error.strerror}") from error


def _file(real: str, path: str, *, is_file: bool) -> ProjectFile:
    if not is_file:
        raise _refused(path, "is no file, but a socket, a pipe or a device")
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise _refused(os.fsencode(path).decode(errors="backslashreplace"), "has a name that is not UTF-8") from error
    return ProjectFile(path, real)


def _target(link: str) -> str:
    return os.readlink(link)  # noqa: PTH115 - as it is written


def _refused(path: str, why: str) -> ImageError:
    return ImageError("CC867", f"{path} {why}", where=path, hint=f"remove it, or write {path} to .dockerignore")
