"""Bodies of a queue as events: those of SES, those of nobody, and those of somebody else."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.aws import ses_events
from cloud_cron.errors import EventError
from cloud_cron.runtime.mail_events import MailEvent
from tests.listening.support import BOUNCED, KEY, MAIL, OUT, TOPIC, body, told


def read(record: object, topic: str = TOPIC) -> MailEvent | None:
    return ses_events.read(body(record, topic), TOPIC)


@pytest.mark.parametrize(
    ("record", "word", "detail"),
    [
        (told("Send"), "sent", ""),
        (told("Delivery"), "delivered", ""),
        (told("Bounce"), "bounced", "Permanent/General"),
        (told("Bounce", **OUT), "returned", "Transient/General"),
        (told("Complaint"), "complained", "abuse"),
        (told("Complaint", complaint={"complaintSubType": None, "complainedRecipients": []}), "complained", ""),
        (told("Reject"), "refused", "Bad content"),
        (told("Rendering Failure"), "refused", "Attribute 'name' is not present"),
    ],
)
def test_an_event_is_read_in_words_of_ours(record, word, detail):
    assert read(record) == MailEvent(KEY, word, MAIL, detail, "ada@example.org")


@pytest.mark.parametrize(
    "record",
    [
        told("Open"),
        told("DeliveryDelay"),
        told("Some Day"),
        {"eventType": "Send", "mail": {"messageId": MAIL, "destination": [], "tags": {}}},
        {"eventType": "Send", "mail": {"messageId": MAIL}},
        {"eventType": "Send", "mail": {"messageId": MAIL, "tags": {"cc-effect": ["a" * 64]}}},
        {"eventType": "Send", "mail": {"messageId": MAIL, "tags": {"cc-effect": []}}},
        "Successfully validated SNS topic for Amazon SES event publishing.",
    ],
)
def test_what_is_no_word_about_a_mail_of_ours_is_nothing(record):
    assert read(record) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "CC630"),
        ("[]", "CC630"),
        ("no JSON", "CC630"),
        ("[" * 100_000, "CC630"),
        (body("no JSON"), "CC630"),
        (body("[1]"), "CC630"),
        (body({}), "CC630"),
        (body({"mail": None}), "CC630"),
        (body({**told("Send"), "eventType": None, "mail": 5}), "CC630"),
        (body({**told("Bounce"), "bounce": {}}), "CC630"),
        (body({**told("Bounce"), "bounce": {**BOUNCED["bounce"], "bounceSubType": 5}}), "CC630"),
        (body({**told("Send"), "mail": {**told("Send")["mail"], "messageId": None}}), "CC630"),
        (body(told("Send"), "arn:aws:sns:eu-central-1:999999999999:somebodys"), "CC631"),
        (json.dumps(told("Send")), "CC631"),
        (json.dumps({"Type": "UnsubscribeConfirmation", "TopicArn": TOPIC, "Message": "x"}), "CC631"),
    ],
)
def test_what_is_damaged_or_came_another_way_is_refused(text, code):
    with pytest.raises(EventError) as caught:
        ses_events.read(text, TOPIC)
    assert caught.value.code == code
    assert caught.value.hint


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["mail", "tags", "bounce", "x"]), inner)
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(sorted(told("Send")["mail"])),
    st.sampled_from(["Send", "Bounce", "Complaint", "Reject"]),
    json_values,
)
def test_whatever_stands_in_a_record_is_read_or_refused_as_no_event(name, kind, value):
    for record in (
        {**told(kind), "mail": {**told(kind)["mail"], name: value}},
        {**told(kind), kind.lower(): value},
        value,
    ):
        with suppress(EventError):
            read(record)
