"""Declaring: what the two decorators take, what they refuse and where, and that they do nothing else."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from cloud_cron import CloudCron, CloudCronError, Message, Run
from cloud_cron.errors import DeclarationError, RecipientError, ScheduleError


def here(offset: int = 0) -> str:
    """The caller's line, moved by `offset`, as errors name it."""
    return f"test_app.py:{sys._getframe(1).f_lineno + offset}"


def refusal(declare: Any, *args: Any, **options: Any) -> CloudCronError:
    """The error of a decorator that is called with these arguments and applied to a task."""
    with pytest.raises(CloudCronError) as caught:
        declare(*args, **options)(a_task)
    return caught.value


def a_task(run: Run) -> None:
    """A function that any decorator would take."""


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

    assert (task.schedules, task.topics, task.timezone, task.start, task.end, task.window) == ((), (), "UTC", *3 * [None])
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

    assert [task.function.takes_argument for task in app.tasks.values()] == [True, True, True, True, False, True, True, False]


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


# Duplicates


def test_two_tasks_of_one_name_are_refused_and_both_lines_are_shown(app):
    @app.schedule(
        "rate(1 day)",
        topics=["reports"],
    )
    def daily(run):
        return None

    first = here(-7)
    with pytest.raises(DeclarationError) as caught:

        @app.schedule(
            "rate(2 days)",
            name="daily",
        )
        @functools.wraps(a_task)
        def other(run):
            return None

    second = here(-8)

    assert caught.value.code == "CC112"
    assert caught.value.where
    assert caught.value.where.endswith(second)
    assert f"{first}" in caught.value.message
    assert f"{second} is already a task" in caught.value.message
    assert caught.value.hint == "rename one, or tell them apart with name="
    assert list(app.tasks) == ["daily"]


def test_one_function_scheduled_twice_gets_the_hint_that_fits(app):
    app.schedule("rate(1 day)")(a_task)

    error = refusal(app.schedule, "rate(1 hour)")

    assert (error.code, error.hint) == ("CC112", "give both expressions to one schedule()")


def test_one_function_for_two_channels_gets_the_hint_that_fits(app):
    app.notifier("email")(a_task)

    assert refusal(app.notifier, "sms").hint == "rename one, or tell them apart with name="


def test_tasks_and_notifiers_share_their_names(app):
    app.notifier("email")(a_task)

    error = refusal(app.schedule)

    assert error.code == "CC112"
    assert "is already a notifier" in error.message
    assert error.hint == "rename one, or tell them apart with name="


def test_a_refused_declaration_leaves_nothing_behind(app):
    refusal(app.schedule, "rate(1 day)", retries=-1)
    refusal(app.schedule, "rate(1 days ago)")
    refusal(app.notifier, "email", attempts=0)
    with pytest.raises(DeclarationError):
        app.schedule()(lambda: None)

    assert (app.tasks, app.notifiers) == ({}, {})
    app.schedule("rate(1 day)")(a_task)
    assert list(app.tasks) == ["a_task"]


# Including another app


def test_include_copies_at_once_and_ignores_the_other_name(app):
    jobs = CloudCron("jobs", templates="elsewhere")
    jobs.schedule("rate(1 day)", topics=["reports"])(a_task)
    jobs.notifier("email", name="all")(lambda message: {})
    app.schedule(name="own", topics=["own"])(a_task)
    app.include(jobs)
    model = app.model()

    assert (model.name, model.templates) == ("weather", "templates")
    assert [task.name for task in model.tasks] == ["own", "a_task"]
    assert model.notifiers[0].topics == ("own", "reports")
    assert [task.name for task in jobs.model().tasks] == ["a_task"]


