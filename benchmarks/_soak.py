"""A host at work for a long time: `make soak` for ten minutes, `make soak SOAK=8h` for longer.

A real host with its processes, on a file: twelve tasks run once a minute, each publishes thirty messages, and a
notifier prints them. Every tenth part of the time one line is printed: proportional set size of all processes, size of
the file with its log of writes, runs and deliveries so far, and how late runs began (p99 of the latest). The last line
compares the second part with the last one; what grows by more than a tenth is named, and ends it with 1. Needs Linux.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import quantiles
from time import monotonic, sleep
from typing import NamedTuple

from cloud_cron.local.site import database
from cloud_cron.local.store import Store

TASKS, MESSAGES, PARTS = 12, 30, 10
GROWTH = 1.1
UNITS = {"s": 1, "m": 60, "h": 3600}

APP = f"""
from cloud_cron import CloudCron

app = CloudCron("soak")
for number in range({TASKS}):
    app.schedule("rate(1 minute)", name=f"t{{number}}", topics=["t"], order="message")(
        lambda: {{"t": [{{"n": n}} for n in range({MESSAGES})]}}
    )

@app.notifier("print", topics=["t"])
def show(message):
    return f"n={{message.payload['n']}}"
"""
CONFIG = '[ledger]\nhorizon = "1d"\n'
HOST = """
import json, sys
from pathlib import Path
from cloud_cron.local.clock import SteppedClock
from cloud_cron.local.log import Log
from cloud_cron.local.service import Service
from cloud_cron.local.site import Site, database, log_file
from cloud_cron.local.store import Store

folder = Path.cwd()
file = database(folder, "dev", sends=True)
site = Site(str(folder), "dev", str(file), str(log_file(file)), sends=True, style="")
with Store(file) as store:
    service = Service(site, store, SteppedClock(), Log(site.log, ""), None)
    delays = service.board.delays
    service.ticks.append(lambda: Path("delays").write_text(json.dumps(list(delays)[-400:])))
    service.run()
"""


class Reading(NamedTuple):
    """One look at the host: megabytes, counts, milliseconds."""

    memory: float
    file: float
    runs: int
    deliveries: int
    late: float

    def __str__(self) -> str:
        """One line."""
        return (
            f"memory {self.memory:6.1f} MB  file {self.file:7.2f} MB  runs {self.runs:7,}"
            f"  deliveries {self.deliveries:9,}  late p99 {self.late:6.1f} ms"
        )


def reading(folder: Path, pid: int) -> Reading:
    """Look at the host now."""
    file = database(folder, "dev", sends=True)
    with Store(file) as store:
        [(runs,)] = store.rows(
            "SELECT count(*) FROM ledger WHERE partition >= 'R#' AND partition < 'R$' AND state = 'DONE'"
        )
        [(sent,)] = store.rows("SELECT count(*) FROM ledger WHERE state = 'SENT'")
    bytes_ = sum(path.stat().st_size for path in file.parent.glob(f"{file.name}*"))
    text = Path(folder, "delays").read_text(encoding="ascii")
    late = [1000 * float(number) for number in text.strip("[]").split(",") if number.strip()]
    return Reading(memory(pid), bytes_ / 1e6, runs, sent, quantiles(late, n=100)[98] if len(late) > 1 else 0.0)


def memory(pid: int) -> float:
    """The proportional set size of a process and all below it."""
    kilobytes, queue = 0, [pid]
    while queue:
        each = queue.pop()
        try:
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text(encoding="ascii")
            queue += map(int, Path(f"/proc/{each}/task/{each}/children").read_text(encoding="ascii").split())
        except OSError:  # it ended meanwhile
            continue
        kilobytes += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return kilobytes / 1024


def seconds(text: str) -> int:
    """A span of time such as `10m` or `8h`."""
    found = re.fullmatch(r"([0-9]+)([smh])", text)
    if not found:
        sys.exit(f"SOAK={text} is no span of time: write 30s, 10m or 8h")
    return int(found[1]) * UNITS[found[2]]


def main() -> int:
    """Run it, print its lines, and say what was not flat."""
    span = seconds(os.environ.get("SOAK") or "10m")
    Path("build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="build") as name:
        folder = Path(name).resolve()
        Path(folder, "app.py").write_text(APP, encoding="utf-8")
        Path(folder, "cloud-cron.toml").write_text(CONFIG, encoding="utf-8")
        host = subprocess.Popen([sys.executable, "-c", HOST], cwd=folder, stdout=subprocess.DEVNULL)
        begun, readings = monotonic(), []
        try:
            for part in range(1, PARTS + 1):
                sleep(max(0.0, begun + span * part / PARTS - monotonic()))
                readings.append(reading(folder, host.pid))
                print(f"{span * part / PARTS / 60:6.1f} min  {readings[-1]}", flush=True)
        finally:
            host.terminate()
            host.wait(60)
        return verdict(readings, span)


def verdict(readings: list[Reading], span: int) -> int:
    """Name what grew though it should not: memory, lateness, and the file beyond what its rows need."""
    early, late = readings[1], readings[-1]
    rows = [reading.runs + reading.deliveries for reading in (early, late)]
    sizes = [1e6 * reading.file / max(1, count) for reading, count in zip((early, late), rows, strict=True)]
    print(f"bytes of file per record: {sizes[0]:,.0f} at first, {sizes[1]:,.0f} in the end")
    grew = [
        name
        for name, before, after in (
            ("memory", early.memory, late.memory),
            ("file per record", *sizes),
            ("lateness", early.late + 10, late.late),
        )
        if after > before * GROWTH
    ]
    expected = TASKS * (span // 60)
    if late.runs < expected - TASKS:
        grew.append(f"only {late.runs} of {expected} runs")
    print(f"not flat: {', '.join(grew)}" if grew else "flat")
    return 1 if grew else 0


if __name__ == "__main__":
    sys.exit(main())
