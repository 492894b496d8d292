"""Is yesterday's table fit for use? A mail with a table of rules, and a chart."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from chart import Bar, bars
from cloud_cron import Attachment, CloudCron, Email, Message, Run
from rules import RULES, Rows, rows

app = CloudCron("quality")

TABLE = Path(__file__).parent / "data" / "orders.csv"
LIMIT = 10  # percent of a day's rows that may break a rule before somebody is told
DAYS = 14  # in the chart
SOUND, BROKEN = (47, 111, 237), (217, 72, 65)


@app.schedule("cron(0 7 * * ? *)", topics=["reports", "alerts"], description="Is yesterday's table fit for use?")
def morning(run: Run):
    """Judge the day before the one on which the run was due; `--at` judges any other."""
    return judged(rows(TABLE), run.scheduled_at.date() - timedelta(days=1))


def judged(table: Rows, day: date) -> dict[str, Any]:
    """The report on one day, and an alert for every rule that too many of its rows break, or when there are none."""
    found = results(table, day)
    count = len(of(table, day))
    over = [rule for rule in found if rule["percent"] > LIMIT]
    report = {"day": day, "rows": count, "limit": LIMIT, "over": len(over), "rules": found}
    alerts = [{"day": day, **rule} for rule in over]
    if not count:
        alerts = [{"day": day, "name": "there are rows", "broken": 0, "percent": 100, "such_as": None}]
    return {"reports": {**report, "history": history(table, day)}, "alerts": alerts}


def results(table: Rows, day: date) -> list[dict[str, Any]]:
    """Every rule, with how many rows of the day break it and the id of one that does."""
    today = of(table, day)
    broken = {name: rule(today) for name, rule in RULES.items()}
    return [
        {
            "name": name,
            "broken": len(some),
            "percent": round(100 * len(some) / max(len(today), 1), 1),
            "such_as": some[0]["id"] if some else None,
        }
        for name, some in broken.items()
    ]


def history(table: Rows, last: date) -> list[dict[str, Any]]:
    """For each day up to the last one, how many rows there are, and how many of them break a rule."""
    days = [last - timedelta(days=ago) for ago in reversed(range(DAYS))]
    split = [(day, of(table, day)) for day in days]
    return [{"day": day, "rows": len(some), "broken": breaking(some)} for day, some in split]


def breaking(some: Rows) -> int:
    """How many rows break any rule; one that breaks several counts once."""
    return len({id(row) for rule in RULES.values() for row in rule(some)})


def of(table: Rows, day: date) -> Rows:
    """The rows of a day."""
    return [row for row in table if row["day"] == day.isoformat()]


@app.notifier("email", topics=["reports"])
def report(message: Message):
    """The payload for templates/report.*, and the chart of its history: the html part shows it as cid:chart.png."""
    stacks = [
        (Bar(day["rows"] - day["broken"], SOUND), Bar(day["broken"], BROKEN)) for day in message.payload["history"]
    ]
    chart = Attachment("chart.png", bars(stacks, width=1072, height=240), inline=True)
    return Email(variables=message.payload, attachments=[chart])


@app.notifier("print", topics=["alerts"])
def alert(message: Message):
    """One line of the log for each rule."""
    return "{day}: {percent} % of the rows break the rule that {name}".format_map(message.payload)
