"""What functions write under the real runtime client, as `cloud-cron logs --remote` tells it."""

from __future__ import annotations

import re

from cloud_cron.local.log import spoken
from cloud_cron_cli.deploy.lambda_lines import entry

SOURCE = """
from cloud_cron import CloudCron
print("loading")
app = CloudCron("shop")

@app.schedule("rate(1 hour)")
def export(run):
    run.logger.info("at work", extra={"station": "KSEA"})
    print("printed")
    if run.input:
        raise ValueError("no such station")
"""


def told(log: bytes, **about: str) -> list[str]:
    """The lines that a person reads, without times and without our own frames."""
    lines = [spoken(entry(0, line, about))[10:] for line in log.decode().splitlines()]
    return re.sub(r'\n  File "[^"]+/cloud_cron/.*\n.*', "", "\n".join(lines)).splitlines()


def test_a_run_is_told_as_on_one_machine(function, tmp_path):
    with function(SOURCE, "export") as export:
        export.call({"task": "export", "scheduled_at": "2026-11-27T10:00:00Z"})
        export.call({"input": 1}, "request-2")
    first, rest = told(export.log, task="export")[:4], told(export.log, task="export")[4:]
    assert first == [
        "export  loading",
        "export  at work  logger=cloud_cron.task.export station=KSEA",
        "export  printed",
        "export  done  run_id=export@2026-11-27T10:00:00Z attempt=1",
    ]
    assert rest[:2] == first[1:3]
    assert rest[2] == "export  WARN retry: ValueError: no such station at app.py:11  run_id=export!request-2 attempt=1"
    assert rest[3:5] == ["export  ERROR ValueError: no such station", "Traceback (most recent call last):"]
    assert rest[5] == f'  File "{tmp_path}/app.py", line 11, in export'
    assert rest[-1] == "ValueError: no such station"


def test_an_app_that_cannot_be_imported_is_told_with_its_traceback(function):
    with function("1 / 0", "export") as export:
        assert export.answer().kind == "init"
    lines = told(export.log, task="export")
    assert "export  ERROR ZeroDivisionError: division by zero" in lines
    assert lines[-1] == "ZeroDivisionError: division by zero"
