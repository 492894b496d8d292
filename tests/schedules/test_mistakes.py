"""The catalogue of bad input: for each, the code, what is wrong, and what to write instead."""

from __future__ import annotations

import pytest

from cloud_cron.errors import ScheduleError
from cloud_cron.schedules import Schedule

FORMS = "`rate(5 minutes)`, `cron(0 9 * * ? *)` or `at(2030-01-31T09:00:00)`"
RATE = "write `rate(value unit)` with minutes, hours or days, such as `rate(5 minutes)`"
AT = "write `at(yyyy-mm-ddThh:mm:ss)`, such as `at(2030-01-31T09:00:00)`"
UNDOCUMENTED = "whose meaning AWS does not document"
ONLY_ALONE = "which AWS documents only by itself, not in a list"
UNIX = "five fields, as in Unix cron"
NUMBERS = "; AWS counts weekdays 1-7 = SUN-SAT"
ZONES = "an IANA name is needed, such as `UTC`, `Europe/Madrid` or `America/New_York`"


def test_1_rate_with_a_plural_after_one():
    refused("rate(1 hours)", "CC101", "`rate(1 hours)` is refused by AWS: 1 takes the singular", "use `rate(1 hour)`")


def test_2_rate_of_nothing():
    refused("rate(0 minutes)", "CC101", "`rate(0 minutes)` needs a value >= 1", RATE)


def test_3_rate_in_seconds():
    refused("rate(30 seconds)", "CC101", "one minute is the shortest", "use `rate(1 minute)`")


def test_4_unix_cron():
    refused("0 9 * * *", "CC102", f"`0 9 * * *` has {UNIX}", "use `cron(0 9 * * ? *)`")


def test_5_cron_with_two_day_fields():
    refused("cron(0 9 * * * *)", "CC102", "`?` needed in one day field", "use `cron(0 9 * * ? *)`")


def test_6_cron_that_never_fires():
    refused("cron(0 9 31 2 ? *)", "CC102", "`cron(0 9 31 2 ? *)` never fires", "use `cron(0 9 L 2 ? *)`")


def test_7_every_hour():
    refused(
        "every hour",
        "CC103",
        "`every hour` is none of the three forms",
        f"perhaps `rate(1 hour)`; the forms are {FORMS}",
    )


def test_7_nothing():
    refused("", "CC103", "the schedule is empty", f"write {FORMS}")


def test_7_none():
    refused(None, "CC103", "a schedule is text, not `None`", f"write {FORMS}")


def test_8_a_zone_of_posix():
    zone_refused("EST5", "there is no time zone `EST5`", "did you mean `America/New_York` or `EST5EDT` or `EST`?")


def test_8_a_zone_of_another_planet():
    zone_refused("Mars/X", "there is no time zone `Mars/X`", ZONES)


@pytest.mark.parametrize(
    ("expression", "message", "hint"),
    [
        ("rate(10 minute)", "10 takes the plural, `minutes`", "use `rate(10 minutes)`"),
        ("rate(10 MINUTES)", "the unit is in lower case", "use `rate(10 minutes)`"),
        (
            "rate( 10 minutes )",
            "there is one blank between value and unit, and none elsewhere",
            "use `rate(10 minutes)`",
        ),
        ("rate(10  minutes)", "there is one blank between value and unit", "use `rate(10 minutes)`"),
        ("rate(5minutes)", "there is one blank between value and unit", "use `rate(5 minutes)`"),
        ("rate(10 minutess)", "the unit is spelt `minutes`", "use `rate(10 minutes)`"),
        ("rate(5 min)", "the unit is spelt `minutes`", "use `rate(5 minutes)`"),
        ("rate(1.5 hours)", "the value is a whole number", "use `rate(90 minutes)`"),
        ("rate(1,5 hours)", "the value is a whole number", "use `rate(90 minutes)`"),
        ("rate(1.55 minutes)", "the value is a whole number", RATE),
        ("rate(2 weeks)", "a week is 7 days", "use `rate(14 days)`"),
        ("rate(05 minutes)", "without sign or leading zero", "use `rate(5 minutes)`"),
        ("rate(+5 minutes)", "without sign or leading zero", "use `rate(5 minutes)`"),
        ("rate(٣ minutes)", "in plain digits", "use `rate(3 minutes)`"),
        ("rate(-10 minutes)", "needs a value >= 1", RATE),
        ("rate(120 seconds)", "one minute is the shortest interval of AWS", "use `rate(2 minutes)`"),
        ("rate(10)", "`rate(10)` has no unit", "such as `rate(10 minutes)`"),
        ("rate()", "`rate()` has no value that is a whole number", RATE),
        ("rate(foo minutes)", "has no value that is a whole number", RATE),
        ("rate(minutes)", "has no value that is a whole number", RATE),
        ("rate(5 fortnights)", "AWS knows no unit `fortnights`", RATE),
        ("rate(1e3 minutes)", "AWS knows no unit `e3 minutes`", RATE),
        ("rate(10 years)", "years are not an interval", "use a calendar expression, such as `cron(0 0 1 1 ? *)`"),
        ("rate(1 month)", "months are not an interval", "use a calendar expression, such as `cron(0 0 1 * ? *)`"),
        ("rate(1.2.3 hours)", "has no value that is a whole number", RATE),
        ("rate(" + "9" * 40 + " seconds)", "one minute is the shortest interval", RATE),
        ("rate(" + "9" * 40 + " weeks)", "a week is 7 days", RATE),
        ("rate(1." + "1" * 60 + " weeks)", "the value is a whole number", "use `rate(11200 minutes)`"),
        ("rate(99999999 days)", "is longer than the calendar of AWS", "use `at(...)` for something that happens once"),
    ],
)
def test_rates(expression, message, hint):
    refused(expression, "CC101", message, hint)


