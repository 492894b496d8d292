"""Schedules and time zones as arguments of `next`, which refuses what a decorator refuses."""

from __future__ import annotations

import pytest

from tests.bad_input.catalogue.schedules import EXPRESSIONS, ROWS, ZONES


@pytest.mark.parametrize(("expression", "row"), list(zip(EXPRESSIONS, ROWS, strict=False)))
def test_next_refuses_it_in_two_lines(run, expression, row):
    result = run("next", expression)

    assert (result.exit_code, result.stdout) == (2, "")
    first, last = result.stderr.splitlines()
    assert first == f"error {row.code} {row.says}"
    assert last.startswith("  hint ")


@pytest.mark.parametrize("zone", [*ZONES, ""])
def test_next_refuses_a_zone(run, zone):
    result = run("next", "rate(1 day)", "--timezone", zone)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error CC104 ")
