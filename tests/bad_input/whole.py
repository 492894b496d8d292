"""The whole catalogue: every input that is known to be bad, and a few that only look so."""

from __future__ import annotations

from typing import Final

from tests.bad_input.catalogue import (
    apps,
    aws,
    command_line,
    configuration,
    events,
    machine,
    names,
    recipients,
    results,
    schedules,
    templates,
)

_MODULES: Final = (
    schedules,
    names,
    results,
    recipients,
    templates,
    configuration,
    events,
    apps,
    command_line,
    aws,
    machine,
)


def _place(number: str) -> tuple[int, str]:
    digits = number.rstrip("abcdefghijklmnopqrstuvwxyz")
    return int(digits), number.removeprefix(digits)


CATALOGUE: Final = tuple(sorted((row for each in _MODULES for row in each.ROWS), key=lambda row: _place(row.number)))
LAST: Final = 110
