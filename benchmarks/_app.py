"""An app of so many tasks and one notifier, and the image that it is deployed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop@sha256:" + "0" * 64
_APP = """
from cloud_cron import CloudCron
app = CloudCron("shop")

{tasks}
@app.notifier("print")
def tell(message):
    return "x"
"""
_TASK = """
@app.schedule("rate(1 hour)", topics=["orders"])
def task{number}(run):
    return None
"""


def write(folder: Path, tasks: int) -> None:
    """Write `app.py` into a folder."""
    text = _APP.format(tasks="".join(_TASK.format(number=number) for number in range(tasks)))
    (folder / "app.py").write_text(text, encoding="utf-8")