def test_declaring_on_an_included_app_is_an_error_at_that_decorator(app):
    jobs = CloudCron("jobs")
    app.include(jobs)
    included = here(-1)
    with pytest.raises(DeclarationError) as caught:

        @jobs.schedule("rate(1 day)")
        def late(run):
            return None

    place = here(-4)

    assert caught.value.code == "CC116"
    assert caught.value.where
    assert caught.value.where.endswith(place)
    assert "'jobs' was included in 'weather' at " in caught.value.message
    assert included in caught.value.message
    assert caught.value.hint == "move the include() below this decorator"
    assert (list(jobs.tasks), list(app.tasks)) == ([], [])


def test_a_clash_in_an_include_copies_nothing(app):
    jobs = CloudCron("jobs")
    jobs.schedule(name="fresh")(a_task)
    jobs.schedule(name="taken")(a_task)
    app.schedule(name="taken")(Callable().method)
    with pytest.raises(DeclarationError) as caught:
        app.include(jobs)
    place = here(-1)

    assert caught.value.code == "CC112"
    assert caught.value.where
    assert caught.value.where.endswith(place)
    assert caught.value.message.count("test_app.py:") == 2
    assert list(app.tasks) == ["taken"]
    jobs.schedule(name="still")(a_task)


@pytest.mark.parametrize("other", [None, "jobs", CloudCron])
def test_only_an_app_can_be_included(app, other):
    with pytest.raises(DeclarationError, match=r"CC116 include\(\) takes another CloudCron, not"):
        app.include(other)


def test_an_app_cannot_include_itself_nor_go_round_in_circles(app):
    jobs = CloudCron("jobs")
    app.include(jobs)

    with pytest.raises(DeclarationError, match="CC116"):
        app.include(app)
    with pytest.raises(DeclarationError, match="CC116 app 'jobs' was included"):
        jobs.include(app)


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
    lines = [
        int(part.model.where.rpartition(":")[2]) - last for part in (*app.tasks.values(), *app.notifiers.values())
    ]

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


# What is refused


@pytest.mark.parametrize("name", ["", "Weather", "1st", "a_b", "a" * 32, "wetter!", None, 5, "ü"])
def test_a_name_of_an_app_that_no_resource_could_carry(name):
    with pytest.raises(DeclarationError) as caught:
        CloudCron(name)
    place = here(-1)

    assert caught.value.code == "CC110"
    assert caught.value.message == f"app name {name!r} must match [a-z][a-z0-9-]{{0,30}}"
    assert caught.value.where
    assert caught.value.where.endswith(place)


@pytest.mark.parametrize("templates", [None, "", 5])
def test_templates_are_a_folder(templates):
    with pytest.raises(DeclarationError, match="CC113 templates="):
        CloudCron("weather", templates=templates)


@pytest.mark.parametrize("name", ["my task", "a" * 65, "x.fifo", "\N{ALARM CLOCK}", "", "9to5", "-x", 5, "a\n"])
@pytest.mark.parametrize("kind", ["task", "notifier"])
def test_a_name_that_no_resource_could_carry(app, kind, name):
    error = refusal(app.schedule, name=name) if kind == "task" else refusal(app.notifier, "email", name=name)

    assert type(error) is DeclarationError
    assert error.code == "CC110"
    assert error.message == f"{kind} name {name!r} must match [A-Za-z][A-Za-z0-9_-]{{0,39}}"
    assert error.hint == "give it another one with name="


def test_names_that_begin_with_an_underscore_are_reserved(app):
    error = refusal(app.schedule, name="_internal")

    assert error.code == "CC110"
    assert error.message == "task name '_internal' begins with an underscore, which is reserved"


