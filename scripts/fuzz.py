"""Fuzz what reads text from outside: `python scripts/fuzz.py [2m]`, in the project's environment.

The time is that of all targets together. The fuzzer, atheris, is put into a folder of its own; where it cannot be had,
one line says why. Every input that broke something once is tried by the tests too, which need no fuzzer.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "tests/fuzz/requirements.txt"
HOME = ROOT / ".venv-fuzz"
READY = HOME / ".ready"
CORPUS = ROOT / "build/fuzz"
UNITS = {"s": 1, "m": 60, "h": 3600}
STARTING = 2.0
"""Seconds that a target takes before its first input."""
TOLD = 4_000


class Fuzzed(NamedTuple):
    """What became of a target: how many inputs it was given, and what it said of one that broke something."""

    executions: int
    failure: str


def main() -> int:
    """Install the fuzzer if it is missing, and give each target its share; 1 when one of them broke."""
    seconds = duration(sys.argv[1] if len(sys.argv) > 1 else "2m")
    why = unavailable()
    if why:
        print(f"==> fuzzing skipped: {why}")
        return 0
    names = python("-c", "from tests.fuzz.targets import TARGETS; print(*TARGETS)").stdout.split()
    start = time.monotonic()
    done = [fuzzed(name, share(start + seconds, len(names) - number)) for number, name in enumerate(names)]
    crashes = sum(bool(each.failure) for each in done)
    took, count = time.monotonic() - start, sum(each.executions for each in done)
    print(f"fuzzed {len(names)} targets for {took:.0f} s: {count:,} executions, crashes: {crashes}")
    return 1 if crashes else 0


def duration(text: str) -> float:
    """`90s`, `2m` or `1h` in seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text)
    if not found:
        sys.exit(f"FUZZ={text} is no time: write 90s, 2m or 1h")
    return float(found[1]) * UNITS[found[2]]


def share(end: float, targets: int) -> int:
    """The seconds of the next target, when so many are left."""
    return max(1, int((end - time.monotonic()) / targets - STARTING))


def unavailable() -> str:
    """Why there is no fuzzer; nothing when there is one."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "atheris runs on Linux on x86_64 alone"
    wanted = f"{sys.version}\n{LOCK.read_text(encoding='utf-8')}"
    if READY.exists() and READY.read_text(encoding="utf-8") == wanted:
        return ""
    options = ["--quiet", "--no-deps", "--upgrade", "--only-binary=:all:", "--require-hashes", "--target", str(HOME)]
    done = python("-m", "pip", "install", *options, "--requirement", str(LOCK))
    if done.returncode or python("-c", "import atheris").returncode:
        return f"atheris could not be installed for Python {platform.python_version()}: {last(done.stderr)}"
    READY.write_text(wanted, encoding="utf-8")
    return ""


def fuzzed(name: str, seconds: int) -> Fuzzed:
    """Give one target that many seconds, and show what it came to."""
    found = CORPUS / "found" / name
    found.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={seconds}", f"-artifact_prefix={found}/"]
    done = python("-m", "tests.fuzz.fuzzer", name, str(CORPUS / name), *options)
    counted = re.search(r"stat::number_of_executed_units:\s+(\d+)", done.stderr)
    executions = int(counted[1]) if counted else 0
    failure = f"{done.stdout}{done.stderr}"[-TOLD:] if done.returncode or not executions else ""
    print(f"{name:<14} {executions:>10,} executions{'  BROKEN' if failure else ''}", flush=True)
    if failure:
        print(f"{failure}\nmend it, and keep the input: mv {found}/... tests/fuzz/regressions/{name}/", flush=True)
    return Fuzzed(executions, failure)


def python(*words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project, with the fuzzer in reach; nothing is shown."""
    environment = {**os.environ, "PYTHONPATH": str(HOME), "PYTHONHASHSEED": "0"}
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        errors="replace",
    )


def last(text: str) -> str:
    """The last line that says something."""
    return next((line for line in reversed(text.splitlines()) if line.strip()), "it said nothing")


if __name__ == "__main__":
    sys.exit(main())
