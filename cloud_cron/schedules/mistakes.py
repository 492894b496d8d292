"""From a refusal to an error that says what is wrong and what to write instead.

Loaded when somebody made a mistake, never before; each form has a module of its own that knows the usual ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron.schedules.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloud_cron.errors import ScheduleError

FORMS: Final = "`rate(5 minutes)`, `cron(0 9 * * ? *)` or `at(2030-01-31T09:00:00)`"
_SHOWN: Final = 80


def explain(expression: object, refused: Refused) -> ScheduleError:
    """The error for a refused expression."""
    from cloud_cron.schedules import mistakes_at, mistakes_cron, mistakes_form, mistakes_rate  # noqa: PLC0415 - a cycle

    match refused.kind:
        case "form":
            return mistakes_form.explain(expression)
        case "rate" | "long":
            return mistakes_rate.explain(str(expression), refused)
        case "at":
            return mistakes_at.explain(str(expression))
        case _:
            return mistakes_cron.explain(str(expression), refused)


def shown(text: object) -> str:
    """A text as an error message can carry it: short, printable, in back quotes."""
    plain = text if isinstance(text, str) and text.isprintable() else ascii(text)
    return f"`{plain}`" if len(plain) <= _SHOWN else f"`{plain[:_SHOWN]}…` ({len(plain)} characters)"


def accepted(expression: str) -> bool:
    """Whether an expression is one to recommend."""
    from cloud_cron.schedules.expression import read  # noqa: PLC0415 - a cycle

    try:
        read(expression)
    except Refused:
        return False
    return True


def use(expressions: Iterable[str]) -> str | None:
    """A hint naming expressions, or None unless every one of them is accepted."""
    offers = list(expressions)
    if not offers or not all(map(accepted, offers)):
        return None
    listed = " and ".join(f"`{offer}`" for offer in offers)
    return f"use {listed}" if len(offers) == 1 else f"give the task {len(offers)} expressions: {listed}"
