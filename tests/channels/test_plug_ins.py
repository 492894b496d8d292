"""Plug-ins that break the contract: refused where they are declared, and an outcome where they are at work."""

from __future__ import annotations

import json
from threading import Event
from typing import Any

import pytest

from cloud_cron import CloudCron, channels
from cloud_cron.channels import contract
from cloud_cron.channels.patience import Late, within
from cloud_cron.config import Settings, resolve
from cloud_cron.errors import Ambiguous, CloudCronError, DeclarationError, RecipientError, ResultError, Retry
from cloud_cron.model import NotifierModel
from cloud_cron.ports import Receipt
from cloud_cron.runtime.attempt import Desk
from cloud_cron.runtime.delivery import deliver
from cloud_cron_cli.deploy import dockerfile
from cloud_cron_cli.deploy.deployable import check
from tests.deploy.template.apps import parts
from tests.plug_ins import Shelf
from tests.runtime.support import World, desk, message, plenty, received

PORTS: Any = None
STATEMENT = "{'Action': 'sns:Publish', 'Resource': 'arn:${AWS::Partition}:sns:eu-central-1:111122223333:pager'}"


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    return Shelf(tmp_path, monkeypatch)


def app(channel: str, **options: Any) -> CloudCron:
    made = CloudCron("shop")
    made.schedule("rate(1 hour)", topics=["reports"], name="export")(lambda: None)
    made.notifier(channel, topics=["reports"], name="tell", **{"recipients": ["ada"], **options})(lambda message: "x")
    return made


def refused(made: CloudCron) -> CloudCronError:
    """What resolving the configuration says, which every command does."""
    with pytest.raises(CloudCronError) as caught:
        resolve(made.model(), Settings("dev"))
    return caught.value


# The class


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("options = None", "options = None, which must be a frozen dataclass"),
        ("options = dict", "options = <class 'dict'>, which must be a frozen dataclass"),
        ("content = None", "content = None, which must be a class"),
        ("content = 'text'", "content = 'text', which must be a class"),
        ("requirements = 'pager'", "requirements = 'pager', which must be such as"),
        ("requirements = ('--index-url https://x',)", "which must be such as"),
        ("requirements = ('pager\\n--pre',)", "which must be such as"),
        ("modules = ('pager client',)", "which must be such as ('pager.client',)".replace("'", '"')),
        ("recipients = 'ada'", "recipients = 'ada', which must be a tuple of addresses"),
        ("parts = ('title',)", "which must be a tuple out of 'subject', 'text' and 'html'"),
        ("max_ambiguous = -1", "max_ambiguous = -1, which must be a whole number of at least 0"),
        ("max_ambiguous = True", "max_ambiguous = True, which"),
        ("call_timeout = 0", "call_timeout = 0, which must be seconds, at most 900"),
        ("call_timeout = float('nan')", "call_timeout = nan, which"),
        ("def __init__(self, needed): pass", "cannot be made: TypeError"),
        ("def __init__(self): raise SystemExit(3)", "cannot be made: SystemExit: 3"),
    ],
)
def test_a_class_that_breaks_the_contract_is_refused_at_the_decorator(shelf, body, said):
    name = shelf.pager(body=body)
    with pytest.raises(DeclarationError) as caught:
        app(name)
    error = caught.value
    module = name.replace("-", "_")
    assert error.code == "CC133"
    assert f"channel {name!r} of {module}-dist 1.0 ({module}:Pager)" in error.message
    assert said in error.message
    assert (error.where or "").startswith("tests/channels/test_plug_ins.py:")
    assert error.hint


@pytest.mark.parametrize("method", ["render", "sender"])
def test_a_class_without_a_method_it_must_have_is_refused(shelf, method):
    name = shelf.pager()
    shelf.install(
        f"{name}-b", f"{name.replace('-', '_')}_b:Pager",
        f"from {name.replace('-', '_')} import Pager as Good, PagerContent\nfrom cloud_cron import Channel\n"
        f"class Pager(Channel):\n    name = '{name}-b'\n    content = PagerContent\n"
        + "".join(f"    {each} = Good.{each}\n" for each in ("render", "sender") if each != method),
    )  # fmt: skip
    with pytest.raises(DeclarationError, match=rf"has no {method}\(\)") as caught:
        channels.find(f"{name}-b")
    assert caught.value.code == "CC133"


