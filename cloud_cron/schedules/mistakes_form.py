"""The mistakes made before the parenthesis: something that is none of the three forms."""

from __future__ import annotations

import re
from typing import Final

from cloud_cron.errors import ScheduleError
from cloud_cron.schedules import mistakes_at, mistakes_rate, unix
from cloud_cron.schedules.mistakes import FORMS, accepted, shown
from cloud_cron.schedules.refusal import MAX_LENGTH

_MACROS: Final = {
    "@yearly": "cron(0 0 1 1 ? *)",
    "@annually": "cron(0 0 1 1 ? *)",
    "@monthly": "cron(0 0 1 * ? *)",
    "@weekly": "cron(0 0 ? * 1 *)",
    "@daily": "cron(0 0 * * ? *)",
    "@midnight": "cron(0 0 * * ? *)",
    "@hourly": "cron(0 * * * ? *)",
}
_PHRASES: Final = {
    "every minute": "rate(1 minute)",
    "every hour": "rate(1 hour)",
    "hourly": "rate(1 hour)",
    "every day": "cron(0 0 * * ? *)",
    "daily": "cron(0 0 * * ? *)",
    "every week": "cron(0 0 ? * MON *)",
    "weekly": "cron(0 0 ? * MON *)",
    "every month": "cron(0 0 1 * ? *)",
    "monthly": "cron(0 0 1 * ? *)",
}
_WRAPPED: Final = re.compile(r"\s*(rate|cron|at)\s*\(\s*(.*?)\s*\)?\s*;?\s*", re.IGNORECASE | re.DOTALL)


def explain(expression: object) -> ScheduleError:
    """The error for a text that is no expression: CC103, or CC102 when it is a bare cron expression."""
    if not isinstance(expression, str):
        return _error(f"a schedule is text, not {shown(expression)}")
    if not expression.strip():
        return _error("the schedule is empty")
    if len(expression) > MAX_LENGTH:
        return _error(f"{shown(expression)} is too long: AWS allows {MAX_LENGTH} characters")
    if unix.is_bare(expression):
        return unix.explain(expression)
    better = meant(expression)
    return _error(f"{shown(expression)} is none of the three forms of AWS", better)


def meant(text: str) -> str | None:
    """The expression that a text probably means."""
    phrase = " ".join(text.lower().split())
    candidates = [_MACROS.get(phrase), _PHRASES.get(phrase)]
    wrapped = _WRAPPED.fullmatch(text)
    if wrapped:
        candidates.append(f"{wrapped[1].lower()}({wrapped[2]})")
    interval = re.fullmatch(r"(?:every )?(\d{1,9} ?[a-z]+)", phrase)
    if interval:
        candidates.append(mistakes_rate.interval(interval[1]))
    time = mistakes_at.moment(text)
    if time is not None:
        candidates.append(mistakes_at.written(time))
    return next((each for each in candidates if each and accepted(each)), None)


def _error(message: str, better: str | None = None) -> ScheduleError:
    hint = f"perhaps `{better}`; the forms are {FORMS}" if better else f"write {FORMS}"
    return ScheduleError("CC103", message, hint=hint)
