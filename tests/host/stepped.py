"""A host whose clock a test moves: at SIGUSR1 at once, at SIGUSR2 as soon as nobody is at work."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from tests.host.machine import until

if TYPE_CHECKING:
    from tests.host.machine import Machine

STEPPED = """
import os, signal
from pathlib import Path
from time import monotonic
from cloud_cron.local.clock import SteppedClock
from cloud_cron.local.jumps import Jumps
from cloud_cron.local.lock import HostLock, holder
from cloud_cron.local.log import Log
from cloud_cron.local.service import Service
from cloud_cron.local.site import Site, database, log_file
from cloud_cron.local.store import Store

folder = Path.cwd()
file = database(folder, "dev", sends=True)
site = Site(str(folder), "dev", str(file), str(log_file(file)), sends=True, style="text", linger=0.1)
clock = SteppedClock()
step, asked = Path("step"), []
if step.exists():
    clock.step(float(step.read_text()))

def move(*_):
    clock.step(float(step.read_text()))
    print("stepped", flush=True)

def move_at_rest():
    if asked and service.is_idle:
        asked.clear()
        move()

with HostLock(file, holder("serve", "now")) as lock, Store(file) as store:
    jumps = Jumps(lambda: clock.now().timestamp() - monotonic()) if "JUMPS" in os.environ else None
    service = Service(site, store, clock, Log(site.log, "text"), lock, jumps=jumps)
    service.ticks.append(move_at_rest)
    signal.signal(signal.SIGUSR1, move)
    signal.signal(signal.SIGUSR2, lambda *_: asked.append(True))
    service.run()
"""


class Stepped:
    """The host of a machine, until it has loaded the app; its clock moves by what the file `step` says."""

    def __init__(self, machine: Machine, **environment: str) -> None:
        self.machine = machine
        self.host = machine.launch([sys.executable, "-c", STEPPED], environment)

    def jump(self, seconds: float) -> None:
        """Move it at once, whatever is under way."""
        self._move(seconds, signal.SIGUSR1)

    def step(self, seconds: float) -> None:
        """Move it as soon as nobody is at work: during a delivery that would make it look as if it hung."""
        self._move(seconds, signal.SIGUSR2)

    def _move(self, seconds: float, how: signal.Signals) -> None:
        (self.machine.folder / "step").write_text(str(seconds))
        before = self.machine.log.count("stepped")
        self.host.send_signal(how)
        until(lambda: self.machine.log.count("stepped") > before)

    def drain(self) -> None:
        """Let everything end, as fast as the clock can be moved."""
        for _ in range(40):
            if self.machine.is_drained():
                return
            self.step(60.0)
        assert self.machine.is_drained(), self.machine.log[-3000:]
