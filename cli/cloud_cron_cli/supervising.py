"""Files for whoever keeps `serve` running: a systemd unit, a compose file. Neither loads the app."""

from __future__ import annotations

import sys
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import cloud_cron
from cloud_cron_cli.blueprints import PACKAGE
from cloud_cron_cli.scaffold import app_name

if TYPE_CHECKING:
    from pathlib import Path

MARGIN: Final = 15
"""Seconds that a supervisor waits beyond the grace period before it kills."""


def unit(folder: Path, stage: str, words: list[str], grace: int) -> str:
    """A hardened systemd unit that runs `serve` with these further words."""
    name = app_name(folder.name)
    command = [sys.executable, "-m", "cloud_cron_cli", "serve", "--stage", stage, "--grace", str(grace), *words]
    return _filled(
        "cloud-cron.service.tmpl",
        APP=name,
        UNIT=f"{name}.service",
        STAGE=stage,
        FOLDER=str(folder).replace("%", "%%"),
        WRITES=_word(str(folder / ".cloud-cron")),
        COMMAND=" ".join(map(_word, command)),
        STOP=str(grace + MARGIN),
    )


def compose(folder: Path, stage: str, grace: int) -> str:
    """A compose file for a container with a volume for the database."""
    return _filled(
        "compose.yaml.tmpl",
        APP=app_name(folder.name),
        STAGE=stage,
        FOLDER=_quoted(str(folder)),
        PYTHON=f"{sys.version_info.major}.{sys.version_info.minor}",
        VERSION=cloud_cron.__version__,
        GRACE=str(grace),
        STOP=str(grace + MARGIN),
    )


def _filled(template: str, **values: str) -> str:
    text = (files(PACKAGE) / template).read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"__{name}__", value)
    return text.rstrip("\n")


def _word(text: str) -> str:
    """One word of a command line in a unit (systemd.service(5), "Command lines"; systemd.unit(5), "Specifiers")."""
    safe = text.replace("%", "%%")
    if text and not any(char.isspace() or char in "\"'\\;$" for char in text):
        return safe
    escaped = safe.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"'


def _quoted(text: str) -> str:
    """A YAML scalar in double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"'
