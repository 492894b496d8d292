"""Declarations that could not work: which error, in which words, at which line."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, timezone

import pytest

from cloud_cron import CloudCron
from cloud_cron.errors import DeclarationError, RecipientError, ScheduleError
from tests.declaring import a_task, here, refusal


@pytest.fixture
def app() -> CloudCron:
    return CloudCron("weather")


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


@pytest.mark.parametrize(
    ("channel", "text"), [("emial", "did you mean 'email'?"), ("fax", "plug-in"), (["email"], "email")]
)
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
