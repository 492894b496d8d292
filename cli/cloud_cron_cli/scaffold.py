"""A project out of the templates that this package's sibling carries: files as they are, with the app's name put in."""

from __future__ import annotations

import re
from contextlib import suppress
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from cloud_cron.checks import APP
from cloud_cron.errors import UnsupportedError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

PACKAGE: Final = "cloud_cron_templates"
_ENDING: Final = ".tmpl"
_NAME: Final = "__APP__"
_LONGEST: Final = 31


def scaffold(name: str) -> dict[str, str]:
    """The files of a project by their path, with `/`."""
    root = files(PACKAGE) / "project"
    return {path: text.replace(_NAME, name) for path, text in sorted(_read(root, "").items())}


def app_name(folder: str) -> str:
    """The name of an app as near to that of its folder as an app's name can be."""
    name = re.sub(r"[^a-z0-9]+", "-", folder.lower()).lstrip("-0123456789")[:_LONGEST].rstrip("-")
    return name if APP.fullmatch(name) else "app"


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


def _read(folder: Traversable, prefix: str) -> dict[str, str]:
    """Every template below a folder, under the name that it is to have."""
    found: dict[str, str] = {}
    for entry in folder.iterdir():
        if entry.is_dir():
            found |= _read(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(_ENDING):
            name = entry.name.removesuffix(_ENDING)
            # A dot at the beginning would hide the template from packaging tools.
            name = f".{name.removeprefix('dot-')}" if name.startswith("dot-") else name
            found[f"{prefix}{name}"] = entry.read_text(encoding="utf-8")
    return found
