"""What is new in a feed? A look every half hour, and one mail for all that is new."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cloud_cron import CloudCron, Message, Run
from reading import Feed, fetch, parsed

app = CloudCron("feed")

FEED = "https://peps.python.org/peps.rss"  # Atom or RSS
KEPT = 500  # ids are remembered; feeds are shorter


@app.schedule("rate(30 minutes)", topics=["looks", "news"], input={"feed": FEED}, description="What is new in a feed")
def look(run: Run):
    """A network that fails raises, and a run that raised is tried again: nothing is caught here.

    What was seen is in the result of the last finished run. So every look is published, news or not.
    """
    feed = parsed(fetch(run.input["feed"]))
    return compared(feed, remembered(run))


def remembered(run: Run) -> list[str] | None:
    """The ids that earlier looks have seen, None before the first one."""
    last = run.last
    return last.result["looks"]["seen"] if last else None


def compared(feed: Feed, seen: list[str] | None) -> dict[str, Any]:
    """A look, and one message for all that is new. The first look only remembers: everything would be new."""
    new = [entry for entry in feed.entries if seen is not None and entry.id not in seen]
    ids = dict.fromkeys([entry.id for entry in feed.entries] + (seen or []))
    return {
        "looks": {"feed": feed.title, "entries": len(feed.entries), "new": len(new), "seen": list(ids)[:KEPT]},
        "news": {"feed": feed.title, "entries": [asdict(entry) for entry in new]} if new else None,
    }


@app.notifier("email", topics=["news"])
def mail(message: Message):
    """The payload itself: templates/mail.* lay it out."""
    return message.payload


@app.notifier("print", topics=["looks"])
def log(message: Message):
    """One line for every look."""
    return "{feed}: {entries} entries, {new} new".format_map(message.payload)
