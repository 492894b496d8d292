"""A batch of ten messages: parsed, rendered from templates that are ready, and handed over to a provider that is none.

Three do the same: a bare loop over compiled Jinja templates; the product, which claims each delivery in a ledger that
keeps nothing, renders in its sandbox and settles; and the FIFO processor of Powertools for AWS Lambda around the body
of the bare loop, where that is installed. Each message becomes a mail with a subject, a text and html, of a table of so
many rows. Cases take turns, so that all meet the same neighbours; a ratio is the median of the ratios of one round.

Below, what a notifier's first mail costs in a fresh process: the one client that it makes, beside boto3's own ways.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import jinja2

from cloud_cron import CloudCron, Message
from cloud_cron.local.ids import RandomIds
from cloud_cron.messages import envelope
from cloud_cron.ports import Ports, Receipt
from cloud_cron.runtime.dispatch import Runtime
from cloud_cron.runtime.forgetful import ForgetfulLedger
from cloud_cron.runtime.machine import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

GOAL = 1.3
ROUNDS = 60
BATCH = 10
SIZES = (10, 40, 160)
FRESH = 9
QUEUE = "arn:aws:sqs:eu-central-1:123456789012:mail.fifo"
PARTS = {
    "mail.subject.txt": "{{ rows | length }} stations at {{ at }}",
    "mail.txt": "At {{ at }}:\n{% for row in rows %}\n"
    "{{ row.name }}: {{ row.temp }} C, {{ row.wind }} m/s{% endfor %}\n",
    "mail.html": "<html><body><h1>{{ at }}</h1><table>{% for row in rows %}<tr>"
    "<td>{{ row.name }}</td><td>{{ row.temp }}</td><td>{% if row.wind > 10 %}<b>{{ row.wind }}</b>{% else %}"
    "{{ row.wind }}{% endif %}</td></tr>{% endfor %}</table></body></html>",
}
FIRST = {
    "the client of a function, and no other": "from cloud_cron.aws.clients import Clients\nClients().get('sesv2')",
    "boto3.client": "import boto3\nboto3.client('sesv2')",
    "boto3.resource": "import boto3\nboto3.client('sesv2')\nboto3.resource('sqs')",
}


class Provider:
    """Takes everything, and counts it."""

    def __init__(self) -> None:
        """Nothing was sent yet."""
        self.taken = 0

    def sender(self, notifier: str, message: Message) -> Provider:  # noqa: ARG002 - the port
        """The same for everybody."""
        return self

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401, ARG002 - the port
        """Count."""
        self.taken += 1
        return Receipt("1")

    def note(self, report: object) -> None:
        """A journal that nobody reads."""


def payload(rows: int) -> dict[str, Any]:
    """What a task published."""
    return {"at": "08:00", "rows": [{"name": f"K<{n}>", "temp": n / 7, "wind": n % 17} for n in range(rows)]}


def event(rows: int) -> dict[str, Any]:
    """A batch as SQS hands it to a function, each message in a group of its own."""
    records = []
    for number in range(BATCH):
        message = Message("t", payload(rows), f"m{number}", "go", "go@1", None, datetime.now(UTC))
        records.append(
            {
                "messageId": f"id-{number}",
                "receiptHandle": "h",
                "body": envelope("bench", "dev", message),
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1793000000000",
                    "MessageGroupId": f"g{number}",
                    "MessageDeduplicationId": f"d{number}",
                },
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": QUEUE,
            }
        )
    return {"Records": records}


def product(folder: Path, provider: Provider) -> Callable[[dict[str, Any]], object]:
    """The runtime of a function, on ports that cost nothing."""
    app = CloudCron("bench")
    app.schedule(topics=["t"], name="go")(lambda: None)
    app.notifier("email", topics=["t"], name="mail", recipients="ada@example.org")(lambda message: message.payload)
    nothing: Any = None
    ports = Ports(nothing, ForgetfulLedger(), SystemClock(), RandomIds(), nothing, provider, provider, payloads=nothing)
    runtime = Runtime(app, app.model(), ports, stage="dev", queues={"mail": QUEUE}, folder=folder)
    context: Any = SimpleNamespace(aws_request_id="r", get_remaining_time_in_millis=lambda: 60_000)
    return lambda batch: runtime.handle("mail", batch, context)


def by_hand(folder: Path, provider: Provider) -> Callable[[dict[str, Any]], None]:
    """The body of a loop: parse one record, render three parts, hand them over."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder / "templates"),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
    )
    subject, text, html = (made.get_template(name) for name in PARTS)

    def deliver(record: dict[str, Any]) -> None:
        variables = json.loads(record["body"])["payload"]
        content = (subject.render(variables), text.render(variables), html.render(variables))
        provider.send(content, "ada@example.org", record["messageId"], 1.0)

    return deliver


def powertools(deliver: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], object] | None:
    """The FIFO processor of Powertools around the same body; None where it is not installed."""
    try:
        from aws_lambda_powertools.utilities.batch import (  # noqa: PLC0415 - not everybody has it
            SqsFifoPartialProcessor,
            process_partial_response,
        )
    except ImportError:
        return None
    processor = SqsFifoPartialProcessor()

    def one(record: Any) -> None:  # noqa: ANN401 - Powertools' own type
        deliver(record.raw_event)

    return lambda batch: process_partial_response(event=batch, record_handler=one, processor=processor)


def microseconds(handle: Callable[[dict[str, Any]], object], batch: dict[str, Any]) -> float:
    """Of one message."""
    begun = perf_counter()
    handle(batch)
    return (perf_counter() - begun) / BATCH * 1e6


def batches(folder: Path) -> None:
    """Three ways, three sizes, side by side."""
    provider = Provider()
    deliver = by_hand(folder, provider)
    found: dict[str, Callable[[dict[str, Any]], object] | None] = {
        "bare loop": lambda batch: [deliver(record) for record in batch["Records"]],
        "cloud-cron": product(folder, provider),
        "Powertools, FIFO": powertools(deliver),
    }
    cases = {name: handle for name, handle in found.items() if handle}
    print(f"{BATCH} messages: us a message, median of {ROUNDS} rounds, and times the bare loop   goal {GOAL}")
    print(f"{'rows, bytes of html':24}" + "".join(f"{name:>26}" for name in cases))
    for rows in SIZES:
        batch = event(rows)
        size = len(jinja2.Environment(autoescape=True).from_string(PARTS["mail.html"]).render(payload(rows)))
        before = provider.taken
        times = [[microseconds(handle, batch) for handle in cases.values()] for _ in range(ROUNDS)]
        if provider.taken - before != ROUNDS * BATCH * len(cases):
            sys.exit("not everything was handed over")
        columns = list(zip(*times, strict=True))
        told = [
            f"{median(column):.0f} ({median(a / b for a, b in zip(column, columns[0], strict=True)):.2f})"
            for column in columns
        ]
        print(f"{f'{rows}, {size:,}':24}" + "".join(f"{text:>26}" for text in told))
    if len(cases) < len(found):
        print("Powertools is not installed: pip install aws-lambda-powertools")


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
        folder = Path(name)
        (folder / "templates").mkdir()
        for file, text in PARTS.items():
            (folder / "templates" / file).write_text(text, encoding="utf-8")
        batches(folder)
    first_mails()


if __name__ == "__main__":
    main()
