"""What must hold for every row of a day: a rule is a name, and a function that finds the rows that break it."""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Rows = list[dict[str, str]]
COUNTRIES = {"DE", "FR", "GB", "JP", "US"}


def rows(table: Path) -> Rows:
    """The rows of a file of comma-separated values, by the names in its first line."""
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def repeated(some: Rows) -> Rows:
    """Rows whose id another one has, too."""
    counts = Counter(row["id"] for row in some)
    return [row for row in some if counts[row["id"]] > 1]


def without_address(some: Rows) -> Rows:
    """Rows that nobody could be written to about."""
    return [row for row in some if "@" not in row["email"]]


def elsewhere(some: Rows) -> Rows:
    """Rows of countries that there is no trade with."""
    return [row for row in some if row["country"] not in COUNTRIES]


def worthless(some: Rows) -> Rows:
    """Rows whose amount is not above zero, or is no number."""
    return [row for row in some if not number(row["amount"]) > 0]


def number(text: str) -> float:
    """The number, or one that nothing is smaller or larger than."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


RULES: dict[str, Callable[[Rows], Rows]] = {
    "an id stands in one row": repeated,
    "an email has an @": without_address,
    "a country is one that we know": elsewhere,
    "an amount is above zero": worthless,
}
