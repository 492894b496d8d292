"""The mistakes made in `rate(...)`."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import ScheduleError, closest
from cloud_cron.schedules.mistakes import accepted, shown
from cloud_cron.schedules.rate import LONGEST, SINGULAR

if TYPE_CHECKING:
    from cloud_cron.schedules.refusal import Refused

_UNITS: Final = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "second"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "minute"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "hour"),
    **dict.fromkeys(("d", "day", "days"), "day"),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), "week"),
    **dict.fromkeys(("month", "months"), "month"),
    **dict.fromkeys(("y", "year", "years"), "year"),
}
_MINUTES: Final = {
    "second": Decimal(1) / 60,
    **{unit: Decimal(n) for unit, n in SINGULAR.items()},
    "week": Decimal(10080),
}
_CALENDAR: Final = {"month": "cron(0 0 1 * ? *)", "year": "cron(0 0 1 1 ? *)"}
_SHAPE: Final = "write `rate(value unit)` with minutes, hours or days, such as `rate(5 minutes)`"


def explain(expression: str, refused: Refused) -> ScheduleError:
    """The error for a refused rate: CC101."""
    if refused.kind == "long":
        message = f"{shown(expression)} is longer than the calendar of AWS, 1970 to 2199"
        return _error(message, "use `at(...)` for something that happens once")
    number, word = _parts(expression[len("rate(") : -1])
    unit = _UNITS.get(word) or _UNITS.get((word.isalpha() and closest(word, _UNITS)) or "")
    if number is None or unit is None:
        return _incomplete(expression, number, word, unit)
    better = suggestion(number, unit)
    hint = f"use `{better}`" if better else _SHAPE
    if number <= 0:
        return _error(f"{shown(expression)} needs a value >= 1", _SHAPE)
    if unit == "second":
        return _error(f"{shown(expression)} is too fast: one minute is the shortest interval of AWS", hint)
    if unit in _CALENDAR:
        message = f"{shown(expression)}: {unit}s are not an interval; AWS knows minutes, hours and days"
        return _error(message, f"use a calendar expression, such as `{_CALENDAR[unit]}`")
    return _error(f"{shown(expression)} is refused by AWS: {_reason(expression, number, word, unit)}", hint)


def suggestion(number: Decimal, unit: str) -> str | None:
    """The rate that was meant, at least a minute, or None when there is none in whole minutes."""
    if unit not in _MINUTES or not 0 < number <= LONGEST:
        return None
    if number == number.to_integral_value() and unit in SINGULAR:
        return _valid(int(number), unit)
    minutes = number * _MINUTES[unit]
    if unit == "second":
        minutes = max(Decimal(1), minutes.quantize(Decimal(1)))
    if minutes != minutes.to_integral_value():
        return None
    size = next(size for size in ("day", "hour", "minute") if minutes % SINGULAR[size] == 0)
    return _valid(int(minutes) // SINGULAR[size], size)


def interval(text: str) -> str | None:
    """The rate that a text such as `5 min` means."""
    number, word = _parts(text)
    unit = _UNITS.get(word)
    return suggestion(number, unit) if number is not None and unit else None


def _valid(number: int, unit: str) -> str | None:
    text = f"rate({number} {unit}{'s' if number != 1 else ''})"
    return text if accepted(text) else None


def _parts(text: str) -> tuple[Decimal | None, str]:
    """The number, if there is one, and the word after it, in lower case."""
    number = re.match(r"[+-]?\d[\d.,_]*", text.strip())
    word = text.strip()[number.end() :] if number else text
    try:
        return (Decimal(number[0].replace(",", ".")) if number else None), word.strip().lower()
    except InvalidOperation:
        return None, word.strip().lower()


def _incomplete(expression: str, number: Decimal | None, word: str, unit: str | None) -> ScheduleError:
    if number is None:
        return _error(f"{shown(expression)} has no value that is a whole number", _SHAPE)
    if not word:
        better = suggestion(number, "minute")
        return _error(f"{shown(expression)} has no unit", f"such as `{better}`" if better else _SHAPE)
    return _error(f"{shown(expression)}: AWS knows no unit {shown(unit or word)}", _SHAPE)


def _reason(expression: str, number: Decimal, word: str, unit: str) -> str:
    """What is wrong with a rate whose meaning is clear."""
    inner = expression[len("rate(") : -1]
    if number != number.to_integral_value():
        return "the value is a whole number"
    if unit == "week":
        return "there are no weeks, a week is 7 days"
    if word not in {unit, f"{unit}s"}:
        return f"the unit is spelt `{unit}s`"
    if (number == 1) is not (word == unit):
        return f"1 takes the singular, `1 {unit}`" if number == 1 else f"{number} takes the plural, `{unit}s`"
    if inner != inner.lower():
        return "the unit is in lower case"
    if " ".join(inner.split()) != inner or " " not in inner:
        return "there is one blank between value and unit, and none elsewhere"
    return "the value is a whole number in plain digits, without sign or leading zero"


def _error(message: str, hint: str) -> ScheduleError:
    return ScheduleError("CC101", message, hint=hint)
