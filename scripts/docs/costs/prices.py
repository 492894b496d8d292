"""AWS's public list prices, read from `prices.toml`, each with its page and its day."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

REGION: Final = "us-east-1"
_FILE: Final = Path(__file__).parent / "prices.toml"


class Source(NamedTuple):
    """Where prices come from: the seller's own page, the page where they were read, and the day they held there."""

    page: str
    read: str
    day: date


class Price(NamedTuple):
    """What `per` of something costs, in US dollars; `free` names the allowance that it draws on, if any."""

    what: str
    usd: Decimal
    per: int
    source: Source
    free: str | None

    @property
    def each(self) -> Decimal:
        """What one of it costs."""
        return self.usd / self.per

    @property
    def text(self) -> str:
        """The price as a person writes it, such as `$0.20 per 1,000,000`."""
        return f"${self.usd:f}" if self.per == 1 else f"${self.usd:f} per {self.per:,}"


def _read() -> tuple[dict[str, Price], dict[str, Decimal]]:
    """Prices and allowances by name; `KeyError` for one that names a source or an allowance that is not there."""
    said = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    sources = {name: Source(**each) for name, each in said["sources"].items()}
    free = {name: Decimal(amount) for name, amount in said["allowances"].items()}
    return {name: _price(each, sources, free) for name, each in said["prices"].items()}, free


def _price(said: Mapping[str, Any], sources: Mapping[str, Source], free: Mapping[str, Decimal]) -> Price:
    pool = said.get("free")
    if pool is not None and pool not in free:
        raise KeyError(pool)
    return Price(said["what"], Decimal(said["usd"]), said.get("per", 1), sources[said["source"]], pool)


_FOUND: Final = _read()
PRICES: Final[Mapping[str, Price]] = _FOUND[0]
ALLOWANCES: Final[Mapping[str, Decimal]] = _FOUND[1]
