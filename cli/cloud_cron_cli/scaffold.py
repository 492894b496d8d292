"""A project as it is begun: the name of its app, its files written whole or not at all, and what to do next."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from cloud_cron.checks import APP
from cloud_cron.errors import UnsupportedError

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST: Final = 31


def app_name(folder: str) -> str:
    """The name of an app as near to that of its folder as an app's name can be."""
    name = re.sub(r"[^a-z0-9]+", "-", folder.lower()).lstrip("-0123456789")[:_LONGEST].rstrip("-")
    return name if APP.fullmatch(name) else "app"


def steps(project: dict[str, str]) -> list[tuple[str, str]]:
    """The commands that the project's README explains where it shows them, each with what it says of it."""
    lines = [line.removeprefix("$ ") for line in project["README.md"].splitlines() if line.startswith("$ ")]
    parts = [line.partition(" # ") for line in lines]
    return [(command.strip(), meaning.strip()) for command, _, meaning in parts if meaning]


def write(folder: Path, project: dict[str, str]) -> None:
    """Write every file or none; CC706 when one is there already, or the folder cannot be written to."""
    there = [path for path in project if (folder / path).exists()]
    if there:
        message = f"folder {folder.resolve().name} has {', '.join(there)} already, and nothing is overwritten"
        raise UnsupportedError("CC706", message, hint="name another folder: `cloud-cron init DIR`")
    made: list[Path] = []
    try:
        for path, text in project.items():
            file = folder / path
            made += [above for above in reversed(file.parents) if not above.exists()]
            file.parent.mkdir(parents=True, exist_ok=True)
            made.append(file)
            file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        _take_back(made)
        message = f"{error.filename or folder} cannot be written: {error.strerror}"
        raise UnsupportedError("CC706", message, hint="name a folder that is yours to write to") from error


def _take_back(made: list[Path]) -> None:
    """Remove what was made, as far as it can be."""
    for path in reversed(made):
        with suppress(OSError):
            path.rmdir() if path.is_dir() else path.unlink()
