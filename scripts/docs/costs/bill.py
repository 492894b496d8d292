"""A bill: how much of what a month takes, at list prices and after what an account has free."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from scripts.docs.costs.prices import ALLOWANCES, PRICES

if TYPE_CHECKING:
    from collections.abc import Iterable


class Line(NamedTuple):
    """So much of something, for the resources of one type; `price` is a name of `prices.toml`."""

    kind: str
    why: str
    amount: Decimal
    price: str


class Sum(NamedTuple):
    """A line in dollars: at the list price, and after the allowances that the lines before it left."""

    line: Line
    listed: Decimal
    due: Decimal


def summed(lines: Iterable[Line]) -> list[Sum]:
    """Every line in dollars. An allowance is used up in the order of the lines, and never twice."""
    left = dict(ALLOWANCES)
    found = []
    for line in lines:
        price = PRICES[line.price]
        spared = min(line.amount, left[price.free]) if price.free else Decimal(0)
        if price.free:
            left[price.free] -= spared
        found.append(Sum(line, line.amount * price.each, (line.amount - spared) * price.each))
    return found


def dollars(amount: Decimal) -> str:
    """An amount in cents; what is less than half a cent and more than nothing is said to be that."""
    if 0 < amount < Decimal("0.005"):
        return "< $0.01"
    return f"${amount:,.2f}"
