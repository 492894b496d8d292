from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cloud_cron.errors import ScheduleError
from cloud_cron.schedules import describe

WORDS = """
* * * * ? *                       | Every minute
*/15 * * * ? *                    | Every 15 minutes
0,15,30,45 * ? * * *              | Every 15 minutes
3/15 * * * ? *                    | Every 15 minutes from 00:03 to 23:48
0 * * * ? *                       | Every hour at minute 0
30 * * * ? *                      | Every hour at minute 30
5,35 * * * ? *                    | Every 30 minutes from 00:05 to 23:35
0 8 * * ? *                       | At 08:00 every day
0 8,20 * * ? *                    | At 08:00 and 20:00 every day
0 0/6 * * ? *                     | At 00:00, 06:00, 12:00 and 18:00 every day
0 */5 * * ? *                     | At 00:00, 05:00, 10:00, 15:00 and 20:00 every day
0 */2 * * ? *                     | Every 2 hours from 00:00 to 22:00
30 1/2 * * ? *                    | Every 2 hours from 01:30 to 23:30
0/15 8-17 ? * MON-FRI *           | Every 15 minutes from 08:00 to 17:45, Monday to Friday
* 8-17 ? * MON-FRI *              | Every minute from 08:00 to 17:59, Monday to Friday
0 9-17 ? * MON-FRI *              | Every hour from 09:00 to 17:00, Monday to Friday
* 5 * * ? *                       | Every minute from 05:00 to 05:59
10-20 9 * * ? *                   | Every minute from 09:10 to 09:20
0/15 8-11,14-17 * * ? *           | Every 15 minutes from 08:00 to 11:45 and from 14:00 to 17:45
0 0-5,12 * * ? *                  | Every hour from 00:00 to 05:00 and at 12:00
0/15 */2 * * ? *                  | Every 15 minutes from minute 0 to minute 45 of every 2nd hour from 00 to 22
*/7 * * * ? *                     | Every 7 minutes from minute 0 to minute 56 of every hour
*/7 8-17 * * ? *                  | Every 7 minutes from minute 0 to minute 56 of the hours 08 to 17
5,17,40 0,3,7-10 * * ? *          | At minutes 5, 17 and 40 of the hours 00, 03 and 07 to 10
0,5,17,23,40,41,42,50 9 * * ? *   | At minutes 0, 5, 17, 23, 40 to 42 and 50 of the hour 09
7 0,3,7,10-12,20 * * ? *          | At minute 7 of the hours 00, 03, 07, 10 to 12 and 20
* 0,3,7,11,20 * * ? *             | Every minute of the hours 00, 03, 07, 11 and 20
7 0,3,7,11,14,20,23 * * ? *       | At minute 7 of the hours 00, 03, 07, 11, 14, 20 and 23
0 9 ? * MON *                     | At 09:00 on Mondays
0 9 ? * 1,7 *                     | At 09:00 on Saturdays and Sundays
0 9 ? * 2,4,6 *                   | At 09:00 on Mondays, Wednesdays and Fridays
0 9 ? * TUE-THU *                 | At 09:00, Tuesday to Thursday
0 9 ? * FRI,SAT,SUN,MON *         | At 09:00, Friday to Monday
0 9 ? * SUN-FRI *                 | At 09:00, Sunday to Friday
0 9 ? * SUN-SAT *                 | At 09:00 every day
0 9 ? * L *                       | At 09:00 on Saturdays
0 9 ? * 6L *                      | At 09:00 on the last Friday of the month
0 9 ? * 3#2 *                     | At 09:00 on the second Tuesday of the month
0 9 ? 2 1#5 *                     | At 09:00 on the fifth Sunday of February
0 8 L * ? *                       | At 08:00 on the last day of the month
0 8 LW * ? *                      | At 08:00 on the last weekday (Monday to Friday) of the month
0 8 15W * ? *                     | At 08:00 on the weekday (Monday to Friday) nearest to the 15th of the month
0 8 1 * ? *                       | At 08:00 on the 1st of the month
0 8 2,3,21,22 * ? *               | At 08:00 on the 2nd, the 3rd, the 21st and the 22nd of the month
0 8 11-13 * ? *                   | At 08:00 on the 11th to the 13th of the month
0 8 */2 * ? *                     | At 08:00 on every 2nd day from the 1st to the 31st of the month
0 8 */10 * ? *                    | At 08:00 on the 1st, the 11th, the 21st and the 31st of the month
0 8 1,2,5-9 * ? *                 | At 08:00 on the 1st, the 2nd and the 5th to the 9th of the month
30 6 1 1,4,7,10 ? *               | At 06:30 on the 1st of January, April, July and October
0 0 29 2 ? *                      | At 00:00 on the 29th of February
0 0 L 1-3 ? *                     | At 00:00 on the last day of each month from January to March
0 0 * JAN-MAR,DEC ? *             | At 00:00 every day in January to March and December
*/5 * * 6 ? *                     | Every 5 minutes in June
*/5 * * JUN-AUG ? *               | Every 5 minutes from June to August
0 0 ? JUN MON-FRI 2027            | At 00:00, Monday to Friday in June, in 2027
0/5 5 ? JAN 1-5 2022              | Every 5 minutes from 05:00 to 05:55, Sunday to Thursday in January, in 2022
0 0 1 * ? 2026,2028               | At 00:00 on the 1st of the month, in 2026 and 2028
0 0 1 * ? 2025-2030               | At 00:00 on the 1st of the month, from 2025 to 2030
0 0 1 * ? 2025-2027,2030          | At 00:00 on the 1st of the month, in 2025 to 2027 and 2030
0 0 1 * ? 2026/2                  | At 00:00 on the 1st of the month, every 2 years from 2026 to 2198
""".strip().splitlines()


