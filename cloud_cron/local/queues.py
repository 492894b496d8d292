"""The queues of an app at one place: what they are called, how they are set, and one poll of one of them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from cloud_cron.aws.limits import LONGEST_VISIBILITY
from cloud_cron.errors import BusError
from cloud_cron.local import lambdas

if TYPE_CHECKING:
    from cloud_cron.local.host import Queues
    from cloud_cron.model import AppModel, NotifierModel
    from cloud_cron.ports import Received
    from cloud_cron.runtime.dispatch import LambdaContext, Runtime

TEN_DAYS: Final = 864_000


def queue(app: str, stage: str, notifier: str) -> str:
    """The name of a notifier's queue."""
    return f"{app}-{stage}-{notifier}"


def dead_letters(app: str, stage: str, notifier: str) -> str:
    """The name of a notifier's dead-letter queue."""
    return f"{queue(app, stage, notifier)}-dead"


def wired(bus: Queues, model: AppModel, stage: str) -> dict[str, str]:
    """Make queues, dead-letter queues and subscriptions as they are in AWS; each notifier's queue by its ARN."""
    return {notifier.name: _wired(bus, model.name, stage, notifier) for notifier in model.notifiers}


def handed_over(
    bus: Queues, name: str, runtime: Runtime, notifier: NotifierModel, context: LambdaContext
) -> tuple[list[Received], list[Received]]:
    """Give one batch to the runtime, as the event source mapping does: what came, and what of it is done with."""
    batch = bus.receive(name, notifier.batch_size)
    if not batch:
        return [], []
    answer = runtime.handle(notifier.name, lambdas.event(batch), context)
    failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
    return batch, [received for received in batch if received.id not in failed]


def delete(bus: Queues, name: str, done: list[Received]) -> None:
    """Take messages out of their queue; one that outlived its visibility comes back, and is known."""
    for received in done:
        with suppress(BusError):
            bus.delete(name, received.handle)


def _wired(bus: Queues, app: str, stage: str, notifier: NotifierModel) -> str:
    visibility = min(6 * notifier.timeout, LONGEST_VISIBILITY)
    receives = max(5, min(1000, TEN_DAYS // visibility))
    name, dead = queue(app, stage, notifier.name), dead_letters(app, stage, notifier.name)
    bus.create_queue(dead, visibility=visibility, max_receives=receives, dead_letter=None)
    arn = bus.create_queue(name, visibility=visibility, max_receives=receives, dead_letter=dead)
    for topic in notifier.topics:
        bus.subscribe(topic, name)
    return arn
