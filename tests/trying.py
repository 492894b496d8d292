"""How many examples a property is tried on, which tells a quick run from a thorough one."""

from __future__ import annotations

from hypothesis import settings

THOROUGH = 100
QUICK = 20


def examples(number: int) -> int:
    """So many in a thorough run, and in a quick one the same share of them as of all others."""
    return -(-number * settings().max_examples // THOROUGH)
