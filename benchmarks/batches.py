"""A batch of ten messages: parsed, rendered from templates that are ready, and handed over to a provider that is none.

Each message becomes a mail with a subject, a text and html, of a table of so many rows. Four do it:
- a bare loop over compiled Jinja templates, which checks nothing and keeps nothing;
- the product: it checks every record, renders in its sandbox, and claims and settles each delivery in its ledger;
- the FIFO processor of Powertools for AWS Lambda around the body of the bare loop, which keeps nothing;
- the same with the records of its idempotency utility, which is what the product's ledger is to be compared with.
Records and ledger are dicts, and nobody logs. Cases take turns, so that all meet the same neighbours; figures are CPU
time, and a ratio is the median of the ratios of one round.

Below, what a notifier's first mail costs in a fresh process: the one client that it makes, beside boto3's own ways.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import TYPE_CHECKING, Any

import _mails
import _powertools

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Handle = Callable[[dict[str, Any]], object]

GOAL = 1.3
ROUNDS = 60
SIZES = (10, 40, 160)
MID = 40
FRESH = 9
FIRST = {
    "the client of a function, and no other": "from cloud_cron.aws.clients import Clients\nClients().get('sesv2')",
    "boto3.client": "import boto3\nboto3.client('sesv2')",
    "boto3.resource": "import boto3\nboto3.client('sesv2')\nboto3.resource('sqs')",
}


def batches(folder: Path) -> None:
    """Four ways, three sizes, side by side."""
    provider, ledger, store = _mails.Provider(), _mails.Ledger(), _powertools.Store()
    deliver = _mails.by_hand(folder, provider)
    cases: dict[str, Handle] = {
        "bare loop": lambda batch: [deliver(record) for record in batch["Records"]],
        "cloud-cron": _mails.product(folder, provider, ledger),
        "Powertools FIFO": _powertools.fifo(deliver),
        "and its records": _powertools.idempotent(deliver, store),
    }
    print(f"{_mails.BATCH} messages: us of CPU a message, median of {ROUNDS} rounds, and times the bare loop")
    print(f"{'rows, bytes of html':20}" + "".join(f"{name:>19}" for name in cases))
    for rows in SIZES:
        batch, times = _mails.event(rows), []
        for _ in range(ROUNDS):
            ledger.clear()
            store.clear()
            times.append([microseconds(handle, batch) for handle in cases.values()])
        show(f"{rows}, {_mails.size(folder, rows):,}", times)
    if provider.taken != len(SIZES) * ROUNDS * _mails.BATCH * len(cases):
        sys.exit("not everything was handed over")
    print(f"goal, for {MID} rows: at most {GOAL} times the bare loop, and less than Powertools with its records")


def microseconds(handle: Handle, batch: dict[str, Any]) -> float:
    """Of one message."""
    begun = process_time()
    handle(batch)
    return (process_time() - begun) / _mails.BATCH * 1e6


def show(name: str, times: Sequence[Sequence[float]]) -> None:
    """One line: the figure of each case, and its ratio to the first."""
    columns = list(zip(*times, strict=True))
    ratios = [median(mine / bare for mine, bare in zip(column, columns[0], strict=True)) for column in columns]
    told = (f"{median(column):.0f} ({ratio:.2f})" for column, ratio in zip(columns, ratios, strict=True))
    print(f"{name:20}" + "".join(f"{text:>19}" for text in told))


def first_mails() -> None:
    """What is paid once, before the first mail."""
    print(f"\nuntil the client of SES is there, CPU ms of a fresh process, median of {FRESH}")
    rounds = [[fresh(code) for code in ("", *FIRST.values())] for _ in range(FRESH)]
    bare, *others = (median(column) for column in zip(*rounds, strict=True))
    for name, figure in zip(FIRST, others, strict=True):
        print(f"{name:42}{figure - bare:8.0f}")


def fresh(code: str) -> float:
    """Milliseconds of CPU of a process that does this."""
    place = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    told = f"import os, time\nos.environ.update({place!r})\n{code}\nprint(time.process_time() * 1000)"
    done = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)
    return float(done.stdout)


def main() -> None:
    """Measure, and print the figures beside the goals."""
    with TemporaryDirectory(prefix="cloud-cron-") as name:
        _mails.write(Path(name))
        batches(Path(name))
    first_mails()


if __name__ == "__main__":
    main()
