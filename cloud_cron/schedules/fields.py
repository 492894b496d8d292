"""One field of a cron expression, read to the ascending values it stands for.

EventBridge Scheduler User Guide, "Schedule types", Cron-based schedules: `,` lists, `-` ranges, `*` everything, `/`
increments. A value that AWS does not document (a range that runs backwards, a step of zero) is refused, not guessed.
Names are in upper case, as on every page of AWS: of other spellings there are only reports that the console takes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron.schedules.refusal import FIRST_YEAR, LAST_YEAR, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

MONTH_NAMES: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAY_NAMES: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


class Field:
    """What one of the six fields may hold."""

    __slots__ = ("every", "high", "index", "longest_step", "low", "name", "names", "width")

    def __init__(self, index: int, name: str, low: int, high: int, names: tuple[str, ...] = ()) -> None:
        """Values run from `low` to `high`; `names` are other spellings of them, in the same order."""
        self.index = index
        self.name = name
        self.low = low
        self.high = high
        self.names = {spelling: low + place for place, spelling in enumerate(names)}
        self.width = len(str(high))
        self.every: Sequence[int] = range(low, high + 1)
        # `*/60` in the minutes is refused by AWS (aws/aws-sdk-js#4212); `1-31/30` is accepted, recorded against AWS.
        self.longest_step = high if low <= 1 else high - low


MINUTES: Final = Field(0, "minutes", 0, 59)
HOURS: Final = Field(1, "hours", 0, 23)
DAY_OF_MONTH: Final = Field(2, "day-of-month", 1, 31)
MONTH: Final = Field(3, "month", 1, 12, MONTH_NAMES)
DAY_OF_WEEK: Final = Field(4, "day-of-week", 1, 7, DAY_NAMES)
YEAR: Final = Field(5, "year", FIRST_YEAR, LAST_YEAR)
FIELDS: Final = (MINUTES, HOURS, DAY_OF_MONTH, MONTH, DAY_OF_WEEK, YEAR)


def values(field: Field, text: str) -> Sequence[int]:
    """The values that a field's text stands for, ascending and each once."""
    if text == "*":
        return field.every
    if "," not in text:
        return _item(field, text)
    merged: set[int] = set()
    for item in text.split(","):
        merged.update(_item(field, item))
    return tuple(sorted(merged))


def number(field: Field, text: str, item: str) -> int:
    """One value: ASCII digits, with leading zeros up to the field's width (`05` is common in the wild), or a name."""
    if text.isdigit() and text.isascii():
        value = int(text) if len(text) <= field.width else field.high + 1
        if field.low <= value <= field.high:
            return value
        raise Refused("bounds", field.index, item)
    try:
        return field.names[text]
    except KeyError:
        raise Refused("word", field.index, item) from None


def _item(field: Field, item: str) -> Sequence[int]:
    """One member of a list: a value, a range, or either (or `*`) with a step."""
    base, slash, step = item.partition("/")
    if base == "*" and slash:
        low, high = field.low, field.high
    else:
        first, dash, last = base.partition("-")
        low = number(field, first, item)
        high = number(field, last, item) if dash else field.high if slash else low
        if low > high:
            raise Refused("backwards", field.index, item)
        if dash and first.isdigit() is not last.isdigit():
            raise Refused("mixed", field.index, item)
    return range(low, high + 1, _step(field, step, item)) if slash else range(low, high + 1)


def _step(field: Field, text: str, item: str) -> int:
    """The number after `/`. A day-of-week takes none: AWS lists `, - * ? L #` for it."""
    if field is DAY_OF_WEEK:
        raise Refused("week step", field.index, item)
    if not (text.isdigit() and text.isascii() and len(text) <= field.width and 1 <= int(text) <= field.longest_step):
        raise Refused("step", field.index, item)
    return int(text)
