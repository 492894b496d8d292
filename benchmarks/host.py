"""The host of one machine: how late runs begin, what it costs while nothing happens, how soon it starts on a full file.

A real host with its processes. A thousand tasks come due one after the other over one minute, several at each second,
and each run is a process of its own; its delay is from the fire time to the claim of the run. Idle figures are over all
processes of the host: CPU from the kernel's accounts, memory as proportional set size. Needs Linux, and about two
minutes. TASKS=200 and SECONDS=20 shorten it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from time import perf_counter, sleep

from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.site import database
from cloud_cron.local.store import Store
from cloud_cron.ports import Key, Record

TASKS = int(os.environ.get("TASKS", "1000"))
SECONDS = int(os.environ.get("SECONDS", "30"))
ROWS = int(os.environ.get("ROWS", "1000000"))
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100

APP = """
import os
from datetime import datetime, timedelta
from cloud_cron import CloudCron

app = CloudCron("bench")
begin = datetime.fromisoformat(os.environ["BEGIN"])
for number in range({tasks}):
    at = begin + timedelta(seconds=number * 60 // {tasks})
    app.schedule(f"at({{at:%Y-%m-%dT%H:%M:%S}})", name=f"t{{number}}")(lambda: None)
"""
IDLE = """
from cloud_cron import CloudCron

app = CloudCron("bench")

@app.schedule("cron(0 8 * * ? *)", topics=["t"])
def report():
    return {"t": {"n": 1}}

@app.notifier("print", topics=["t"])
def show(message):
    return f"n={message.payload['n']}"
"""
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
    service = Service(site, store, SteppedClock(), Log(site.log, ""), None, room=32)
    service.ticks.append(lambda: service.board.loads == 1 and (print("ready", flush=True), service.ticks.clear()))
    service.run()
    print(json.dumps(list(service.board.delays)))
"""


class Host:
    """One host in a folder of its own."""

    def __init__(self, folder: Path, app: str, **environment: str) -> None:
        """Start it, and wait until it has loaded the app; `started` is how many seconds that took."""
        Path(folder, "app.py").write_text(app, encoding="utf-8")
        begun = perf_counter()
        command = [sys.executable, "-c", HOST]
        self._process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        self._out = self._process.stdout
        self._out.readline()
        self.started = perf_counter() - begun

    def processes(self) -> list[int]:
        """The host, the process that has the app loaded, and its workers."""
        found, queue = [], [self._process.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            children = Path(f"/proc/{pid}/task/{pid}/children")
            queue += map(int, children.read_text(encoding="ascii").split())
        return found

    def cpu(self) -> float:
        """Seconds of CPU that these processes have used."""
        stats = [
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split() for pid in self.processes()
        ]
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / TICKS

    def megabytes(self) -> float:
        """The proportional set size of these processes."""
        rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii") for pid in self.processes()]
        return (
            sum(int(line.split()[1]) for text in rollups for line in text.splitlines() if line.startswith("Pss:"))
            / 1024
        )

    def stop(self) -> str:
        """Stop it; the last line that it printed."""
        self._process.terminate()
        out, _ = self._process.communicate(timeout=60)
        return out.strip().splitlines()[-1] if out.strip() else "[]"


def delays(folder: Path) -> None:
    """How late runs begin."""
    begin = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=8)
    host = Host(folder, APP.format(tasks=TASKS), BEGIN=begin.isoformat())
    sleep((begin - datetime.now(UTC)).total_seconds() + 62)
    late = sorted(float(text) for text in host.stop().strip("[]").split(",") if text.strip())
    cuts = quantiles(late, n=100)
    print(
        f"{len(late):,} of {TASKS:,} runs within one minute began after their time by: median {cuts[49] * 1000:.1f} ms,"
        f" p99 {cuts[98] * 1000:.1f} ms, at most {late[-1] * 1000:.1f} ms; goal p99 100 ms"
    )


def idle(folder: Path) -> None:
    """What a host costs that has nothing to do."""
    host = Host(folder, IDLE)
    sleep(2)
    before, begun = host.cpu(), perf_counter()
    sleep(SECONDS)
    share = (host.cpu() - before) / (perf_counter() - begun)
    print(f"idle for {SECONDS} s: {share * 100:.2f} % of a core; goal 0.5 %")
    print(f"memory of {len(host.processes())} processes: {host.megabytes():.0f} MB; goal 80 MB")
    host.stop()


def full(folder: Path) -> None:
    """How soon a host starts on a file with many rows."""
    begun = Host(folder, IDLE)
    begun.stop()
    path = database(folder, "dev", sends=True)
    with Store(path) as store:
        ledger = SqliteLedger(store)
        record = Record("SENT", token="t" * 16, source="s" * 26, digest="d" * 64, at=datetime.now(UTC).timestamp())
        for first in range(0, ROWS, 50_000):
            with store.transaction():
                for number in range(first, min(ROWS, first + 50_000)):
                    ledger.create(Key(f"E#show#{number:052}", "h" * 64), record)
    host = Host(folder, IDLE)
    size = path.stat().st_size / 1e6
    print(
        f"start with {ROWS:,} rows ({size:,.0f} MB): {host.started:.2f} s; with none: {begun.started:.2f} s; goal 1 s"
    )
    host.stop()


def main() -> int:
    """Measure, and print the figures beside the goals."""
    if not Path("/proc/self/smaps_rollup").exists():
        print("needs Linux")
        return 0
    Path("build").mkdir(exist_ok=True)
    for measure in (delays, idle, full):
        with tempfile.TemporaryDirectory(dir="build") as folder:
            measure(Path(folder).resolve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
