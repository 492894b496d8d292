"""Deliveries of one machine: on one core, on a file, every claim on the disk before its content leaves.

A courier of the product delivers what waits for one notifier, through the print channel into nothing. Beside it a bare
loop over sqlite3 does the same writes: for ten messages one receive, ten claims, ten settlements and one deletion, each
with its commit. Figures are wall time with the process pinned to one core. SECONDS=10 shortens the first one,
MOST=100000 the last. Needs Linux.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
import tempfile
import threading
from contextlib import redirect_stdout
from pathlib import Path
from time import monotonic, perf_counter

from cloud_cron import CloudCron
from cloud_cron.config import Settings
from cloud_cron.local import courier, queues
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.clock import SteppedClock
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.log import Log
from cloud_cron.local.site import Site
from cloud_cron.local.slots import Slots
from cloud_cron.local.station import Loaded
from cloud_cron.local.store import Store
from cloud_cron.messages import Message, envelope, message_id
from cloud_cron.ports import Outgoing
from cloud_cron.runtime import naming

SECONDS = float(os.environ.get("SECONDS", "60"))
MOST = int(os.environ.get("MOST", "1000000"))
GOAL = 1000
BATCH = 10
CHUNK = 10_000
SAMPLE = 3000


class Bench:
    """One database with one notifier, and its courier."""

    def __init__(self, folder: Path) -> None:
        """Nothing waits yet."""
        app = CloudCron("bench")
        app.schedule(name="publish", topics=["t"])(lambda: None)
        app.notifier("print", name="show", topics=["t"])(lambda message: f"n={message.payload['n']}")
        self.path = folder / "bench.db"
        self.store = Store(self.path)
        self.clock = SteppedClock()
        self.bus = LocalBus(self.store, self.clock, RandomIds())
        self.loaded = Loaded(app, app.model(), Settings("dev"))
        self.site = Site(
            str(folder), "dev", str(self.path), str(folder / "bench.log"), sends=True, style="", linger=0.2
        )
        queues.wired(self.bus, self.loaded.model, "dev")
        self.published = self.told = self.counted = 0
        self.ended = 0.0
        self._pipe, self._host = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        threading.Thread(target=self._listen, daemon=True).start()

    def publish(self, count: int) -> None:
        """Let so many messages wait, each in a group of its own."""
        until = self.published + count
        while self.published < until:
            with self.store.transaction():
                for number in range(self.published, min(self.published + CHUNK, until)):
                    unique = message_id("bench", "dev", "run", "t", number)
                    message = Message("t", {"n": number}, unique, "publish", "run", None, self.clock.now())
                    body = envelope("bench", "dev", message)
                    self.bus.publish("t", [Outgoing(unique, naming.group(unique), body)])
            self.published = min(self.published + CHUNK, until)

    def deliver(self, seconds: float, most: int) -> float:
        """Let a courier deliver, for that long or so many; deliveries per second."""
        before, begun = self.told, perf_counter()
        with Path(os.devnull).open("w", encoding="utf-8") as nothing, redirect_stdout(nothing):
            slots, log = Slots(self.site.threads), Log(self.site.log, "")
            limit = threading.Thread(target=self._stop, args=(begun + seconds, before + most))
            limit.start()
            while limit.is_alive():  # a courier that has done much makes room for a fresh one
                courier.run(
                    self.site, self.loaded, {"job": "j", "notifier": "show"}, self.clock, log, self._pipe, slots
                )
            limit.join()
        return (self.counted - before) / (self.ended - begun)

    def waiting(self) -> int:
        """How many wait."""
        return int(self.store.rows("SELECT count(*) FROM messages")[0][0])

    def _stop(self, end: float, enough: int) -> None:
        """Counting what a courier tells costs nothing; asking the database would, on this one core."""
        pause = threading.Event()
        while perf_counter() < end and self.told < min(enough, self.published):
            pause.wait(0.02)
        self.ended, self.counted = perf_counter(), self.told
        os.kill(os.getpid(), 15)

    def _listen(self) -> None:
        while True:
            self.told += b'"status": "sent"' in self._host.recv(65_536)


def bare(folder: Path, seconds: float) -> float:
    """Deliveries per second of a loop that only writes the same rows."""
    store = Store(folder / "bare.db")
    store.close()
    db = sqlite3.connect(folder / "bare.db", isolation_level=None)
    db.execute("PRAGMA synchronous = FULL")
    body, done, end = "x" * 330, 0, monotonic() + seconds
    send = """INSERT INTO messages (queue, grp, id, dedup, receives, head, sent_at, visible_at, attributes, body)
        VALUES ('q', ?, ?, ?, 0, 1, 0, 0, '', ?)"""
    claim = """INSERT INTO ledger VALUES (?, ?, 'CLAIMED', ?, 0, 1, 0, 0, '', ?, '', 0, 0, '', '', 0, '')"""
    hide = "UPDATE messages SET visible_at = 9, receives = 1 WHERE queue = 'q' AND grp = ? AND seq <= ?"
    settle = "UPDATE ledger SET state = 'SENT', provider_id = ?, accepts = accepts + 1 WHERE partition = ? AND sort = ?"
    spent = 0.0
    while monotonic() < end:
        names = [f"{done + n:026}" for n in range(BATCH)]
        db.execute("BEGIN")
        db.executemany(send, [(name, name, name * 2, body) for name in names])
        db.execute("COMMIT")
        begun = perf_counter()
        db.execute("BEGIN IMMEDIATE")
        rows = db.execute("SELECT grp, seq FROM messages WHERE queue = 'q' AND head = 1 LIMIT 10").fetchall()
        for group, seq in rows:
            db.execute(hide, (group, seq))
        db.execute("COMMIT")
        for name in names:
            db.execute(claim, (f"E#show#{name * 2}", "h" * 64, "t" * 16, "d" * 64))
            db.execute(settle, ("h" * 64, f"E#show#{name * 2}", "h" * 64))
        db.execute("BEGIN IMMEDIATE")
        for _, seq in rows:
            db.execute("DELETE FROM messages WHERE seq = ?", (seq,))
        db.execute("COMMIT")
        spent += perf_counter() - begun
        done += BATCH
    db.close()
    return done / spent


def main() -> int:
    """Measure, and print the figures beside the goals."""
    if not hasattr(os, "sched_setaffinity"):
        print("needs Linux: this platform cannot pin a process to one core")
        return 0
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    Path("build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="build") as name:
        folder = Path(name)
        loop = bare(folder, min(5.0, SECONDS))
        bench = Bench(folder)
        bench.publish(int(SECONDS * GOAL * 3))
        rate = bench.deliver(SECONDS, sys.maxsize)
        again = bare(Path(tempfile.mkdtemp(dir=name)), min(5.0, SECONDS))
        loop = (loop + again) / 2
        place = f"on one core, {bench.site.threads} threads, {SECONDS:.0f} s"
        print(f"deliveries {place}: {rate:,.0f} a second; goal {GOAL:,}")
        print(
            f"a bare sqlite3 loop with the same writes: {loop:,.0f} a second; ours {rate / loop:.2f} of it; goal 0.50"
        )
    with tempfile.TemporaryDirectory(dir="build") as name:
        bench = Bench(Path(name))
        print("microseconds per delivery, by how many messages wait")
        size = 1000
        while size <= MOST:
            bench.publish(max(0, size - bench.waiting()))
            rate = bench.deliver(600, min(SAMPLE, size))
            print(f"  {size:>9,} waiting: {1e6 / rate:,.0f}", flush=True)
            size *= 10
    return 0


if __name__ == "__main__":
    sys.exit(main())
