from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from cloud_cron.errors import ScheduleError
from cloud_cron.schedules import Schedule

ACCEPTED_BY_AWS = [
    "cron(0-15/1 8-8 ? * 2,3,4,5,6,7 *)",
    "cron(30-30 13-13 ? * 2,4,6 *)",
    "cron(1-31/30 1-1 ? * 1,7 *)",
    "cron(*/15 * * * ? *)",
    "cron(0-59/10 0-23/2 ? * * *)",
    "cron(0 18 ? * MON-FRI *)",
    "cron(15 10 ? * 6L 2002-2005)",
    "cron(0 2 ? * SAT#3 *)",
    "cron(* * ? * SAT#3 *)",
    "cron(0/5 5 ? JAN 1-5 2022)",
    "cron(0 2 ? * SAT *)",
    "cron(0 12 * * ? *)",
    "cron(5,35 14 * * ? *)",
    "cron(15 12 * * ? *)",
    "cron(0 8 1 * ? *)",
    "cron(0/15 * * * ? *)",
    "cron(0/10 * ? * MON-FRI *)",
    "cron(0/5 8-17 ? * MON-FRI *)",
    "cron(0/30 20-23 ? * MON-FRI *)",
    "cron(0/30 0-2 ? * MON-FRI *)",
]
DOCUMENTED = [
    "cron(1/10 * * * ? *)",
    "cron(0 9 ? * 3#2 *)",
    "cron(0 9 3W * ? *)",
    "cron(0 9 L * ? *)",
    "cron(0 9 LW * ? *)",
    "cron(0 9 1W * ? *)",
    "cron(0 9 28W 2 ? *)",
    "cron(0 9 31W 1,3,5 ? *)",
    "cron(0 9 30W 4-6 ? *)",
    "cron(0 9 29W 2 ? 2028)",
    "cron(0 9 ? * L *)",
    "cron(0 9 ? * 1L *)",
    "cron(0 9 1-15 JAN,FEB,MAR ? *)",
    "cron(0 9 1 JAN-DEC/3 ? 2026/2)",
    "cron(0 9 1,10-20,25/3 * ? 2026-2030,2040)",
    "cron(00 09 01 01 ? *)",
    "cron(0 9 ? * 2,WED,FRI-SAT *)",
    "cron(0 9 ? 2 1#5 *)",
    "cron(59 23 31 12 ? 2199)",
    "cron(0 0 1 1 ? 1970)",
    "cron(0 0 29 2 ? *)",
    "cron(0 0 31 * ? *)",
    "cron(0,0,0 1-3,2-5 * * ? *)",
]


@pytest.mark.parametrize("expression", ACCEPTED_BY_AWS + DOCUMENTED)
def test_an_accepted_expression_fires_on_the_oracles_days(oracle, expression):
    schedule = Schedule(expression)
    start, end = (
        (date(2001, 12, 1), date(2006, 2, 1)) if "2002" in expression else (date(2021, 12, 1), date(2028, 3, 31))
    )
    first = datetime(start.year, start.month, start.day, tzinfo=UTC) - timedelta(minutes=1)
    last = datetime(end.year, end.month, end.day, 23, 59, tzinfo=UTC)
    days = oracle.days(expression, start, end)
    one_a_day = []
    instant = first
    while (fire := schedule.next(instant)) and fire <= last:
        one_a_day.append(fire.date())
        instant = fire.replace(hour=23, minute=59)
    assert one_a_day == days


@pytest.mark.parametrize("expression", ACCEPTED_BY_AWS)
def test_an_accepted_expression_fires_on_the_oracles_minutes(oracle, expression):
    schedule = Schedule(expression)
    fire = schedule.next(datetime(2027, 1, 1, tzinfo=UTC)) or schedule.previous(datetime(2027, 1, 1, tzinfo=UTC))
    assert fire is not None
    start, end = fire - timedelta(hours=5), fire + timedelta(hours=20)
    expected = oracle.fires(expression, "UTC", start, end)
    assert fire in expected
    assert list(schedule.fires(start - timedelta(minutes=1), end)) == expected


