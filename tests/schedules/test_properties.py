"""What holds for every expression, on expressions made up by Hypothesis."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from cloud_cron.errors import ScheduleError
from cloud_cron.schedules import Schedule, describe, emit
from tests.trying import examples

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"]
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


@st.composite
def items(draw, low: int, high: int, *, steps: bool = True) -> str:
    """One member of a field's list."""
    first = draw(st.integers(low, high))
    last = draw(st.integers(first, high))
    step = draw(st.integers(1, high - low))
    shapes = [f"{first}", f"{first}-{last}"]
    if steps:
        shapes += [f"{first}/{step}", f"{first}-{last}/{step}", f"*/{step}"]
    return str(draw(st.sampled_from(shapes)))


def lists(low: int, high: int, *, steps: bool = True) -> st.SearchStrategy[str]:
    """A field: everything, or a list."""
    return st.just("*") | st.lists(items(low, high, steps=steps), min_size=1, max_size=3).map(",".join)


month_days = lists(1, 31) | st.sampled_from(["L", "LW"]) | st.integers(1, 28).map("{}W".format)
week_days = (
    lists(1, 7, steps=False)
    | st.just("L")
    | st.integers(1, 7).map("{}L".format)
    | st.tuples(st.integers(1, 7) | st.sampled_from(DAYS), st.integers(1, 5)).map(lambda pair: f"{pair[0]}#{pair[1]}")
    | st.lists(st.sampled_from(DAYS), min_size=1, max_size=4).map(",".join)
)
months = lists(1, 12) | st.lists(st.sampled_from(MONTHS), min_size=1, max_size=4).map(",".join)
years = st.just("*") | st.lists(st.integers(2024, 2032).map(str), min_size=1, max_size=3).map(",".join)


@st.composite
def crons(draw) -> str:
    """Any cron expression that AWS documents; a few of them never fire."""
    days = draw(st.sampled_from(["month", "week"]))
    month_day, week_day = (draw(month_days), "?") if days == "month" else ("?", draw(week_days))
    return f"cron({draw(lists(0, 59))} {draw(lists(0, 23))} {month_day} {draw(months)} {week_day} {draw(years)})"


rates = st.tuples(st.integers(1, 100), st.sampled_from(["minute", "hour", "day"])).map(
    lambda pair: f"rate({pair[0]} {pair[1]}{'s' if pair[0] > 1 else ''})"
)
ats = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1)).map(  # noqa: DTZ001 - wall clock
    lambda time: f"at({time.replace(microsecond=0).isoformat()})"
)
expressions = crons() | rates | ats
zones = st.sampled_from(ZONES)
instants = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def made(expression: str, zone: str = "UTC") -> Schedule:
    """The schedule, unless it is one of those that never fire: no other documented one is refused."""
    error = error_of(expression, zone)
    assert error is None or "never fires" in error.message
    assume(error is None)
    return Schedule(expression, zone)


@given(crons())
@settings(max_examples=examples(120))
def test_cron_fires_on_the_days_of_the_oracle(oracle, expression):
    schedule = made(expression)
    start, end = date(2027, 11, 1), date(2029, 3, 1)
    days = []
    instant = datetime(2027, 10, 31, 23, 59, tzinfo=UTC)
    while (fire := schedule.next(instant)) and fire.date() <= end:
        days.append(fire.date())
        instant = fire.replace(hour=23, minute=59)
    assert days == oracle.days(expression, start, end)


@given(crons(), zones, st.integers(0, 700))
@settings(max_examples=examples(30))
def test_cron_fires_on_the_minutes_of_the_oracle(oracle, expression, zone, day):
    schedule = made(expression, zone)
    start = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(days=day)
    end = start + timedelta(days=1)
    fires = [fire.astimezone(UTC) for fire in schedule.fires(start - timedelta(microseconds=1), end)]
    assert fires == oracle.fires(expression, zone, start, end)


@given(expressions, zones, instants)
@example("cron(0/10 * * * ? *)", "Europe/Berlin", datetime(2026, 10, 25, 1, 15, tzinfo=UTC))
@example("cron(0/10 * * * ? *)", "Australia/Lord_Howe", datetime(2027, 4, 3, 15, 10, tzinfo=UTC))
def test_next_and_previous_undo_each_other(expression, zone, instant):
    schedule = made(expression, zone)
    following = schedule.next(instant)
    if following is not None:
        after = following.astimezone(UTC)
        assert after > instant
        assert schedule.is_fire(following)
        again = schedule.previous(following)
        assert again is None or again.astimezone(UTC) <= instant
        assert again is None or schedule.next(again) == following
    preceding = schedule.previous(instant)
    if preceding is not None:
        before = preceding.astimezone(UTC)
        assert before < instant
        assert schedule.is_fire(preceding)
        again = schedule.next(preceding)
        assert again is None or again.astimezone(UTC) >= instant
        assert again is None or schedule.previous(again) == preceding


