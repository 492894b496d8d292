"""What `import cloud_cron` and declaring an app cost: CPU and modules, above a bare interpreter.

CPU is user + system time of a child process as the kernel accounts it. Bare and declaring interpreters take turns, so
that both meet the same neighbours; the figure is the median of the pairs' differences. Needs a POSIX system.
"""

from __future__ import annotations

import compileall
import os
import resource
import subprocess
import sys
from pathlib import Path
from statistics import quantiles

import cloud_cron

GOAL_MS = 25
PAIRS = 25

BARE = "import sys\n"
DECLARING = """
import sys
from cloud_cron import CloudCron, Message, Run

app = CloudCron("shop")

@app.schedule("cron(0 8 * * ? *)", topics=["reports"], timezone="Europe/Berlin")
def morning(run: Run):
    return {"reports": {"orders": 7}}

@app.schedule("rate(5 minutes)", topics=["alerts"])
def watch(run: Run):
    return None

@app.notifier("email", topics=["reports"], recipients=["ops@example.com"])
def mail(message: Message):
    return message.payload

@app.notifier("sms", topics=["alerts"], recipients=["+12025550123"])
def text(message: Message):
    return "alert"
"""
COUNT = "print(len(sys.modules))"


def main() -> None:
    """Measure, and print the figures beside the goal."""
    compileall.compile_dir(Path(cloud_cron.__file__).parent, quiet=1)
    pairs = [(cpu_ms(BARE), cpu_ms(DECLARING)) for _ in range(PAIRS)]
    low, median, high = quantiles([declaring - bare for bare, declaring in pairs], n=4)
    bare = quantiles([bare for bare, _ in pairs], n=4)[1]
    print(f"import cloud_cron, declare 2 tasks and 2 notifiers, {PAIRS} pairs")
    print(f"  above a bare interpreter   {median:6.1f} ms CPU (quartiles {low:.1f} to {high:.1f}); goal {GOAL_MS}")
    print(f"  the bare interpreter       {bare:6.1f} ms CPU")
    print(f"  modules                    {modules(DECLARING):6d} beside the bare interpreter's {modules(BARE)}")


def cpu_ms(code: str) -> float:
    """Milliseconds of CPU that a fresh interpreter takes for the code."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(code)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def modules(code: str) -> int:
    """How many modules are loaded after the code."""
    return int(run(code + COUNT))


def run(code: str) -> str:
    """What a fresh interpreter prints; it runs from bytecode, as an image does."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