@pytest.mark.parametrize("taken", ["timeout", "recipients", "name", "max_concurrency", "delivery"])
def test_an_option_that_every_notifier_has_is_refused(shelf, taken):
    body = f"options = __import__('dataclasses').make_dataclass('O', ['{taken}'], frozen=True)"
    with pytest.raises(DeclarationError, match=f"has an option '{taken}', which every notifier has") as caught:
        app(shelf.pager(body=body))
    assert caught.value.code == "CC133"


def test_what_every_notifier_takes_is_what_the_decorator_and_the_configuration_take():
    decorator = set(CloudCron.notifier.__annotations__) - {"channel_options", "return"}
    assert decorator | {"max_concurrency", "redirect_to"} == contract.TAKEN


def test_a_plug_in_that_ends_the_process_when_it_is_imported_is_refused(shelf):
    shelf.install("leaver", "leaver:Pager", "raise SystemExit(1)")
    with pytest.raises(DeclarationError, match="cannot be loaded: SystemExit: 1") as caught:
        app("leaver")
    assert caught.value.code == "CC133"


def test_a_plug_in_remains_what_it_is(shelf):
    name = shelf.pager()
    channel = channels.find(name)
    kind = __import__(name.replace("-", "_")).Pager
    assert isinstance(channel, kind)
    assert (type(channel).__name__, type(channel).__module__) == ("Pager", kind.__module__)
    assert channel.sender(PORTS, channel.options()).send(channel.content("hi"), "ada", "k", 5.0) == Receipt("ada: hi")


# Methods


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "def permissions(self, options): return 1 / 0",
            "permissions() raised ZeroDivisionError: division by zero at ",
        ),
        ("def permissions(self, options): return None", "permissions() returned what is no list of IAM statements"),
        ("def permissions(self, options): return [{'Action': 'x'}]", "permissions[0] lacks Resource"),
        (
            "def permissions(self, options): return [{'Action': {'x'}, 'Resource': 'y'}]",
            "permissions() returned what is no list of IAM statements",
        ),
        ("def complete(self, options): raise SystemExit", "complete() raised SystemExit"),
        ("def complete(self): pass", "complete() raised TypeError"),
        ("def partitions(self, options): return 'C#x'", "partitions() returned a str, not a tuple of names"),
        ("def secrets(self, options): return ['env:X']", "secrets() returned a list, not references by name"),
    ],
)
def test_a_method_that_breaks_the_contract_is_refused_when_the_configuration_is_applied(shelf, body, said):
    name = shelf.pager(body=body)
    error = refused(app(name))
    assert error.code == "CC134"
    assert f"channel {name!r} of {name.replace('-', '_')}-dist 1.0" in error.message
    assert said in error.message
    assert (error.where or "").startswith("tests/channels/test_plug_ins.py:")
    assert error.hint


def test_a_secret_in_the_place_of_its_reference_is_refused_and_not_shown(shelf):
    error = refused(app(shelf.pager(body="def secrets(self, options): return {'key': 'hunter2'}")))
    assert error.code == "CC506"
    assert "hunter2" not in str(error)


def test_options_that_raise_anything_are_a_value_that_the_channel_does_not_take(shelf):
    body = (
        "options = __import__('dataclasses').make_dataclass("
        "'O', ['port'], frozen=True, namespace={'__post_init__': lambda self: {}[self.port]})"
    )
    with pytest.raises(DeclarationError, match="its options raised KeyError: 5") as caught:
        app(shelf.pager(body=body), port=5)
    assert caught.value.code == "CC132"


@pytest.mark.parametrize(
    ("normalise", "said"),
    [
        ("return 1 / 0", "normalise() raised ZeroDivisionError"),
        ("return None", "normalise() returned None, not a string"),
        ("return ''", "returned an address of 0 characters"),
        ("return 'a\\nb'", "or with a control character in it"),
        ("return 'a' * 2001", "returned an address of 2,001 characters"),
    ],
)
def test_a_spelling_that_is_none_is_refused_at_the_decorator(shelf, normalise, said):
    with pytest.raises(RecipientError) as caught:
        app(shelf.pager(body=f"def normalise(self, address): {normalise}"))
    assert caught.value.code == "CC134"
    assert said in caught.value.message


def run(channel: str, value: Any = "x", **options: Any) -> tuple[World, str]:
    """One delivery, and the reason why it is dead."""
    world = World()
    at = desk(world, lambda message: value, channel=channel, recipients=("ada",), **options)
    found = channels.find(channel)
    way = found.sender(PORTS, found.options())
    world.post.sender = lambda notifier, message: way  # type: ignore[method-assign,assignment,return-value]
    deliver(Desk(**{**vars(at), "channel": found}), received(message()), plenty)
    reasons = [attributes["cc_error"] for _, attributes in world.bus.dead.values()]
    return world, reasons[0] if reasons else ""


