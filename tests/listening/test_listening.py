"""The function that hears: what stays in the ledger, what is told, what comes back, and crashes in between."""

from __future__ import annotations

import pytest

from cloud_cron.errors import EventError, StoreError
from cloud_cron.runtime import listening, naming
from tests.listening.support import KEY, MAIL, QUEUE, TOPIC, Stage, body, crash_everywhere, told
from tests.runtime.support import START


def test_a_delivery_in_doubt_is_settled_by_the_word_that_it_was_sent():
    stage = Stage()
    stage.put("DOUBT", ambiguous=2, forwarded=True, code="ambiguous", reason="the answer was lost")
    assert stage.hear(body(told("Send"))) == []
    assert (stage.record().state, stage.record().accepts, stage.record().provider_id) == ("SENT", 1, MAIL)
    assert stage.heard() == []
    [report] = stage.world.journal.deliveries
    assert (report.status, report.message.id, report.provider_id) == ("sent", KEY.partition[7:], MAIL)


def test_what_became_of_a_mail_is_kept_with_its_delivery_and_noted_once():
    stage = Stage()
    stage.put("SENT", provider_id=MAIL, accepts=1)
    for kind in ("Send", "Delivery", "Delivery", "Send"):
        assert stage.hear(body(told(kind))) == []
    assert (stage.record().state, stage.record().code, stage.record().accepts) == ("SENT", "delivered", 1)
    assert [report.status for report in stage.world.journal.deliveries] == ["delivered"]
    assert stage.counted() == []


@pytest.mark.parametrize(
    ("kind", "word", "why"),
    [
        ("Bounce", "bounced", ("Permanent/General", "the mail to ada@example.org bounced")),
        ("Complaint", "complained", ("abuse", "the mail to ada@example.org was reported as unwanted")),
        ("Reject", "refused", ("Bad content", "the mail to ada@example.org was not passed on")),
    ],
)
def test_what_somebody_should_know_is_counted_and_told_once_however_often_it_comes(kind, word, why):
    stage = Stage()
    stage.put("SENT")
    for _ in range(3):
        assert stage.hear(body(told(kind)), body(told(kind, mail="another"))) == []
    assert stage.counted() == [word.upper()]
    assert stage.heard() == [
        {
            "kind": word, "notifier": "mail", "run_id": None, "scheduled_at": None, "count": 1,
            "error": {"type": why[0], "message": why[1]},
        }
    ]  # fmt: skip


def test_the_same_is_told_in_the_same_words_though_a_second_mail_bounces_for_another_reason():
    stage = Stage()
    stage.put("SENT")
    other = told("Bounce", mail="another")
    other["bounce"] = {**other["bounce"], "bounceSubType": "Suppressed"}
    stage.hear(body(told("Bounce")))
    stage.hear(body(other))
    [payload] = stage.heard()
    assert payload["error"]["type"] == "Permanent/General"


def test_a_mail_that_bounced_and_is_complained_of_counts_under_both():
    stage = Stage()
    stage.put("SENT")
    assert stage.hear(body(told("Complaint")), body(told("Bounce"))) == []
    assert (stage.counted(), stage.record().code) == (["BOUNCED", "COMPLAINED"], "complained")
    assert [payload["kind"] for payload in stage.heard()] == ["complained", "bounced"]


def test_without_a_topic_it_is_counted_and_told_to_nobody():
    stage = Stage(watch=None)
    stage.put("SENT")
    assert stage.hear(body(told("Bounce"))) == []
    assert (stage.counted(), stage.world.bus.published) == (["BOUNCED"], {})


def test_a_mail_that_tells_of_a_bounce_and_bounces_itself_is_told_of_no_more():
    stage = Stage()
    stage.put("SENT")
    stage.hear(body(told("Bounce")))
    [news] = stage.world.bus.published["ops"]
    key = naming.delivery_key("other", news.id, "shop|dev", "email", "ops@example.org")
    stage.put("SENT", key)
    assert stage.hear(body(told("Bounce", key))) == []
    assert (stage.counted("other"), len(stage.heard())) == (["BOUNCED"], 1)


