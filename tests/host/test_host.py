"""A host with its processes: what user code may do to its worker, and what it can never do to the host."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron.encoding import dumps
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.ports import Record
from cloud_cron.runs import instant
from cloud_cron.runtime import naming
from tests.host.machine import Machine, kill_any, until, workers_of

if TYPE_CHECKING:
    from collections.abc import Iterator

APP = """
import os, re, signal, sys, time
from pathlib import Path
from cloud_cron import CloudCron

app = CloudCron("shop")
seen = []
here = Path(__file__).parent

def task(**options):
    def declare(function):
        return app.schedule("cron(0 0 * * ? 2020-2025)", overlap="allow", **options)(function)
    return declare

@task(topics=["t"])
def fine(run):
    seen.append(run.id)
    print("seen", len(seen))
    return {"t": {"n": len(seen)}}

@task(topics=["large"])
def dumps():
    return {"large": {"rows": "x" * 300_000}}

@task(timeout=1, retries=0)
def sleeps():
    time.sleep(60)

@task(timeout=1, retries=0)
def spins():
    re.match(r"(a+)+$", "a" * 40 + "b")  # never lets another thread of its process run

@task(timeout=1, retries=0)
def ignores():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    (here / "child").write_text(str(child))
    time.sleep(60)

@task(retries=0)
def dies():
    os.kill(os.getpid(), signal.SIGSEGV)

@task(retries=0)
def leaves():
    os._exit(0)

@task(retries=0)
def raises():
    raise LookupError("no such shelf")

@task(timeout=20, env={"COLOUR": "blue"})
def waits(run):
    (here / "begun").write_text(os.environ["COLOUR"])
    while not (here / "go").exists():
        time.sleep(0.02)
    (here / "ended").write_text(str(run.attempt))

@app.notifier("print", topics=["large"])
def weigh(message):
    return f"{len(message.payload['rows'])} rows"

@app.notifier("print", topics=["t"], timeout=1)
def show(message):
    if (here / "stuck").exists():
        (here / "stuck").unlink()
        time.sleep(60)
    return f"n={message.payload['n']}"
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc to find the workers")


class Shop(Machine):
    """A machine without mail whose tasks are asked for by name."""

    def serve_mail(self) -> None:
        pass

    def ask_for(self, task: str, number: int = 0) -> None:
        at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=number)
        event = {"task": task, "scheduled_at": instant(at), "trigger": "backfill"}
        record = Record("RETRY", at=at.timestamp(), data=dumps({"event": event}))
        with self.store() as store:
            SqliteLedger(store).create(naming.run_key(task, at, ""), record)

    def run_of(self, task: str, number: int = 0) -> Record:
        at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=number)
        with self.store() as store:
            record = SqliteLedger(store).get(naming.run_key(task, at, ""))
        assert record is not None
        return record

    def ends(self, task: str, state: str, number: int = 0) -> Record:
        """Wait for the run to end like this."""
        until(lambda: self.run_of(task, number).state == state, patience=20)
        return self.run_of(task, number)

    def lines(self) -> list[dict[str, Any]]:
        path = self.folder / ".cloud-cron" / "dev.log"
        return [json.loads(line) for line in path.read_text().splitlines()]

    def locked(self) -> bool:
        """Whether a host or a worker of one is alive."""
        with (self.folder / ".cloud-cron" / "dev.db.lock").open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return True
        return False

    def there(self, name: str) -> bool:
        return (self.folder / name).exists()


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """One host for the tests that leave it as it was."""
    shop = Shop(tmp_path_factory.mktemp("host"), APP)
    shop.start()
    yield shop
    shop.close()


@pytest.fixture
def own(tmp_path):
    """A machine whose hosts the test starts itself."""
    shop = Shop(tmp_path / "shop", APP)
    yield shop
    shop.close()


# What a run may do


def test_a_run_leaves_nothing_behind_for_the_next(shop):
    for number in range(3):
        shop.ask_for("fine", number)
        assert json.loads(shop.ends("fine", "DONE", number).data)["result"] == {"t": {"n": 1}}


def test_what_is_too_large_for_a_message_comes_through_all_processes(shop):
    shop.ask_for("dumps")
    assert len(shop.ends("dumps", "DONE").data) < 1_000
    until(lambda: any(line.get("message") == "300000 rows" for line in shop.lines()))


def test_what_a_run_prints_is_in_the_log_with_its_run(shop):
    shop.ask_for("fine", 7)
    shop.ends("fine", "DONE", 7)
    [line] = [line for line in shop.lines() if line.get("run_id") == "fine@2020-01-08T00:00:00Z" and "stream" in line]

    assert (line["message"], line["stream"], line["task"]) == ("seen 1", "stdout", "fine")


@pytest.mark.parametrize("task", ["sleeps", "spins", "ignores"])
def test_a_run_that_hangs_is_ended_at_its_timeout(shop, task):
    shop.ask_for(task)
    record = shop.ends(task, "FAILED")

    assert record.reason == "it took longer than 1 seconds"


def test_what_a_run_left_behind_ends_with_it(shop):
    shop.ask_for("ignores", 1)
    shop.ends("ignores", "FAILED", 1)
    child = int((shop.folder / "child").read_text())

    until(lambda: not Path(f"/proc/{child}/cmdline").exists() or not Path(f"/proc/{child}/cmdline").read_bytes())


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        ("dies", "its process was killed by SIGSEGV"),
        ("leaves", "its worker ended"),
        ("raises", "LookupError: no such shelf at app.py:55"),
    ],
)
def test_a_run_that_fails_is_told_with_its_reason(shop, task, reason):
    shop.ask_for(task)
    record = shop.ends(task, "FAILED")
    assert record.reason.partition(" at ")[0] == reason.partition(" at ")[0]

    shop.ask_for("fine", 20)
    shop.ends("fine", "DONE", 20)


