"""One machine as a test sees it: a project, a mail server and hosts on it, each a real process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from cloud_cron.encoding import dumps
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.site import database
from cloud_cron.local.store import Store
from cloud_cron.ports import Record
from cloud_cron.runs import instant
from cloud_cron.runtime import naming
from cloud_cron.runtime.machine import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERVER = Path(__file__).with_name("mailserver.py")
PATIENCE = 60.0

APP = """
from cloud_cron import CloudCron, Email

app = CloudCron("shop")

@app.schedule("cron(0 0 * * ? 2020-2025)", topics=["t"], timeout=20, retries=9, overlap="allow")
def burst(run):
    return {"t": [{"run": run.id, "n": n} for n in range(3)]}

@app.notifier("email", topics=["t"], timeout=2, recipients=["ada@example.org", "bob@example.org"])
def mail(message):
    return Email(subject=f"{message.payload['run']} {message.payload['n']}", text="hello")
"""

CONFIG = """
[channels.email]
sender = "shop@example.org"
smtp = "smtp+plain://127.0.0.1:{port}"
"""


def until(holds: Callable[[], object], patience: float = PATIENCE, pause: float = 0.02) -> None:
    """Wait for it, and fail when it does not come true."""
    end, nothing = monotonic() + patience, threading.Event()
    while not holds():
        assert monotonic() < end, f"waited {patience:.0f} s for {holds.__doc__ or holds}"
        nothing.wait(pause)


class Machine:
    """`accepted` is what the mail server took, in its order: (recipient, subject)."""

    def __init__(self, folder: Path, app: str = APP) -> None:
        self.folder = folder
        self.server: subprocess.Popen[str] | None = None
        self.hosts: list[subprocess.Popen[bytes]] = []
        self.port = 0
        self._store: Store | None = None
        folder.mkdir(exist_ok=True)
        (folder / "app.py").write_text(app)
        self.serve_mail()
        if self.port:
            (folder / "cloud-cron.toml").write_text(CONFIG.format(port=self.port))

    def serve_mail(self) -> None:
        command = [
            sys.executable,
            str(SERVER),
            str(self.port),
            str(self.folder / "accepted"),
            str(self.folder / "mode"),
        ]
        self.server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.server.stdout is not None
        self.port = int(self.server.stdout.readline())

    def stop_mail(self) -> None:
        if self.server and self.server.stdout:
            self.server.kill()
            self.server.wait()
            self.server.stdout.close()

    def mode(self, word: str) -> None:
        (self.folder / "mode").write_text(word)

    def start(self, *, wait: bool = True) -> subprocess.Popen[bytes]:
        """`cloud-cron serve`, until it has loaded the app."""
        serve = [sys.executable, "-m", "cloud_cron_cli", "serve", "--listen", "off", "--logs", "text"]
        return self.launch(serve, {}, wait=wait)

    def launch(self, command: list[str], environment: dict[str, str], *, wait: bool = True) -> subprocess.Popen[bytes]:
        """Any host by its command."""
        before = self.log.count("  loaded  ")
        with (self.folder / "err").open("ab") as err:
            host = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, **environment},
                stdout=err,
                stderr=err,
                start_new_session=True,
            )
        self.hosts.append(host)
        if wait:
            until(lambda: self.log.count("  loaded  ") > before or host.poll() is not None)
            assert host.poll() is None, self.log
        return host

    def kill(self, host: subprocess.Popen[bytes]) -> None:
        """SIGKILL to the host alone; its children find out by themselves."""
        host.kill()
        host.wait()

    def stop(self, host: subprocess.Popen[bytes]) -> int:
        host.send_signal(signal.SIGTERM)
        return host.wait(PATIENCE)

    def close(self) -> None:
        print(self.log[-8000:])  # noqa: T201 - shown when the test fails
        for host in self.hosts:
            if host.poll() is None:
                host.kill()
                host.wait()
        self.stop_mail()
        if self._store:
            self._store.close()
            self._store = None

    def ask(self, numbers: range) -> None:
        """Runs of days that are past, which a host takes up as it does a backfill."""
        with self.store() as store:
            ledger = SqliteLedger(store)
            for number in numbers:
                at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=number)
                event = {"task": "burst", "scheduled_at": instant(at), "trigger": "backfill"}
                record = Record("RETRY", at=at.timestamp(), data=dumps({"event": event}))
                assert ledger.create(naming.run_key("burst", at, ""), record) is None

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The database; it is asked many times a second, and stays open until the machine is closed."""
        self._store = self._store or Store(database(self.folder, "dev", sends=True))
        yield self._store

    def states(self) -> Counter[str]:
        """The runs of the task, by state."""
        with self.store() as store:
            return Counter(record.state for _, record in SqliteLedger(store).records("R#burst"))

    def counts(self) -> tuple[int, int]:
        """What is in the notifier's queue, and in its dead-letter queue."""
        with self.store() as store:
            bus = LocalBus(store, SystemClock(), RandomIds())
            return len(bus.peek("shop-dev-mail")), len(bus.peek("shop-dev-mail-dead"))

    def is_drained(self) -> bool:
        """Whether every run is done and every message is out of its queue."""
        return set(self.states()) <= {"DONE"} and self.counts()[0] == 0

    @property
    def accepted(self) -> list[tuple[str, str]]:
        path = self.folder / "accepted"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(recipient, subject) for recipient, _, subject in (line.partition("\t") for line in lines)]

    @property
    def log(self) -> str:
        path = self.folder / "err"
        return path.read_text() if path.exists() else ""


def workers_of(host: int) -> list[int]:
    """The processes below a host: the one that has the app loaded, and its workers."""
    found, queue = list[int](), [host]
    while queue:
        pid = queue.pop()
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except OSError:
            continue
        found += map(int, children)
        queue += map(int, children)
    return found


def kill_any(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
