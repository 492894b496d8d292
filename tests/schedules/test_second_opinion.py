"""Another implementation of the dialect, on what it reads rightly.

That leaves out `L` alone among weekdays, `LW`, year steps, and lists with `L` or `#`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import pytest
from aws_croniter import AwsCroniter

from cloud_cron.schedules import Schedule

EXPRESSIONS = """
0 12 * * ? *
0/15 8-17 ? * MON-FRI *
30 6 1 1,4,7,10 ? *
0 9 ? * 6#1 *
0 18 L * ? *
0 0 29 2 ? *
0 0 31 * ? *
5,35 14 * * ? *
0 2 ? * SAT *
0 2 ? * SAT#3 *
0/30 20-23 ? * MON-FRI *
0-15/1 8-8 ? * 2,3,4,5,6,7 *
30-30 13-13 ? * 2,4,6 *
1-31/30 1-1 ? * 1,7 *
0-59/10 0-23/2 ? * * *
0 9 ? * 2L *
0 9 ? * 7L *
0 9 1W * ? *
0 9 15W * ? *
0 9 28W * ? *
0 0 */10 * ? *
0 0 1-7 JAN,JUL ? *
0 0 1 */3 ? *
0 0 ? DEC FRI *
59 23 31 12 ? 2030-2035
0 0 1 1 ? 2027,2029
*/7 3/5 2/9 * ? *
""".strip().splitlines()


@pytest.mark.parametrize("start", [datetime(2026, 2, 27, 23, 58, tzinfo=UTC), datetime(2027, 12, 31, 12, tzinfo=UTC)])
@pytest.mark.parametrize("fields", EXPRESSIONS)
def test_the_next_five_agree(fields, start):
    theirs = AwsCroniter(fields)
    expected = []
    time = start
    for _ in range(5):
        time = theirs.occurrence(time).next()
        if time is None:
            break
        expected.append(time)
    assert list(islice(Schedule(f"cron({fields})").fires(start), 5)) == expected