@pytest.mark.parametrize(
    ("topics", "text", "hint"),
    [
        ("reports", "topics must be a list of names, not 'reports'", "write topics=['reports']"),
        ([""], "topic '' must match [A-Za-z0-9_-]{1,128}", "use letters, digits, - and _"),
        (["a b"], "topic 'a b' must match", "use letters"),
        (["x" * 129], "xxx… (129 characters) must match", "use letters"),
        ([None], "topic None must match", "use letters"),
        ([["a"]], "topic ['a'] must match", "use letters"),
        (["a", "b", "a"], "names one topic twice: ['a', 'b', 'a']", "name each once"),
        ({"a"}, "must be a list of names", 'write topics=["reports"]'),
        (5, "must be a list of names, not 5", 'write topics=["reports"]'),
    ],
)
def test_topics_that_are_none(app, topics, text, hint):
    for error in (refusal(app.schedule, topics=topics), refusal(app.notifier, "email", topics=topics)):
        assert type(error) is DeclarationError
        assert error.code == "CC120"
        assert text in error.message
        assert error.hint
        assert hint in error.hint


def test_a_notifier_that_would_hear_nothing(app):
    error = refusal(app.notifier, "email", topics=[])

    assert error.code == "CC120"
    assert error.hint == "leave topics out to hear every topic of the app"


@pytest.mark.parametrize(
    ("options", "code", "text"),
    [
        ({"timezone": "Mars/X"}, "CC104", "Mars/X"),
        ({"timezone": None}, "CC104", "None"),
        ({"start": "2030-01-01T00:00:00"}, "CC105", "start='2030-01-01T00:00:00' has no UTC offset"),
        ({"end": datetime(2030, 1, 1)}, "CC105", "has no UTC offset"),  # noqa: DTZ001 - that is the mistake
        ({"start": "tomorrow"}, "CC105", "start='tomorrow' is not an ISO 8601 date and time"),
        ({"start": 5}, "CC105", "start=5 is not an ISO 8601 date and time"),
        ({"end": datetime.max.replace(tzinfo=timezone(timedelta(hours=-1)))}, "CC105", "end="),
        ({"window": 0}, "CC113", "window=0 must be a whole number from 1 to 1440"),
        ({"window": 1441}, "CC113", "window=1441"),
        ({"overlap": "Skip"}, "CC113", "overlap='Skip' must be one of skip, queue, allow"),
        ({"overlap": ["skip"]}, "CC113", "overlap=['skip'] must be one of"),
        ({"catchup": "all"}, "CC113", "catchup='all' must be latest, none or all(<limit>)"),
        ({"catchup": "all(0)"}, "CC113", "catchup='all(0)'"),
        ({"catchup": ["latest"]}, "CC113", "catchup=['latest']"),
        ({"catchup": None}, "CC113", "catchup=None"),
        ({"order": "payload:"}, "CC113", "order='payload:' must be task, message or payload:<key>"),
        ({"order": ["task"]}, "CC113", "order=['task']"),
        ({"order": a_task}, "CC113", "must be task, message or payload:<key>"),
        ({"timeout": 0}, "CC113", "timeout=0 must be a whole number of at least 1"),
        ({"timeout": 1.5}, "CC113", "timeout=1.5 must be a whole number"),
        ({"timeout": True}, "CC113", "timeout=True must be a whole number"),
        ({"timeout": "60"}, "CC113", "timeout='60' must be a whole number"),
        ({"memory": 64}, "CC113", "memory=64 must be a whole number from 128 to 10240"),
        ({"retries": -1}, "CC113", "retries=-1 must be a whole number of at least 0"),
        ({"input": {"rows": [{"at": {1, 2}}]}}, "CC210", "input.rows[0].at: "),
        ({"input": object()}, "CC212", "input: "),
        ({"env": ["A"]}, "CC113", "env must be a mapping with string keys, not list"),
        ({"env": {5: "x"}}, "CC113", "env must be a mapping with string keys"),
        ({"env": {"MODE": 5}}, "CC113", "env 'MODE': 5 must be a name matching"),
        ({"env": {"A B": "x"}}, "CC113", "env 'A B'"),
        ({"env": {"CLOUD_CRON_APP": "x"}}, "CC113", "env 'CLOUD_CRON_APP' is set by the runtime itself"),
        ({"env": {"AWS_REGION": "x"}}, "CC113", "env 'AWS_REGION' is set by the runtime itself"),
        ({"secrets": "env:DB"}, "CC113", "secrets must be a mapping with string keys, not str"),
        ({"secrets": {"db": "hunter2"}}, "CC506", "secret 'db' must be a reference"),
        ({"secrets": {"db": "ssm:name"}}, "CC506", "secret 'db' must be a reference"),
        ({"secrets": {"db": "env:"}}, "CC506", "secret 'db' must be a reference"),
        ({"secrets": {"db": None}}, "CC506", "secret 'db' must be a reference"),
        ({"permissions": [{"Action": "s3:*"}]}, "CC115", "permissions[0] lacks Resource"),
        ({"permissions": ["s3:*"]}, "CC115", "permissions[0] lacks Action and Resource"),
        ({"permissions": {"Action": "s3:*", "Resource": "*"}}, "CC115", "permissions must be a list of IAM statements"),
        ({"permissions": 5}, "CC115", "permissions must be a list"),
        ({"function": {"arch": "arm64"}}, "CC114", "function does not know 'arch'"),
        ({"function": 5}, "CC113", "function must be a mapping"),
        ({"function": {"subnets": {"a"}}}, "CC210", "function.subnets: "),
        ({"enabled": "yes"}, "CC113", "enabled='yes' must be True or False"),
        ({"enabled": 1}, "CC113", "enabled=1 must be True or False"),
        ({"description": 5}, "CC113", "description=5 must be a string"),
        ({"description": "x" * 513}, "CC113", "description has 513 characters, at most 512 are allowed"),
        ({"topic": ["a"]}, "CC114", "schedule() does not know 'topic'"),
    ],
)
def test_options_of_a_task_that_could_not_work(app, options, code, text):
    with pytest.raises(DeclarationError) as caught:
        app.schedule(**options)(a_task)
    place = here(-1)

    assert caught.value.code == code
    assert text in caught.value.message
    assert caught.value.where
    assert caught.value.where.endswith(place)


