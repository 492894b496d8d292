from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from cloud_cron.schedules import Schedule, emit
from cloud_cron.schedules.emission import keeps_its_phase, nearest_exact

START = datetime(2026, 11, 24, 17, 50, tzinfo=UTC)  # a Tuesday


@pytest.mark.parametrize(
    ("rate", "from_epoch", "from_start"),
    [
        ("1 minute", "* * * * ? *", "* * * * ? *"),
        ("2 minutes", "0/2 * * * ? *", "0/2 * * * ? *"),
        ("15 minutes", "0/15 * * * ? *", "5/15 * * * ? *"),
        ("30 minutes", "0/30 * * * ? *", "20/30 * * * ? *"),
        ("60 minutes", "0 * * * ? *", "50 * * * ? *"),
        ("1 hour", "0 * * * ? *", "50 * * * ? *"),
        ("2 hours", "0 0/2 * * ? *", "50 1/2 * * ? *"),
        ("120 minutes", "0 0/2 * * ? *", "50 1/2 * * ? *"),
        ("12 hours", "0 0/12 * * ? *", "50 5/12 * * ? *"),
        ("24 hours", "0 0 * * ? *", "50 17 * * ? *"),
        ("1 day", "0 0 * * ? *", "50 17 * * ? *"),
        ("7 days", "0 0 ? * THU *", "50 17 ? * TUE *"),
    ],
)
def test_a_rate_that_cron_can_hold_is_emitted_as_utc_cron(rate, from_epoch, from_start):
    plain = Schedule(f"rate({rate})", "Europe/Madrid")
    assert emit(plain) == (f"cron({from_epoch})", "UTC")
    anchored = Schedule(f"rate({rate})", "Europe/Madrid", START)
    assert emit(anchored) == (f"cron({from_start})", "UTC")
    for schedule in (plain, anchored):
        fires = [fire.astimezone(UTC) for fire in islice(schedule.fires(START), 50)]
        assert list(islice(Schedule(*emit(schedule)).fires(START), 50)) == fires


@pytest.mark.parametrize("rate", ["7 minutes", "45 minutes", "90 minutes", "5 hours", "36 hours", "2 days", "14 days"])
def test_any_other_rate_stays_a_rate(rate):
    emitted = emit(Schedule(f"rate({rate})", "Europe/Madrid", START))
    assert emitted.expression == f"rate({rate})"
    assert emitted.timezone == "UTC"


@pytest.mark.parametrize("expression", ["cron(30 2 * * ? *)", "at(2030-01-01T00:00:00)"])
def test_everything_else_is_emitted_as_it_is(expression):
    assert emit(Schedule(expression, "Europe/Madrid", START, START + timedelta(days=1))) == (
        expression,
        "Europe/Madrid",
    )


@pytest.mark.parametrize(
    ("minutes", "nearest"),
    [
        (7, 6),
        (8, 10),
        (25, 30),
        (45, 60),
        (90, 120),
        (300, 360),
        (2880, 1440),
        (5 * 1440, 10080),
        (43200, 10080),
        (60, 60),
    ],
)
def test_the_nearest_rate_that_keeps_its_phase(minutes, nearest):
    assert nearest_exact(minutes) == nearest


@pytest.mark.parametrize(
    ("expression", "kept"),
    [
        ("cron(0 8 * * ? *)", True),
        ("at(2030-01-01T08:00:00)", True),
        ("rate(15 minutes)", True),
        ("rate(7 minutes)", False),
        ("rate(5 hours)", False),
        ("rate(2 days)", False),
    ],
)
def test_only_a_rate_that_no_cron_holds_is_counted_by_aws_on_its_own(expression, kept):
    assert keeps_its_phase(Schedule(expression)) is kept
