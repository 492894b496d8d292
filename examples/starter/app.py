"""Looks at this machine's disk every morning, and tells who is to know.

A task returns what there is to tell, by topic; a notifier says how one kind of people hears of it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from cloud_cron import CloudCron, Message, Run

app = CloudCron("starter")

LIMIT = 90  # percent


@app.schedule("cron(0 8 * * ? *)", topics=["reports", "alerts"], timezone="UTC")
def daily(run: Run):
    """Runs at 8:00; `cloud-cron invoke daily` runs it now."""
    usage = shutil.disk_usage(Path.home())
    return judged(usage.total, usage.used)


def judged(total: int, used: int) -> dict[str, object]:
    """What there is to tell of a disk, in bytes: always a report, and an alert when it is nearly full."""
    disk = {"percent": round(100 * used / total), "free_gb": round((total - used) / 1e9, 1)}
    return {"reports": disk, "alerts": disk if disk["percent"] >= LIMIT else None}


@app.notifier("email", topics=["reports"])
def mail_report(message: Message):
    """What it returns are the variables of templates/mail_report.*; whom it tells stands in cloud-cron.toml."""
    return message.payload


@app.notifier("print", topics=["alerts"])
def print_alert(message: Message):
    """Text is content already, and needs no template. Other channels: email, sms."""
    return f"The disk is {message.payload['percent']} % full: {message.payload['free_gb']} GB are left."
