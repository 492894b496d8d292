"""The default layouts as they look; `UPDATE_SNAPSHOTS=1` rewrites the files beside this one, for a person to review."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cloud_cron import Email

SNAPSHOTS = Path(__file__).parent / "snapshots"
REPORT = {
    "station": "KSEA",
    "temp_c": 11.2,
    "frost": False,
    "note": None,
    "measured_at": "2030-01-01T07:45:00+01:00",
    "map_url": "https://example.org/maps?zoom=3&layer=temp",
    "summary": "A quiet morning with light rain from the south-west.\n\nSee https://example.org/roads before driving.",
    "rows": [
        {"hour": "08:00", "temp_c": 11.9, "rain_mm": 0.8, "sky": "light rain & fog", "alert": True},
        {
            "hour": "09:00",
            "temp_c": 8,
            "rain_mm": None,
            "sky": "overcast, with some breaks in the clouds",
            "alert": False,
        },
    ],
    "stations": ["KSEA", "<KPDX>", None],
    "source": {"provider": "NOAA", "model": {"name": "GFS", "cycle": "00Z"}},
    "incidents": [
        {"id": 7, "title": "Power cut", "area": "Ballard", "customers": 1200, "crew": "en route", "eta": "09:30"},
        {"id": 8, "title": "Flooding", "area": "SODO", "customers": 14, "crew": "on site", "eta": None},
    ],
}
LETTER = "Hello Ada,\n\nthe backup finished.\nNothing was skipped.\n\nDetails: https://example.org/backups\n"


def same_as(name: str, text: str) -> None:
    """Compare with the snapshot of that name, or rewrite it."""
    path = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{text}\n", encoding="utf-8", newline="\n")
    assert f"{text}\n" == path.read_text(encoding="utf-8")


def test_a_report_by_mail(deliver):
    mail = deliver(REPORT)
    assert mail.subject == "weather: reports"
    same_as("report.txt", mail.text)
    same_as("report.html", mail.html)


def test_a_letter_by_mail(deliver):
    mail = deliver(Email("Backup finished", LETTER))
    assert mail.subject == "Backup finished"
    assert mail.text == LETTER
    same_as("letter.html", mail.html)


@pytest.mark.parametrize("channel", ["sms", "print"])
def test_a_report_by_another_channel(deliver, channel):
    same_as(f"report.{channel}.txt", deliver(REPORT, channel).text)


def test_the_html_part_stands_alone(deliver):
    html = deliver(REPORT).html
    assert "<img" not in html
    assert "<link" not in html
    assert "<script" not in html
    assert "@import" not in html
    assert 'name="color-scheme"' in html
    assert "prefers-color-scheme: dark" in html


def test_every_snapshot_has_its_test():
    names = {path.name for path in SNAPSHOTS.iterdir()}
    assert names == {"report.txt", "report.html", "letter.html", "report.sms.txt", "report.print.txt"}
