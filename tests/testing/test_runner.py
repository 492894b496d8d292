from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cloud_cron import SKIP, CloudCron, Permanent, Retry, testing
from cloud_cron.errors import EventError, NotFound, ResultError
from cloud_cron.local.bus import LocalBus
from cloud_cron.ports import Outgoing
from cloud_cron.testing import CronRunner
from cloud_cron.testing.backends import InMemory

START = datetime(2030, 1, 1, tzinfo=UTC)


def numbers(*several):
    return {"orders": [{"n": number} for number in several]}


def texts(sent):
    return [one.content.text for one in sent]


@pytest.fixture
def telling(app):
    @app.notifier("print", topics=["orders"])
    def tell(message):
        return f"order {message.payload['n']}"

    return app


def test_the_clock_is_virtual_and_user_code_keeps_its_own(app, start):
    seen = []

    @app.schedule()
    def look():
        seen.append(datetime.now(UTC))

    cron = start(app)
    before = datetime.now(UTC)
    assert cron.now == START
    cron.run("look")
    cron.advance("3 days")
    assert cron.now == START + timedelta(days=3)
    assert before <= seen[0] <= datetime.now(UTC)


def test_the_clock_can_start_elsewhere(app, start):
    now = datetime(2024, 2, 29, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    cron = start(app, now=now)
    assert (cron.now, cron.now.tzinfo) == (now, UTC)


def test_a_run_publishes_and_delivers_nothing(telling, start):
    cron = start(telling)
    result = cron.run("export", input={"orders": [{"n": 1}, {"n": 2}], "alerts": {"kind": "frost"}})
    assert result.result == {"orders": [{"n": 1}, {"n": 2}], "alerts": {"kind": "frost"}}
    assert [(message.topic, message.payload) for message in result.published] == [
        ("orders", {"n": 1}),
        ("orders", {"n": 2}),
        ("alerts", {"kind": "frost"}),
    ]
    assert [message.id for message in cron.published("orders")] == [message.id for message in result.published[:2]]
    assert [message.payload for message in cron.published("alerts")] == [{"kind": "frost"}]
    assert [message.payload for message in cron.queue("tell")] == [{"n": 1}, {"n": 2}]
    assert (cron.outbox, cron.dlq("tell")) == ([], [])


def test_delivering_hands_over_what_was_sent(telling, start):
    cron = start(telling)
    cron.run("export", input=numbers(1, 2))
    sent = cron.deliver()
    assert [(one.notifier, one.channel, one.recipient, dict(one.content)) for one in sent] == [
        ("tell", "print", "stdout", {"text": "order 1"}),
        ("tell", "print", "stdout", {"text": "order 2"}),
    ]
    assert [one.message.payload for one in sent] == [{"n": 1}, {"n": 2}]
    assert cron.queue("tell") == cron.deliver() == []
    cron.run("export", input=numbers(3))
    assert texts(cron.deliver()) == ["order 3"]
    assert texts(cron.outbox) == ["order 1", "order 2", "order 3"]
    assert cron.now == START


def test_more_messages_than_a_batch_are_delivered_in_order(telling, start):
    cron = start(telling)
    cron.run("export", input=numbers(*range(23)))
    assert texts(cron.deliver()) == [f"order {number}" for number in range(23)]


@pytest.mark.parametrize("at", ["2030-01-05T08:00", datetime(2030, 1, 5, 8), "2030-01-05T07:00Z"])  # noqa: DTZ001 - the point
def test_a_run_at_a_fire_time_is_that_run(telling, start, at):
    run = start(telling).run("export", at=at).run
    assert (run.id, run.trigger) == ("export@2030-01-05T07:00:00Z", "backfill")
    assert run.scheduled_at == datetime(2030, 1, 5, 7, tzinfo=UTC)
    assert run.next == datetime(2030, 1, 6, 7, tzinfo=UTC)


def test_the_run_of_a_fire_time_happens_once(telling, start):
    cron = start(telling)
    cron.run("export", at="2030-01-01T08:00", input=numbers(1))
    again = cron.run("export", at="2030-01-01T08:00", input=numbers(1))
    assert (again.published, again.result) == ([], numbers(1))
    cron.advance("1 day")
    assert texts(cron.outbox) == ["order 1"]


def test_a_large_payload_is_seen_whole_wherever_a_test_looks(app, start):
    payload = {"n": 1, "rows": "\U0001f600" * 100_000}
    lasts = []

    @app.schedule("cron(0 8 * * ? *)", topics=["orders"])
    def dump(run):
        lasts.append(run.last)
        return {"orders": payload}

    @app.notifier("print", topics=["orders"], attempts=1)
    def read(message):
        if message.payload["n"] != len(cron.outbox):
            raise Permanent("not yet")
        return str(len(message.payload["rows"]))

    cron = start(app)
    ran = cron.run("dump", at="2030-01-01T08:00")
    assert (ran.result, [message.payload for message in ran.published]) == ({"orders": payload}, [payload])
    assert [message.payload for message in cron.published("orders")] == [payload]
    assert [message.payload for message in cron.queue("read")] == [payload]
    cron.deliver()
    assert [letter.message.payload for letter in cron.dlq("read")] == [payload]
    cron.run("dump", at="2030-01-02T08:00")
    assert [last and last.result for last in lasts] == [None, {"orders": payload}]


def test_a_run_at_another_instant_is_on_demand(telling, start):
    run = start(telling).run("export", at="2030-01-05T08:01").run
    assert run.id.startswith("export!")
    assert (run.trigger, run.scheduled_at) == ("manual", datetime(2030, 1, 5, 7, 1, tzinfo=UTC))


def test_what_is_no_time_is_refused(telling):
    with CronRunner(telling) as cron, pytest.raises(ValueError, match=r"CC731 at='soon' is no date and time"):
        cron.run("export", at="soon")


def test_a_tasks_exception_comes_through_and_the_run_is_tried_again(app, start):
    attempts = []
    error = OSError("no line")

    @app.schedule(topics=["orders"])
    def flaky(run):
        attempts.append(run.attempt)
        if run.attempt == 1:
            raise error
        return {"orders": {"n": 7}}

    cron = start(app)
    with pytest.raises(OSError, match="no line") as caught:
        cron.run("flaky")
    assert caught.value is error
    assert cron.published("orders") == []
    cron.advance("10 minutes")
    assert [message.payload for message in cron.published("orders")] == [{"n": 7}]
    assert attempts == [1, 2]


def test_delivering_raises_the_first_exception_after_the_others_are_told(app, start):
    @app.notifier("print", topics=["orders"])
    def broken(message):
        message = f"broken by {message.payload['n']}"
        raise ZeroDivisionError(message)

    @app.notifier("print", topics=["orders"])
    def tell(message):
        return "told"

    cron = start(app)
    cron.run("export", input=numbers(1))
    with pytest.raises(ZeroDivisionError, match="broken by 1"):
        cron.deliver()
    assert texts(cron.outbox) == ["told"]
    assert [message.payload for message in cron.queue("broken")] == [{"n": 1}]
    cron.advance("1 minute", raises=False)
    assert len(cron.errors) > 1
    assert {type(error) for error in cron.errors} == {ZeroDivisionError}


def test_exceptions_can_be_collected(app, start):
    @app.notifier("print", topics=["orders"])
    def broken(message):
        raise ZeroDivisionError

    cron = start(app)
    cron.run("export", input=numbers(1))
    assert cron.deliver(raises=False) == []
    assert [type(error) for error in cron.errors] == [ZeroDivisionError]


def test_a_forgotten_return_is_an_error(app, start):
    @app.notifier("print", topics=["orders"])
    def forgets(message):
        """Return nothing."""

    cron = start(app)
    cron.run("export", input=numbers(1))
    with pytest.raises(ResultError, match="CC231") as caught:
        cron.deliver()
    assert cron.errors == [caught.value]
    assert [letter.code for letter in cron.dlq("forgets")] == ["CC231"]


def test_what_a_notifier_says_on_purpose_is_no_error(app, start):
    answers = {1: SKIP, 2: Permanent("no such order"), 3: Retry("later", after=30)}

    @app.notifier("print", topics=["orders"])
    def decide(message):
        answer = answers.pop(message.payload["n"], "told")
        if isinstance(answer, Exception):
            raise answer
        return answer

    cron = start(app)
    cron.run("export", input=numbers(1, 2, 3))
    assert cron.deliver() == []
    assert cron.errors == []
    [dead] = cron.dlq("decide")
    assert (dead.message.payload, dead.code, dead.reason) == ({"n": 2}, "permanent", "no such order")
    assert [message.payload for message in cron.queue("decide")] == [{"n": 3}]
    cron.advance("29 seconds")
    assert cron.outbox == []
    cron.advance("2 seconds")
    assert [one.message.payload for one in cron.outbox] == [{"n": 3}]


def test_the_last_attempt_ends_in_the_dead_letter_queue_and_a_redrive_brings_it_back(app, start):
    works: list[bool] = []

    @app.notifier("print", topics=["orders"], attempts=3)
    def fragile(message):
        if not works:
            raise KeyError(message.attempt)
        return f"order {message.payload['n']}"

    cron = start(app)
    cron.run("export", input=numbers(1, 2))
    with pytest.raises(ExceptionGroup) as caught:
        cron.advance("1 hour")
    assert [type(error) for error in caught.value.exceptions] == [KeyError] * 6
    dead = cron.dlq("fragile")
    assert [letter.message.payload for letter in dead] == [{"n": 1}, {"n": 2}]
    assert {letter.code for letter in dead} == {"attempts"}
    assert "KeyError: 3 at test_runner.py" in dead[0].reason
    works.append(True)
    assert cron.redrive("fragile") == 2
    assert cron.dlq("fragile") == []
    assert texts(cron.deliver()) == ["order 1", "order 2"]
    assert cron.redrive("fragile") == 0


def test_advancing_goes_from_event_to_event(app, start):
    told = []

    @app.schedule("cron(0 9 * * ? *)", topics=["orders"], timezone="Europe/Berlin")
    def later(run):
        told.append(("run", run.scheduled_at))
        return {"orders": {"n": 9}}

    @app.schedule("cron(0 6 * * ? *)", topics=["orders"], timezone="Europe/Berlin")
    def earlier(run):
        told.append(("run", run.scheduled_at))
        return {"orders": {"n": 6}}

    @app.notifier("print", topics=["orders"])
    def tell(message):
        told.append(("tell", message.scheduled_at))
        return str(message.payload["n"])

    cron = start(app)
    cron.advance("2 days")
    times = [datetime(2030, 1, day, hour, tzinfo=UTC) for day in (1, 2) for hour in (5, 8)]
    assert told == [(kind, time) for time in times for kind in ("run", "tell")]
    assert texts(cron.outbox) == ["6", "9", "6", "9"]
    assert cron.now == START + timedelta(days=2)
    assert cron.deliver() == []


def test_the_end_of_an_advance_belongs_to_it(telling, start):
    cron = start(telling)
    cron.advance(timedelta(hours=7))
    assert len(cron.run("export", at="2030-01-01T08:00").published) == 0
    cron.advance("0 seconds")
    assert cron.now == START + timedelta(hours=7)


def test_advancing_collects_exceptions_of_tasks_and_notifiers(app, start):
    @app.schedule("rate(1 hour)", topics=["orders"], retries=0)
    def fails(run):
        raise LookupError

    @app.schedule("rate(1 hour)", topics=["orders"])
    def works(run):
        return {"orders": {"n": 1}}

    @app.notifier("print", topics=["orders"], attempts=1)
    def broken(message):
        raise ZeroDivisionError

    cron = start(app)
    cron.advance("90 minutes", raises=False)
    assert sorted(type(error).__name__ for error in cron.errors) == ["LookupError", "ZeroDivisionError"]
    with pytest.raises(ExceptionGroup, match=r"2 exceptions on the way to 2030-01-01T02:00:00Z"):
        cron.advance("30 minutes")
    assert len(cron.errors) == 4


def test_disabled_parts_stay_still(start):
    app = CloudCron("shop")

    @app.schedule("rate(1 hour)", topics=["orders"], enabled=False)
    def export(run):
        return numbers(1)

    @app.notifier("print", enabled=False)
    def tell(message):
        return "told"

    cron = start(app)
    cron.advance("1 day")
    assert cron.published("orders") == []
    cron.run("export")
    cron.advance("1 day")
    assert (len(cron.queue("tell")), cron.outbox) == (1, [])


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda cron: cron.run("exprt"), "CC720 there is no task 'exprt'; did you mean 'export'?"),
        (lambda cron: cron.crash_everywhere("exprt"), "CC720 there is no task 'exprt'; did you mean 'export'?"),
        (lambda cron: cron.queue("tel"), "CC721 there is no notifier 'tel'; did you mean 'tell'?"),
        (lambda cron: cron.dlq("tel"), "CC721 there is no notifier 'tel'; did you mean 'tell'?"),
        (lambda cron: cron.redrive("tel"), "CC721 there is no notifier 'tel'; did you mean 'tell'?"),
        (lambda cron: cron.answer("tel", Retry()), "CC721 there is no notifier 'tel'; did you mean 'tell'?"),
        (lambda cron: cron.published("order"), "CC722 there is no topic 'order'; did you mean 'orders'?"),
    ],
)
def test_a_misspelt_name_is_told_with_the_closest(telling, act, text):
    with CronRunner(telling) as cron, pytest.raises(NotFound) as caught:
        act(cron)
    assert str(caught.value) == text


