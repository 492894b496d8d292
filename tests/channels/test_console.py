"""Printing: what is printed, and that it really is."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout

import pytest

from cloud_cron import Email, Sms
from cloud_cron.channels import find
from cloud_cron.channels.console import PrintContent
from cloud_cron.errors import CloudCronError, RecipientError
from cloud_cron.ports import Ports, Receipt
from cloud_cron.rendered import as_json
from tests.channels.mail_servers import Then


@pytest.fixture
def printed(context_of):
    """Render by the print channel."""

    def make(value, **options):
        return find("print").render(value, context_of("print", **options))

    return make


def test_a_string_and_a_mapping_become_a_text(printed):
    assert printed("Frost\n") == PrintContent("Frost")
    assert printed({"kind": "frost"}, text="{{ kind }}!") == PrintContent("frost!")
    assert printed({"kind": "frost"}) == PrintContent("weather: alerts\n\nKind  frost")
    assert as_json(printed("x")) == {"text": "x"}


@pytest.mark.parametrize(
    ("value", "code"), [(None, "CC231"), (Email("s", "t"), "CC230"), (Sms("t"), "CC230"), (5, "CC230"), (" ", "CC411")]
)
def test_a_value_of_no_use_is_refused(printed, value, code):
    with pytest.raises(CloudCronError) as caught:
        printed(value)
    assert caught.value.code == code
    assert caught.value.hint


def test_there_is_one_recipient():
    channel = find("print")
    assert channel.recipients == ("stdout",)
    assert channel.normalise("stdout") == "stdout"
    with pytest.raises(RecipientError) as caught:
        channel.normalise("stderr")
    assert caught.value.code == "CC320"
    assert "'stdout'" in (caught.value.hint or "")


def test_it_really_prints(capsys):
    sender = find("print").sender(None, None)  # type: ignore[arg-type]
    assert sender.send(PrintContent("Grüße 😀"), "stdout", "key", 1.0) == Receipt("key")
    assert capsys.readouterr().out == "Grüße 😀\n"


def test_a_terminal_that_cannot_show_a_character_gets_its_name():
    data = io.BytesIO()
    with redirect_stdout(io.TextIOWrapper(data, encoding="ascii", newline="\n", write_through=True)) as narrow:
        find("print").sender(None, None).send(PrintContent("ü"), "stdout", "key", 1.0)  # type: ignore[arg-type]
    narrow.flush()
    assert data.getvalue() == b"\\xfc\n"


def test_a_terminal_obeys_nothing_in_a_text(capsys):
    sender = find("print").sender(None, None)  # type: ignore[arg-type]
    sender.send(PrintContent("a\tb\nc\x1b[2Jd\r\x00\x9b\u2028e"), "stdout", "key", 1.0)
    assert capsys.readouterr().out == "a\tb\nc\\x1b[2Jd\\r\\x00\\x9b\\u2028e\n"


def test_on_lambda_it_is_one_line_of_json(monkeypatch, capsys):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "shop-dev-tell")
    ports = Ports(None, None, Then(), None, None, None, None, payloads=None)  # type: ignore[arg-type]
    find("print").sender(ports, None).send(PrintContent("a\nb\x1bü\u2028"), "stdout", "key", 1.0)
    line = capsys.readouterr().out
    assert line.isascii()
    assert line.removesuffix("\n").isprintable()
    assert json.loads(line) == {
        "timestamp": "2030-01-01T08:00:00.000Z",
        "level": "INFO",
        "message": "a\nb\x1bü\u2028",
        "logger": "cloud_cron.print",
        "delivery": "key",
    }
