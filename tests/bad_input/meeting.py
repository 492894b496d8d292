"""A row is met: in an empty folder, for real; or not on this machine, and why."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tests.bad_input.ground import ground

if TYPE_CHECKING:
    from tests.bad_input.row import Row, Told


def met(row: Row) -> Told:
    """What the product says and does."""
    with ground() as folder:
        return row.way(folder)


def impossible(row: Row) -> str:
    """Why the row cannot be met here; nothing when it can."""
    if row.posix and os.name == "nt":
        return "it needs signals, shells or hosts, which Windows does not have"
    if row.package and find_spec(row.package) is None:
        return f"it needs the package {row.package}"
    return ""
