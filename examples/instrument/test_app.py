"""The day in data/ is a real one: its figures were checked against all 1,440 minutes of NOAA's own file."""

from dataclasses import replace
from datetime import date

from app import DATA, summary
from surfrad import readings

DAY = date(2016, 1, 1)
FILE = DATA / "slv16001.dat"
GOOD = readings(FILE)


def test_the_day_is_read_whole():
    assert len(GOOD) == 24 * 60 / 5
    assert None not in GOOD
    assert (GOOD[230].hour, GOOD[230].minute, GOOD[230].whole) == (19, 10, 580.3)


def test_the_figures_are_those_of_the_day():
    day = summary(DAY, GOOD)["days"]

    assert (day["energy"], day["peak"], day["peak_at"], day["sunshine"]) == (3.4, 580, "19:10", 9.2)
    assert (day["coldest"], day["warmest"]) == (-22.9, -3.2)
    assert [hour for hour, power in enumerate(day["power"]) if power] == list(range(14, 24))
    assert day["faults"] == []


def test_the_instruments_agree_within_eight_percent():
    compared = [reading.closure for reading in GOOD if reading.is_high]

    assert len(compared) == 76
    assert 0.92 < min(compared) < max(compared) < 1.08


def test_a_shaded_instrument_is_a_fault():
    shaded = [replace(reading, direct=reading.direct / 2) for reading in GOOD]
    (fault,) = summary(DAY, shaded)["faults"]

    assert fault["fault"].startswith("global and direct light are ")


def test_a_value_that_is_flagged_is_left_out(tmp_path):
    file = tmp_path / "slv16001.dat"
    file.write_text(FILE.read_text(encoding="ascii").replace(" 580.3 0 ", " 580.3 1 "), encoding="ascii")
    found = readings(file)

    assert found.count(None) == 1
    assert summary(DAY, found)["days"]["peak_at"] != "19:10"


def test_a_day_with_gaps_is_told_with_what_there_is():
    result = summary(DAY, [*GOOD[:200], *[None] * 88])

    assert [fault["fault"] for fault in result["faults"]] == ["only 69 % of the readings are good"]
    assert result["days"]["peak"] > 0


def test_a_night_without_a_file_is_a_fault_and_no_mail(cron):
    cron.advance("1 day")

    assert [sent.content.text for sent in cron.outbox] == ["slv 2029-12-31: there are no readings"]


def test_the_mail_says_what_the_day_was(cron):
    cron.run("nightly", at="2016-01-02T00:30")
    (sent,) = cron.deliver()

    assert sent.content.subject == "slv 2016-01-01: 3.40 kWh/m²"
    assert "19:00   575  ####" in sent.content.text
    assert sent.content.html.count("W/m²") == 24 + 1


def test_no_crash_loses_the_day(cron):
    report = cron.crash_everywhere("nightly", at="2016-01-02T00:30")

    assert report.lost == 0
    assert report.max_acceptances <= 2