@pytest.mark.parametrize(
    ("render", "said"),
    [
        ("return {}[value]", "render() raised KeyError: 'x' at pager_"),
        ("return None", "render() returned None, not PagerContent"),
        ("return {'text': value}", "render() returned a dict, not PagerContent"),
        ("raise SystemExit", "render() raised SystemExit"),
    ],
)
def test_content_that_is_none_is_refused_and_names_the_plug_in(shelf, render, said):
    world, reason = run(shelf.pager(render=render))
    assert said in reason
    assert world.journal.statuses == [("ada", "rejected")]
    assert [attributes["cc_error_code"] for _, attributes in world.bus.dead.values()] == ["CC134"]


@pytest.mark.parametrize(
    ("send", "said"),
    [
        ("raise KeyError('lost')", "KeyError: 'lost' at pager_"),
        ("return None", "returned None from send() instead of a Receipt"),
        ("return False", "returned a bool from send() instead of a Receipt"),
        ("raise SystemExit", "send() called sys.exit()"),
    ],
)
def test_a_sender_that_breaks_the_contract_may_have_sent(shelf, send, said):
    world, reason = run(shelf.pager(send=send), max_ambiguous=0)
    assert said in reason
    assert world.journal.statuses == [("ada", "doubt")]


def test_a_sender_s_own_outcome_counts(shelf):
    name = shelf.pager(send="from cloud_cron import Retry; raise Retry('busy', after=7)")
    world, reason = run(name)
    assert (reason, world.journal.statuses) == ("", [("ada", "retry")])
    with pytest.raises(Retry, match="busy"):
        channels.find(name).sender(PORTS, None).send("x", "ada", "k", 1.0)


def test_a_receipt_s_id_is_text_that_a_ledger_takes(shelf):
    world, _ = run(shelf.pager(send="return Receipt(5)"))
    odd, _ = run(shelf.pager(send="return Receipt('a\\n' + 'b' * 999)"))
    assert [record.provider_id for record in world.ledger.rows.values()] == ["5"]
    assert [record.provider_id for record in odd.ledger.rows.values()] == ["a " + "b" * 254]


def test_a_sender_that_hangs_may_have_sent_and_holds_nobody_up(shelf):
    name = shelf.pager(
        body="import threading; over = threading.Event()",
        send="Pager.over.wait()",
    )
    channel: Any = channels.find(name)
    try:
        with pytest.raises(Ambiguous, match=r"send\(\) did not come back within 0.02 seconds"):
            channel.sender(PORTS, None).send("x", "ada", "k", 0.02)
    finally:
        channel.over.set()


def test_a_call_that_comes_back_in_time_is_its_answer_and_its_error():
    over = Event()
    assert within(5.0, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(5.0, lambda: 1 // 0)
    with pytest.raises(Late):
        within(0.01, over.wait)
    over.set()


@pytest.mark.parametrize(
    ("sender", "said"),
    [
        ("return 1 / 0", "sender() raised ZeroDivisionError"),
        ("return None", "sender() returned None, not an object with a method send"),
        ("return print", "sender() returned a builtin_function_or_method, not an object with a method send"),
    ],
)
def test_a_sender_that_is_none_is_refused_before_a_deploy(shelf, sender, said):
    made = app(shelf.pager(sender=sender))
    with pytest.raises(DeclarationError) as caught:
        check(resolve(made.model(), Settings("dev")), Settings("dev"))
    assert caught.value.code == "CC134"
    assert said in caught.value.message
    assert (caught.value.where or "").startswith("tests/channels/test_plug_ins.py:")


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("def recipients_of(self, value): return 5", "CC134", "recipients_of() returned an int, not a tuple"),
        ("def recipients_of(self, value): return 'ada'", "CC134", "recipients_of() returned a str, not a tuple"),
        ("def recipients_of(self, value): return 1 / 0", "CC230", "notifier 'mail' returned to=None"),
        (
            "def recipients_of(self, value): return ['ada']\n    def admits(self, address, notifier): return 'no'",
            "CC134",
            "admits() returned a str, not True or False",
        ),
    ],
)
def test_recipients_that_a_plug_in_cannot_tell_are_refused(shelf, body, code, said):
    world, reason = run(shelf.pager(body=body))
    assert said in reason
    assert [attributes["cc_error_code"] for _, attributes in world.bus.dead.values()] == [code]