@pytest.mark.parametrize(
    ("expression", "message", "hint"),
    [
        ("0 9 * * 1-5", UNIX, "use `cron(0 9 ? * 2-6 *)`"),
        ("0 9 * * 0", UNIX, "use `cron(0 9 ? * 1 *)`"),
        ("0 9 * * 7", UNIX, "use `cron(0 9 ? * 1 *)`"),
        ("0 9 * * 6", UNIX, "use `cron(0 9 ? * 7 *)`"),
        ("0 9 * * 5-7", UNIX, "use `cron(0 9 ? * 1,6,7 *)`"),
        ("0 9 * * 0-6", UNIX, "use `cron(0 9 * * ? *)`"),
        ("0 9 * * 1-5/2", UNIX, "use `cron(0 9 ? * 2,4,6 *)`"),
        ("0 9 * * */2", UNIX, "use `cron(0 9 ? * 1,3,5,7 *)`"),
        ("0 9 * * mon-fri", UNIX, "use `cron(0 9 ? * MON-FRI *)`"),
        ("0 9 * * Monday", UNIX, "use `cron(0 9 ? * MON *)`"),
        ("0 9 1,15 jan *", UNIX, "use `cron(0 9 1,15 JAN ? *)`"),
        ("0 9 13 * 5", UNIX, "give the task 2 expressions: `cron(0 9 13 * ? *)` and `cron(0 9 ? * 6 *)`"),
        ("*/15 * * * *", UNIX, "use `cron(*/15 * * * ? *)`"),
        (
            "0 9 * * 9",
            UNIX,
            "write `cron(minutes hours day-of-month month day-of-week year)` with `?` in one day field",
        ),
        ("0 9 * * ? *", "`0 9 * * ? *` lacks `cron(...)` around it", "use `cron(0 9 * * ? *)`"),
        ("15 10 * * 1-5 *", "lacks `cron(...)` around it", f"use `cron(15 10 ? * 1-5 *)`{NUMBERS}"),
        ("0 0 9 * * ?", "begins with seconds", "use `cron(0 9 * * ? *)`"),
        ("0 0 9 * * MON-FRI", "begins with seconds", "use `cron(0 9 ? * MON-FRI *)`"),
        ("0 0 9 * * ? *", "has seven fields", "use `cron(0 9 * * ? *)`"),
        ("cron(0 0 9 * * ?)", "begins with seconds", "use `cron(0 9 * * ? *)`"),
        ("cron(0 9 * * *)", "has 5 fields; AWS wants six, the year last", "use `cron(0 9 * * ? *)`"),
        ("cron(0 9 * * ?)", "has 5 fields; AWS wants six, the year last", "use `cron(0 9 * * ? *)`"),
        ("cron(0 9 ? * 2)", "has 5 fields", "use `cron(0 9 ? * 2 *)`"),
        ("cron()", "has 0 fields", "such as `cron(0 9 * * ? *)`"),
        ("cron(INVALID)", "has 1 field;", "such as `cron(0 9 * * ? *)`"),
        ("cron( 0 9 * * ? * )", "must have exactly one blank between its fields", "use `cron(0 9 * * ? *)`"),
        ("cron(0  9 * * ? *)", "must have exactly one blank between its fields", "use `cron(0 9 * * ? *)`"),
        ("cron(0/5, 9-18, ?, *, MON-FRI, *)", "in its month field", "use `cron(0/5 9-18 ? * MON-FRI *)`"),
    ],
)
def test_other_dialects(expression, message, hint):
    refused(expression, "CC102", message, hint)


