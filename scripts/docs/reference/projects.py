"""examples/basic, as the commands see it."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING

from cloud_cron_cli.options import Choices
from cloud_cron_cli.project import opened

if TYPE_CHECKING:
    from cloud_cron_cli.project import Project

BASIC = Path(__file__).resolve().parents[3] / "examples" / "basic"


def basic() -> Project:
    """The example at the stage dev."""
    with chdir(BASIC):
        return opened(Choices())
