"""The very same tests on moto's SNS and SQS: topics, queues and subscriptions as they are wired in AWS, through boto3.

Messages are published by the bus that a function on AWS uses, and received through SQS; ledger and large payloads stay
in memory. All of it happens in the process: credentials are made up, and nothing reaches the network. moto sees the
clock of the test (time-machine, not ticking) while it answers a request; `datetime.now()` in user code is not touched.

Where moto does not behave as AWS was recorded to, and what is done about it here:

- Of a received batch of one group whose visibility timeout ends, only the last message is ever handed out again, and
  worn-out batches reach the dead-letter queue in part. So a batch holds at most one message of each group.
- The visibility of one message of a batch cannot be set apart from the others. The same cure.
- There is no `StartMessageMoveTask` for FIFO queues. A redrive receives, sends and deletes, one message at a time.
- Deduplication is by queue, not by topic or group, and ends when a message is deleted: a repeated publish may arrive
  again. Nothing is done about it: the ledger recognises the message.
- An expired receipt handle still deletes. Nothing is done: a test that needs the refusal belongs on the local bus.
- The 12 hours of a visibility timeout are counted from the sending. A later `Retry` comes back after the queue's own
  visibility timeout.
- A message past its retention blocks the receive for ever. It is dropped beforehand.
- `SequenceNumber` and `DeadLetterQueueSourceArn` are missing. Nothing here reads them.
- No queue policy is needed. None is written, so these tests say nothing about policies.
- A message is visible one millisecond after its visibility timeout. The clock goes that far.
- What is in flight cannot be looked at through SQS. `cron.queue` and `cron.dlq` read moto's own objects.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import boto3
import pytest
import time_machine
from botocore.config import Config
from moto import mock_aws
from moto.core.models import botocore_stubber

from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.testing.moto_queues import REGION, MotoBus

if TYPE_CHECKING:
    from types_boto3_sns.client import SNSClient
    from types_boto3_sqs.client import SQSClient

    from cloud_cron.local.clock import VirtualClock
    from cloud_cron.local.host import Queues
    from cloud_cron.local.store import Store
    from cloud_cron.ports import Clock, Ids, Ledger
    from cloud_cron.testing.simulator.services import Services

_ONLY_MOTO: Final[Any] = {"ignore_configured_endpoint_urls": True}  # the stubs do not know of it
_STUBBER: Final[Any] = botocore_stubber
_CONFIG: Final = Config(retries={"total_max_attempts": 1}, **_ONLY_MOTO)


class Wired(NamedTuple):
    """The clients that a test shares with its queues, on the clock of the test.

    `topics` are the ARNs by topic; `queues` are the URLs of notifiers' queues, `dead_letters` those of their
    dead-letter queues.
    """

    sns: SNSClient
    sqs: SQSClient
    topics: dict[str, str]
    queues: dict[str, str]
    dead_letters: dict[str, str]


class Moto:
    """The backend on moto, for one test; `close` it afterwards."""

    def __init__(self) -> None:
        """Start moto afresh."""
        self._mock = mock_aws()
        self._mock.start()
        self._clock: VirtualClock | None = None
        self.sns: SNSClient = _session().client("sns", config=_CONFIG)
        self.sqs: SQSClient = _session().client("sqs", config=_CONFIG)
        for client in (self.sns, self.sqs):
            client.meta.events.unregister("before-send", _STUBBER)  # botocore asks every handler
            client.meta.events.register("before-send", self._answer)
        self.bus = MotoBus(self.sns, self.sqs)

    def connect(self, store: Store, clock: VirtualClock, ids: Ids) -> tuple[Queues, Ledger]:  # noqa: ARG002 - the protocol
        """The bus on moto, and the ledger in the store."""
        self._clock = clock
        self.bus.clock = clock
        return self.bus, SqliteLedger(store)

    def apart(self, clock: Clock, ids: Ids) -> Services:  # noqa: ARG002 - the protocol
        """Skip the test: hundreds of worlds would take moto minutes, and say nothing that the local bus does not."""
        pytest.skip("crash tests run on the local backend: moto keeps one world only, and not as AWS would")

    def wired(self, prefix: str) -> Wired:
        """The clients, with the queues by the names of notifiers: what follows `prefix` in the names of queues."""
        urls = self.bus.urls
        pairs = [(name.removeprefix(prefix), name, dead) for name, dead in self.bus.dead.items()]
        queues = {notifier: urls[name] for notifier, name, _ in pairs}
        dead_letters = {notifier: urls[dead] for notifier, _, dead in pairs}
        return Wired(self.sns, self.sqs, self.bus.topics, queues, dead_letters)

    def close(self) -> None:
        """Stop moto, and forget everything in it."""
        self._mock.stop()

    def _answer(self, request: Any, event_name: str, **_: Any) -> Any:  # noqa: ANN401 - botocore's own types
        """Let moto answer a request, at the time of the test."""
        assert self._clock is not None  # noqa: S101 - the runner connects before anybody has a client
        with time_machine.travel(self._clock.now(), tick=False):
            response = _STUBBER(event_name, request)
        if response is None:
            message = f"moto does not know {event_name}, and tests do not reach the network"
            raise NotImplementedError(message)
        return response


@cache
def _session() -> boto3.Session:
    """One for all tests: to read what botocore knows of the services takes longer than a test."""
    return boto3.Session("testing", "testing", region_name=REGION)
