"""Ten mails to make: the batch that SQS would hand over, its templates, and a provider that takes everything.

And the two that every figure is measured by: a bare loop over compiled Jinja templates, and the product on ports that
cost nothing, whose ledger is a dict.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import jinja2

from cloud_cron import CloudCron, Message
from cloud_cron.messages import envelope
from cloud_cron.ports import Ports, Receipt
from cloud_cron.runtime.dispatch import Runtime
from cloud_cron.runtime.machine import SystemClock, SystemIds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cloud_cron.ports import Key, Record

    Event = dict[str, Any]

BATCH = 10
QUEUE = "arn:aws:sqs:eu-central-1:123456789012:mail.fifo"
CONTEXT: Any = SimpleNamespace(aws_request_id="r", get_remaining_time_in_millis=lambda: 60_000)
PARTS = {
    "mail.subject.txt": "{{ rows | length }} stations at {{ at }}",
    "mail.txt": "At {{ at }}:\n{% for row in rows %}\n"
    "{{ row.name }}: {{ row.temp }} C, {{ row.wind }} m/s{% endfor %}\n",
    "mail.html": "<html><body><h1>{{ at }}</h1><table>{% for row in rows %}<tr>"
    "<td>{{ row.name }}</td><td>{{ row.temp }}</td><td>{% if row.wind > 10 %}<b>{{ row.wind }}</b>{% else %}"
    "{{ row.wind }}{% endif %}</td></tr>{% endfor %}</table></body></html>",
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


class Ledger:
    """The two writes of a delivery, in a dict; `clear` forgets them."""

    def __init__(self) -> None:
        """Nothing was delivered yet."""
        self._claimed: dict[Key, Record] = {}
        self._sent: dict[Key, str] = {}

    def clear(self) -> None:
        """Nothing was delivered yet."""
        self._claimed.clear()
        self._sent.clear()

    def create(self, key: Key, record: Record) -> Record | None:
        """Claim."""
        found = self._claimed.setdefault(key, record)
        return None if found is record else found

    def sent(self, key: Key, provider_id: str) -> None:
        """Settle."""
        self._sent[key] = provider_id


def write(folder: Path) -> None:
    """The templates, where an app has them."""
    (folder / "templates").mkdir()
    for name, text in PARTS.items():
        (folder / "templates" / name).write_text(text, encoding="utf-8")


def payload(rows: int) -> dict[str, Any]:
    """What a task published."""
    return {"at": "08:00", "rows": [{"name": f"K<{n}>", "temp": n / 7, "wind": n % 17} for n in range(rows)]}


def event(rows: int) -> Event:
    """A batch as SQS hands it to a function, each message in a group of its own."""
    return {"Records": [_record(rows, number) for number in range(BATCH)]}


def _record(rows: int, number: int) -> dict[str, Any]:
    message = Message("t", payload(rows), f"m{number}", "go", "go@1", None, datetime.now(UTC))
    return {
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


def product(folder: Path, provider: Provider, ledger: Ledger) -> Callable[[Event], object]:
    """The runtime of a function."""
    app = CloudCron("bench")
    app.schedule(topics=["t"], name="go")(lambda: None)
    app.notifier("email", topics=["t"], name="mail", recipients="ada@example.org")(lambda message: message.payload)
    nothing: Any = None
    kept: Any = ledger
    ports = Ports(nothing, kept, SystemClock(), SystemIds(), nothing, provider, provider, payloads=nothing)
    runtime = Runtime(app, app.model(), ports, stage="dev", queues={"mail": QUEUE}, folder=folder)
    return lambda batch: runtime.handle("mail", batch, CONTEXT)


def by_hand(folder: Path, provider: Provider) -> Callable[[Event], None]:
    """The body of a loop: parse one record, render three parts, hand them over."""
    subject, text, html = compiled(folder)

    def deliver(record: Event) -> None:
        variables = json.loads(record["body"])["payload"]
        content = (subject.render(variables), text.render(variables), html.render(variables))
        provider.send(content, "ada@example.org", record["messageId"], 1.0)

    return deliver


def compiled(folder: Path) -> list[jinja2.Template]:
    """The three templates, compiled by plain Jinja."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder / "templates"),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
    )
    return [made.get_template(name) for name in PARTS]


def size(folder: Path, rows: int) -> int:
    """Characters of the html of so many rows."""
    return len(compiled(folder)[2].render(payload(rows)))
