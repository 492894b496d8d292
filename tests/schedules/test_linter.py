from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cloud_cron.schedules import Finding, Schedule, lint

BERLIN = "Europe/Berlin"


def codes(findings):
    return [finding.code for finding in findings]


def only(findings):
    (finding,) = findings
    assert isinstance(finding, Finding)
    return finding


def test_nothing_to_say(now):
    schedules = {
        "a": [Schedule("cron(0 9 * * ? *)", BERLIN), Schedule("rate(1 day)")],
        "b": [Schedule("at(2030-01-01T00:00:30)")],
        "c": [],
    }
    assert lint(schedules, now, {"a": 900, "b": 900, "c": 900}) == []


def test_a_past_schedule_never_fires_again(now):
    finding = only(lint({"old": [Schedule("cron(0/5 5 ? JAN 1-5 2022)")]}, now))
    assert finding.code == "W103"
    assert finding.task == "old"
    assert finding.expression == "cron(0/5 5 ? JAN 1-5 2022)"
    assert finding.message == (
        "`cron(0/5 5 ? JAN 1-5 2022)` never fires again: its last fire time was 2022-01-31 05:55, UTC"
    )


def test_a_past_at_and_a_past_end_never_fire_again(now):
    past = Schedule("at(2026-11-23T13:00:00)", BERLIN)
    assert "2026-11-23 13:00, Europe/Berlin" in only(lint({"a": [past]}, now)).message
    assert lint({"a": [past]}, now - timedelta(seconds=1)) == []
    assert codes(lint({"a": [Schedule("rate(1 hour)", end=now)]}, now)) == ["W103"]
    never = Schedule("cron(0 0 1 1 ? *)", start=now, end=now)
    assert only(lint({"a": [never]}, now)).message.endswith("it has no fire time at all")


def test_a_time_in_the_gap_is_named_with_its_dates(now):
    finding = only(lint({"night": [Schedule("cron(30 2 * * ? *)", BERLIN)]}, now))
    assert finding.code == "W104"
    assert finding.message == (
        "`cron(30 2 * * ? *)` in Europe/Berlin: on 2027-03-28 and 2028-03-26 the clocks skip 02:30; "
        "on 2027-10-31 and 2028-10-29 the clocks repeat 02:30, and it runs only once"
    )
    assert finding.hint == 'choose times outside of 02:00-03:00, or timezone="UTC", whose clock never changes'


def test_the_edges_of_a_gap(now):
    for minute, hour, hit in [(0, 2, True), (59, 2, True), (59, 1, False), (0, 3, False)]:
        found = lint({"a": [Schedule(f"cron({minute} {hour} * * ? *)", BERLIN)]}, now)
        assert codes(found) == (["W104"] if hit else [])


def test_a_gap_at_midnight(now):
    finding = only(lint({"a": [Schedule("cron(0 0 * * ? *)", "Africa/Cairo")]}, now))
    assert "on 2027-04-30 and 2028-04-28 the clocks skip 00:00" in finding.message
    assert "23:00-00:00" not in finding.hint


def test_many_times_are_summed_up(now):
    finding = only(lint({"a": [Schedule("cron(* * * * ? *)", "Australia/Lord_Howe")]}, now))
    assert "the clocks skip 02:00 to 02:29 (30 times)" in finding.message
    assert "the clocks repeat 01:30 to 01:59 (30 times), and it runs only once" in finding.message


def test_changes_outside_of_start_and_end_or_days_do_not_count(now):
    end = datetime(2027, 3, 1, tzinfo=UTC)
    assert lint({"a": [Schedule("cron(30 2 * * ? *)", BERLIN, end=end)]}, now) == []
    assert lint({"a": [Schedule("cron(30 2 ? * MON-FRI *)", BERLIN)]}, now) == []
    assert lint({"a": [Schedule("cron(30 2 * * ? *)", "Asia/Kolkata")]}, now) == []
    assert lint({"a": [Schedule("cron(30 2 * * ? *)")]}, now) == []
    assert lint({"a": [Schedule("rate(1 hour)", BERLIN)]}, now) == []


def test_an_at_in_the_gap_never_fires(now):
    finding = only(lint({"a": [Schedule("at(2040-03-25T02:30:00)", BERLIN)]}, now))
    assert finding.code == "W104"
    assert (
        finding.message
        == "`at(2040-03-25T02:30:00)` never fires: the clocks of Europe/Berlin skip that time on 2040-03-25"
    )


