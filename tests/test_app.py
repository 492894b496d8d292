"""Declaring: what the two decorators record, and that they do nothing else."""

from __future__ import annotations

import functools
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest

from cloud_cron import CloudCron
from cloud_cron.errors import DeclarationError, ScheduleError
from tests.declaring import a_task, here


@pytest.fixture
def app() -> CloudCron:
    return CloudCron("weather")


# What a declaration leaves behind


def test_the_decorators_return_the_function_itself(app):
    def task():
        return None

    def mail(message):
        return message

    assert app.schedule("rate(1 day)")(task) is task
    assert app.notifier("email")(mail) is mail
    assert app.schedule(name="other")(task) is task


def test_the_name_is_the_functions_own_unless_another_is_given(app):
    app.schedule()(a_task)
    app.schedule(name="nightly-2")(a_task)
    app.notifier("email", name="Mail_Report")(lambda message: {})

    assert list(app.tasks) == ["a_task", "nightly-2"]
    assert list(app.notifiers) == ["Mail_Report"]


def test_what_is_left_out_has_the_documented_default(app):
    app.schedule()(a_task)
    app.notifier("email", name="mail")(lambda message: {})
    task, mail = app.model().task("a_task"), app.model().notifier("mail")
    assert task
    assert mail

    assert (task.schedules, task.topics, task.timezone) == ((), (), "UTC")
    assert (task.start, task.end, task.window) == (None, None, None)
    assert (task.overlap, task.catchup, task.order) == (None, "latest", "task")
    assert (task.timeout, task.memory, task.retries, task.input) == (60, 256, 2, None)
    assert (task.enabled, task.description, task.permissions) == (True, None, ())
    assert task.env == task.secrets == task.function == {}
    assert (mail.channel, mail.topics, mail.recipients, mail.allow_recipients) == ("email", (), (), ())
    assert (mail.template, mail.subject, mail.text, mail.html) == (None, None, None, None)
    assert (mail.max_ambiguous, mail.attempts, mail.on_poison, mail.batch_size) == (1, 5, "park", 10)
    assert (mail.timeout, mail.memory, mail.enabled, mail.permissions) == (60, 256, True, ())
    assert mail.env == mail.secrets == mail.function == mail.options == {}
    assert app.model().templates == "templates"