@pytest.mark.parametrize("expression", ["every hour", "", None, 5, "0 9 * * *", "rate(0 minutes)", ["rate(1 day)"]])
def test_expressions_that_aws_would_refuse(app, expression):
    error = refusal(app.schedule, "rate(1 day)", expression)

    assert type(error) is ScheduleError
    assert error.code in {"CC101", "CC102", "CC103"}
    assert error.hint


def test_a_pasted_secret_is_not_repeated(app):
    assert "hunter2" not in str(refusal(app.schedule, secrets={"db": "hunter2"}))


@pytest.mark.parametrize(
    ("options", "code", "text", "hint"),
    [
        ({"topic": ["a"]}, "CC131", "channel 'email' has no option 'topic'", "did you mean 'topics'?"),
        ({"recipient": "a@b.org"}, "CC131", "no option 'recipient'", "did you mean 'recipients'?"),
        ({"sendr": "a@b.org"}, "CC131", "no option 'sendr'", "did you mean 'sender'?"),
        ({"sender": "nobody"}, "CC132", "sender", ""),
        ({"recipients": []}, "CC302", "recipients is empty", "leave it out to use the configuration's"),
        ({"recipients": ()}, "CC302", "recipients is empty", "leave it out"),
        ({"recipients": ["a@b.org", "x"]}, "CC301", "recipients[1]: ", "ada@example.org"),
        ({"recipients": ""}, "CC301", "recipients[0]: ", "ada@example.org"),
        ({"recipients": 5}, "CC113", "recipients must be a string or a list of strings", "recipients="),
        ({"recipients": [5]}, "CC113", "recipients must be a string or a list of strings", "recipients="),
        ({"recipients": {"a@b.org": 1}}, "CC113", "recipients must be a string or a list", "recipients="),
        ({"allow_recipients": []}, "CC302", "allow_recipients is empty", "leave it out to allow every recipient"),
        ({"allow_recipients": [None]}, "CC113", "allow_recipients must be a string or a list", "allow_recipients="),
        ({"delivery": "exactly-once"}, "CC113", "delivery='exactly-once' must be one of at-most-once", "at-"),
        ({"delivery": "at-most-once", "max_ambiguous": 0}, "CC113", "say the same thing", "give only one of them"),
        ({"max_ambiguous": -1}, "CC113", "max_ambiguous=-1 must be a whole number of at least 0", ""),
        ({"max_ambiguous": "1"}, "CC113", "max_ambiguous='1'", ""),
        ({"attempts": 0}, "CC113", "attempts=0 must be a whole number of at least 1", ""),
        ({"on_poison": "drop"}, "CC113", "on_poison='drop' must be one of park, block", ""),
        ({"batch_size": 11}, "CC113", "batch_size=11 must be a whole number from 1 to 10", ""),
        ({"timeout": 0}, "CC113", "timeout=0", ""),
        ({"template": 5}, "CC113", "template=5 must be a string", ""),
        ({"subject": b"x"}, "CC113", "subject=b'x' must be a string", ""),
        ({"secrets": {"db": "x"}}, "CC506", "secret 'db' must be a reference", "secretsmanager:shop/db"),
    ],
)
def test_options_of_a_notifier_that_could_not_work(app, options, code, text, hint):
    with pytest.raises((DeclarationError, RecipientError)) as caught:
        app.notifier("email", **options)(a_task)
    place = here(-1)

    assert caught.value.code == code
    assert text in caught.value.message
    assert hint in (caught.value.hint or "")
    assert caught.value.where
    assert caught.value.where.endswith(place)