@pytest.mark.parametrize(
    ("body", "call", "said"),
    [
        ("def vet(self, address, notifier): 1 / 0", lambda it: it.vet("ada", None), "vet() raised ZeroDivisionError"),
        ("def load(self): import nothing_like_it", lambda it: it.load(), "load() raised ModuleNotFoundError"),
        (
            "def redirected(self, content, recipient): return 'text'",
            lambda it: it.redirected(it.content("x"), "ada"),
            "redirected() returned a str, not PagerContent",
        ),
        (
            "def details(self, content, options, people, letter): return 5",
            lambda it: it.details(it.content("x"), it.options(), ["ada"], None),
            "details() returned an int, not a mapping of JSON values",
        ),
    ],
)
def test_what_is_asked_beside_a_delivery_is_held_to_the_contract_too(shelf, body, call, said):
    with pytest.raises(CloudCronError) as caught:
        call(channels.find(shelf.pager(body=body)))
    assert caught.value.code == "CC134"
    assert said in caught.value.message


def test_errors_that_the_contract_knows_pass_as_they_are(shelf):
    name = shelf.pager(
        body="def normalise(self, address):\n"
        "        from cloud_cron.errors import RecipientError\n        raise RecipientError('CC301', 'no', hint='do')",
        render="from cloud_cron.errors import ResultError; raise ResultError('CC230', 'not that')",
    )
    with pytest.raises(RecipientError) as caught:
        app(name)
    assert caught.value.code == "CC301"
    with pytest.raises(ResultError) as refusal:
        channels.find(name).render("x", PORTS)
    assert refusal.value.code == "CC230"


# Deployed


def test_statements_requirements_and_secrets_of_a_plug_in_reach_the_template_and_the_image(shelf):
    name = shelf.pager(
        body="requirements = ('pager-client>=2', 'boto3>=1.35')\n"
        f"    def permissions(self, options): return [{STATEMENT}]\n"
        "    def secrets(self, options): return {'key': 'secretsmanager:pager/key'}\n"
        "    def references(self, recipients): return [r for r in recipients if r.startswith('ssm:')]",
    )
    made = app(name, recipients=["ada", "ssm:/pager/ada"])
    model = resolve(made.model(), Settings("dev"))
    check(model, Settings("dev"))
    assert dockerfile.needed(model) == [*dockerfile.RUNTIME, "pager-client>=2"]
    template = json.dumps([part.template for part in parts(made, Settings("dev"))])
    assert '"sns:Publish"' in template
    assert ":sns:eu-central-1:111122223333:pager" in template
    assert "secret:pager/key-??????" in template
    assert "parameter/pager/ada" in template


def test_a_recipient_that_only_one_machine_can_look_up_is_refused_before_a_deploy(shelf):
    name = shelf.pager(body="def references(self, recipients): return recipients")
    model = resolve(app(name, recipients=["env:PAGER"]).model(), Settings("dev"))
    with pytest.raises(CloudCronError) as caught:
        check(model, Settings("dev"))
    assert caught.value.code == "CC508"
    assert "[stages.<stage>.notifiers.tell]" in (caught.value.hint or "")


def test_a_reference_to_who_receives_what_is_redirected_is_one_that_a_function_can_follow():
    made = app("webhook", recipients=["https://hooks.example.org/shop"])

    def told(reference):
        return Settings("dev", channels={"webhook": {"redirect_to": reference}})

    settings = told("secretsmanager:shop/test-hook")
    template = json.dumps([part.template for part in parts(made, settings)])
    assert "secret:shop/test-hook-??????" in template
    with pytest.raises(CloudCronError) as caught:
        check(resolve(made.model(), told("env:HOOK")), told("env:HOOK"))
    assert (caught.value.code, "secret 'redirect_to'" in caught.value.message) == ("CC508", True)
    assert "[stages.<stage>.channels.webhook]" in (caught.value.hint or "")


def test_a_channel_s_secrets_are_its_own_and_those_of_its_recipients(shelf):
    name = shelf.pager(
        body="def secrets(self, options): return {'key': 'env:KEY'}\n"
        "    def references(self, recipients): return recipients[:1]"
    )
    notifier = NotifierModel("tell", name, recipients=("env:ADA", "bob"))
    assert channels.secrets_of(channels.find(name), notifier) == {"key": "env:KEY", "env:ADA": "env:ADA"}