def test_secrets_are_what_the_test_sets(start):
    app = CloudCron("shop")

    @app.schedule(topics=["orders"], secrets={"db": "secretsmanager:shop/db"})
    def export(run):
        return {"orders": {"text": run.secrets["db"]}}

    @app.notifier("print", secrets={"token": "ssm:/token"}, attempts=1)
    def tell(message):
        return message.payload["text"] + message.secrets["token"]

    cron = start(app)
    with pytest.raises(NotFound, match=r'no secret \'db\'.*cron\.secrets\["db"\]'):
        cron.run("export")
    cron.secrets["db"] = "x"
    cron.run("export")
    with pytest.raises(NotFound, match="no secret 'token'"):
        cron.deliver()
    cron.secrets["token"] = "y"
    cron.run("export")
    assert texts(cron.deliver()) == ["xy"]


def test_runners_know_nothing_of_each_other(telling):
    with CronRunner(telling) as one, CronRunner(telling) as other:
        one.run("export", input=numbers(1))
        one.advance("1 hour")
        assert (other.deliver(), other.published("orders"), other.now) == ([], [], START)
        assert texts(one.outbox) == ["order 1"]


def test_the_same_test_gives_the_same_ids(telling):
    def ids():
        with CronRunner(telling) as cron:
            return cron.run("export", input=numbers(1)).published[0].id

    assert ids() == ids()


