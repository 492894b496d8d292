"""JSON that people hand over: a file, standard input, or a sample of the project."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.encoding import payload, plain
from cloud_cron.errors import CloudCronError, EncodingError, ResultError

if TYPE_CHECKING:
    from collections.abc import Iterator

STDIN: Final = "-"
FOLDER: Final = "samples"


class InputError(CloudCronError, ValueError):
    """What somebody handed over cannot be used."""


class Sample(NamedTuple):
    """One payload of one topic, and where it stands."""

    topic: str
    payload: dict[str, Any]
    where: str


def read(source: str) -> Any:  # noqa: ANN401 - JSON
    """The JSON in a file, or on standard input for `-`; CC707 when it cannot be read or is none."""
    return _decoded(_piped(), told(source)) if source == STDIN else _loaded(Path(source), told(source))


def as_input(source: str) -> Any:  # noqa: ANN401 - JSON
    """The same, once it is known to be what a run can be given; CC210 to CC217 for what is none."""
    try:
        return plain(read(source), told(source))
    except EncodingError as error:
        raise InputError(error.code, error.message, where=error.where, hint=error.hint) from None


def told(source: str) -> str:
    """How messages call a source."""
    return "standard input" if source == STDIN else Path(source).as_posix()


def as_payload(value: object, name: str) -> dict[str, Any]:
    """A value as a payload; CC201 to CC217 for one that could not be published."""
    try:
        return payload(value, name)
    except ResultError as error:
        raise InputError(error.code, error.message, where=error.where, hint=error.hint) from None


def samples(folder: Path, topic: str) -> list[Sample]:
    """The payloads in `samples/<topic>.json`, an object or a list of them; none when there is no such file.

    Raises `InputError`: CC707 for a file that is no JSON, CC201 to CC217 for a payload that could not be published.
    """
    path, name = folder / FOLDER / f"{topic}.json", f"{FOLDER}/{topic}.json"
    return list(_each(topic, _loaded(path, name), name)) if path.is_file() else []


def _each(topic: str, value: object, name: str) -> Iterator[Sample]:
    several = isinstance(value, list)
    for index, item in enumerate(value if isinstance(value, list) else [value]):
        where = f"{name}[{index}]" if several else name
        yield Sample(topic, as_payload(item, where), where)


def _loaded(path: Path, name: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return _decoded(path.read_bytes(), name)
    except OSError as error:
        raise InputError("CC707", f"{name} cannot be read: {error.strerror}", hint="check the path") from error


def _piped() -> bytes:
    """What was piped in; a process may have been started without standard input."""
    if sys.stdin is None:
        raise InputError("CC707", "standard input is closed", hint="pipe JSON in, or name a file")
    return sys.stdin.buffer.read()


def _decoded(data: bytes, name: str) -> Any:  # noqa: ANN401 - JSON
    """JSON is UTF-8, whatever the locale says (RFC 8259, section 8.1)."""
    try:
        return _parsed(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        raise InputError("CC707", f"{name} is not UTF-8", hint="save it as UTF-8") from error


def _parsed(text: str, name: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        message = f"{name} is no JSON: {error.msg[:1].lower()}{error.msg[1:]}, in column {error.colno}"
        raise InputError("CC707", message, where=f"{name}:{error.lineno}", hint="text needs double quotes") from None
    except RecursionError:
        raise InputError("CC707", f"{name} is nested too deeply", hint="flatten it") from None
    except ValueError:
        message = f"{name} holds an integer of more than 4,300 digits"
        raise InputError("CC707", message, hint="write it as text, in double quotes") from None
