"""Command lines to run next, at the place that this one is about."""

from __future__ import annotations

import re
from shlex import quote
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cloud_cron_cli.options import Choices

_OURS: Final = "cloud-cron "
_PASSWORD: Final = re.compile(r"//[^/]*@")
_HOSTS: Final = frozenset({f"{_OURS}serve", f"{_OURS}dev"})
"""A host is begun at no other place than here."""


def addressed(line: str, choices: Choices, *, dev: bool = False, remote: bool = False) -> str:
    """The line with what was chosen for this command, whoever it is to be run by."""
    there = _options(region=choices.region, profile=choices.profile, endpoint_url=_shown(choices.endpoint_url))
    if not line.startswith(_OURS):
        return f"{line}{there}"
    stage = _options(app=choices.app, stage="" if choices.stage == "dev" else choices.stage)
    here = "" if line in _HOSTS else f"{' --dev' if dev else ''}{' --remote' if remote else ''}"
    return f"{line}{stage}{there}{here}"


def _options(**given: str | None) -> str:
    return "".join(f" --{name.replace('_', '-')} {quote(value)}" for name, value in given.items() if value)


def _shown(url: str | None) -> str:
    """Without a password, which is nobody's to read."""
    return _PASSWORD.sub("//", url or "")
