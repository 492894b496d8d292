"""What Lambda hands a function, beyond the catalogue."""

from __future__ import annotations

import json

import pytest

from cloud_cron.errors import EventError
from cloud_cron.messages import envelope
from tests.bad_input.catalogue.events import API, FIRE
from tests.bad_input.ways.invocations import call, delivered, good, record
from tests.runtime.support import World, message

OURS = json.loads(envelope("weather", "dev", message(9, payload={"text": "bad"})))


def refusal(handler: str, event: object) -> EventError:
    """The error of the whole invocation, after which nothing has happened."""
    world = World()
    with pytest.raises(EventError) as caught:
        call(world, handler, event)
    assert (world.post.calls, world.ledger.rows, world.bus.dead, dict(world.bus.published)) == ([], {}, {}, {})
    return caught.value


def test_72_a_notifier_that_sns_calls_itself():
    error = refusal("show", {"Records": [{"EventSource": "aws:sns", "Sns": {}}]})

    assert (error.code, error.message) == ("CC601", "notifier 'show' was called with an event from aws:sns")


def test_77_true_is_no_version(tmp_path):
    told = delivered(record(9, {**OURS, "cloud_cron": True}))(tmp_path)

    assert (told.code, told.says) == ("CC610", "envelope version True is not 1")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param({"messageId": None}, "has no messageId", id="none"),
        pytest.param({"messageId": 9}, "is damaged: TypeError an int where text belongs", id="number"),
        pytest.param({"messageId": "\ud800"}, "is damaged: UnicodeEncodeError", id="surrogate"),
        pytest.param({"attributes": "x"}, "is damaged: AttributeError", id="attributes"),
        pytest.param({"messageAttributes": {"topic": "reports"}}, "is damaged: AttributeError", id="topic"),
        pytest.param(
            {"attributes": {"MessageGroupId": "g", "ApproximateReceiveCount": "x"}},
            "is damaged: ValueError",
            id="count",
        ),
        pytest.param({"attributes": {"MessageGroupId": "g", "SentTimestamp": "9" * 30}}, "is damaged: ", id="sent"),
    ],
)
def test_75_a_record_that_is_damaged_fails_the_whole_invocation(changes, text):
    error = refusal("show", {"Records": [good(1, "hello"), record(9, OURS, **changes)]})

    assert (error.code, error.hint) == ("CC602", "the event source must be an SQS FIFO queue")
    assert text in error.message


def test_72_an_event_of_an_api_is_no_run():
    assert refusal("morning", API).code == "CC624"


def test_26_an_input_that_json_does_not_have():
    error = refusal("morning", {"input": {"x": float("nan")}})

    assert (error.code, error.where) == ("CC210", "input.x")


def test_83_two_days_ahead_are_allowed():
    world = World()

    assert call(world, "morning", {**FIRE, "scheduled_at": "2030-01-03T00:00:00Z"})["state"] == "done"
