"""Webhooks: what is posted, to whom, and how they are declared."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron import CloudCron, Email, Message, Sms
from cloud_cron.channels import find, options_of, secrets_of, webhook_address
from cloud_cron.channels.webhook import WebhookContent, WebhookOptions
from cloud_cron.channels.webhook_address import WebhookAddress
from cloud_cron.config import Settings, resolve
from cloud_cron.errors import CloudCronError, DeclarationError, RecipientError
from cloud_cron.model import NotifierModel
from cloud_cron.rendered import as_json
from cloud_cron_cli.deploy.deployable import check
from tests.deploy.template.apps import parts

URL = "https://hooks.example.org/reports"


@pytest.fixture
def posted(context_of):
    """Render by the webhook channel."""

    def make(value, **options):
        return find("webhook").render(value, context_of("webhook", **options))

    return make


# Content


def test_a_mapping_is_posted_as_it_is(posted):
    content = posted({"station": "KSEA", "rows": ({"n": 1},)})
    assert content == WebhookContent({"station": "KSEA", "rows": [{"n": 1}]})
    assert as_json(content) == {"body": {"station": "KSEA", "rows": [{"n": 1}]}}


def test_the_message_is_posted_in_its_envelope_without_its_secrets(posted):
    body = posted(Message("alerts", {"kind": "frost"}, "M1", "morning", secrets={"db": "hunter2"})).body
    assert (body["cloud_cron"], body["app"], body["stage"], body["topic"]) == (1, "weather", "prod", "alerts")
    assert (body["id"], body["task"], body["payload"]) == ("M1", "morning", {"kind": "frost"})
    assert "hunter2" not in json.dumps(dict(body))


def test_a_text_and_a_template_are_posted_as_a_chat_takes_them(posted):
    assert posted("Frost!\n") == WebhookContent({"text": "Frost!"})
    assert posted({"kind": "frost"}, text="{{ kind }} warning") == WebhookContent({"text": "frost warning"})


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "CC231"),
        (5, "CC230"),
        ([1], "CC230"),
        (Email("s", "t"), "CC230"),
        (Sms("t"), "CC230"),
        (" ", "CC411"),
        ({"x": float("nan")}, "CC210"),
        ({1: "x", "1": "y"}, "CC216"),
        ({"x": "a" * 262_144}, "CC405"),
    ],
)
def test_a_value_of_no_use_is_refused(posted, value, code):
    with pytest.raises(CloudCronError) as caught:
        posted(value)
    assert caught.value.code == code
    assert caught.value.hint


# Addresses


@pytest.mark.parametrize(
    ("given", "spelled"),
    [
        (URL, URL),
        ("HTTPS://Hooks.Example.ORG/Reports", "https://hooks.example.org/Reports"),
        ("https://hooks.example.org", "https://hooks.example.org/"),
        ("https://hooks.example.org:443/x?y=1&z=@", "https://hooks.example.org/x?y=1&z=@"),
        ("https://hooks.example.org:8443?y", "https://hooks.example.org:8443/?y"),
        ("https://bücher.example.org/", "https://xn--bcher-kva.example.org/"),
        ("https://93.184.216.34/x", "https://93.184.216.34/x"),
        ("https://[2606:4700:0::1111]:8443/x", "https://[2606:4700::1111]:8443/x"),
        ("secretsmanager:shop/hook", "secretsmanager:shop/hook"),
        ("env:HOOK", "env:HOOK"),
    ],
)
def test_an_address_has_one_spelling(given, spelled):
    channel = find("webhook")
    assert channel.normalise(given) == spelled
    assert channel.normalise(spelled) == spelled


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "is no https:// address"),
        ("hooks.example.org", "is no https:// address"),
        ("http://hooks.example.org/", "which everybody on the way can read"),
        ("ftp://hooks.example.org/", "is no https:// address"),
        ("https:///x", "is no https:// address"),
        ("https://hooks/x", "has no complete domain"),
        ("https://localhost/x", "has no complete domain"),
        ("https://hooks.example.org:0/", "names port 0"),
        ("https://hooks.example.org:70000/", "names port 70000"),
        ("https://hooks.example.org:x/", "is no https:// address"),
        ("https://hooks.example.org/a b", "is no https:// address"),
        ("https://hooks.example.org/a\nb", "is no https:// address"),
        ("https://hooks.example.org/\r\nX: y", "is no https:// address"),
        ("https://hooks.example.org/ü", "is no https:// address"),
        ("https://hooks.example.org/#top", "is no https:// address"),
        ("https://hooks.example.org\\.evil.example.org/", "is no https:// address"),
        ("https://hooks.example.org/\\x", "is no https:// address"),
        ("https://2130706433/", "has no complete domain"),
        ("https://0x7f.1/", "has no complete domain"),
        ("https://0177.0.0.1/", "has no complete domain"),
        ("https://127.0.0.1/", "leads to a private place"),
        ("https://169.254.169.254/latest/meta-data", "leads to a private place"),
        ("https://[::1]/", "leads to a private place"),
        ("https://[::ffff:10.0.0.1]/", "leads to a private place"),
        ("https://[fd00:ec2::254]/", "leads to a private place"),
        ("https://" + "a" * 2000 + ".org/", "is no https:// address"),
        (5, "must be a string"),
        (None, "must be a string"),
        ("env:", "is no https:// address"),
        ("env:A\nB", "is no https:// address"),
    ],
)
def test_what_is_no_public_https_address_is_refused_and_not_shown(given, said):
    with pytest.raises(RecipientError) as caught:
        find("webhook").normalise(given)
    assert caught.value.code == "CC321"
    assert said in caught.value.message
    assert caught.value.hint
    assert "meta-data" not in str(caught.value)


@pytest.mark.parametrize(
    "given", ["https://ada:hunter2@hooks.example.org/", "https://hunter2@hooks.example.org", "http://a:hunter2@h/"]
)
def test_a_password_in_an_address_is_refused_and_not_shown(given):
    with pytest.raises(RecipientError) as caught:
        find("webhook").normalise(given)
    assert caught.value.code == "CC506"
    assert "hunter2" not in str(caught.value)


@given(st.text() | st.from_regex(r"https://[ -~]{0,30}", fullmatch=True))
def test_any_text_is_an_address_that_reads_back_or_an_error_with_a_code(text):
    try:
        found = webhook_address.read(text)
    except RecipientError as error:
        assert error.code in {"CC321", "CC506"}  # noqa: PT017 - most texts are none
    else:
        assert webhook_address.read(str(found)) == found
        assert str(found).isascii()
        assert str(found).isprintable()


def test_host_and_port_are_as_the_header_has_them():
    assert WebhookAddress("a.org", 443, "/").authority == "a.org"
    assert WebhookAddress("a.org", 8443, "/").authority == "a.org:8443"
    assert WebhookAddress("2606:4700::1111", 443, "/").authority == "[2606:4700::1111]"


@pytest.mark.parametrize(
    ("address", "admitted"),
    [
        (URL, True),
        ("https://hooks.example.org/other", False),
        ("https://b.example.org/any", True),
        ("https://c.example.org/one", True),
        ("https://c.example.org/two", False),
        ("env:HOOK", True),
        ("env:OTHER", False),
    ],
)
def test_a_message_may_choose_only_what_somebody_named(address, admitted):
    allowed = ("B.example.org", "https://C.example.org/one", "env:HOOK")
    notifier = NotifierModel("tell", "webhook", recipients=(URL,), allow_recipients=allowed)
    assert find("webhook").admits(address, notifier) is admitted
    assert not find("webhook").admits("https://b.example.org/", NotifierModel("tell", "webhook"))


# Options


def test_options_are_spelled_and_checked():
    channel = find("webhook")
    assert options_of(channel, {}) == WebhookOptions(None, ())
    assert options_of(channel, {"hosts": ["A.org", "*.B.org"]}) == WebhookOptions(None, ("a.org", "*.b.org"))
    assert channel.max_ambiguous == 5


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"secret": "hunter2"}, "CC506"),
        ({"secret": 5}, "CC506"),
        ({"hosts": "a.org"}, "CC132"),
        ({"hosts": ["localhost"]}, "CC132"),
        ({"hosts": ["*.*.org"]}, "CC132"),
        ({"hosts": [5]}, "CC132"),
        ({"url": URL}, "CC131"),
    ],
)
def test_options_that_cannot_be_are_refused(options, code):
    with pytest.raises(DeclarationError) as caught:
        options_of(find("webhook"), options)
    assert caught.value.code == code
    assert "hunter2" not in str(caught.value)


def app(**options: Any) -> CloudCron:
    made = CloudCron("shop")
    made.schedule("rate(1 hour)", topics=["reports"], name="export")(lambda: None)
    made.notifier("webhook", topics=["reports"], name="tell", **options)(lambda message: message)
    return made


def test_secrets_of_options_and_recipients_reach_the_template():
    made = app(recipients=[URL, "secretsmanager:shop/hook"], secret="ssm:/shop/signing")
    model = resolve(made.model(), Settings("dev"))
    check(model, Settings("dev"))
    assert secrets_of(find("webhook"), model.notifiers[0]) == {
        "secret": "ssm:/shop/signing",
        "secretsmanager:shop/hook": "secretsmanager:shop/hook",
    }
    template = json.dumps([part.template for part in parts(made, Settings("dev"))])
    assert "secret:shop/hook-??????" in template
    assert "parameter/shop/signing" in template
    assert "hooks.example.org" not in template


def test_a_recipient_that_is_none_is_told_at_the_decorator():
    with pytest.raises(RecipientError, match=r"recipients\[1\]: a webhook's address is http://"):
        app(recipients=[URL, "http://hooks.example.org/"])