@pytest.mark.parametrize(
    ("rate", "nearest"),
    [
        ("7 minutes", "rate(6 minutes)"),
        ("90 minutes", "rate(2 hours)"),
        ("50 minutes", "rate(1 hour)"),
        ("2 days", "rate(1 day)"),
        ("10 days", "rate(7 days)"),
    ],
)
def test_a_rate_that_aws_cannot_hold_in_phase(now, rate, nearest):
    finding = only(lint({"a": [Schedule(f"rate({rate})")]}, now))
    assert finding.code == "W105"
    assert "does not keep its phase on AWS" in finding.message
    assert f"`{nearest}`" in finding.hint
    assert lint({"a": [Schedule(nearest)]}, now) == []


def test_an_interval_shorter_than_the_timeout(now):
    schedules = {"busy": [Schedule("rate(5 minutes)")]}
    assert lint(schedules, now, {"busy": 300}) == []
    finding = only(lint(schedules, now, {"busy": 301}))
    assert finding.code == "W106"
    assert finding.task == "busy"
    assert finding.expression is None
    assert finding.message == "task `busy` starts 5 minutes after a run that may take 301 seconds"
    assert lint(schedules, now, {"other": 301}) == []


def test_the_interval_is_between_all_schedules_of_a_task(now):
    both = [Schedule("cron(0 9 1 * ? *)"), Schedule("cron(10 9 1 * ? *)")]
    assert codes(lint({"a": both}, now, {"a": 601})) == ["W106"]
    assert codes(lint({"a": both}, now, {"a": 600})) == []
    same = [Schedule("cron(0 9 * * ? *)"), Schedule("rate(1 day)", start=datetime(2026, 1, 1, 9, tzinfo=UTC))]
    assert codes(lint({"a": same}, now, {"a": 900})) == []


def test_an_interval_of_seconds_or_days(now):
    seconds = [Schedule("at(2027-01-01T00:00:30)"), Schedule("cron(0 0 1 1 ? *)")]
    assert "starts 30 seconds after" in only(lint({"a": seconds}, now, {"a": 60})).message
    weekly = {"a": [Schedule("cron(0 9 ? * MON *)")]}
    assert "starts 7 days after" in only(lint(weekly, now, {"a": 86400 * 7 + 1})).message
    assert lint(weekly, now, {"a": 86400 * 7}) == []


def test_tasks_in_the_same_minute(now):
    schedules = {
        "c": [Schedule("cron(0 9 * * ? *)")],
        "a": [Schedule("cron(0 9 ? * MON *)")],
        "alone": [Schedule("cron(1 9 * * ? *)")],
    }
    finding = only(lint(schedules, now))
    assert finding.code == "W107"
    assert (finding.task, finding.others, finding.expression) == ("c", ("a",), None)
    assert finding.message == (
        "`c` and `a` fire in the same minute, 52 times in the next year, first at 2026-11-30 09:00 UTC"
    )


def test_many_tasks_in_the_same_minute_are_one_finding(now):
    schedules = {f"t{number}": [Schedule("cron(0 8 * * ? *)")] for number in range(200)}
    finding = only(lint(schedules, now, dict.fromkeys(schedules, 900)))
    assert finding.message.startswith("`t0`, `t1`, `t2`, `t3`, `t4` and 195 more fire in the same minute, 366 times")
    assert finding.others == tuple(f"t{number}" for number in range(1, 200))


def test_findings_come_task_by_task_and_then_across_tasks(now):
    schedules = {
        "a": [Schedule("cron(30 2 * * ? *)", BERLIN), Schedule("rate(7 minutes)")],
        "b": [Schedule("at(2001-01-01T00:00:00)"), Schedule("cron(30 2 * * ? *)", BERLIN)],
    }
    found = lint(schedules, now, {"a": 900})
    assert [(finding.code, finding.task) for finding in found] == [
        ("W104", "a"),
        ("W105", "a"),
        ("W106", "a"),
        ("W103", "b"),
        ("W104", "b"),
        ("W107", "a"),
    ]
    assert all(finding.hint for finding in found)


def test_linting_changes_nothing_and_is_repeatable(now):
    schedules = {
        "a": [Schedule("cron(30 2 * * ? *)", BERLIN)],
        "b": [Schedule("cron(0/30 * * * ? *)", "America/New_York")],
    }
    assert lint(schedules, now) == lint(schedules, now)


def test_now_must_be_aware_and_may_be_far(now):
    with pytest.raises(ValueError, match="naive"):
        lint({}, now.replace(tzinfo=None))
    for far in (datetime.min, datetime.max):  # noqa: DTZ901 - the zone follows
        everything = [
            Schedule(text, BERLIN) for text in ("cron(30 2 * * ? *)", "rate(7 minutes)", "at(2030-01-01T00:00:00)")
        ]
        found = lint({"a": everything, "b": everything}, far.replace(tzinfo=UTC), {"a": 60})
        assert codes(found).count("W103") == (6 if far.year == 9999 else 0)