def test_a_channel_takes_only_the_parts_that_it_has(app):
    error = refusal(app.notifier, "sms", subject="hello")

    assert (error.code, error.message) == ("CC114", "channel 'sms' does not know 'subject'")


@pytest.mark.parametrize(("channel", "text"), [("emial", "did you mean 'email'?"), ("fax", "plug-in"), (["email"], "email")])
def test_a_channel_that_nobody_provides(app, channel, text):
    error = refusal(app.notifier, channel)

    assert error.code == "CC130"
    assert text in (error.hint or "")


# Functions that could not be called


def test_a_decorator_without_parentheses(app):
    with pytest.raises(DeclarationError) as schedule:

        @app.schedule
        def task(run):
            return None

    task_line = here(-4)
    with pytest.raises(DeclarationError) as notifier:

        @app.notifier
        def mail(message):
            return None

    mail_line = here(-4)

    for caught, place, hint in (
        (schedule, task_line, "write @app.schedule()"),
        (notifier, mail_line, 'write @app.notifier("email")'),
    ):
        assert caught.value.code == "CC711"
        assert "needs parentheses" in caught.value.message
        assert caught.value.hint == hint
        assert caught.value.where
        assert caught.value.where.endswith(place)


def test_a_mistake_in_the_function_is_found_at_its_decorator(app):
    with pytest.raises(DeclarationError) as caught:

        @app.schedule(
            "rate(1 day)",
        )
        def task(run, limit):
            return None

    place = here(-6)

    assert caught.value.code == "CC711"
    assert caught.value.where
    assert caught.value.where.endswith(place)
    assert app.tasks == {}


def test_the_environment_of_this_test_is_left_alone(app):
    before = dict(os.environ)
    app.schedule(env={"MODE": "fast"})(a_task)

    assert dict(os.environ) == before


def test_a_task_at_the_instant_of_its_start_is_allowed(app):
    app.schedule("at(2030-01-01T00:00:00)", start=datetime(2030, 1, 1, tzinfo=UTC))(a_task)

    assert app.model().tasks[0].start == "2030-01-01T00:00:00+00:00"


def test_a_message_is_what_a_notifier_may_be_annotated_with(app):
    @app.notifier("print", topics=["a"])
    def shown(message: Message) -> str:
        return message.topic

    assert app.notifiers["shown"].function(Message("a", {}, "1")) == "a"
