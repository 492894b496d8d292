"""Who is on call? Each alert is a text, and one to the next if nobody answers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cloud_cron import CloudCron, Message, Run, Sms
from rota import ROTA, on_call, weeks

app = CloudCron("oncall")

ALERTS = Path(__file__).with_name("alerts.json")  # written by whatever watches your machines, and by who acknowledges
PATIENCE = timedelta(minutes=15)
ZONE = "America/New_York"


@app.schedule("rate(5 minutes)", topics=["pages", "watches"], timezone=ZONE, description="Text who is on call")
def watch(run: Run):
    """Who was texted, and when, is in the result of the last finished run: so every watch is published."""
    last = run.last
    before = last.result["watches"]["waiting"] if last else {}
    return stepped(waiting(), before, run.scheduled_at)


def waiting() -> dict[str, str]:
    """What each alert says that is there and that nobody has acknowledged, by its id; on AWS, ask your monitoring."""
    alerts = json.loads(ALERTS.read_text(encoding="utf-8"))
    return {alert["id"]: alert["says"] for alert in alerts if not alert["acknowledged"]}


def stepped(alerts: dict[str, str], before: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A text for every alert that is new, or whose last text is `PATIENCE` old; and what to remember of each."""
    after = {key: moved(before.get(key), now) for key in alerts}
    steps = {key: at["step"] for key, at in after.items() if at != before.get(key)}
    pages = [{"id": key, "says": alerts[key], **on_call(now)[step]._asdict()} for key, step in steps.items()]
    texted = [f"{page['name']}: {page['id']}" for page in pages]
    return {"pages": pages, "watches": {"waiting": after, "texted": texted}}


def moved(told: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    """Who is told of an alert, as a place among those on call, and since when; after the last one, nobody more."""
    if told is None:
        return {"step": 0, "since": now.isoformat()}
    if now - datetime.fromisoformat(told["since"]) < PATIENCE or told["step"] + 1 == len(ROTA):
        return told
    return {"step": told["step"] + 1, "since": now.isoformat()}


@app.schedule("cron(2 9 ? * MON *)", topics=["handovers"], timezone=ZONE, description="Who is on call this week")
def handover(run: Run):
    """The week that begins, and those after it."""
    return {"handovers": {"weeks": weeks(run.scheduled_at, 6)}}


@app.notifier("sms", topics=["pages"], allow_recipients=[person.number for person in ROTA])
def page(message: Message):
    """The message says whom: one of the rota, and nobody else."""
    alert = message.payload
    return Sms(f"{alert['name']}, you are on call: {alert['says'][:100]} ({alert['id']})", to=alert["number"])


@app.notifier("email", topics=["handovers"])
def mail(message: Message):
    """The payload itself: templates/mail.* lay it out."""
    return message.payload


@app.notifier("print", topics=["watches"])
def log(message: Message):
    """One line for every watch."""
    return f"{len(message.payload['waiting'])} waiting, texted {', '.join(message.payload['texted']) or 'nobody'}"
