"""What a project can begin as: each is an example, whose files become the project's, with the app's name put in."""

from __future__ import annotations

import ast
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import NotFound, did_you_mean

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

PACKAGE: Final = "cloud_cron_templates"
STARTER: Final = "starter"
_IGNORED: Final = ".gitignore"
_FORMS: Final = ('CloudCron("{}")', 'name = "{}"', 'sender = "{}@', "# {}\n")
"""How an example writes its own name; anywhere else the word is a word."""


def blueprints() -> dict[str, str]:
    """The one line of every template, by name; the starter first."""
    return {name: _about(_home() / name / "app.py") for name in _names()}


def blueprint(template: str, app: str) -> dict[str, str]:
    """The files of a project by their path, with `/`; NotFound (CC723) when there is no such template."""
    if template not in _names():
        raise NotFound("CC723", f"there is no template {template!r}", hint=did_you_mean(template, _names()))
    ignored = (_home() / STARTER / _IGNORED).read_text(encoding="utf-8")
    found = _read(_home() / template, "", {line.rstrip("/") for line in ignored.splitlines()})
    named = {path: _named(text, template, app) for path, text in found.items()}
    return dict(sorted({_IGNORED: ignored, **named}.items()))


def _home() -> Traversable:
    """The folder of examples: in the package once it is installed, at the root of a clone."""
    package = files(PACKAGE)
    inside = package / "examples"
    return inside if inside.is_dir() else Path(str(package)).parents[1] / "examples"


def _names() -> list[str]:
    found = {entry.name for entry in _home().iterdir() if (entry / "app.py").is_file()}
    return [STARTER, *sorted(found - {STARTER})]


def _about(module: Traversable) -> str:
    """The first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def _named(text: str, example: str, app: str) -> str:
    for form in _FORMS:
        text = text.replace(form.format(example), form.format(app))
    return text


def _read(folder: Traversable, prefix: str, ignored: set[str]) -> dict[str, str]:
    """Every file below a folder, but for what running the example leaves there."""
    found: dict[str, str] = {}
    for entry in folder.iterdir():
        if entry.name in ignored:
            continue
        if entry.is_dir():
            found |= _read(entry, f"{prefix}{entry.name}/", ignored)
        else:
            found[f"{prefix}{entry.name}"] = entry.read_text(encoding="utf-8")
    return found
