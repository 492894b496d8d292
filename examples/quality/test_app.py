"""What is judged is made here, row by row; the chart is read back from its bytes."""

import struct
import zlib
from datetime import date

from app import TABLE, judged
from chart import Bar, bars
from rules import RULES, rows

DAY = date(2030, 1, 1)
GOOD = {"id": "1", "day": "2030-01-01", "email": "ada@example.com", "country": "DE", "amount": "9.50"}


def pixels(png):
    """The pixels of a picture, by row: enough of a reader for what `chart` writes."""
    width, height = struct.unpack(">2I", png[16:24])
    size = struct.unpack(">I", png[33:37])[0]
    data = zlib.decompress(png[41 : 41 + size])
    lines = [data[y * (3 * width + 1) + 1 : (y + 1) * (3 * width + 1)] for y in range(height)]
    return [[tuple(line[3 * x : 3 * x + 3]) for x in range(width)] for line in lines]


def test_every_rule_finds_the_rows_that_break_it():
    bad = {"email": "ada", "country": "XX", "amount": "n/a"}
    table = [GOOD, {**GOOD, "id": "2"}, {**GOOD, **bad}]

    assert [len(rule(table)) for rule in RULES.values()] == [2, 1, 1, 1]
    assert [rule([GOOD]) for rule in RULES.values()] == [[], [], [], []]


def test_a_row_that_breaks_several_rules_counts_once_in_the_chart():
    bad = {"id": "2", "email": "", "amount": "-1"}
    report = judged([GOOD, {**GOOD, **bad}], DAY)["reports"]

    assert report["history"][-1] == {"day": DAY, "rows": 2, "broken": 1}
    assert report["over"] == 2


def test_a_day_without_rows_is_an_alert():
    assert [alert["name"] for alert in judged([GOOD], date(2030, 1, 2))["alerts"]] == ["there are rows"]


def test_a_few_broken_rows_are_reported_and_alert_nobody():
    table = [{**GOOD, "id": str(n)} for n in range(20)]
    table[3] = {**table[3], "email": ""}
    result = judged(table, DAY)

    assert result["alerts"] == []
    assert result["reports"]["rules"][1] == {"name": "an email has an @", "broken": 1, "percent": 5.0, "such_as": "3"}


def test_the_chart_is_as_high_as_its_figures():
    red, blue = (255, 0, 0), (0, 0, 255)
    drawn = pixels(bars([(Bar(6, blue), Bar(2, red)), (Bar(4, blue),)], width=40, height=82))

    assert [sum(row[x] == colour for row in drawn) for x, colour in ((10, blue), (10, red), (30, blue))] == [60, 20, 40]


def test_an_empty_chart_is_a_chart():
    assert len(pixels(bars([(Bar(0, (0, 0, 0)),)], width=8, height=6))) == 6


def test_the_mail_shows_its_chart(cron):
    cron.run("morning")  # on the 1st of January 2030, the day after the last one of the table
    cron.deliver()

    mail = next(sent.content for sent in cron.outbox if sent.notifier == "report")
    assert mail.subject == "Orders of 2029-12-31: 2 of 4 rules broken"
    assert [(file.name, file.content_type) for file in mail.attachments] == [("chart.png", "image/png")]
    assert 'src="cid:chart.png"' in mail.html
    assert len({row["day"] for row in rows(TABLE)}) == 14


def test_no_crash_loses_the_report(cron):
    report = cron.crash_everywhere("morning", at="2029-12-31T07:00")

    assert report.lost == 0
    assert report.max_acceptances <= 2
