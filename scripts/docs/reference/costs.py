"""What a deploy costs a month: the bill of examples/basic, and every price with its source."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from scripts.docs.costs.bill import dollars, summed
from scripts.docs.costs.prices import ALLOWANCES, PRICES, REGION
from scripts.docs.costs.stack import HOURS, Stack, fired
from scripts.docs.costs.usage import (
    DELIVERY_WRITES,
    POLLERS,
    ROUND_READS,
    RUN_WRITES,
    Habits,
    beside,
    lines,
)
from scripts.docs.reference.emitted import plain
from scripts.docs.reference.projects import basic
from scripts.docs.reference.writing import joined, table

if TYPE_CHECKING:
    from scripts.docs.costs.bill import Sum
    from scripts.docs.costs.prices import Price

_ALERTS: Final = 10


def page() -> str:
    """The page of the costs."""
    sums, habits = bill()
    listed, due = sum(each.listed for each in sums), sum(each.due for each in sums)
    return joined(
        "# Monthly cost",
        "Nothing is paid for cloud-cron. What a deploy makes is paid to AWS: at list prices of "
        f"{REGION}, in US dollars and before taxes, `examples/basic` costs **{dollars(Decimal(listed))} a month**, and "
        f"**{dollars(Decimal(due))}** in an account that uses nothing else of what AWS leaves free every month.",
        "## The example",
        _assumed(habits),
        table(["for", "what", "how much", "at list price", "after what is free"], map(_row, sums)),
        "## What decides",
        _decides(),
        "## Prices",
        "AWS fills the tables of its pages by script, so that each price is taken from where somebody wrote it down: "
        f"the day leads there, and is when it held. Other regions differ from {REGION}, and prices change: look at the "
        "seller's own page before you rely on one. [By type of resource](resources.md).",
        table(["what", "price", "free a month", "as of", "the seller's page"], map(_priced, PRICES.values())),
        "Not looked up: X-Ray, with `tracing = true`; traffic that leaves AWS; what functions of yours call.",
    )


def bill() -> tuple[list[Sum], Habits]:
    """The bill of examples/basic, and what was assumed for it."""
    stack = Stack.of(*plain())
    [hourly] = [each for name, each in stack.typed("AWS::Scheduler::Schedule") if name != "MaintenanceSchedule"]
    habits = Habits({"reports": fired(hourly), "alerts": _ALERTS})
    return summed([*lines(stack, habits), *beside(basic().model, habits)]), habits


def _assumed(habits: Habits) -> str:
    """What no template says, in words."""
    return (
        f"Counted in the emitted templates, for {HOURS} hours: alarms, queues, functions, their memory, fire times. "
        f"Assumed: a report each hour and {habits.messages['alerts']} alerts a month, one message in each call, one "
        f"recipient, {habits.seconds} seconds for each call with its cold start, messages of {habits.message_kb} KB, "
        f"{habits.log_kb} KB of log for each call, images of {habits.image_gb} GB, and {habits.records_gb} GB in each "
        f"of table and bucket. A run that publishes writes {RUN_WRITES} units to the ledger, a delivery "
        f"[{DELIVERY_WRITES}](../guarantees.md), and a round of maintenance that finds nothing reads {ROUND_READS}."
    )


def _decides() -> str:
    key, use, single = (PRICES[name].text for name in ("kms-key", "kms-request", "ses-single"))
    return f"""\
- **Asking.** Lambda asks the queue of each notifier all the time: counted are {POLLERS} at once, each for 20 seconds,
  as [AWS](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html) says of standard queues. It says
  nothing of FIFO queues; quiet standard ones go down to two, unless `max_concurrency` is set. A notifier that hears
  several topics has one queue, and is asked once.
- **Alarms.** Three for the app, three for each notifier, and one for mail events; `[alarms] tasks` adds one or two for
  each task.
- **Secrets.** One of Secrets Manager is paid for, a standard parameter (`ssm:/path`) is not.
- **Keys.** `kms_key` is a key of yours: {key}, and {use} uses.
- **Mails.** A new account of SES is on the plan Essentials; an older one without a plan pays {single}. Mail by `smtp`
  is between you and that server.
- **Texts.** What carriers add, and the number itself, come on top of Twilio's price."""


def _row(found: Sum) -> tuple[str, ...]:
    line = found.line
    kind = f"`{line.kind}`" if "::" in line.kind else line.kind
    return kind, line.why, f"{line.amount.normalize():,f}", dollars(found.listed), dollars(found.due)


def _priced(price: Price) -> tuple[str, ...]:
    free = f"{ALLOWANCES[price.free]:,}" if price.free else ""
    page, read, day = price.source
    name = page.removeprefix("https://").removeprefix("www.").rstrip("/")
    return price.what, price.text, free, f"[{day}]({read})", f"[{name}]({page})"
