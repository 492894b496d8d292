"""Through the entrypoint of the functions, as Lambda calls it; every port is there, and keeps what it was given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cloud_cron import CloudCron
from cloud_cron.errors import EventError
from cloud_cron.messages import envelope
from cloud_cron.runtime import handle
from tests.bad_input.row import Told
from tests.runtime.support import QUEUE, World, message

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Way = Callable[[Path], Told]


class Context:
    """What Lambda tells of an invocation."""

    aws_request_id = "5d6f"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def app() -> CloudCron:
    """A task and a notifier."""
    made = CloudCron("weather")
    made.schedule("cron(0 8 * * ? *)", topics=["reports"], name="morning")(lambda: {"reports": {"text": "hello"}})
    made.notifier("print", topics=["reports"], name="show")(lambda message: message.payload.get("text", "none"))
    return made


def call(world: World, handler: str, event: object) -> dict[str, Any]:
    """One invocation."""
    return handle(app(), event, Context(), world.ports, handler=handler, stage="dev", queues={"show": QUEUE})


def invoked(handler: str, event: object) -> Way:
    """An event that no run and no batch comes of: the invocation fails, and nothing has happened."""

    def way(folder: Path) -> Told:
        world = World()
        try:
            answer = call(world, handler, event)
        except EventError as error:
            left = [*world.post.calls, *world.ledger.rows, *world.bus.dead, *world.bus.published]
            place = error.where or ""
            return Told(1, error.code, error.message, place, error.hint or "", str(error), tuple(map(str, left)))
        return Told(0, None, json.dumps(answer))

    return way


def delivered(record: dict[str, Any]) -> Way:
    """A record between two good ones, which are sent whatever becomes of it; nothing comes back."""

    def way(folder: Path) -> Told:
        world = World()
        answer = call(world, "show", {"Records": [good(1, "before"), record, good(2, "after")]})
        assert answer == {"batchItemFailures": []}
        sent = [content for _, content, _ in world.post.accepted]
        assert [each for each in sent if each in {"before", "after"}] == ["before", "after"]
        for letter, attributes in world.bus.dead.values():
            assert letter.id == record["messageId"]
            assert len(sent) == 2
            return Told(0, attributes["cc_error_code"], attributes["cc_error"])
        return Told(0, None, f"sends {sent[1]!r}")

    return way


def record(number: int, body: object, **changes: Any) -> dict[str, Any]:
    """One record of a batch, in a group of its own."""
    return {
        "messageId": f"sqs-{number}",
        "receiptHandle": f"handle-{number}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1893456000000",
            "MessageGroupId": f"group-{number}",
            "MessageDeduplicationId": f"dedup-{number}",
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": QUEUE,
        **changes,
    }


def good(number: int, text: str) -> dict[str, Any]:
    """A record of a message of ours."""
    return record(number, envelope("weather", "dev", message(number, payload={"text": text})))
