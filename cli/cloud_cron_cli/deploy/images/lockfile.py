"""`cloud-cron.lock`: which base and which packages an app's images are made of, so that they stay the same.

A file of the project, to be kept with its sources. It holds nothing of the machine that wrote it.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME: Final = "cloud-cron.lock"
FORMAT: Final = 1
_HEAD: Final = "# What the images of this app are made of. Written by cloud-cron; keep it with the sources."
_AGAIN: Final = "take it from version control, or remove it: the next build writes it anew"
_KEY: Final = r"[A-Za-z0-9_-]+"
_ESCAPED: Final = r"[\x00-\x1f\x7f\"\\]"
_NOT_LITERAL: Final = r"'''|[\x00-\x08\x0b-\x1f\x7f]|'\Z"


class BasePin(NamedTuple):
    """The image that a reference named when it was pinned, for one architecture."""

    reference: str
    digest: str


class Pinned(NamedTuple):
    """What was asked for, as a hash, and the requirements that answered it, with versions and hashes."""

    inputs: str
    text: str


class Lock(NamedTuple):
    """Bases by Lambda's word for an architecture; packages by target, such as `3.13-arm64`."""

    python: str | None = None
    bases: Mapping[str, BasePin] = MappingProxyType({})
    dependencies: Mapping[str, Pinned] = MappingProxyType({})


def read(folder: Path) -> Lock:
    """The lock of a project, an empty one when there is none; `ImageError` CC869 when it cannot be read."""
    path = folder / NAME
    try:
        return loads(path.read_bytes(), str(path))
    except FileNotFoundError:
        return Lock()
    except OSError as error:
        message = f"{NAME} cannot be read: {error.strerror}"
        raise ImageError("CC869", message, where=str(path), hint="check its permissions") from error


def write(folder: Path, lock: Lock) -> None:
    """Write the lock at once or not at all, and not when it is there already; `ImageError` CC876 without room."""
    path, data = folder / NAME, dumps(lock).encode()
    try:
        if path.exists() and path.read_bytes() == data:
            return
        _replace(path, data)
    except OSError as error:
        message = f"{NAME} cannot be written: {error.strerror}"
        raise ImageError("CC876", message, where=str(path), hint="make room, or check its permissions") from error


def dumps(lock: Lock) -> str:
    """The text, which depends on the lock alone."""
    lines = [_HEAD, f"format = {FORMAT}"]
    if lock.python is not None:
        lines.append(f"python = {_basic(lock.python)}")
    for name, base in sorted(lock.bases.items()):
        lines += ["", f"[bases.{_key(name)}]", *(f"{field} = {_basic(text)}" for field, text in base._asdict().items())]
    for name, pinned in sorted(lock.dependencies.items()):
        lines += [
            "",
            f"[dependencies.{_key(name)}]",
            f"inputs = {_basic(pinned.inputs)}",
            f"text = {_long(pinned.text)}",
        ]
    return "\n".join(lines) + "\n"


def loads(data: bytes, where: str) -> Lock:
    """The lock that is in a file; `ImageError` CC869 for one that is not ours, or of a format that is not."""
    import tomllib  # noqa: PLC0415 - only images have a lock

    try:
        plain = tomllib.loads(data.decode())
    except ValueError as error:  # not UTF-8, or no TOML
        raise ImageError("CC869", f"{NAME} cannot be read: {error}", where=where, hint=_AGAIN) from error
    if plain.get("format") != FORMAT:
        message = f"{NAME} has format {plain.get('format')!r}, and this cloud-cron knows {FORMAT}"
        raise ImageError("CC869", message, where=where, hint="use the release that wrote it, or a later one")
    try:
        return Lock(
            None if plain.get("python") is None else _text(plain["python"]),
            {name: BasePin(_text(each["reference"]), _text(each["digest"])) for name, each in _table(plain, "bases")},
            {name: Pinned(_text(each["inputs"]), _text(each["text"])) for name, each in _table(plain, "dependencies")},
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise ImageError("CC869", f"{NAME} is incomplete: {error}", where=where, hint=_AGAIN) from error


def _table(plain: dict[str, Any], name: str) -> list[tuple[str, Any]]:
    return list(plain.get(name, {}).items())


def _text(value: object) -> str:
    if not isinstance(value, str):
        message = f"{value!r} is no text"
        raise TypeError(message)
    return value


def _key(name: str) -> str:
    return name if re.fullmatch(_KEY, name) else _basic(name)


def _basic(text: str) -> str:
    """In quotes, whatever it holds."""
    return '"' + re.sub(_ESCAPED, lambda found: f"\\u{ord(found[0]):04x}", text) + '"'


def _long(text: str) -> str:
    """As lines, which a person can compare; in quotes when lines could not carry it."""
    return _basic(text) if re.search(_NOT_LITERAL, text) else f"'''\n{text}'''"


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{NAME}-{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
