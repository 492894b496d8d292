"""How keys and values of a payload read to a person."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from enum import Enum
from math import isfinite
from typing import Final, NamedTuple

DASH: Final = "\N{EN DASH}"
_ACRONYMS: Final = (
    "api|aws|cpu|csv|dns|eta|html|https?|id|ip|json|ok|pdf|ram|sku|sla|sms|sql|ssl|tls|ttl|ur[il]|utc|vat|vpn|xml"
)
_UNITS: Final = {
    "bytes": "bytes",
    "cm": "cm",
    "eur": "EUR",
    "gb": "GB",
    "gbp": "GBP",
    "hpa": "hPa",
    "kb": "KB",
    "kg": "kg",
    "km": "km",
    "kmh": "km/h",
    "kw": "kW",
    "kwh": "kWh",
    "mb": "MB",
    "mm": "mm",
    "ms": "ms",
    "pct": "%",
    "percent": "%",
    "tb": "TB",
    "usd": "USD",
}
_DEGREES: Final = {"c": "°C", "f": "°F", "k": "K"}
_WARM: Final = frozenset({"temp", "temperature", "dewpoint"})
_INSTANT: Final = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)"
_URL: Final = r"https?://[^\s<>\"]+"
_SHORT_NUMBER: Final = 12
_DIGITS: Final = 8
_SMALLEST: Final = 1e-4
_LARGEST: Final = 1e15


class Word(NamedTuple):
    """A value as it is shown; numbers are set to the right, and a url is a link."""

    text: str
    number: bool = False
    url: str | None = None


def label(key: object) -> str:
    """A key as a heading: `temp_c` is "Temp (°C)", `stationName` "Station name"; what has spaces stays as it is."""
    text = " ".join(str(key).split())
    words = _split(text)
    if " " in text or not words:
        return text or DASH
    unit = None
    if len(words) > 1:
        last = words[-1]
        unit = _DEGREES.get(last) if _WARM.intersection(words[:-1]) else _UNITS.get(last)
    named = words[:-1] if unit else words
    shown = " ".join(word.upper() if re.fullmatch(_ACRONYMS, word) else word for word in named)
    return f"{shown[0].upper()}{shown[1:]}{f' ({unit})' if unit else ''}"


def plain_label(key: object) -> str:
    """A key in an sms, where every character counts and the degree sign would cost more than half of them."""
    return " ".join(_split(str(key))) or "-"


def word(value: object) -> Word:
    """A value that is neither list nor mapping, as a person would write it."""
    match value:
        case None:
            return Word(DASH)
        case bool():
            return Word("yes" if value else "no")
        case Enum():
            return word(value.value)
        case int():
            return Word(_whole(value), number=True)
        case float():
            return Word(_decimal(value), number=True)
        case datetime():
            return Word(_instant(value))
        case date():
            return Word(value.isoformat())
        case str():
            return _text(value)
        case {} | [] | () if not value:
            return Word(DASH)
        case _:
            shown = str(value)
            return Word(shown, number=hasattr(value, "as_tuple") and hasattr(value, "quantize"))


def _text(value: str) -> Word:
    if not value.strip():
        return Word(DASH)
    if re.fullmatch(_INSTANT, value):
        try:
            return Word(_instant(datetime.fromisoformat(value)))
        except ValueError:
            return Word(value)
    return Word(value, url=value if re.fullmatch(_URL, value) else None)


def _split(text: str) -> list[str]:
    """The words of snake_case, kebab-case, dotted and camelCase."""
    apart = re.sub(r"([a-z0-9])([A-Z])|([A-Z]+)([A-Z][a-z])", r"\1\3 \2\4", text)
    return [part.lower() for part in re.split(r"[\s_.-]+", apart) if part]


def _whole(value: int) -> str:
    try:
        return str(int(value))
    except ValueError:  # beyond what Python spells out
        return f"a number of {value.bit_length()} bits"


def _decimal(value: float) -> str:
    """Without the noise of binary fractions: 0.1 + 0.2 is 0.3."""
    short = f"{value:.15g}"
    if len(short) <= _SHORT_NUMBER or not isfinite(value) or not _SMALLEST <= abs(value) < _LARGEST:
        return short
    places = max(2, _DIGITS - len(str(int(abs(value)))))
    return f"{value:.{places}f}".rstrip("0").rstrip(".")


def _instant(value: datetime) -> str:
    """Date, time and offset, as short as they are exact."""
    offset = value.utcoffset()
    pattern = "%Y-%m-%d %H:%M:%S" if value.second else "%Y-%m-%d %H:%M"
    shown = value.strftime(pattern) if value.year >= 1000 else value.isoformat(" ")  # noqa: PLR2004 - strftime pads no year
    if offset is None:
        return shown
    return f"{shown} {'UTC' if not offset else value.replace(microsecond=0).isoformat()[-6:]}"


def utc(value: datetime) -> str:
    """An instant in UTC, such as 2030-01-01 08:00 UTC."""
    return _instant(value.astimezone(UTC))