def test_what_is_given_reaches_the_model(app):
    app.schedule(
        "rate(5 minutes)",
        "cron(0 8 * * ? *)",
        topics=["reports", "alerts"],
        timezone="Europe/Berlin",
        start=datetime(2030, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        end="2031-01-01T00:00:00Z",
        window=15,
        overlap="queue",
        catchup="all(24)",
        order="payload:station",
        timeout=900,
        memory=10_240,
        retries=7,
        input={"stations": ["KSEA"]},
        env={"MODE": "fast"},
        secrets={"db": "secretsmanager:shop/db"},
        permissions=[{"Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}],
        function={"architecture": "arm64", "subnets": ["subnet-1"]},
        enabled=False,
        description="the morning report",
    )(a_task)
    task = app.model().task("a_task")
    assert task

    assert task.schedules == ("rate(5 minutes)", "cron(0 8 * * ? *)")
    assert task.topics == ("reports", "alerts")
    assert (task.start, task.end) == ("2030-01-01T00:00:00+00:00", "2031-01-01T00:00:00+00:00")
    assert (task.window, task.overlap, task.catchup, task.order) == (15, "queue", "all(24)", "payload:station")
    assert (task.timeout, task.memory, task.retries) == (900, 10_240, 7)
    assert task.input == {"stations": ("KSEA",)}
    assert (task.env, task.secrets) == ({"MODE": "fast"}, {"db": "secretsmanager:shop/db"})
    assert task.permissions[0]["Resource"] == "arn:aws:s3:::bucket/*"
    assert task.function == {"architecture": "arm64", "subnets": ("subnet-1",)}
    assert (task.enabled, task.description) == (False, "the morning report")


def test_without_topics_a_notifier_hears_every_topic_even_those_declared_later(app):
    app.notifier("email", name="all")(lambda message: {})
    app.notifier("email", name="some", topics=["b"])(lambda message: {})
    app.schedule(topics=["a", "b"])(a_task)
    app.schedule(topics=["c"], name="other")(a_task)
    model = app.model()

    assert model.topics == ("a", "b", "c")
    assert [notifier.topics for notifier in model.notifiers] == [("a", "b", "c"), ("b",)]


@pytest.mark.parametrize(
    ("channel", "options", "bound"),
    [
        ("email", {}, 1),
        ("sms", {}, 0),
        ("email", {"delivery": "at-most-once"}, 0),
        ("sms", {"delivery": "at-least-once"}, 1),
        ("sms", {"max_ambiguous": 5}, 5),
        ("email", {"max_ambiguous": 0}, 0),
    ],
)
def test_the_bound_on_repeats_is_one_number(app, channel, options, bound):
    app.notifier(channel, name="it", **options)(lambda message: "")

    assert app.notifiers["it"].model.max_ambiguous == bound


def test_recipients_are_kept_in_the_channels_own_spelling(app):
    app.notifier("email", name="one", recipients="Ada <ada@EXAMPLE.org>")(lambda message: {})
    app.notifier("sms", name="two", recipients=["+1 (415) 555-2671"], allow_recipients="+14155552671")(lambda m: "")

    assert app.notifiers["one"].model.recipients == ("ada@example.org",)
    assert app.notifiers["two"].model.recipients == ("+14155552671",)
    assert app.notifiers["two"].model.allow_recipients == ("+14155552671",)


def test_channel_options_are_the_channels(app):
    app.notifier("sms", name="it", regions=["DE", "US"])(lambda message: "")

    assert app.notifiers["it"].model.options == {"regions": ("DE", "US")}


def test_a_model_does_not_change_when_what_was_given_does(app):
    given = {"stations": ["KSEA"]}
    topics = ["reports"]
    app.schedule(topics=topics, input=given)(a_task)
    before = app.model()
    given["stations"].append("KJFK")
    topics.append("alerts")
    app.schedule(name="later")(a_task)

    assert before.tasks[0].input == {"stations": ("KSEA",)}
    assert before.tasks[0].topics == ("reports",)
    assert [task.name for task in before.tasks] == ["a_task"]


# Functions of every shape


class Callable:
    """An object that can be called."""

    def __call__(self, run):
        return None

    def method(self, run):
        return None


def test_everything_that_can_be_called_with_a_run_or_nothing_is_a_task(app):
    async def waits(run):
        return None

    app.schedule()(waits)
    app.schedule(name="partial")(functools.partial(lambda first, run: None, 1))
    app.schedule(name="object")(Callable())
    app.schedule()(Callable().method)
    app.schedule(name="lambda")(lambda: None)
    app.schedule(name="optional")(lambda run=None, *, limit=5: None)
    app.schedule(name="several")(lambda *runs: None)
    app.schedule(name="keywords")(lambda **options: None)

    takes = {name: task.function.takes_argument for name, task in app.tasks.items()}
    assert len(takes) == 8
    assert [name for name, argument in takes.items() if not argument] == ["lambda", "keywords"]


@pytest.mark.parametrize("nameless", [lambda run: None, functools.partial(a_task), Callable()])
def test_a_function_without_a_name_needs_one(app, nameless):
    with pytest.raises(DeclarationError) as caught:
        app.schedule()(nameless)
    place = here(-1)

    assert caught.value.code == "CC110"
    assert "has no name to be known by" in caught.value.message
    assert caught.value.hint == "give one with name="
    assert caught.value.where
    assert caught.value.where.endswith(place)


# Declaring is inert

_SEALED = """
import datetime, os, sys, time, zoneinfo

def forbidden(*args, **kwargs):
    raise AssertionError("the clock, or the environment, was asked")

class Sealed:
    def __getattr__(self, name):
        forbidden()
    __getitem__ = __contains__ = __iter__ = forbidden

class Timeless(datetime.datetime):
    now = utcnow = today = classmethod(forbidden)

def audit(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.system", "urllib.")):
        raise AssertionError(event)
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        raise AssertionError(arguments)

datetime.datetime = Timeless
os.environ = Sealed()
os.getenv = time.time = time.time_ns = time.monotonic = time.localtime = time.gmtime = forbidden
sys.addaudithook(audit)

from cloud_cron import CloudCron
app = CloudCron("inert")
other = CloudCron("other")

@app.schedule("cron(0 8 * * ? *)", "rate(1 hour)", topics=["a"], timezone="Europe/Berlin",
              start="2030-01-01T00:00:00Z", secrets={"db": "env:DB"}, input={"x": [1]})
def task(run): ...

@other.notifier("email", recipients=["ada@example.org"], sender="ada@example.org")
def mail(message): ...

@other.notifier("sms", recipients=["+14155552671"])
def text(message): ...

app.include(other)
assert app.model().to_json()["tasks"][0]["name"] == "task"
print("inert")
"""


def test_declaring_touches_neither_clock_nor_environment_nor_network():
    done = subprocess.run([sys.executable, "-c", _SEALED], capture_output=True, text=True, timeout=60, check=False)

    assert (done.stdout.strip(), done.stderr) == ("inert", "")


def test_the_representation_tells_name_and_size(app):
    app.schedule()(a_task)

    assert repr(app) == "CloudCron('weather', 1 tasks, 0 notifiers)"


# Lines


def test_every_line_of_a_decorator_stands_for_its_first(app):
    declare = app.schedule

    @app.schedule("rate(1 day)")
    def one():
        return None

    @app.schedule(
        "rate(1 day)",
        name="two",
    )
    def named_two():
        return None

    @declare()
    def three():
        return None

    @(
        app.notifier(
            "email",
        )
    )
    def four(message):
        return {}

    end = here()
    last = int(end.rpartition(":")[2])
    lines = [int(part.model.where.rpartition(":")[2]) - last for part in (*app.tasks.values(), *app.notifiers.values())]

    assert lines == [-23, -19, -12, -7]


def test_a_mistake_in_an_argument_is_placed_at_the_decorator(app):
    with pytest.raises(ScheduleError) as caught:

        @app.schedule(
            "rate(1 day)",
            "rate(1 hours)",
        )
        def task():
            return None

    place = here(-7)

    assert caught.value.where
    assert caught.value.where.endswith(place)
    assert caught.value.code == "CC101"
