"""The mistakes made in a time zone's name."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import ScheduleError
from cloud_cron.schedules import zones
from cloud_cron.schedules.mistakes import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

_EXAMPLES: Final = "an IANA name is needed, such as `UTC`, `Europe/Madrid` or `America/New_York`"
_MOST: Final = 3
_ABBREVIATIONS: Final = {
    "est": "America/New_York",
    "edt": "America/New_York",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "mst": "America/Denver",
    "mdt": "America/Denver",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "bst": "Europe/London",
    "cest": "Europe/Berlin",
    "eest": "Europe/Athens",
    "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
    "aest": "Australia/Sydney",
}
_OFFSET: Final = re.compile(r"(?:UTC|GMT)?\s*([+-])0?(\d{1,2})(?::?00)?", re.IGNORECASE)


def unknown(name: object) -> ScheduleError:
    """The error for a name that is no time zone: CC104, with the closest names."""
    if not isinstance(name, str):
        return ScheduleError("CC104", f"timezone={name!r} is not text", hint=_EXAMPLES)
    if not name.strip():
        return ScheduleError("CC104", "the time zone is empty", hint=_EXAMPLES)
    message = f"there is no time zone {shown(name)}"
    if len(name) > zones.MAX_LENGTH:
        return ScheduleError("CC104", f"{message}: AWS allows {zones.MAX_LENGTH} characters", hint=_EXAMPLES)
    fixed = _fixed(name.strip())
    if fixed:
        hint = f"use `{fixed}` (POSIX: its sign is the reverse), or the name of a place, which keeps to its summer time"
        return ScheduleError("CC104", message, hint=hint)
    near = closest_names(name)
    if not near:
        return ScheduleError("CC104", message, hint=_EXAMPLES)
    return ScheduleError("CC104", message, hint=f"did you mean {' or '.join(f'`{each}`' for each in near)}?")


def closest_names(name: str) -> list[str]:
    """The IANA names most like a text: by the whole name, then by its city alone."""
    whole = {each.casefold(): each for each in sorted(zones.names())}
    wanted = name.strip().replace(" ", "_").casefold()
    if wanted in whole:
        return [whole[wanted]]
    city = wanted.rpartition("/")[2]
    cities: dict[str, list[str]] = {}
    for folded, each in whole.items():
        cities.setdefault(folded.rpartition("/")[2], []).append(each)
    usual = _ABBREVIATIONS.get(wanted.rstrip("0123456789"))
    longer = [each for folded, each in whole.items() if folded.startswith(wanted)] if "/" not in wanted else []
    near = (whole[each] for each in get_close_matches(wanted, whole, n=_MOST, cutoff=0.7))
    near_city = (each for match in get_close_matches(city, cities, n=_MOST, cutoff=0.8) for each in cities[match])
    return _unique([*([usual] if usual else []), *cities.get(city, []), *longer, *near, *near_city])


def _fixed(name: str) -> str | None:
    """The zone of a whole-hour offset: POSIX turns the sign round, `UTC+2` is `Etc/GMT-2`."""
    found = _OFFSET.fullmatch(name)
    if not found:
        return None
    sign, hours = found.groups()
    fixed = f"Etc/GMT{'-' if sign == '+' else '+'}{int(hours)}" if int(hours) else "UTC"
    return fixed if fixed in zones.names() else None


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))[:_MOST]