@given(expressions, zones, instants)
def test_fires_is_next_repeated_and_ascending(expression, zone, instant):
    schedule = made(expression, zone)
    fires = list(islice(schedule.fires(instant), 20))
    repeated: list[datetime] = []
    time = schedule.next(instant)
    while time is not None and len(repeated) < 20:
        repeated.append(time)
        time = schedule.next(time)
    assert fires == repeated
    assert all(one.astimezone(UTC) < two.astimezone(UTC) for one, two in pairwise(fires))


@given(expressions, zones, instants, st.integers(0, 3000), st.integers(0, 3000))
def test_start_and_end_only_clip(expression, zone, instant, before, length):
    assume(not expression.startswith("rate"))
    schedule = made(expression, zone)
    start = instant - timedelta(hours=before)
    end = start + timedelta(hours=length)
    clipped = Schedule(expression, zone, start, end)
    from_start = max(instant, start - timedelta(microseconds=1))
    expected = [fire for fire in islice(schedule.fires(from_start, end), 10)]  # noqa: C416 - islice is lazy
    assert list(islice(clipped.fires(instant), 10)) == expected


@given(rates, instants, instants)
def test_an_emitted_rate_fires_at_the_same_instants(expression, start, instant):
    schedule = Schedule(expression, "Europe/Berlin", start.replace(second=0, microsecond=0))
    emitted = emit(schedule)
    if emitted.expression == expression:
        return
    again = Schedule(*emitted)
    from_start = max(instant, start)
    ours = [fire.astimezone(UTC) for fire in islice(schedule.fires(from_start), 30)]
    assert ours == list(islice(again.fires(from_start), 30))


@given(expressions, zones)
def test_describing_never_fails(expression, zone):
    made(expression, zone)
    words = describe(expression, zone)
    assert words[0] == "E" or words.startswith(("At ", "Once, "))
    assert "  " not in words
    assert "None" not in words


broken = st.text(st.sampled_from("cronate()0123456789 *?/,-LW#MONFRIJAN:TZ.\n\u0663\u00b2"), max_size=60)
wrapped = st.tuples(st.sampled_from(["cron", "rate", "at"]), broken).map(lambda pair: f"{pair[0]}({pair[1]})")


@st.composite
def near_misses(draw) -> str:
    """A good expression with a character or a field put wrong."""
    text = str(draw(expressions))
    place = draw(st.integers(0, len(text)))
    inserted = draw(st.text(st.sampled_from(" *?/,-LW#A09)("), max_size=2))
    return text[:place] + str(inserted) + text[place + draw(st.integers(0, 2)) :]


@given(broken | wrapped | near_misses() | st.text(max_size=300))
@settings(max_examples=examples(600))
@example("cron(L-99 0 L-99 L-99 L-99 L-99)")
@example("cron(0 9 ? * MON-/2 *)")
@example("rate(1e9999999999 days)")
@example("rate(" + "9" * 249 + " days)")
@example("at(٢٠٣٠-01-01T00:00:00)")
@example("* * * * " + "1" * 200)
def test_rubbish_raises_a_schedule_error_whose_offers_are_good(text):
    error = error_of(text)
    if error is not None:
        assert error.code in {"CC101", "CC102", "CC103"}
        for offer in offers(error):
            Schedule(offer)


@given(st.none() | st.integers() | st.binary() | st.lists(st.text()) | st.floats())
def test_another_type_is_a_schedule_error_too(value):
    with pytest.raises(ScheduleError, match="CC103"):
        Schedule(value)


@given(st.none() | st.integers() | st.text(max_size=60) | st.binary())
def test_a_name_that_is_no_zone_is_a_schedule_error(name):
    error = error_of("rate(1 hour)", name)
    assert error is None or error.code == "CC104"


def error_of(*arguments: Any) -> ScheduleError | None:
    """The error that a schedule raises, if any; nothing else may be raised."""
    try:
        Schedule(*arguments)
    except ScheduleError as error:
        return error
    return None


def offers(error: ScheduleError) -> list[str]:
    """The expressions that a hint tells to write; every error has a hint."""
    quoted = (error.hint or "").split("`")[1::2]
    assert quoted
    return [text for text in quoted if text.startswith(("cron(", "rate(", "at(")) and any(map(str.isdigit, text))]
