"""A day of sunlight: every night a mail on what a station's instruments measured."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

from cloud_cron import CloudCron, Message, Run
from surfrad import Reading, readings

app = CloudCron("instrument")

STATION = "slv"
DATA = Path(__file__).with_name("data")  # a file for each day of UTC, such as slv16001.dat: the 1st day of 2016
SUNSHINE = 120  # W/m² of direct light: what the World Meteorological Organization calls sunshine
AGREED = 0.08  # how far the instruments may be apart: Baseline Surface Radiation Network, quality checks of 2002
COMPLETE = 95  # percent of a day's readings that must be good


@app.schedule("cron(30 0 * * ? *)", topics=["days", "faults"], description="What the instruments measured")
def nightly(run: Run):
    """The day of UTC before the one on which the run was due; `--at` asks for any other."""
    day = run.scheduled_at.date() - timedelta(days=1)
    file = DATA / f"{STATION}{day:%y%j}.dat"
    return summary(day, readings(file) if file.exists() else [])


def summary(day: date, found: list[Reading | None]) -> dict[str, Any]:
    """The figures of a day when there are any, and its faults, each a sentence; None is a reading that is flagged."""
    good = [reading for reading in found if reading]
    usable = round(100 * len(good) / len(found)) if found else 0
    apart = round(100 * max((abs(reading.closure - 1) for reading in good if reading.is_high), default=0), 1)
    faults = [
        "there are no readings" if not found else None,
        f"only {usable} % of the readings are good" if found and usable < COMPLETE else None,
        f"global and direct light are {apart} % apart" if apart > 100 * AGREED else None,
    ]
    about = {"station": STATION, "day": day}
    told = [fault for fault in faults if fault]
    figures = {**about, **measured(good), "usable": usable, "apart": apart, "faults": told} if good else None
    return {"days": figures, "faults": [{**about, "fault": fault} for fault in told]}


def measured(good: list[Reading]) -> dict[str, Any]:
    """What the readings of a day come to: energy in kWh/m², power in W/m², sunshine in hours, temperatures in °C."""
    hours = [[reading.light for reading in good if reading.hour == hour] for hour in range(24)]
    power = [round(mean(some)) if some else 0 for some in hours]
    peak = max(good, key=lambda reading: reading.light)
    temperatures = [reading.temperature for reading in good]
    return {
        "energy": round(sum(mean(some) for some in hours if some) / 1000, 2),
        "peak": round(peak.light),
        "peak_at": f"{peak.hour:02}:{peak.minute:02}",
        "sunshine": round(24 * mean(reading.direct >= SUNSHINE for reading in good), 1),
        "coldest": min(temperatures),
        "warmest": max(temperatures),
        "power": power,
    }


@app.notifier("email", topics=["days"])
def mail(message: Message):
    """The payload itself: templates/mail.* lay it out."""
    return message.payload


@app.notifier("print", topics=["faults"])
def fault(message: Message):
    """One line of the log for each fault; an sms would do as well."""
    return "{station} {day}: {fault}".format_map(message.payload)