@pytest.mark.parametrize(
    ("expression", "message", "hint"),
    [
        ("cron(0 9 ? * ? *)", "names no day", "use `cron(0 9 * * ? *)`"),
        ("cron(0 9 * * MON *)", "`?` needed in one day field", "use `cron(0 9 ? * MON *)`"),
        ("cron(0 9 * * mon-fri *)", "`?` needed in one day field", "use `cron(0 9 ? * MON-FRI *)`"),
        ("cron(0 9 * * 1 *)", "`?` needed in one day field", f"use `cron(0 9 ? * 1 *)`{NUMBERS}"),
        (
            "cron(0 9 1 * MON *)",
            "`?` needed in one day field",
            "give the task 2 expressions: `cron(0 9 1 * ? *)` and `cron(0 9 ? * MON *)`",
        ),
        ("cron(0 9 31W * ? *)", "in months without that day", "use `cron(0 9 LW * ? *)`"),
        ("cron(0 9 29W 2 ? *)", "where AWS's behaviour is not documented", "use `cron(0 9 LW 2 ? *)`"),
        (
            "cron(0 9 L-3 * ? *)",
            f"has `L-3` in its day-of-month field, {UNDOCUMENTED}",
            "`cron(0 9 28 1,3,5,7,8,10,12 ? *)` and `cron(0 9 27 4,6,9,11 ? *)` and `cron(0 9 25 2 ? *)`; the last of",
        ),
        (
            "cron(0 9 15,L * ? *)",
            f"has `L` in its day-of-month field, {ONLY_ALONE}",
            "give the task 2 expressions: `cron(0 9 15 * ? *)` and `cron(0 9 L * ? *)`",
        ),
        (
            "cron(0 9 ? * MON#1,FRI#2 *)",
            f"has `MON#1` in its day-of-week field, {ONLY_ALONE}",
            "give the task 2 expressions: `cron(0 9 ? * MON#1 *)` and `cron(0 9 ? * FRI#2 *)`",
        ),
        (
            "cron(0 9 ? * 2,4,6L *)",
            f"has `6L` in its day-of-week field, {ONLY_ALONE}",
            "give the task 2 expressions: `cron(0 9 ? * 2,4 *)` and `cron(0 9 ? * 6L *)`",
        ),
        ("cron(0 9 ? * FRIL *)", UNDOCUMENTED, "use `cron(0 9 ? * 6L *)`"),
        ("cron(0 9 ? * FRI-MON *)", "runs backwards", "use `cron(0 9 ? * FRI,SAT,SUN,MON *)`"),
        ("cron(0 9 ? * 6-2 *)", "runs backwards", "use `cron(0 9 ? * 6,7,1,2 *)`"),
        ("cron(0 22-2 * * ? *)", "runs backwards", "use `cron(0 22-23,0-2 * * ? *)`"),
        ("cron(0 22-4/2 * * ? *)", "runs backwards", "use `cron(0 22,0,2,4 * * ? *)`"),
        ("cron(50-10 9 * * ? *)", "runs backwards", "use `cron(50-59,0-10 9 * * ? *)`"),
        ("cron(0 9 1 NOV-FEB ? *)", "runs backwards", "use `cron(0 9 1 NOV,DEC,JAN,FEB ? *)`"),
        ("cron(0 9 1 1 ? 2030-2020)", "runs backwards", "use `cron(0 9 1 1 ? 2020-2030)`"),
        ("cron(0 9 ? * MON-6 *)", "a range between a name and a number", "use `cron(0 9 ? * 2-6 *)`"),
        ("cron(0 9 ? * 2-6/2 *)", "AWS lists no `/`", "use `cron(0 9 ? * MON,WED,FRI *)`"),
        ("cron(0 9 ? * */2 *)", "AWS lists no `/`", "use `cron(0 9 ? * SUN,TUE,THU,SAT *)`"),
        ("cron(0 9 ? * */1 *)", "AWS lists no `/`", "use `cron(0 9 ? * * *)`"),
        ("cron(0 9 ? * mon-fri *)", "1-7 or SUN-SAT in upper case", "use `cron(0 9 ? * MON-FRI *)`"),
        ("cron(0 9 ? * Mondays *)", "1-7 or SUN-SAT in upper case", "use `cron(0 9 ? * MON *)`"),
        ("cron(0 9 1 Sept ? *)", "1-12 or JAN-DEC in upper case", "use `cron(0 9 1 SEP ? *)`"),
        ("cron(0 9 l * ? *)", "in its day-of-month field", "use `cron(0 9 L * ? *)`"),
        (
            "cron(71 8 1 * ? *)",
            "has `71` in its minutes field, which takes 0-59",
            "write it like `0`, `0,30` or `0/15`",
        ),
        ("cron(60 8 1 * ? *)", "which takes 0-59", "use `cron(0 8 1 * ? *)`"),
        ("cron(0 24 * * ? *)", "has `24` in its hours field, which takes 0-23", "use `cron(0 0 * * ? *)`"),
        ("cron(0 009 * * ? *)", "which takes 0-23", "use `cron(0 9 * * ? *)`"),
        ("cron(0 9 ? * 0 *)", "which takes 1-7", f"use `cron(0 9 ? * 1 *)`{NUMBERS}"),
        ("cron(0 9 ? * 0-4 *)", "which takes 1-7", f"use `cron(0 9 ? * 1-5 *)`{NUMBERS}"),
        ("cron(0 9 1 1 ? 1969)", "which takes 1970-2199", "write it like `*`, `2030` or `2030-2035`"),
        ("cron(0 9 ? * 2#6 *)", "the number after `#` goes from 1 to 5", "write it like `MON-FRI`, `2`, `2#1` or `6L`"),
        ("cron(*/0 * * * ? *)", "whose step must be a number from 1 to 59", "write it like `0`, `0,30` or `0/15`"),
        ("cron(*/60 * * * ? *)", "whose step must be a number from 1 to 59", "use `cron(0 * * * ? *)`"),
        ("cron(0 5/24 * * ? *)", "whose step must be a number from 1 to 23", "use `cron(0 5 * * ? *)`"),
        ("cron(/5 * * * ? *)", "has `/5` in its minutes field", "use `cron(*/5 * * * ? *)`"),
        ("cron(0,,5 * * * ? *)", "has an empty place in its minutes field", "use `cron(0,5 * * * ? *)`"),
        ("cron(0 9 *,5 * ? *)", "where `*` cannot be one of a list", "use `cron(0 9 * * ? *)`"),
        ("cron(0 9 ? ? MON *)", "where `*` stands for every value", "use `cron(0 9 ? * MON *)`"),
        ("cron(L 9 * * ? *)", "where AWS takes no `L`, `W` or `#`", "write it like `0`, `0,30` or `0/15`"),
        ("cron(٣ 9 * * ? *)", "has `٣` in its minutes field", "use `cron(3 9 * * ? *)`"),
        ("cron(0 9 29 2 ? 2027)", "never fires", "use `cron(0 9 L 2 ? 2027)`"),
        (
            "cron(0 9 ? 2 2#5 2027)",
            "never fires: no month and year that it names has such a day",
            "such as `cron(0 9 * * ? *)`",
        ),
    ],
)
def test_crons(expression, message, hint):
    refused(expression, "CC102", message, hint)


