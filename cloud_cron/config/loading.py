"""Reading `cloud-cron.toml`: from a folder to the settings of one stage."""

from __future__ import annotations

import re

from cloud_cron.checks import STAGE
from cloud_cron.config import FILE
from cloud_cron.config.places import Place, Source
from cloud_cron.config.settings import Settings, settled
from cloud_cron.errors import ConfigError, closest

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from typing import Any, Final

_TWICE: Final = re.compile(r"Cannot (declare|overwrite|redefine|mutate)|Duplicate")
_POSITION: Final = re.compile(r" \(at line (\d+), column (\d+)\)$")
_ALWAYS_THERE: Final = ("dev", "test")


def load(folder: Path, stage: str) -> Settings:
    """What the folder's file says for a stage; a folder without one gives the defaults.

    Raises `ConfigError`: CC501 a key that nobody reads, CC502 a value of the wrong kind, CC503 no TOML, CC504 something
    said twice, CC505 a secret, CC110 a stage's name, CC510 a stage that is probably misspelt.
    """
    return settings_of(_text(f"{folder}/{FILE}") or "", stage)


def settings_of(text: str, stage: str) -> Settings:
    """What a file with that text says for a stage; raises as `load` does."""
    from cloud_cron.config import pasted, rules  # noqa: PLC0415 - what is deployed was checked

    root, document = _read(text)
    pasted.refuse(root, document)
    rules.check(root, document)
    _known_stage(stage, document.get("stages", {}))
    return settled(root, document, stage)


def load_checked(folder: str, stage: str) -> Settings:
    """The same for a file that `load` had no objection to when it was deployed; raises CC503 and CC504 alone."""
    return settled(*_read(_text(f"{folder}/{FILE}") or ""), stage)


def _read(text: str) -> tuple[Place, dict[str, Any]]:
    """The file as a place, and what is in it."""
    source = Source(FILE, text)
    return Place(source), _parsed(source)


def _text(path: str) -> str | None:
    """The file's text, or None when there is no file."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib is a tenth of a cold start
            return file.read().decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        raise ConfigError("CC503", message, where=FILE, hint="check its permissions") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        message = "the file is not UTF-8"
        raise ConfigError("CC503", message, where=f"{FILE}:{line}", hint="save it as UTF-8") from error


def _parsed(source: Source) -> dict[str, Any]:
    """The document: CC504 for what is said twice, CC503 for anything else that is not TOML."""
    import tomllib  # noqa: PLC0415 - an app without a file does without

    try:
        return tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
    position = _POSITION.search(said)
    what = _POSITION.sub("", said).removesuffix(" (at end of document)")
    lines = source.text.splitlines() or [""]
    line, column = position.groups() if position else (str(len(lines)), str(len(lines[-1]) + 1))
    if _TWICE.search(what):
        message = f"{_said_twice(lines[int(line) - 1])} is there already"
        raise ConfigError("CC504", message, where=f"{source.file}:{line}", hint="make one of the two")
    message = f"line {line}, column {column} is no TOML: {what[:1].lower()}{what[1:]}"
    hint = "text needs quotes; see https://toml.io"
    raise ConfigError("CC503", message, where=f"{source.file}:{line}:{column}", hint=hint)


def _said_twice(line: str) -> str:
    """The header or key on a line, without its value."""
    text = line.strip()
    return text.partition("]")[0] + "]" if text.startswith("[") else repr(text.partition("=")[0].strip())


def _known_stage(stage: str, defined: Collection[str]) -> None:
    """CC110 for a name no resource can carry; CC510 for one that is nearly the name of a stage in the file.

    Any other stage needs no table of its own, so that a stage for each branch costs no edit.
    """
    if STAGE.fullmatch(stage) and (stage in defined or stage in _ALWAYS_THERE):
        return
    near = closest(stage, defined)
    if not STAGE.fullmatch(stage):
        hint = f"did you mean '{near}'?" if near else "use lower case letters and digits, such as prod"
        raise ConfigError("CC110", f"stage name {stage!r} must match {STAGE.pattern}", hint=hint)
    if near:
        message = f"there is no stage {stage!r} in the file, and {near!r} is close to it"
        hint = f"say --stage {near}, or add [stages.{stage}] if it is meant"
        raise ConfigError("CC510", message, where=FILE, hint=hint)
