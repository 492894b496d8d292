"""What a function on Lambda costs beyond the user's code, under the real awslambdaric and a Runtime API on loopback.

Cold: user + system CPU of the process from its start to its first answer. Warm: CPU of one more call. Cases take turns,
so that all meet the same neighbours; a ratio is the median of the ratios of one round. The hand-written handler makes
the very calls that were recorded from the task beside it, with boto3 clients made at import. A warm task is compared
with a function that logs one line a call, as every run does: writing one costs more than a tenth of a silent call.
Needs Linux.
"""

from __future__ import annotations

import compileall
import os
import sys
import tempfile
import threading
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from _endpoint import Endpoint  # noqa: E402 - beside this file

from tests.lambda_runtime.runtime_api import HANDLER, Function  # noqa: E402 - in the folder above

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUNDS = 15
CALLS = 100
PLAIN, PUBLISHING, WARM = 1.3, 1.05, 1.1

BARE = "def handler(event, context):\n    return {}\n"
LOGGING = """
import logging
logger = logging.getLogger("bare")

def handler(event, context):
    logger.info("run done", extra={"task": "hourly", "run_id": context.aws_request_id, "status": "done"})
    return {}
"""
TASK = """
from cloud_cron import CloudCron
app = CloudCron("shop")

@app.schedule("rate(1 hour)")
def hourly(run):
    return None
"""
PUBLISH = TASK.replace('"rate(1 hour)"', '"rate(1 hour)", topics=["reports"]').replace(
    "return None", 'return {"reports": {"orders": 7}}'
)
MANY = TASK + "".join(
    f"""
@app.schedule("cron({minute} 8 ? * MON-FRI *)", topics=["reports"], timezone="Europe/Berlin")
def task_{minute}(run): ...

@app.notifier("email", topics=["reports"], recipients=["ops@example.com"])
def mail_{minute}(message): ...
"""
    for minute in range(10)
)
FILE = """
region = "eu-central-1"
[channels.email]
sender = "shop@example.com"
[stages.prod.tasks.hourly]
retries = 1
"""
MORE = {"among 10 tasks and 10 notifiers": "", "and a cloud-cron.toml beside them": FILE}
EVENT = {"task": "hourly", "scheduled_at": "2026-11-27T10:00:00Z", "attempt": "1", "schedule": "rate(1 hour)"}


class Case(NamedTuple):
    """A function: its source, its handler, and its environment."""

    name: str
    source: str
    handler: str = HANDLER
    more: Mapping[str, str] = {}
    file: str = ""

    def function(self, folder: Path) -> Function:
        """The function in a folder of its own."""
        home = folder / self.name.replace(" ", "_").replace(",", "")
        home.mkdir(exist_ok=True)
        (home / "app.py").write_text(self.source, encoding="utf-8")
        if self.file:
            (home / "cloud-cron.toml").write_text(self.file, encoding="utf-8")
        compileall.compile_dir(home, quiet=1)
        names = {"CLOUD_CRON_APP": "app", "CLOUD_CRON_STAGE": "dev", "CLOUD_CRON_HANDLER": "hourly"}
        return Function(home, {**names, **self.more}, self.handler)


def main() -> None:
    """Measure, and print the figures beside the goals."""
    compileall.compile_dir(ROOT / "cloud_cron", quiet=1)
    with tempfile.TemporaryDirectory() as name, Endpoint() as aws:
        folder, bare = Path(name), Case("bare function", BARE, "app.handler")
        print(f"cold: CPU from process start to first answer, {ROUNDS} rounds")
        plain = Case("task without AWS", TASK)
        many, configured = (Case(f"same, {how}", MANY, file=file) for how, file in MORE.items())
        show(cold(folder, bare, plain, many, configured), {plain.name: PLAIN})
        publishing = Case("task that publishes once", PUBLISH, more=aws.environment)
        first(publishing.function(folder))
        by_hand = Case("the same calls by hand, with boto3", aws.by_hand(), "app.handler", aws.environment)
        show(cold(folder, by_hand, publishing), {publishing.name: PUBLISHING})
        print(f"calls of AWS: {', '.join(aws.names)}\n")
        print(f"warm: CPU of one more call, {ROUNDS} rounds of {CALLS}")
        logging = Case("bare function that logs one line", LOGGING, "app.handler")
        figures = warm(folder, logging, bare, plain)
        show(figures, {plain.name: WARM}, unit="us")
        print(f"beside the bare function, which is silent: {ratio(figures[plain.name], figures[bare.name]):.2f} x")


def cold(folder: Path, *cases: Case) -> dict[str, list[float]]:
    """Milliseconds of each case in each round."""
    functions = {case.name: case.function(folder) for case in cases}
    for function in functions.values():
        first(function)
    rounds = [[first(function) for function in functions.values()] for _ in range(ROUNDS)]
    return dict(zip(functions, map(list, zip(*rounds, strict=True)), strict=True))


def first(function: Function) -> float:
    """Milliseconds of CPU until the first answer."""
    with function as begun:
        answer = begun.call(EVENT)
        if answer.kind != "response":
            sys.exit(f"{function.folder.name}: {answer.body}")
        begun.process.kill()
        _, _, used = os.wait4(begun.process.pid, 0)
        begun.process.returncode = 0
    return 1000 * (used.ru_utime + used.ru_stime)


def warm(folder: Path, *cases: Case) -> dict[str, list[float]]:
    """Microseconds of a call of each case in each round."""
    functions = {case.name: case.function(folder).__enter__() for case in cases}
    for function in functions.values():
        threading.Thread(target=function.process.stdout.read, daemon=True).start()  # type: ignore[union-attr]
        calls(function)
    rounds = [[calls(function) for function in functions.values()] for _ in range(ROUNDS)]
    for function in functions.values():
        function.kill()
        function.api.__exit__()
    return dict(zip(functions, map(list, zip(*rounds, strict=True)), strict=True))


def calls(function: Function) -> float:
    """Microseconds of CPU for a call."""
    before = nanoseconds(function.process.pid)
    for _ in range(CALLS):
        function.call(EVENT)
    return (nanoseconds(function.process.pid) - before) / CALLS / 1000


def nanoseconds(pid: int) -> int:
    """CPU of a process's main thread so far."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0])


def show(figures: Mapping[str, list[float]], goals: Mapping[str, float], unit: str = "ms") -> None:
    """One line a case, with its ratio to the first one, and the goal of that."""
    base = next(iter(figures.values()))
    print(f"{'':42}{unit:>8}{'x first':>10}{'goal':>8}")
    for name, values in figures.items():
        print(f"{name:42}{median(values):8.1f}{ratio(values, base):10.2f}{goals.get(name, ''):>8}")
    print()


def ratio(values: list[float], base: list[float]) -> float:
    """How many times as much, round by round."""
    return median(mine / first for mine, first in zip(values, base, strict=True))


if __name__ == "__main__":
    main()
