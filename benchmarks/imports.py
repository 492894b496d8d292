"""What `import cloud_cron` and declaring an app cost: CPU and modules, above a bare interpreter.

CPU is user + system time of a child process as the kernel accounts it. Bare and declaring interpreters take turns, so
that all meet the same neighbours; a figure is the median of the differences in one round. Needs a POSIX system.
"""

from __future__ import annotations

import compileall
import os
import resource
import subprocess
import sys
from pathlib import Path
from statistics import median, quantiles

import cloud_cron

GOAL_MS = 25
PAIRS = 25

BARE = "import sys\n"
TASK = """
import sys
from cloud_cron import CloudCron

app = CloudCron("shop")

@app.schedule("rate(1 hour)", topics=["reports"])
def hourly():
    return {"reports": {"orders": 7}}
"""
PRINT = """
@app.notifier("print")
def show(message):
    return message.payload
"""
MAIL = """
from cloud_cron import Message, Run

@app.schedule("cron(0 8 * * ? *)", topics=["alerts"], timezone="Europe/Berlin")
def morning(run: Run):
    return None

@app.notifier("email", topics=["reports"], recipients=["ops@example.com"])
def mail(message: Message):
    return message.payload

@app.notifier("sms", topics=["alerts"], recipients=["+12025550123"])
def text(message: Message):
    return "alert"
"""
APPS = {
    "one task": TASK,
    "one task, a print notifier": TASK + PRINT,
    "two tasks, email and sms, Message and Run": TASK + MAIL,
}
COUNT = "print(len(sys.modules))"
NAMES = "print(*sorted(name for name in sys.modules if name.partition('.')[0] in sys.stdlib_module_names))"


def main() -> None:
    """Measure, and print the figures beside the goal."""
    compileall.compile_dir(Path(cloud_cron.__file__).parent, quiet=1)
    apps = {"the standard library's part of one task": standard(TASK), **APPS}
    rounds = [[cpu_ms(BARE), *(cpu_ms(code) for code in apps.values())] for _ in range(PAIRS)]
    bare = median(first for first, *_ in rounds)
    print(f"import cloud_cron and declare an app: CPU above a bare interpreter ({bare:.1f} ms), {PAIRS} rounds")
    print(f"{'':44}{'ms':>6}  {'quartiles':13}{'modules':>8}   goal {GOAL_MS} ms")
    for column, (name, code) in enumerate(apps.items(), start=1):
        low, middle, high = quantiles([times[column] - times[0] for times in rounds], n=4)
        print(f"{name:44}{middle:6.1f}  {f'{low:.1f} to {high:.1f}':13}{modules(code):8}")


def standard(code: str) -> str:
    """Code that loads what other code loads of the standard library, and nothing else."""
    names = run(code + NAMES).split()
    return "".join(f"import {name}\n" for name in ["sys", *names] if name != "__main__")


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
