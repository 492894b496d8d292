"""One line about an exception, whatever the exception is."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.errors import ChannelDown, EncodingError, Permanent, RenderError
from cloud_cron.runtime.wording import LONGEST, line, told


class Mute(Exception):  # noqa: N818 - a name for a test
    """An exception whose text cannot be made."""

    def __str__(self) -> str:
        raise ZeroDivisionError


def raised(error: Exception) -> Exception:
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


def test_an_exception_is_told_with_the_place_it_was_raised_at():
    text = told(raised(ValueError("no such\nstation")))

    assert text.startswith("ValueError: no such station at test_wording.py:")
    assert text.rpartition(":")[2].isdigit()


def test_an_exception_that_was_never_raised_has_no_place():
    assert told(ValueError("x")) == "ValueError: x"


def test_errors_of_ours_say_what_and_where():
    assert told(RenderError("CC403", "undefined name", where="mail.txt:3", hint="x")) == "undefined name (mail.txt:3)"
    assert told(EncodingError("CC210", "NaN")) == "NaN"


def test_answers_say_their_reason():
    assert told(raised(Permanent("no such box"))) == "no such box"
    assert told(ChannelDown()) == "ChannelDown"


def test_an_exception_that_cannot_be_told_is_told_by_its_name():
    assert told(Mute()) == "Mute: (its text cannot be made)"


@given(st.text(max_size=2000))
def test_what_is_told_is_one_line_that_a_queue_takes(text):
    short = told(raised(RuntimeError(text)))

    assert short.isprintable()
    assert len(short) <= LONGEST
    assert short.encode()
    assert "at test_wording.py:" in short


def test_a_line_is_cut_and_keeps_what_can_be_printed():
    assert line("a\r\n\tb\x00c\x7f\ud800\ufffe", 100) == "a   b c   "
    assert line(string.ascii_letters, 3) == "abc"
    assert line("ünï \N{SNOWMAN}") == "ünï \N{SNOWMAN}"
