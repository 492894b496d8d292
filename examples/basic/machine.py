"""What the standard library can tell about this machine, in percent of what it has."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

GB = 10**9


@dataclass(frozen=True)
class Gauge:
    """One figure: `percent` of what there is, and the same in words."""

    name: str
    percent: int
    detail: str


@dataclass(frozen=True)
class Figures:
    """Everything that was measured at one time."""

    host: str
    checked_at: datetime
    gauges: tuple[Gauge, ...]


def measured() -> Figures:
    """The figures of this machine, now; what its system does not tell is left out."""
    gauges = (disk(), memory(), load())
    return Figures(platform.node(), datetime.now(UTC).replace(microsecond=0), tuple(gauge for gauge in gauges if gauge))


def disk() -> Gauge:
    """The disk that this file is on."""
    total, _, free = shutil.disk_usage(Path(__file__).resolve().anchor)
    return share("disk", total - free, total)


def memory() -> Gauge | None:
    """The memory that programs could not get if they asked for it."""
    try:
        total, free = memory_bytes()
    except (OSError, subprocess.CalledProcessError):
        return None
    return share("memory", total - free, total)


def memory_bytes() -> tuple[int, int]:
    """Total and available, as each system tells them."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only here

        status = (ctypes.c_ulonglong * 8)(64)  # MEMORYSTATUSEX: length and load, then total and available bytes
        ctypes.windll.kernel32.GlobalMemoryStatusEx(status)
        return status[1], status[2]
    if sys.platform == "darwin":
        told = subprocess.check_output(["/usr/sbin/sysctl", "-n", "hw.memsize", "kern.memorystatus_level"], text=True)
        total, percent_free = map(int, told.split())
        return total, total * percent_free // 100
    lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
    kib = {name: int(value.split()[0]) for name, value in (line.split(":") for line in lines)}
    return kib["MemTotal"] * 1024, kib["MemAvailable"] * 1024


def load() -> Gauge | None:
    """How many programs want a core, over the last minute; 100 % is one for every core. Windows does not count them."""
    if not hasattr(os, "getloadavg"):
        return None
    cores = os.cpu_count() or 1
    busy = os.getloadavg()[0]
    return Gauge("load", round(100 * busy / cores), f"{busy:.2f} on {cores} core{'s' * (cores > 1)}")


def share(name: str, used: int, total: int) -> Gauge:
    """So many bytes of so many."""
    return Gauge(name, round(100 * used / total), f"{used / GB:.1f} of {total / GB:.1f} GB")
