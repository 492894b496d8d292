"""What AWS would refuse is found in the model, with its line and its remedy, before anything is begun."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from cloud_cron import CloudCron
from cloud_cron.config import Settings, resolve
from cloud_cron.errors import CloudCronError
from cloud_cron_cli.deploy import deployable

FROM = "+12025550100"


def refused(stage: str = "dev", *, settings: Any = None, notifier: Any = None, **task: Any) -> CloudCronError:
    app = CloudCron("shop")

    @app.schedule(*task.pop("expressions", ["rate(1 hour)"]), topics=["orders"], **task)
    def export(run): ...

    if notifier:
        app.notifier(notifier.pop("channel", "print"), name="tell", **notifier)(export)
    given = Settings(stage, **(settings or {}))
    with pytest.raises(CloudCronError) as caught:
        deployable.check(resolve(app.model(), given), given)
    assert caught.value.hint or caught.value.code == "CC853"
    return caught.value


@pytest.mark.parametrize(
    ("task", "code", "said"),
    [
        ({"timeout": 901}, "CC850", "timeout=901 of 'export' is longer than Lambda's 900 seconds"),
        ({"retries": 3}, "CC851", "retries=3 of 'export' is more than Lambda's 2"),
        ({"secrets": {"db": "env:DB"}}, "CC508", "secret 'db' is kept in env:"),
        ({"secrets": {"db": "file:/etc/db"}}, "CC508", "no function on AWS can read"),
        ({"env": {"BIG": "x" * 3000}}, "CC852", "has 3,003 bytes"),
        ({"env": {"AWS_SESSION_TOKEN": "x"}}, "CC852", "'AWS_SESSION_TOKEN' is set by Lambda itself"),
        ({"env": {"LAMBDA_TASK_ROOT": "x"}}, "CC852", "is set by Lambda itself"),
        ({"function": {"architecture": "riscv"}}, "CC853", "must be arm64 or x86_64"),
        ({"function": {"ephemeral_storage": 100}}, "CC853", "must be 512 to 10,240 MiB"),
        ({"function": {"log_retention": 8}}, "CC853", "a number of days out of 1, 3, 5"),
        ({"function": {"subnets": ["subnet-1"]}}, "CC853", "subnets and security_groups need each other"),
        ({"function": {"subnets": "subnet-1"}}, "CC853", "a list of ids"),
        ({"function": {"tracing": "Active"}}, "CC853", "true or false"),
        ({"function": {"reserved_concurrency": True}}, "CC853", "0 to 10,000"),
        ({"function": {"kms_key": "my key"}}, "CC853", "the ARN of a key"),
    ],
)
def test_a_task_that_no_function_could_be(task, code, said):
    error = refused(**task)
    assert error.code == code
    assert said in error.message
    assert "test_deployable.py:" in str(error.where)


@pytest.mark.parametrize(
    ("notifier", "code", "said"),
    [
        ({"channel": "email", "sender": "a@example.org"}, "CC302", "notifier 'tell' has no recipients at stage 'dev'"),
        ({"channel": "email", "recipients": ["a@example.org"]}, "CC140", "nobody is named as sender"),
        ({"timeout": 1000}, "CC850", "timeout=1000 of 'tell'"),
        (
            {"channel": "email", "recipients": ["a@b.org"], "sender": "c@d.org", "smtp": "smtp://u@mail.example.org",
             "secret": "env:PASSWORD"},
            "CC508", "kept in env:",
        ),
        ({"channel": "sms", "recipients": "+12025550123", "secret": "ssm:/x"}, "CC140", "nobody is named as sender"),
        ({"channel": "sms", "recipients": "+12025550123", "from_number": FROM}, "CC140", "credentials of Twilio"),
        (
            {"channel": "sms", "recipients": "+12025550123", "from_number": FROM, "secret": "env:TWILIO"},
            "CC508", "kept in env:",
        ),
        (
            {"channel": "sms", "recipients": "+19005551234", "from_number": FROM, "secret": "ssm:/x"},
            "CC311", "premium-rate",
        ),
        (
            {"channel": "sms", "recipients": "+12025550123", "from_number": FROM, "secret": "ssm:/x",
             "regions": ["DE"]},
            "CC312", "of region US",
        ),
        ({"function": {"architecture": "arm64"}}, "CC853", "the app has one image"),
    ],
)  # fmt: skip
def test_a_notifier_that_no_function_could_be(notifier, code, said):
    error = refused(notifier=dict(notifier))
    assert error.code == code
    assert said in error.message


@pytest.mark.parametrize("there", [True, False])
def test_an_app_that_sends_texts_is_deployed_from_a_machine_that_cannot(there, monkeypatch):
    if not there:
        monkeypatch.setitem(sys.modules, "twilio", None)
    app = CloudCron("shop")
    app.schedule("rate(1 hour)", topics=["orders"])(refused)
    app.notifier("sms", name="tell", recipients="+12025550123", from_number=FROM, secret="ssm:/x")(refused)
    deployable.check(app.model(), Settings("dev"))


@pytest.mark.parametrize("limit", [1, 1001])
def test_a_limit_of_concurrency_that_no_mapping_takes(limit):
    error = refused(notifier={"batch_size": 5}, settings={"notifiers": {"tell": {"max_concurrency": limit}}})
    assert (error.code, "must be 2 to 1,000" in error.message) == ("CC853", True)


@pytest.mark.parametrize("stage", ["artifacts", "p1", "p12"])
def test_a_stage_whose_stack_would_be_anothers(stage):
    assert refused(stage).code == "CC855"


@pytest.mark.parametrize("kept", ["env:HEARTBEAT", "file:/run/heartbeat"])
def test_a_heartbeat_that_only_one_machine_could_find(kept):
    error = refused(settings={"heartbeat": kept})
    assert (error.code, error.where) == ("CC508", None)
    assert "heartbeat" in error.message
    assert "[stages.<stage>.watch]" in str(error.hint)


def test_a_missed_run_alarm_that_cloudwatch_cannot_express():
    error = refused(expressions=["cron(0 8 1 * ? *)"], settings={"alarms_tasks": ("missed",)})
    assert error.code == "CC856"
    assert "[watch]" in str(error.hint)


@pytest.mark.parametrize(("region", "account"), [("us-east-1", "123456789012"), ("eu-central-1", "999999999999")])
def test_a_given_topic_of_another_place(region, account):
    given = Settings("dev", topics={"orders": "arn:aws:sns:eu-central-1:123456789012:orders.fifo"})
    deployable.check_topics(given, "eu-central-1", "123456789012")
    with pytest.raises(CloudCronError) as caught:
        deployable.check_topics(given, region, account)
    assert caught.value.code == "CC854"
    assert "eu-central-1 of account 123456789012" in caught.value.message