def test_configuration_and_templates_come_from_the_folder(app, start, tmp_path):
    @app.notifier("email", topics=["orders"])
    def mail(message):
        return message.payload

    text = (
        '[stages.test.notifiers.mail]\nrecipients = ["ann@example.org"]\n[notifiers.mail]\nrecipients = ["a@b.org"]\n'
    )
    (tmp_path / "cloud-cron.toml").write_text(text, encoding="utf-8")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "mail.subject.txt").write_text("Order {{ n }} in {{ stage }}", encoding="utf-8")
    cron = start(app, folder=tmp_path)
    cron.run("export", input=numbers(5))
    [sent] = cron.deliver()
    assert (sent.recipient, sent.content.subject) == ("ann@example.org", "Order 5 in test")
    other = start(app, "prod", folder=tmp_path)
    other.run("export", input=numbers(5))
    assert [sent.recipient for sent in other.deliver()] == ["a@b.org"]


def test_the_watch_topic_is_published_to(app, start, tmp_path):
    @app.notifier("print", topics=["ops"])
    def page(message):
        return f"{message.payload['kind']} {message.payload['task']}"

    @app.schedule(retries=0)
    def fails():
        raise LookupError

    (tmp_path / "cloud-cron.toml").write_text('[watch]\ntopic = "ops"\n', encoding="utf-8")
    cron = start(app, folder=tmp_path)
    with pytest.raises(LookupError):
        cron.run("fails")
    assert texts(cron.deliver()) == ["failed fails"]
    assert len(cron.published("ops")) == 1