@pytest.mark.parametrize(("fields", "words"), [line.split("|") for line in WORDS])
def test_crons(fields, words):
    assert describe(f"cron({fields.strip()})", "Europe/Madrid") == f"{words.strip()}, Europe/Madrid"


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("rate(1 minute)", "Every minute, counted from 1970-01-01 00:00 UTC"),
        ("rate(90 minutes)", "Every 90 minutes, counted from 1970-01-01 00:00 UTC"),
        ("rate(24 hours)", "Every day, counted from 1970-01-01 00:00 UTC"),
        ("rate(7 days)", "Every 7 days, counted from 1970-01-01 00:00 UTC"),
        ("at(2030-01-31T09:00:00)", "Once, at 09:00 on 2030-01-31, Europe/Madrid"),
        ("at(2030-01-31T09:00:05)", "Once, at 09:00:05 on 2030-01-31, Europe/Madrid"),
        (
            "at(2027-03-28T02:30:00)",
            "Once, at 02:30 on 2027-03-28, Europe/Madrid (a time that the clock skips there: never)",
        ),
    ],
)
def test_rates_and_ats(expression, words):
    assert describe(expression, "Europe/Madrid") == words


def test_a_rate_says_where_it_counts_from():
    start = datetime(2026, 1, 1, 3, 20, 30, tzinfo=UTC)
    assert describe("rate(1 day)", start=start) == "Every day, counted from 2026-01-01 03:21 UTC"
    words = "Every day, counted from 2026-01-01 04:21 Europe/Madrid (UTC+0100)"
    assert describe("rate(1 day)", "Europe/Madrid", start) == words


def test_the_zone_defaults_to_utc():
    assert describe("cron(0 8 * * ? *)") == "At 08:00 every day, UTC"


def test_what_is_no_schedule_has_no_words():
    with pytest.raises(ScheduleError, match="CC102"):
        describe("0 9 * * *")
    with pytest.raises(ScheduleError, match="CC104"):
        describe("cron(0 8 * * ? *)", "Mars/X")
