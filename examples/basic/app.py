"""How is this machine doing? A mail every hour, and a text for each limit it passes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cloud_cron import CloudCron, Message, Run
from machine import Figures, measured

app = CloudCron("basic")

LIMITS = {"disk": 90, "memory": 90, "load": 150}  # in percent; 100 % load is one busy program for every core


@app.schedule("rate(1 hour)", topics=["reports", "alerts"], description="How this machine is doing")
def hourly(run: Run):
    """Measure, and judge by the limits; `--input` changes some of them for one run."""
    return judged(measured(), {**LIMITS, **(run.input or {})})


def judged(figures: Figures, limits: dict[str, float]) -> dict[str, Any]:
    """One report, and one alert for every limit that is passed. Nothing but its arguments matters: easy to test."""
    about = {"host": figures.host, "checked_at": figures.checked_at}
    gauges = [{**asdict(gauge), "limit": limits[gauge.name]} for gauge in figures.gauges]
    passed = [gauge for gauge in gauges if gauge["percent"] > gauge["limit"]]
    return {
        "reports": {**about, "gauges": gauges, "passed": [gauge["name"] for gauge in passed]},
        "alerts": [{**about, **gauge} for gauge in passed],
    }


@app.notifier("email", topics=["reports"])
def report(message: Message):
    """The payload itself: templates/report.* lay it out."""
    return message.payload


@app.notifier("sms", topics=["alerts"])
def alert(message: Message):
    """The payload again, for templates/alert.txt."""
    return message.payload


@app.notifier("print")
def console(message: Message):
    """A line for every message of every topic: a string is content already, and needs no template."""
    gauges = message.payload.get("gauges", [message.payload])
    figures = ", ".join(f"{gauge['name']} {gauge['percent']} %" for gauge in gauges)
    return f"{message.topic}: {message.payload['host']} has {figures}"
