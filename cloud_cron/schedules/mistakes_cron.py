"""The mistakes made in `cron(...)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron.errors import ScheduleError
from cloud_cron.schedules import fields, unix
from cloud_cron.schedules.cron import SIX
from cloud_cron.schedules.mistakes import shown, use
from cloud_cron.schedules.repairs import repaired, replaced

if TYPE_CHECKING:
    from cloud_cron.schedules.refusal import Refused

_SHAPE: Final = "write `cron(minutes hours day-of-month month day-of-week year)`, such as `cron(0 9 * * ? *)`"
_EXAMPLES: Final = (
    "`0`, `0,30` or `0/15`",
    "`9`, `9,17` or `9-17`",
    "`1`, `1,15`, `15W`, `L` or `LW`",
    "`1`, `JAN,JUL` or `1/3`",
    "`MON-FRI`, `2`, `2#1` or `6L`",
    "`*`, `2030` or `2030-2035`",
)
_DAY: Final = fields.DAY_OF_MONTH.index
_MONTH: Final = fields.MONTH.index
_WEEKDAY: Final = fields.DAY_OF_WEEK.index
_BY_LENGTH: Final = {"1,3,5,7,8,10,12": 31, "4,6,9,11": 30, "2": 28}


def explain(expression: str, refused: Refused) -> ScheduleError:
    """The error for a refused cron expression: CC102."""
    parts = expression[len("cron(") : -1].split()
    if refused.kind == "fields" or len(parts) != SIX:  # a blank too many makes a field of nothing
        return _count(expression, parts)
    if unix.has_seconds(parts):
        message = f"{shown(expression)} begins with seconds; AWS has none, and the year comes last"
        return _error(message, use(unix.translations(parts)) or _SHAPE)
    message = f"{shown(expression)} {_reason(parts, refused)}"
    offer = repaired(parts)
    hint = f"use `{offer}`" if offer else use(_apart(parts, refused)) or _advice(refused)
    return _error(message, hint + _remark(parts, refused))


def _count(expression: str, parts: list[str]) -> ScheduleError:
    """The error for a number of fields other than six, or blanks too many."""
    if len(parts) == SIX:
        message = f"{shown(expression)} must have exactly one blank between its fields, and none around them"
    else:
        unit = "field" if len(parts) == 1 else "fields"
        message = f"{shown(expression)} has {len(parts)} {unit}; AWS wants six, the year last"
    offers = unix.translations([part.upper() for part in parts]) if unix.is_bare(" ".join(parts)) else []
    return _error(message, use(offers) or _SHAPE)


def _reason(parts: list[str], refused: Refused) -> str:
    """What is wrong, to follow the expression."""
    match refused.kind:
        case "two days":
            return "names days twice: `?` needed in one day field"
        case "no day":
            return "names no day: only one of the day fields may be `?`"
        case "never":
            return "never fires: no month and year that it names has such a day"
        case "short month":
            return f"asks for {shown(refused.item)} in months without that day, where AWS's behaviour is not documented"
    field = fields.FIELDS[refused.field]
    if not refused.item:
        return f"has an empty place in its {field.name} field"
    return f"has {shown(refused.item)} in its {field.name} field, {_fault(field, parts[field.index], refused)}"


def _fault(field: fields.Field, text: str, refused: Refused) -> str:
    """What is wrong with one member of a field."""
    match refused.kind:
        case "bounds":
            return f"which takes {field.low}-{field.high}"
        case "backwards":
            return "a range that runs backwards, whose meaning AWS does not document"
        case "mixed":
            return "a range between a name and a number, whose meaning AWS does not document"
        case "step":
            return f"whose step must be a number from 1 to {field.longest_step}"
        case "week step":
            return "where AWS lists no `/` among the signs it takes"
        case "nth":
            return "where the number after `#` goes from 1 to 5"
    if refused.item == "?":
        return "where `*` stands for every value"
    if refused.item == "*":
        return "where `*` cannot be one of a list"
    if _special(refused.item):
        return _special_fault(field, text)
    return f"which takes {_allowed(field)}"


def _special_fault(field: fields.Field, text: str) -> str:
    """What is wrong with an `L`, a `W` or a `#`."""
    if field.index not in {_DAY, _WEEKDAY}:
        return "where AWS takes no `L`, `W` or `#`"
    if "," in text:
        return "which AWS documents only by itself, not in a list"
    return "whose meaning AWS does not document"


def _special(item: str) -> bool:
    """Whether a member is meant as `L`, `W` or `#`."""
    upper = item.upper()
    return "#" in upper or upper in {"L", "W", "LW"} or upper.startswith("L-") or upper[:-1] in _BEFORE_SIGN


def _allowed(field: fields.Field) -> str:
    names = list(field.names)
    return f"{field.low}-{field.high}" + (f" or {names[0]}-{names[-1]} in upper case" if names else "")


def _apart(parts: list[str], refused: Refused) -> list[str]:
    """Several expressions that together say what one cannot."""
    if refused.kind == "two days":
        return [_mended(replaced(parts, _WEEKDAY, "?")), _mended(replaced(parts, _DAY, "?"))]
    if refused.field not in {_DAY, _WEEKDAY}:
        return []
    text = parts[refused.field]
    if "," in text:
        items = [item for item in text.split(",") if item]
        plain = ",".join(item for item in items if not _special(item))
        apart = [plain, *(item for item in items if _special(item))]
        return [_mended(replaced(parts, refused.field, item)) for item in apart if item]
    before = _days_before_last(parts)
    if before is None:
        return []
    return [
        _mended(replaced(replaced(parts, _MONTH, months), _DAY, str(size - before)))
        for months, size in _BY_LENGTH.items()
    ]


def _days_before_last(parts: list[str]) -> int | None:
    """The 3 of `L-3`, asked of every month."""
    before = parts[_DAY].removeprefix("L-")
    wanted = parts[_DAY] != before and parts[_MONTH] == "*" and before.isascii() and before.isdigit()
    return int(before) if wanted and len(before) <= fields.DAY_OF_MONTH.width else None


def _mended(parts: list[str]) -> str:
    return repaired(parts) or f"cron({' '.join(parts)})"


def _advice(refused: Refused) -> str:
    """The hint when no expression can be offered."""
    if refused.field < 0:
        return _SHAPE
    return f"write it like {_EXAMPLES[refused.field]}"


def _remark(parts: list[str], refused: Refused) -> str:
    """A reminder where the offer needs one."""
    habit = refused.kind == "two days" or (refused.kind == "bounds" and refused.field == _WEEKDAY)
    if habit and any(character.isdigit() for character in parts[_WEEKDAY].partition("#")[0]):
        return unix.NUMBERING
    return "; the last of them is a day early in a leap year" if _days_before_last(parts) is not None else ""


def _error(message: str, hint: str) -> ScheduleError:
    return ScheduleError("CC102", message, hint=hint)


_BEFORE_SIGN: Final = frozenset({*map(str, range(1, 32)), *fields.DAY_NAMES})
