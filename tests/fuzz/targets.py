"""All targets, by name, and the inputs that once broke something: files `regressions/TARGET/WHAT_IT_WAS`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.fuzz import configuration, events, ignoring, invocations, maintenance, references, schedules

TARGETS: Final = {
    module.TARGET.name: module.TARGET
    for module in (schedules, events, invocations, maintenance, configuration, ignoring, references)
}
REGRESSIONS: Final = Path(__file__).parent / "regressions"


def regressions(target: str) -> list[bytes]:
    """Those of one target, by the names of their files."""
    return [file.read_bytes() for file in sorted((REGRESSIONS / target).glob("*"))]