@pytest.mark.parametrize(
    ("expression", "first"),
    [
        ("cron(0 9 1W * ? 2026)", [1, 2, 2, 1, 1, 1, 1, 3, 1, 1, 2, 1]),  # 1 August is a Saturday: Monday the 3rd
        ("cron(0 9 LW * ? 2026)", [30, 27, 31, 30, 29, 30, 31, 31, 30, 30, 30, 31]),
        ("cron(0 9 15W * ? 2026)", [15, 16, 16, 15, 15, 15, 15, 14, 15, 15, 16, 15]),
        ("cron(0 9 ? * 3#2 2026)", [13, 10, 10, 14, 12, 9, 14, 11, 8, 13, 10, 8]),
        ("cron(0 9 ? * 6L 2026)", [30, 27, 27, 24, 29, 26, 31, 28, 25, 30, 27, 25]),
        ("cron(0 9 L * ? 2028)", [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]),
    ],
)
def test_special_days_by_the_calendar(expression, first):
    fires = list(Schedule(expression).fires(datetime(2025, 1, 1, tzinfo=UTC)))
    assert [fire.month for fire in fires] == list(range(1, 13))
    assert [fire.day for fire in fires] == first


def test_weekdays_count_from_sunday():
    week = [Schedule(f"cron(0 0 ? * {day} *)").next(datetime(2026, 11, 21, 12, tzinfo=UTC)) for day in range(1, 8)]
    assert [fire.isoweekday() for fire in week if fire] == [7, 1, 2, 3, 4, 5, 6]


def test_last_day_of_the_week_is_saturday():
    assert next(Schedule("cron(0 0 ? * L *)").fires(datetime(2026, 11, 23, tzinfo=UTC))).isoweekday() == 6


def test_once_in_twenty_eight_years():
    schedule = Schedule("cron(0 0 ? 2 1#5 *)")
    fires = [fire.year for fire in schedule.fires(datetime(2000, 1, 1, tzinfo=UTC))]
    assert fires[:4] == [2004, 2032, 2060, 2088]
    assert fires[4:] == [2128, 2156, 2184]


def test_previous_skips_short_months():
    schedule = Schedule("cron(0 0 31 * ? *)")
    assert schedule.previous(datetime(2026, 12, 1, tzinfo=UTC)) == datetime(2026, 10, 31, tzinfo=UTC)
    assert schedule.previous(datetime(2026, 7, 2, tzinfo=UTC)) == datetime(2026, 5, 31, tzinfo=UTC)


def test_thirty_first_skips_short_months():
    fires = Schedule("cron(0 0 31 * ? 2026)").fires(datetime(2026, 1, 1, tzinfo=UTC))
    assert [fire.month for fire in fires] == [1, 3, 5, 7, 8, 10, 12]


