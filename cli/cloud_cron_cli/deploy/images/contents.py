"""What the layers hold: dependencies, runtime and app, each with its bytecode, and templates; all below one folder."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.errors import LoadError
from cloud_cron_cli.deploy.images import templating
from cloud_cron_cli.deploy.images.bytecode import compiled
from cloud_cron_cli.deploy.images.layers import Entry, packed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cloud_cron_cli.deploy.images.bytecode import Failure
    from cloud_cron_cli.deploy.images.files import UserFiles
    from cloud_cron_cli.deploy.images.image import Blob
    from cloud_cron_cli.deploy.images.oci import Family
    from cloud_cron_cli.deploy.images.packages import Locked
    from cloud_cron_cli.deploy.images.ports import Cache
    from cloud_cron_cli.deploy.images.runtime_files import RuntimeFiles
    from cloud_cron_cli.deploy.images.templating import Wanted

_OWNER_RUNS: Final = 0o100
_SHOWN: Final = 3


class Into(NamedTuple):
    """Where a layer goes: the image's Python and Jinja, the folder of the function, the media types, the cache."""

    python: str
    jinja: str
    root: str
    family: Family
    cache: Cache


def dependencies(locked: Locked, folder: Path, into: Into, notes: list[str]) -> tuple[Blob, str]:
    """The packages of the lock, installed; raises what `install` raises.

    Some packages carry templates of programs, which are no programs: they stay as they are, with a note.
    """
    from cloud_cron_cli.deploy.images.installing import install  # noqa: PLC0415 - packages change rarely

    with TemporaryDirectory(prefix="cloud-cron-") as place:
        install(locked, Path(place), folder=folder)
        entries = [_entry(Path(place), path, into.root) for path in _within(place)]
        done = compiled(entries, into.python)
        if done.failures:
            notes.append(_left_as_they_are(done.failures, into))
        return packed([*entries, *done.entries], into.family, into.cache)


def jinja(locked: Locked) -> str:
    """The version that templates are compiled for; none when another one runs here, whose code would not be used."""
    running = templating.running_jinja()
    return running if locked.pins("jinja2", running) else ""


def runtime(files: RuntimeFiles, into: Into) -> tuple[Blob, str]:
    """The running `cloud_cron`, with its layouts compiled."""
    return _with_bytecode([*files.entries(into.root), *_made(templating.layouts(into.python, into.jinja), into)], into)


def app(files: UserFiles, into: Into) -> tuple[Blob, str]:
    """The project's own files; `LoadError` CC702 for a file that is no Python."""
    return _with_bytecode(files.entries(into.root), into)


def templates(wanted: Wanted, into: Into) -> tuple[Blob, str]:
    """What the app's templates are compiled to."""
    return packed(_made(templating.compiled(wanted, into.python, into.jinja), into), into.family, into.cache)


def _made(files: Mapping[str, bytes], into: Into) -> list[Entry]:
    return [Entry(f"{into.root}/{path}", data) for path, data in files.items()]


def _with_bytecode(entries: Sequence[Entry], into: Into) -> tuple[Blob, str]:
    done = compiled(entries, into.python)
    if done.failures:
        raise _not_python(done.failures[0], into)
    return packed([*entries, *done.entries], into.family, into.cache)


def _within(folder: str) -> Iterator[str]:
    for here, _, names in os.walk(folder):
        for name in names:
            yield os.path.join(here, name)  # noqa: PTH118 - thousands of them: quick


def _entry(place: Path, path: str, root: str) -> Entry:
    file = Path(path)
    runs = bool(file.stat().st_mode & _OWNER_RUNS)
    return Entry(f"{root}/{file.relative_to(place).as_posix()}", file, runs)


def _left_as_they_are(failures: Sequence[Failure], into: Into) -> str:
    names = ", ".join(failure.path.removeprefix(f"{into.root}/") for failure in failures[:_SHOWN])
    more = f" and {len(failures) - _SHOWN} more" if len(failures) > _SHOWN else ""
    return f"not compiled, because it is no Python {into.python}: {names}{more}"


def _not_python(failure: Failure, into: Into) -> LoadError:
    """The author's mistake, as the version of the image sees it."""
    path, error = failure.path.removeprefix(f"{into.root}/"), failure.error
    where = f"{path}:{error.lineno}" if error.lineno else path
    hint = f"mend it for Python {into.python}, which the image has, or write {path} to .dockerignore"
    found = LoadError("CC702", f"{path} is not Python {into.python}: {error.msg}", where=where, hint=hint)
    found.__cause__ = error
    return found
