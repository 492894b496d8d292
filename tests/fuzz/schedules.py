"""Expressions, on the first line, and time zones, on the rest: to `Schedule`, `describe` and `emit`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Final

from cloud_cron.errors import ScheduleError
from cloud_cron.schedules import Schedule, describe, emit
from tests.bad_input.catalogue.schedules import EXPRESSIONS, ZONES
from tests.fuzz.target import Target, assert_well_said, text_of

NOW: Final = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
_CODES: Final = frozenset({"CC101", "CC102", "CC103", "CC104"})


def check(data: bytes) -> None:
    """A refusal offers what is accepted; what is accepted fires in order, and AWS fires it at the same times."""
    expression, _, zone = text_of(data).partition("\n")
    try:
        schedule = Schedule(expression, zone or "UTC")
    except ScheduleError as error:
        assert_well_said(error, _CODES)
        assert_offers_are_good(error)
        return
    assert describe(schedule.expression, schedule.timezone) == describe(expression, zone or "UTC")
    assert describe(expression, zone or "UTC").isprintable()
    fires = list(islice(schedule.fires(NOW), 4))
    assert all(one.astimezone(UTC) < two.astimezone(UTC) for one, two in pairwise(fires))
    assert all(schedule.is_fire(fire) for fire in fires)
    for one, two in pairwise(fires):
        assert schedule.previous(two) == one
        assert schedule.next(one) == two
    last = schedule.previous(NOW + timedelta(microseconds=1))
    assert last is None or (last.astimezone(UTC) <= NOW and schedule.is_fire(last))
    emitted = Schedule(*emit(schedule))
    if emitted.expression != expression:
        assert [fire.astimezone(UTC) for fire in fires] == list(islice(emitted.fires(NOW), 4))


def assert_offers_are_good(error: ScheduleError) -> None:
    """Every expression or zone that a hint tells to write is one."""
    assert str(error).isprintable()
    quoted = (error.hint or "").split("`")[1::2]
    assert quoted, str(error)
    for text in quoted:
        if text.startswith(("cron(", "rate(", "at(")) and any(map(str.isdigit, text)):
            Schedule(text)
        elif error.code == "CC104":
            Schedule("rate(1 day)", text)


TARGET: Final = Target(
    "schedules",
    check,
    seeds=(
        *EXPRESSIONS,
        *(f"rate(1 day)\n{zone}" for zone in ZONES),
        "0 0 9 ? * MON-FRI",
        "cron(30 2 * * ? *)\nEurope/Berlin",
        "cron(0/10 9-17 ? * MON#2,FRI 2026-2030/2)\nAustralia/Lord_Howe",
        "cron(0 0 LW 1,JUL ? *)",
        "cron(0 12 ? * 6L *)\nEST5",
        "cron(15 10 15W * ? 2199)\nMars/X",
        "rate(5 minutes)\nAmerica/New_York",
        "at(2030-01-31T09:00:00)\nPacific/Apia",
        "at(2030-01-31 09:00)",
        "every 5 minutes",
        "@daily",
    ),
    modules=tuple(
        f"cloud_cron.schedules.{name}"
        for name in (
            "mistakes",
            "mistakes_at",
            "mistakes_cron",
            "mistakes_form",
            "mistakes_rate",
            "mistakes_zone",
            "repairs",
            "unix",
        )
    ),
    words=("cron(", "rate(", "at(", "minutes", "hours", "days", "MON", "JAN", "?", "L", "W", "#", "Europe/", "UTC"),
)
