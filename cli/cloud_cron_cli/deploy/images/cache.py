"""What this machine remembers of images: a folder that any number of processes share, and that stays below a size.

Every file is written beside its place and renamed, so a reader finds all of it or nothing. What was longest not used,
blob or fact, is forgotten first.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import tempfile
import time
import weakref
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR
from typing import TYPE_CHECKING, Final, NamedTuple, get_args

from cloud_cron.errors import ConfigError
from cloud_cron_cli.deploy.images.filling import FULL, fill, no_room, room_in
from cloud_cron_cli.deploy.images.ports import Kind
from cloud_cron_cli.deploy.images.verifying import verified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

LIMIT: Final = 5 * 10**9
"""Bytes, unless CLOUD_CRON_CACHE_LIMIT says otherwise."""

_RECENT: Final = 600.0  # seconds in which another process may still mean to read what it found
_UNITS: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_PARTIAL: Final = ".partial-"
_BLOBS: Final = "blobs"
_FOLDERS: Final = (_BLOBS, *get_args(Kind))
_OURS: Final = re.compile(rf"sha256-|[0-9a-f]{{64}}$|{re.escape(_PARTIAL)}")


class FileCache:
    """Port `Cache` on a folder."""

    def __init__(self, folder: Path, limit: int = LIMIT, now: Callable[[], float] = time.time) -> None:
        """`limit` in bytes. Nothing is read or written yet."""
        self.folder = folder
        self.limit = limit
        self._now = now
        self._room = 0

    def blob(self, digest: str) -> Path | None:
        """The file of a blob, None when it is not there."""
        path = self._path(_BLOBS, digest.replace(":", "-"))
        return path if self._used(path) else None

    def keep(self, digest: str, chunks: Iterable[bytes]) -> Path:
        """Store a blob, checked; `ImageError` CC874 for other bytes, CC876 when there is no room."""
        if there := self.blob(digest):
            return there
        path = self._path(_BLOBS, digest.replace(":", "-"))
        try:
            file = self._begin(path)
        except OSError as error:
            path = self._instead(path, error)
            file = self._begin(path)
        fill(file, verified(chunks, digest, str(self.folder)))
        self._room -= file.stat().st_size
        file.replace(path)
        self._used(path)
        if self._room < 0:  # looked through once, and again when so much has come since
            self._room = self.limit - self._prune(self.limit, self._now() - _RECENT)
        return path

    def recall(self, kind: Kind, key: str) -> str | None:
        """A fact, None when it is not known."""
        path = self._path(kind, hashlib.sha256(key.encode()).hexdigest())
        try:
            return path.read_text(encoding="utf-8") if self._used(path) else None
        except (OSError, UnicodeDecodeError):
            return None

    def remember(self, kind: Kind, key: str, fact: str) -> None:
        """Keep a fact; a cache that cannot be written forgets it, and nothing fails."""
        path = self._path(kind, hashlib.sha256(key.encode()).hexdigest())
        with suppress(OSError):
            file = self._begin(path)
            file.write_text(fact, encoding="utf-8")
            file.replace(path)

    def usage(self) -> int:
        """The bytes that everything in it takes."""
        return sum(file.size for file in self._files())

    def prune(self, limit: int) -> int:
        """Forget what was longest not used until no more than `limit` bytes are left; how many that freed."""
        return self.usage() - self._prune(limit, self._now())

    def _prune(self, limit: int, before: float) -> int:
        """The bytes that are left."""
        files = sorted(self._files(), key=lambda file: file.used)
        left = sum(file.size for file in files)
        for file in files:
            if left <= limit or file.used > (min(before, self._now() - _RECENT) if file.partial else before):
                continue
            with suppress(OSError):
                Path(file.path).unlink()
                left -= file.size
        return left

    def _path(self, kind: str, name: str) -> Path:
        return self.folder / kind / name

    def _used(self, path: Path) -> bool:
        """Whether it is there and whole; a file that is empty is what a crash left. It counts as used now."""
        try:
            there = path.stat().st_size > 0
        except OSError:
            return False
        with suppress(OSError):
            os.utime(path, (self._now(), self._now()))
        return there

    def _begin(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=_PARTIAL, dir=path.parent)
        os.close(number)
        return Path(name)

    def _instead(self, path: Path, error: OSError) -> Path:
        """A place that lasts as long as this process, since the folder cannot be written."""
        if error.errno in FULL:
            raise no_room(path, error) from error
        with room_in(path):
            self.folder = Path(tempfile.mkdtemp(prefix="cloud-cron-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        return self._path(path.parent.name, path.name)

    def _files(self) -> Iterator[_File]:
        """All of ours: it may be in a folder that holds more. Files come and go meanwhile."""
        for folder in _FOLDERS:
            for file in filter(_is_ours, _listed(self.folder / folder)):
                with suppress(OSError):
                    stat = file.stat()
                    yield _File(file.path, stat.st_size, stat.st_mtime, file.name.startswith(_PARTIAL))


class _File(NamedTuple):
    path: str
    size: int
    used: float
    partial: bool


def _is_ours(file: os.DirEntry[str]) -> bool:
    """By its name: that of a blob, of a fact, or of what becomes one."""
    return bool(_OURS.match(file.name))


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    with suppress(OSError), os.scandir(folder) as found:
        return list(found)
    return []


def users_cache(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> FileCache:
    """That of this user, or where CLOUD_CRON_CACHE says.

    `ConfigError` CC876 for a file where that folder would be, and for a limit that is no size.
    """
    return FileCache(_users_folder(environ, platform), _limit(environ.get("CLOUD_CRON_CACHE_LIMIT", "")))


def _users_folder(environ: Mapping[str, str], platform: str) -> Path:
    if chosen := environ.get("CLOUD_CRON_CACHE"):
        return _folder(Path(chosen).expanduser())
    if platform == "win32":
        local = environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "cloud-cron" / "cache"
    if platform == "darwin":
        return Path.home() / "Library" / "Caches" / "cloud-cron"
    shared = environ.get("XDG_CACHE_HOME", "")
    return (Path(shared) if shared.startswith("/") else Path.home() / ".cache") / "cloud-cron"


def _folder(path: Path) -> Path:
    """One that is there, or may be made."""
    try:
        is_folder = S_ISDIR(path.stat().st_mode)
    except NotADirectoryError:
        is_folder = False
    except OSError:
        is_folder = True  # nothing is there yet; or it may not be looked at, and whoever writes to it will be told
    if is_folder:
        return path
    message = f"CLOUD_CRON_CACHE={path} can be no folder: a file is in its place"
    raise ConfigError("CC876", message, hint="name a folder, which may be a new one, or unset it")


def _limit(text: str) -> int:
    """Bytes of `5GB`, `800 MB` or `5000000`."""
    if not text:
        return LIMIT
    plain = text.strip().lower().removesuffix("b")
    unit = plain[-1:] if plain[-1:] in _UNITS else ""
    number = plain.removesuffix(unit).strip()
    if not number.isascii() or not number.isdigit():
        hint = "give bytes, or a number with MB or GB: CLOUD_CRON_CACHE_LIMIT=5GB"
        raise ConfigError("CC876", f"CLOUD_CRON_CACHE_LIMIT={text!r} is no size", hint=hint)
    return int(number) * _UNITS[unit]
