"""Mending a cron expression: each refusal has a usual remedy, applied until nothing is refused or no remedy is left."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from cloud_cron.schedules import cron, fields
from cloud_cron.schedules.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROUNDS: Final = 8
_DAY: Final = fields.DAY_OF_MONTH.index
_WEEKDAY: Final = fields.DAY_OF_WEEK.index


def repaired(parts: Sequence[str]) -> str | None:
    """The accepted expression nearest to six fields, or None."""
    current = [part.strip(",") or part for part in parts]
    for _ in range(_ROUNDS):
        try:
            cron.read(" ".join(current))
        except Refused as refused:
            better = _mended(current, refused)
            if better is None or better == current:
                return None
            current = better
        else:
            return f"cron({' '.join(current)})"
    return None


def replaced(parts: Sequence[str], index: int, text: str) -> list[str]:
    """The fields with another text in one of them."""
    return [*parts[:index], text, *parts[index + 1 :]]


def _mended(parts: list[str], refused: Refused) -> list[str] | None:
    """The fields with one mistake less."""
    match refused.kind:
        case "two days" if parts[_WEEKDAY] == "*":
            return replaced(parts, _WEEKDAY, "?")
        case "two days" if parts[_DAY] == "*":
            return replaced(parts, _DAY, "?")
        case "no day":
            return replaced(parts, _DAY, "*")
        case "short month":
            return replaced(parts, _DAY, "LW")
        case "never":
            return replaced(parts, _DAY, "L") if parts[_DAY] not in {"?", "L"} else None
    if refused.field < 0:
        return None
    field = fields.FIELDS[refused.field]
    text = parts[field.index]
    better = _item(field, refused)
    if better is None:
        return None
    if better == "*" and "," in text:
        return replaced(parts, field.index, "*")
    items = [better if item == refused.item else item for item in text.split(",")]
    joined = ",".join(filter(None, items))
    return replaced(parts, field.index, joined) if joined else None


def _item(field: fields.Field, refused: Refused) -> str | None:
    """What was probably meant by a member of a list; an empty text takes it out."""
    match refused.kind:
        case "word":
            return word(field, refused.item)
        case "backwards":
            return around(field, refused.item)
        case "mixed":
            first, _, rest = refused.item.partition("-")
            last, slash, step = rest.partition("/")
            return f"{_number(field, first)}-{_number(field, last)}{slash}{step}"
        case "step":
            base, _, step = refused.item.partition("/")
            enough = step.isascii() and step.isdigit() and int(step) > field.longest_step
            return (str(field.low) if base == "*" else base.partition("-")[0]) if enough else None
        case "week step":
            return week_steps(refused.item)
        case "bounds":
            return bounded(field, refused.item)
    return None


def word(field: fields.Field, item: str) -> str | None:
    """A misspelt value: lower case, a whole name, an empty member, a step without a start."""
    upper = "".join(str(int(character)) if character.isdecimal() else character for character in item.upper())
    if item in {"", "*"}:
        return item
    if upper == "?" and field.index not in {_DAY, _WEEKDAY}:
        return "*"
    if item.startswith("/"):
        return f"*{item}"
    if upper.endswith("L") and upper[:-1] in field.names:
        return f"{field.names[upper[:-1]]}L"
    shortened = "".join(_short(field, part) for part in _split(upper))
    return shortened if shortened != item else None


def around(field: fields.Field, item: str) -> str | None:
    """The values of a range that runs over the end of its field, as a list."""
    base, _, step = item.partition("/")
    first, _, last = base.partition("-")
    low, high = _number(field, first), _number(field, last)
    if field is fields.YEAR:
        return f"{last}-{first}"
    stride = int(step) if step.isdigit() else 1
    cycle = list(chain(field.every[field.every.index(low) :], field.every[: field.every.index(high) + 1]))[::stride]
    names = {value: name for name, value in field.names.items()} if first in field.names else {}
    if names or stride > 1 or len(cycle) <= 4:  # noqa: PLR2004 - a short list reads best
        return ",".join(str(names.get(value, value)) for value in cycle)
    return f"{low}-{field.high},{field.low}-{high}"


def week_steps(item: str) -> str | None:
    """The weekdays that a step would reach, as a list."""
    base, _, step = item.partition("/")
    first, dash, last = base.partition("-")
    low = 1 if base == "*" else _number(fields.DAY_OF_WEEK, first)
    high = _number(fields.DAY_OF_WEEK, last) if dash else fields.DAY_OF_WEEK.high
    if not (step.isascii() and step.isdigit()) or not 1 <= int(step) <= fields.DAY_OF_WEEK.high:
        return None
    if step == "1":
        return "*" if base == "*" else base
    return ",".join(fields.DAY_NAMES[day - 1] for day in range(low, high + 1, int(step)))


def bounded(field: fields.Field, item: str) -> str | None:
    """A value just beyond its field: minute 60 and hour 24 are 0, Unix's Sunday is 1."""
    from cloud_cron.schedules.unix import day_of_week  # noqa: PLC0415 - a cycle

    if field is fields.DAY_OF_WEEK:
        return day_of_week(item)
    if field in {fields.MINUTES, fields.HOURS} and item == str(field.high + 1):
        return "0"
    digits = item.lstrip("0") or "0"
    return digits if digits != item and digits.isdigit() else None


def _number(field: fields.Field, text: str) -> int:
    return field.names[text] if text in field.names else int(text)


def _short(field: fields.Field, part: str) -> str:
    """MONDAY, MONDAYS and SEPT as AWS spells them."""
    return part[:3] if part[:3] in field.names and part.isalpha() else part


def _split(text: str) -> list[str]:
    """A text cut wherever letters begin or end."""
    parts: list[str] = []
    for character in text:
        if parts and parts[-1].isalpha() == character.isalpha():
            parts[-1] += character
        else:
            parts.append(character)
    return parts
