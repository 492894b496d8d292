"""The entrypoint: a handler is named, never guessed; everything that Lambda would give can be given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloud_cron import CloudCron, Message
from cloud_cron.errors import ConfigError, EventError, ResultError
from cloud_cron.local.lambdas import event as sqs
from cloud_cron.ports import Key
from cloud_cron.runtime import Runtime, handle
from tests.runtime.support import QUEUE, World, message, received

SCHEDULED = {"task": "morning", "scheduled_at": "2030-01-01T08:00:00Z", "attempt": "1", "schedule": "arn"}


class Context:
    """What Lambda tells of an invocation."""

    aws_request_id = "5d6f"

    def __init__(self, milliseconds: int = 60_000) -> None:
        self._left = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._left


@pytest.fixture
def app() -> CloudCron:
    app = CloudCron("weather")

    @app.schedule("cron(0 8 * * ? *)", topics=["reports"])
    def morning(run):
        return {"reports": {"left": run.remaining(), "input": run.input}}

    @app.notifier("print", topics=["reports"], recipients="stdout")
    def show(message: Message) -> Any:
        return message.payload.get("text")

    return app


def runtime(app: CloudCron, world: World, **options: Any) -> Runtime:
    return Runtime(app, app.model(), world.ports, stage="dev", queues={"show": QUEUE}, **options)


def test_a_task_answers_with_its_run(app):
    world = World()

    assert runtime(app, world).handle("morning", SCHEDULED, Context(1500)) == {
        "run": "morning@2030-01-01T08:00:00Z",
        "state": "done",
        "published": 1,
    }
    assert world.journal.runs[0].result == {"reports": {"left": 1.5, "input": None}}
    assert world.ledger.rows[Key("R#morning", "2030-01-01T08:00:00Z")].source == "5d6f"


def test_a_run_on_demand_ends_in_the_request_id(app):
    world = World()
    on = runtime(app, world)

    assert on.handle("morning", {"input": {"a": 1}}, Context())["run"] == "morning!5d6f"
    assert on.handle("morning", {"input": {"a": 1}}, Context())["state"] == "duplicate"


def test_a_notifier_answers_with_what_must_come_back(app):
    world = World()
    good = received(message(1, payload={"text": "hello"}))
    bad = received(message(2, payload={}))
    hidden = received(message(3, payload={"text": "late"}), group="other")
    on = runtime(app, world)

    assert on.handle("show", sqs([good, bad]), Context()) == {"batchItemFailures": []}
    assert on.handle("show", sqs([hidden]), Context(500)) == {"batchItemFailures": [{"itemIdentifier": "sqs-M3"}]}
    assert [content["text"] for content in (one.content for one in world.journal.deliveries) if content] == ["hello"]
    assert len(world.bus.dead) == 1


def test_a_handler_that_the_app_does_not_have(app):
    with pytest.raises(EventError) as caught:
        runtime(app, World()).handle("mornin", {}, Context())

    assert caught.value.code == "CC620"
    assert caught.value.message == "app 'weather' has no handler 'mornin'"
    assert caught.value.hint == "did you mean 'morning'?"


def test_an_event_is_not_routed_to_another_handler(app):
    world = World()

    with pytest.raises(EventError, match="CC624"):
        runtime(app, world).handle("morning", sqs([received(message())]), Context())
    with pytest.raises(EventError, match="CC601"):
        runtime(app, world).handle("show", SCHEDULED, Context())
    with pytest.raises(EventError, match="CC620"):
        runtime(app, world).handle("morning", {**SCHEDULED, "task": "evening"}, Context())
    assert (world.ledger.rows, world.post.calls) == ({}, [])


def test_a_notifier_whose_queue_is_not_known(app):
    with pytest.raises(EventError) as caught:
        handle(app, sqs([received(message())]), Context(), World().ports, handler="show", stage="dev")

    assert caught.value.code == "CC603"
    assert caught.value.hint
    assert 'queues={"show": "arn:aws:sqs:..."}' in caught.value.hint


def test_the_environment_names_the_handler_when_nobody_does(app, monkeypatch):
    monkeypatch.setenv("CLOUD_CRON_HANDLER", "morning")
    monkeypatch.setenv("CLOUD_CRON_STAGE", "prod")
    world = World()

    assert handle(app, {}, Context(), world.ports)["run"] == "morning!5d6f"
    assert '"stage":"prod"' in world.bus.published["reports"][0].body


def test_what_is_given_comes_before_the_environment(app, monkeypatch):
    monkeypatch.setenv("CLOUD_CRON_HANDLER", "nothing")
    monkeypatch.setenv("CLOUD_CRON_STAGE", "prod")
    world = World()
    handle(app, {}, Context(), world.ports, handler="morning", stage="dev", queues={"show": QUEUE})

    assert '"stage":"dev"' in world.bus.published["reports"][0].body


def test_the_model_with_its_configuration_is_what_counts(app):
    world = World()
    model = app.model()
    quiet = replace(model, notifiers=(replace(model.notifiers[0], attempts=1, recipients=()),))
    on = Runtime(app, quiet, world.ports, stage="dev", queues={"show": QUEUE})
    on.handle("show", sqs([received(message(payload={"text": "x"}))]), Context())

    assert world.journal.statuses == [("stdout", "sent")]


def test_a_wrong_result_comes_through(app):
    app.schedule(name="wrong")(lambda: "text")
    with pytest.raises(ResultError, match="CC201"):
        runtime(app, World()).handle("wrong", {}, Context())


def test_templates_are_found_beside_the_app(app, tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "vary.txt").write_text("n is {{ n }}", encoding="utf-8")
    app.notifier("print", topics=["reports"], name="vary", recipients="stdout")(lambda message: {"n": 5})
    world = World()
    on = Runtime(app, app.model(), world.ports, stage="dev", queues={"vary": QUEUE}, folder=tmp_path)
    on.handle("vary", sqs([received(message())]), Context())
    [delivery] = world.journal.deliveries

    assert delivery.content
    assert delivery.content["text"] == "n is 5"


def test_the_horizon_is_the_hosts(app):
    world = World()
    world.clock.move(61)
    runtime(app, world, horizon=60.0).handle("show", sqs([received(message())]), Context())
    [(_, attributes)] = world.bus.dead.values()

    assert attributes["cc_error_code"] == "CC611"


def test_a_record_that_could_not_be_kept_in_order_fails_loudly(app):
    event = sqs([received(message())])
    del event["Records"][0]["attributes"]["MessageGroupId"]
    with pytest.raises(EventError, match="CC602"):
        runtime(app, World()).handle("show", event, Context())


@pytest.mark.parametrize(("variable", "given"), [("CLOUD_CRON_HANDLER", {}), ("CLOUD_CRON_STAGE", {"handler": "f"})])
def test_what_is_neither_given_nor_set_is_named(monkeypatch, variable, given):
    monkeypatch.delenv(variable, raising=False)
    with pytest.raises(ConfigError) as caught:
        handle(CloudCron("shop"), {}, Context(), World().ports, **given)

    assert (caught.value.code, variable in caught.value.message) == ("CC521", True)