@pytest.mark.parametrize(
    "key",
    [
        naming.delivery_key("mail", KEY.partition[7:], "shop|prod", "email", "ada@example.org"),
        naming.delivery_key("mail", "forgotten", "shop|dev", "email", "ada@example.org"),
        naming.delivery_key("strangers", "m1", "else|dev", "email", "ada@example.org"),
    ],
    ids=["of another stage", "of a record that expired", "of another app"],
)
def test_an_event_of_a_delivery_without_a_record_leaves_nothing(key):
    stage = Stage()
    stage.put("DOUBT")
    assert stage.hear(body(told("Bounce", key))) == []
    assert (stage.record().state, stage.counted(), stage.heard(), stage.ledger.get(key)) == ("DOUBT", [], [], None)


def test_the_records_of_a_notifier_that_is_not_ours_are_never_asked_for():
    stage = Stage()
    stage.hear(body(told("Send", naming.delivery_key("strangers", "m1", "else|dev", "email", "a@x.org"))))
    assert stage.world.steps == []


def test_an_event_that_comes_before_the_answer_waits_for_it():
    stage = Stage()
    stage.put("CLAIMED", lease=START.timestamp() + 15)
    assert stage.hear(body(told("Send"))) == ["r0"]
    assert stage.record().state == "CLAIMED"
    stage.ledger.sent(KEY, MAIL)
    assert stage.hear(body(told("Send"))) == []
    assert (stage.record().state, stage.record().accepts) == ("SENT", 1)


def test_a_worker_that_stopped_before_the_answer_needs_no_second_try():
    stage = Stage()
    stage.put("CLAIMED", lease=START.timestamp() + 15)
    stage.world.clock.move(16)
    assert stage.hear(body(told("Send"))) == []
    assert stage.record().state == "SENT"


@pytest.mark.parametrize(
    "text", ["", body("no JSON"), body(told("Send"), f"{TOPIC}2"), body({**told("Bounce"), "bounce": 1})]
)
def test_what_is_no_event_comes_back_until_it_is_a_dead_letter_and_keeps_nothing_else(text):
    stage = Stage()
    stage.put("DOUBT")
    assert stage.hear(text, body(told("Send"))) == ["r0"]
    assert stage.record().state == "SENT"
    refused = stage.world.journal.deliveries[0]
    assert (refused.status, refused.code[:4], refused.message.id) == ("retry", "CC63", "r0")


def test_an_event_from_another_queue_changes_nothing():
    stage = Stage()
    stage.put("DOUBT")
    assert stage.hear(body(told("Send")), queue=f"{QUEUE}2") == ["r0"]
    assert (stage.record().state, stage.world.journal.deliveries[0].code) == ("DOUBT", "CC603")


@pytest.mark.parametrize("event", [{}, {"Records": 5}, {"Records": [{"messageId": "m"}]}, {"Records": [None]}, "x"])
def test_what_is_no_batch_fails_whole(event):
    stage = Stage()
    desk = listening.Desk(frozenset(), QUEUE, lambda _: None, stage.world.ports, None)  # type: ignore[arg-type]
    with pytest.raises(EventError, match="CC60"):
        listening.listen(desk, event, lambda: 30.0)


def test_what_there_is_no_time_for_comes_back():
    stage = Stage()
    stage.put("DOUBT")
    assert stage.hear(body(told("Send")), body(told("Bounce")), left=1.0) == ["r0", "r1"]
    assert stage.record().state == "DOUBT"


def test_a_ledger_that_is_out_of_reach_loses_nothing():
    stage = Stage()
    stage.put("DOUBT")
    stage.world.fail(StoreError("CC908", "no"), "before ledger.get")
    assert stage.hear(body(told("Bounce"))) == ["r0"]
    stage.world.heal()
    assert stage.hear(body(told("Bounce"))) == []
    assert (stage.record().state, len(stage.heard())) == ("SENT", 1)


@pytest.mark.parametrize("kind", ["Send", "Delivery", "Bounce", "Complaint", "Reject"])
@pytest.mark.parametrize("state", ["DOUBT", "SENT", "RETRY"])
def test_a_crash_at_any_step_leaves_what_none_would_have(kind, state):
    steps = crash_everywhere(lambda stage: stage.put(state), body(told(kind)), body(told("Delivery")))
    assert steps >= 4
