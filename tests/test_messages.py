"""The message: an id that depends on nothing but what it names, and an envelope that can be opened again."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron import Message
from cloud_cron.encoding import dumps
from cloud_cron.messages import Reference, elsewhere, envelope, inside, message_id, opened

AT = datetime(2030, 1, 1, 8, tzinfo=ZoneInfo("Europe/Berlin"))
MESSAGE = Message("reports", {"temp_c": 11.2}, "ID", "morning", "morning@x", AT, AT + timedelta(seconds=3))
BODY = json.loads(envelope("weather", "dev", MESSAGE))


def test_an_id_fits_every_queue_and_never_changes():
    assert message_id("weather", "dev", "morning@2030-01-01T07:00:00Z", "reports", 0) == (
        "EMADRJCAZ47DGJCM6QYY4M4M6CLUH2N3OMY5XYHXRUVPWDIJ7RXA"
    )


@given(
    st.lists(st.tuples(st.text(), st.text(), st.text(), st.text(), st.integers(0)), min_size=2, max_size=2, unique=True)
)
def test_ids_differ_when_anything_differs(pair):
    one, other = (message_id(*parts) for parts in pair)

    assert len(one) == 52
    assert one.isalnum()
    if all("|" not in part for parts in pair for part in parts[:4]):
        assert one != other


def test_an_envelope_holds_what_the_message_is():
    assert BODY == {
        "cloud_cron": 1,
        "app": "weather",
        "stage": "dev",
        "id": "ID",
        "topic": "reports",
        "task": "morning",
        "run_id": "morning@x",
        "scheduled_at": "2030-01-01T07:00:00Z",
        "issued_at": "2030-01-01T07:00:03Z",
        "payload": {"temp_c": 11.2},
    }


@given(st.dictionaries(st.text(), st.text() | st.just('"payload":') | st.just({"payload": {}})), st.text(min_size=1))
def test_the_text_of_a_payload_is_found_in_its_envelope(payload, name):
    text = envelope(f'{name},"payload":', name, replace(MESSAGE, payload=payload, id=f'"payload":{name}'))

    assert inside(text, json.loads(text)) == dumps(payload)


@pytest.mark.parametrize("text", [json.dumps(BODY), dumps({"payload": {}, **BODY}), dumps({**BODY, "more": {}})])
def test_the_text_of_a_payload_is_not_looked_for_in_what_somebody_else_wrote(text):
    assert inside(text, json.loads(text)) == ""


def test_an_envelope_says_where_a_payload_lies_that_is_not_in_it():
    place = Reference("bucket", "payloads/x", "x", 300_000)
    body = json.loads(envelope("weather", "dev", MESSAGE, place))

    assert body.pop("payload_at") == {"bucket": "bucket", "key": "payloads/x", "sha256": "x", "size": 300_000}
    assert body == {name: value for name, value in BODY.items() if name != "payload"}
    assert (elsewhere(BODY), opened({**body, "payload_at": place.to_json()}).payload) == (None, {})


@given(st.builds(Reference, st.text(), st.text(min_size=1), st.text(min_size=1), st.integers(1)))
def test_a_reference_is_read_back(place):
    assert Reference.from_json(json.loads(json.dumps(place.to_json()))) == place


def test_what_was_enclosed_is_opened():
    found = opened(BODY)

    assert found == Message(
        "reports",
        {"temp_c": 11.2},
        "ID",
        "morning",
        "morning@x",
        datetime(2030, 1, 1, 7, tzinfo=UTC),
        datetime(2030, 1, 1, 7, 0, 3, tzinfo=UTC),
    )
    assert opened({**BODY, "task": None, "run_id": None, "scheduled_at": None}).scheduled_at is None
    assert opened({**BODY, "payload": {}}).payload == {}


@pytest.mark.parametrize("key", ["id", "topic", "task", "run_id", "scheduled_at", "issued_at", "payload"])
def test_an_envelope_without_one_of_its_keys_is_damaged(key):
    with pytest.raises(KeyError, match=key):
        opened({name: value for name, value in BODY.items() if name != key})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", 5),
        ("id", ""),
        ("topic", None),
        ("topic", ["reports"]),
        ("task", 5),
        ("run_id", {}),
        ("payload", [["temp_c", 1]]),
        ("payload", "temp_c"),
        ("payload", None),
        ("scheduled_at", 5),
        ("scheduled_at", "yesterday"),
        ("scheduled_at", "2030-01-01T07:00:00"),
        ("issued_at", None),
        ("issued_at", "2030-01-01"),
    ],
)
def test_an_envelope_with_a_value_of_another_kind_is_damaged(key, value):
    with pytest.raises((TypeError, ValueError)):
        opened({**BODY, key: value})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"id": 5, "topic": ""}, "topic is empty"),
        ({"scheduled_at": "", "issued_at": 5}, "scheduled_at is empty"),
        ({"scheduled_at": "2030-01-01T07:00:00", "issued_at": 5}, "scheduled_at has no UTC offset"),
        ({"id": "", "payload_at": {"bucket": [1]}}, "bucket is a list"),
        ({"payload_at": 5}, "the place of the payload is a int"),
    ],
)
def test_what_is_wrong_first_is_told(wrong, said):
    with pytest.raises((TypeError, ValueError), match=said):
        opened({**BODY, **wrong})


@pytest.mark.parametrize("key", ["id", "topic", "task", "run_id"])
def test_texts_may_be_of_any_script(key):
    assert key in {name for name, value in vars(opened({**BODY, key: "größe"})).items() if value == "größe"}


def test_secrets_are_not_shown():
    message = Message("a", {}, "1", secrets={"db": "hunter2"})

    assert "hunter2" not in repr(message)
    assert message.attempt == 1


def test_a_message_can_be_copied_pickled_and_taken_apart():
    message = Message("reports", {"n": [1]}, "m1")
    assert copy.deepcopy(message) == pickle.loads(pickle.dumps(message)) == message  # noqa: S301 - our own
    assert asdict(message)["payload"] == {"n": [1]}
    assert replace(message, attempt=2).attempt == 2
