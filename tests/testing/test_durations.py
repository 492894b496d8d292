from __future__ import annotations

from datetime import timedelta

import pytest

from cloud_cron.testing.durations import duration


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2 days", timedelta(days=2)),
        ("1 day", timedelta(days=1)),
        ("90 minutes", timedelta(minutes=90)),
        ("45 seconds", timedelta(seconds=45)),
        ("1 hour", timedelta(hours=1)),
        ("2 weeks", timedelta(weeks=2)),
        ("1.5 hours", timedelta(minutes=90)),
        ("1 day 12 hours", timedelta(hours=36)),
        ("1 day, 12 Hours", timedelta(hours=36)),
        ("0 days", timedelta(0)),
        (timedelta(days=2), timedelta(days=2)),
    ],
)
def test_spans_of_time(text, span):
    assert duration(text) == span


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is no span of time"),
        ("soon", "'soon' is no span of time"),
        ("2", "'2' is no span of time"),
        ("2 days and more", "'2 days and more' is no span of time"),
        ("2 dayz", "there is no unit 'dayz'; did you mean 'days'"),
        ("3 fortnights", "there is no unit 'fortnights'; known: days, hours, minutes, seconds, weeks"),
        ("99999999999 days", "'99999999999 days' is longer than the calendar"),
        (3, "3 is no span of time; such as"),
        (timedelta(seconds=-1), "the clock cannot go back by 0:00:01"),
    ],
)
def test_what_is_none_is_refused(text, message):
    with pytest.raises(ValueError, match="CC730") as caught:
        duration(text)
    assert message in str(caught.value)