@pytest.mark.parametrize(
    ("expression", "message", "hint"),
    [
        ("at(2021-12-31)", "has no time of day", "use `at(2021-12-31T00:00:00)`"),
        ("at(2021-12-31T10:00)", "is not written as AWS wants it", "use `at(2021-12-31T10:00:00)`"),
        ("at(2021-12-31 10:00:00)", "is not written as AWS wants it", "use `at(2021-12-31T10:00:00)`"),
        ("at(2021-12-31t10:00:00)", "is not written as AWS wants it", "use `at(2021-12-31T10:00:00)`"),
        ("at(2021-12-31T10:00:00.5)", "is not written as AWS wants it", "use `at(2021-12-31T10:00:00)`"),
        ("at( 2021-12-31T10:00:00)", "is not written as AWS wants it", "use `at(2021-12-31T10:00:00)`"),
        (
            "at(2021-12-31T10:00:00Z)",
            "carries a UTC offset, which AWS refuses",
            'use `at(2021-12-31T10:00:00)` with timezone="UTC"',
        ),
        (
            "at(2021-12-31T10:00:00+02:00)",
            "carries a UTC offset, which AWS refuses",
            'use `at(2021-12-31T10:00:00)` with the zone in timezone=, such as timezone="Europe/Madrid"',
        ),
        ("at(2021-02-30T10:00:00)", "holds no date and time that exists", AT),
        ("at(2021-12-31T24:00:00)", "holds no date and time that exists", AT),
        ("at(2021-12-31T10:00:60)", "holds no date and time that exists", AT),
        ("at(2021-W01-1T10:00:0)", "holds no date and time that exists", AT),
        ("at()", "holds no date and time that exists", AT),
        ("at(٢٠٣٠-01-01T00:00:00)", "holds no date and time that exists", AT),
        ("at(1969-01-01T00:00:00)", "is outside of the years 1970 to 2199", AT),
        ("at(2200-01-01T00:00:00)", "is outside of the years 1970 to 2199", AT),
    ],
)
def test_ats(expression, message, hint):
    refused(expression, "CC103", message, hint)