def test_a_message_that_cannot_be_read_is_still_shown(telling):
    class Keeping(InMemory):
        def connect(self, store, clock, ids):
            self.bus, ledger = super().connect(store, clock, ids)
            return self.bus, ledger

    backend = Keeping()
    with CronRunner(telling, backend=backend) as cron:
        backend.bus.publish("orders", [Outgoing("own", "group", "no JSON")])
        [waiting] = cron.queue("tell")
        with pytest.raises(EventError, match="CC604"):
            cron.deliver()
        [dead] = cron.dlq("tell")
        assert (waiting.topic, waiting.payload, dead.message.payload, dead.code) == ("", {}, {}, "CC604")


def test_a_message_that_the_queue_itself_gave_up_is_shown_with_a_reason(telling):
    class Tired(LocalBus):
        def delete(self, queue, handle):
            """Never deletes, so that the queue counts receives until it gives up."""

    class Backend(InMemory):
        def connect(self, store, clock, ids):
            return Tired(store, clock, ids), super().connect(store, clock, ids)[1]

    with CronRunner(telling, backend=Backend()) as cron:
        cron.run("export", input=numbers(1))
        cron.advance("10 days")
        assert [letter.code for letter in cron.dlq("tell")] == ["receives"]
        assert "and never settled" in cron.dlq("tell")[0].reason
        assert texts(cron.outbox) == ["order 1"]


def test_the_public_names_are_loaded_when_asked_for():
    assert set(testing.__all__) <= set(dir(testing))
    assert all(getattr(testing, name) for name in testing.__all__)
    assert testing.__all__ == sorted(testing.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Cron'"):
        _ = testing.Cron