def test_the_users_traceback_is_in_the_log(shop):
    shop.ask_for("raises", 1)
    shop.ends("raises", "FAILED", 1)
    until(lambda: any("no such shelf" in line.get("traceback", "") for line in shop.lines()))


def test_a_notifier_that_hangs_is_replaced_and_its_message_waits(own):
    own.start()
    (own.folder / "stuck").touch()
    own.ask_for("fine")
    own.ends("fine", "DONE")
    until(lambda: "it took longer than 1 seconds" in own.log)
    own.ask_for("fine", 1)
    own.ends("fine", "DONE", 1)

    with own.store() as store:
        [(receives,)] = store.rows("SELECT receives FROM messages WHERE head = 1")
    assert receives == 1


# What becomes of what was begun


def test_a_stop_lets_a_run_end(own):
    host = own.start()
    own.ask_for("waits")
    until(lambda: own.there("begun"))
    host.send_signal(signal.SIGTERM)
    (own.folder / "go").touch()

    assert host.wait(20) == 0
    assert own.run_of("waits").state == "DONE"
    assert (own.folder / "begun").read_text() == "blue"


def test_a_run_that_was_cut_off_is_made_again_by_the_next_host(own):
    host = own.start()
    own.ask_for("waits")
    until(lambda: own.there("begun"))
    below = workers_of(host.pid)
    own.kill(host)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in below))
    assert own.run_of("waits").state == "CLAIMED"

    own.start()
    record = own.ends("waits", "RETRY")
    assert (record.attempts, record.code) == (1, "abandoned")
    assert record.reason == "the host stopped during this run"


def test_the_workers_of_a_host_that_was_killed_end_with_it(own):
    host = own.start()
    own.ask_for("waits")
    until(lambda: own.there("begun"))
    below = workers_of(host.pid)
    assert len(below) == 2
    own.kill(host)

    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in below), patience=10)


def test_a_reload_lets_what_was_begun_end_on_the_old_code(own):
    host = own.start()
    own.ask_for("waits")
    until(lambda: own.there("begun"))
    (own.folder / "app.py").write_text(APP.replace('{"t": {"n": len(seen)}}', '{"t": {"n": 99}}'))
    host.send_signal(signal.SIGHUP)
    until(lambda: own.log.count("  loaded  ") == 2)
    own.ask_for("fine")
    assert json.loads(own.ends("fine", "DONE").data)["result"] == {"t": {"n": 99}}

    (own.folder / "go").touch()
    assert own.ends("waits", "DONE").attempts == 1


def test_a_reload_that_fails_changes_nothing(own):
    host = own.start()
    (own.folder / "app.py").write_text("import nothing_of_this_name")
    host.send_signal(signal.SIGHUP)
    until(lambda: "reload failed" in own.log)
    own.ask_for("fine")

    own.ends("fine", "DONE")
    assert host.poll() is None


def test_the_process_with_the_app_is_replaced_when_it_dies(own):
    host = own.start()
    [zygote] = workers_of(host.pid)
    kill_any([zygote])
    until(lambda: own.log.count("  loaded  ") == 2)
    own.ask_for("fine")

    own.ends("fine", "DONE")


def test_a_second_host_is_told_who_is_there(own):
    host = own.start()
    second = own.start(wait=False)

    assert second.wait(20) == 1
    assert f"CC910 this database is served by `cloud-cron serve`, process {host.pid}" in own.log


def test_a_host_waits_for_no_one_who_is_dead(own):
    """The lock goes with the last worker, so that a new host never meets one of the old."""
    host = own.start()
    own.ask_for("waits")
    until(lambda: own.there("begun"))
    own.kill(host)
    until(lambda: not own.locked(), patience=10)
    own.start()


# When the machine fails


def mounted(folder: Path) -> bool:
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    return done.returncode == 0


needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can make a small disk"
)


@contextmanager
def small_disk(own: Shop) -> Iterator[Path]:
    """The folder of the database is a disk of two megabytes."""
    disk = own.folder / ".cloud-cron"
    if not mounted(disk):
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        yield disk
    finally:
        own.close()
        subprocess.run(["umount", "-l", str(disk)], check=False)


def recovers(own: Shop, host: subprocess.Popen[bytes]) -> None:
    """What was cut off is to be made again, what comes is made, and the database is whole."""
    until(lambda: "recovered" in own.log, patience=30)
    assert own.ends("waits", "RETRY").attempts == 1
    own.ask_for("fine")
    own.ends("fine", "DONE")
    assert own.stop(host) == 0
    with own.store() as store:
        assert store.rows("PRAGMA integrity_check") == [("ok",)]


@needs_root
def test_a_full_disk_is_told_and_nothing_is_lost(own):
    with small_disk(own) as disk:
        host = own.start()
        own.ask_for("waits")
        until(lambda: own.there("begun"))
        fill(disk / "ballast")
        (own.folder / "go").touch()
        until(lambda: "cloud-cron  ERROR trouble" in own.log, patience=30)
        assert "CC904 the database cannot grow" in own.log

        (disk / "ballast").unlink()
        recovers(own, host)


def fill(path: Path) -> None:
    """Leave no room on the disk."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(512))