@pytest.mark.parametrize(
    ("expression", "message", "meant"),
    [
        ("every 5 minutes", "is none of the three forms", "rate(5 minutes)"),
        ("5 min", "is none of the three forms", "rate(5 minutes)"),
        ("2 weeks", "is none of the three forms", "rate(14 days)"),
        ("daily", "is none of the three forms", "cron(0 0 * * ? *)"),
        ("@weekly", "is none of the three forms", "cron(0 0 ? * 1 *)"),
        ("Rate(5 minutes)", "is none of the three forms", "rate(5 minutes)"),
        (" rate(5 minutes)", "is none of the three forms", "rate(5 minutes)"),
        ("rate (5 minutes)", "is none of the three forms", "rate(5 minutes)"),
        ("CRON(0 9 * * ? *)", "is none of the three forms", "cron(0 9 * * ? *)"),
        ("cron(0 9 * * ? *", "is none of the three forms", "cron(0 9 * * ? *)"),
        ("2030-01-01T09:00", "is none of the three forms", "at(2030-01-01T09:00:00)"),
        ("   ", "the schedule is empty", None),
        ("hello world foo bar baz", "is none of the three forms", None),
        ("5 minutes past the hour", "is none of the three forms", None),
        ("x" * 400, "(400 characters) is too long: AWS allows 256 characters", None),
        (5, "a schedule is text, not `5`", None),
        (b"rate(5 minutes)", "a schedule is text, not `b'rate(5 minutes)'`", None),
    ],
)
def test_forms(expression, message, meant):
    hint = f"perhaps `{meant}`; the forms are {FORMS}" if meant else f"write {FORMS}"
    refused(expression, "CC103", message, hint)


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("", "the time zone is empty", ZONES),
        (None, "timezone=None is not text", ZONES),
        ("x" * 51, "AWS allows 50 characters", ZONES),
        ("europe/berlin", "there is no time zone `europe/berlin`", "did you mean `Europe/Berlin`?"),
        ("utc", "there is no time zone `utc`", "did you mean `UTC`?"),
        ("Berlin", "there is no time zone `Berlin`", "did you mean `Europe/Berlin`?"),
        ("New York", "there is no time zone `New York`", "did you mean `America/New_York`?"),
        ("Europe/Berlinn", "there is no time zone", "did you mean `Europe/Berlin` or"),
        ("PST", "there is no time zone `PST`", "did you mean `America/Los_Angeles` or `PST8PDT`?"),
        ("UTC+2", "there is no time zone `UTC+2`", "use `Etc/GMT-2` (POSIX: its sign is the reverse)"),
        ("-05:00", "there is no time zone `-05:00`", "use `Etc/GMT+5` (POSIX: its sign is the reverse)"),
        ("+05:30", "there is no time zone `+05:30`", ZONES),
        ("Factory", "there is no time zone `Factory`", ZONES),
        ("posixrules", "there is no time zone `posixrules`", ZONES),
        ("../UTC", "there is no time zone `../UTC`", "did you mean"),
        ("/etc/localtime", "there is no time zone `/etc/localtime`", ZONES),
        ("Europe", "there is no time zone `Europe`", "did you mean `Europe/"),
        ("Europe/Berlin\0", "there is no time zone `'Europe/Berlin\\x00'`", "did you mean `Europe/Berlin`"),
    ],
)
def test_zones(name, message, hint):
    zone_refused(name, message, hint)


def test_the_zone_is_read_first():
    with pytest.raises(ScheduleError, match="CC104"):
        Schedule("nonsense", "nowhere")


def refused(expression, code, message, hint):
    with pytest.raises(ScheduleError) as error:
        Schedule(expression)
    assert error.value.code == code
    assert message in error.value.message
    assert error.value.hint
    assert hint in error.value.hint
    assert hint == error.value.hint or not hint.startswith(("use", "give", "perhaps"))


def zone_refused(name, message, hint):
    with pytest.raises(ScheduleError) as error:
        Schedule("rate(1 hour)", name)
    assert error.value.code == "CC104"
    assert message in error.value.message
    assert error.value.hint
    assert hint in error.value.hint