REFUSED_BY_AWS = [
    "cron(71 8 1 * ? *)",
    "cron(7 20 * * NOT *)",
    "cron(0 1 * * * *)",
    "cron(INVALID)",
    "cron(0 dummy ? * MON-FRI *)",
    "cron()",
    "cron(*/60 * * * ? *)",
    "cron(15 12 ? * -1 *)",
    "cron(0 50 0,6,12,18 * ? *)",
    "cron(0 8 * ? 2-6 *)",
]
UNDOCUMENTED = [
    "cron(0 9 L-3 * ? *)",
    "cron(0 9 31W * ? *)",
    "cron(0 9 30W * ? *)",
    "cron(0 9 29W 2 ? *)",
    "cron(0 9 31W 4 ? *)",
    "cron(0 9 ? * FRI-MON *)",
    "cron(0 22-2 * * ? *)",
    "cron(0 9 1 NOV-FEB ? *)",
    "cron(0 9 28-3 * ? *)",
    "cron(50-10 9 * * ? *)",
    "cron(0 9 ? * 1-7,L *)",
    "cron(0 9 ? * MON#1,FRI#2 *)",
    "cron(0 9 ? * 2#1,6 *)",
    "cron(0 9 ? * 2,6L *)",
    "cron(0 9 15,L * ? *)",
    "cron(0 9 1W,15W * ? *)",
    "cron(0 9 1-5W * ? *)",
    "cron(0 9 ? * 2-6/2 *)",
    "cron(0 9 ? * */2 *)",
    "cron(0 9 ? * MON/2 *)",
    "cron(0 9 ? * FRIL *)",
    "cron(0 9 ? * L6 *)",
    "cron(0 9 ? * MON-6 *)",
    "cron(0 9 ? * mon-fri *)",
    "cron(0 9 ? * Mon *)",
    "cron(0 9 l * ? *)",
    "cron(0 9 1 jan ? *)",
]
MALFORMED = [
    "cron(0 9 ? * ? *)",
    "cron(? 9 * * ? *)",
    "cron(0 ? * * ? *)",
    "cron(0 9 * ? ? *)",
    "cron(0 9 * * ? ?)",
    "cron(0 9 1,? * ? *)",
    "cron(60 9 * * ? *)",
    "cron(0 24 * * ? *)",
    "cron(0 9 0 * ? *)",
    "cron(0 9 32 * ? *)",
    "cron(0 9 1 0 ? *)",
    "cron(0 9 1 13 ? *)",
    "cron(0 9 ? * 0 *)",
    "cron(0 9 ? * 8 *)",
    "cron(0 9 1 1 ? 1969)",
    "cron(0 9 1 1 ? 2200)",
    "cron(0 9 1 1 ? 26)",
    "cron(000 9 * * ? *)",
    "cron(0 9 ? * 2#0 *)",
    "cron(0 9 ? * 2#6 *)",
    "cron(0 9 ? * 2# *)",
    "cron(0 9 ? * #2 *)",
    "cron(0 9 ? * 8#1 *)",
    "cron(0 9 ? * 0L *)",
    "cron(0 9 W * ? *)",
    "cron(0 9 0W * ? *)",
    "cron(0 9 32W * ? *)",
    "cron(0 9 WL * ? *)",
    "cron(L 9 * * ? *)",
    "cron(*/0 * * * ? *)",
    "cron(0/60 * * * ? *)",
    "cron(0 */24 * * ? *)",
    "cron(0 9 1/32 * ? *)",
    "cron(0 9 1 */13 ? *)",
    "cron(0 9 1 * ? */230)",
    "cron(*/ * * * ? *)",
    "cron(/5 * * * ? *)",
    "cron(5//2 * * * ? *)",
    "cron(1-2-3 * * * ? *)",
    "cron(0,,5 * * * ? *)",
    "cron(0, * * * ? *)",
    "cron(,0 * * * ? *)",
    "cron(1- * * * ? *)",
    "cron(-1 * * * ? *)",
    "cron(+1 * * * ? *)",
    "cron(1.5 * * * ? *)",
    "cron(*,5 * * * ? *)",
    "cron(*-5 * * * ? *)",
    "cron(** * * * ? *)",
    "cron(٣ 9 * * ? *)",
    "cron(² 9 * * ? *)",
    "cron(0 9 * * ?)",
    "cron(0 9 * * ? * *)",
    "cron(0  9 * * ? *)",
    "cron( 0 9 * * ? *)",
    "cron(0 9 * * ? * )",
    "cron(0\t9 * * ? *)",
    "cron(0 9 * * ? *)\n",
    " cron(0 9 * * ? *)",
    "cron (0 9 * * ? *)",
    "cron(0 9 * * ? *",
    "cron(0 9 * * ? *))",
    "CRON(0 9 * * ? *)",
    "cron(" + "9" * 240 + " 9 * * ? *)",
]
NEVER = [
    "cron(0 9 31 2 ? *)",
    "cron(0 9 30 FEB ? *)",
    "cron(0 9 31 4,6,9,11 ? *)",
    "cron(0 9 29 2 ? 2027)",
    "cron(0 9 29 2 ? 2100)",
    "cron(0 9 ? 2 2#5 2026-2030)",
]


@pytest.mark.parametrize("expression", REFUSED_BY_AWS + UNDOCUMENTED + MALFORMED + NEVER)
def test_refused(expression):
    with pytest.raises(ScheduleError) as error:
        Schedule(expression)
    assert error.value.code in {"CC102", "CC103"}
    assert error.value.hint


@pytest.mark.parametrize("expression", UNDOCUMENTED)
def test_what_aws_does_not_document_is_refused_with_something_else_to_write(expression):
    with pytest.raises(ScheduleError) as error:
        Schedule(expression)
    assert error.value.code == "CC102"
    assert error.value.hint
    offers = [text for text in error.value.hint.split("`") if text.startswith("cron(")]
    for offer in offers:
        Schedule(offer)
    assert offers or "write it like" in error.value.hint


@pytest.mark.parametrize("expression", NEVER)
def test_what_never_fires_says_so(expression):
    with pytest.raises(ScheduleError, match=r"CC102 .* never fires"):
        Schedule(expression)
