"""Schedules and time zones, in a decorator."""

from __future__ import annotations

from typing import Final

from tests.bad_input.row import Row
from tests.bad_input.ways.commands import declared, warned

EXPRESSIONS: Final = (
    "rate(1 hours)",
    "rate(0 minutes)",
    "rate(30 seconds)",
    "0 9 * * *",
    "cron(0 9 * * * *)",
    "cron(0 9 31 2 ? *)",
    "every hour",
    "",
)
ZONES: Final = ("EST5", "Mars/X")


def _row(number: str, written: str, code: str, says: str, fix: str) -> Row:
    way = declared(f"\n@app.schedule({written})\ndef go(): ...\n")
    return Row(number, f"`@app.schedule({written})`", way, code, says, "app.py:4", fix)


def _zone(number: str, zone: str, says: str, fix: str) -> Row:
    return _row(number, f"'rate(1 day)', timezone={zone!r}", "CC104", says, fix)


ROWS: Final = (
    _row(
        "1",
        repr(EXPRESSIONS[0]),
        "CC101",
        "`rate(1 hours)` is refused by AWS: 1 takes the singular, `1 hour`",
        "use `rate(1 hour)`",
    ),
    _row("2", repr(EXPRESSIONS[1]), "CC101", "`rate(0 minutes)` needs a value >= 1", "such as `rate(5 minutes)`"),
    _row(
        "3",
        repr(EXPRESSIONS[2]),
        "CC101",
        "`rate(30 seconds)` is too fast: one minute is the shortest interval of AWS",
        "use `rate(1 minute)`",
    ),
    _row(
        "4",
        repr(EXPRESSIONS[3]),
        "CC102",
        "`0 9 * * *` has five fields, as in Unix cron; AWS wants `cron(...)` with six, the year last",
        "use `cron(0 9 * * ? *)`",
    ),
    _row(
        "5",
        repr(EXPRESSIONS[4]),
        "CC102",
        "`cron(0 9 * * * *)` names days twice: `?` needed in one day field",
        "use `cron(0 9 * * ? *)`",
    ),
    _row(
        "6",
        repr(EXPRESSIONS[5]),
        "CC102",
        "`cron(0 9 31 2 ? *)` never fires: no month and year that it names has such a day",
        "use `cron(0 9 L 2 ? *)`",
    ),
    _row(
        "7", repr(EXPRESSIONS[6]), "CC103", "`every hour` is none of the three forms of AWS", "perhaps `rate(1 hour)`"
    ),
    _row("7b", repr(EXPRESSIONS[7]), "CC103", "the schedule is empty", "`at(2030-01-31T09:00:00)`"),
    _row("7c", "None", "CC103", "a schedule is text, not `None`", "`at(2030-01-31T09:00:00)`"),
    _zone("8", ZONES[0], "there is no time zone `EST5`", "did you mean `America/New_York`"),
    _zone("8b", ZONES[1], "there is no time zone `Mars/X`", "such as `UTC`, `Europe/"),
    Row(
        "9",
        "a time that the clocks skip and repeat: `cron(30 2 * * ? *)` in `Europe/Berlin`",
        warned("@app.schedule('cron(30 2 * * ? *)', timezone='Europe/Berlin')\ndef go(): ...\n"),
        "W104",
        "`cron(30 2 * * ? *)` in Europe/Berlin: on … the clocks skip 02:30; on … the clocks repeat 02:30, …",
        "app.py:3",
        "choose times outside of 02:00-03:00",
    ),
)
