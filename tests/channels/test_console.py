"""Printing: what is printed, and that it really is."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

import pytest

from cloud_cron import Email, Sms
from cloud_cron.channels import find
from cloud_cron.channels.console import PrintContent
from cloud_cron.errors import CloudCronError, RecipientError
from cloud_cron.ports import Receipt
from cloud_cron.rendered import as_json


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
