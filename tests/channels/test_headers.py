"""Additional mail headers."""

from __future__ import annotations

import pytest

from cloud_cron.channels.headers import checked
from cloud_cron.errors import ResultError


def test_headers_of_ones_own_are_taken():
    given = {"List-Unsubscribe": "<https://example.org/u>", "X-Kind": "report"}
    assert checked(given) == given
    assert checked(None) == {}
    assert checked({f"X-{n}": "v" for n in range(15)})
    assert checked({"X": "v" * 995}) == {"X": "v" * 995}


@pytest.mark.parametrize(
    ("headers", "said", "hint"),
    [
        ({"From": "a@b.org"}, "'From' cannot be set", "sender="),
        ({"to": "a@b.org"}, "'to' cannot be set", "to="),
        ({"BCC": "a@b.org"}, "'BCC' cannot be set", "to="),
        ({"Subject": "x"}, "'Subject' cannot be set", "subject="),
        ({"Reply-To": "x"}, "'Reply-To' cannot be set", "reply_to="),
        ({"Sender": "x"}, "'Sender' cannot be set", "sender="),
        ({"Date": "x"}, "written by the mail service", "leave it out"),
        ({"Content-Type": "x"}, "written by the mail service", "leave it out"),
        ({"Message-ID": "x"}, "written by the mail service", "leave it out"),
        ({"X-A": "a\r\nBcc: c@d.org"}, "'X-A' must be 1 to 995 printable", "one line"),
        ({"X-A": "a\n"}, "printable", "one line"),
        ({"X-A": "é"}, "printable", "RFC 2047"),
        ({"X-A": ""}, "1 to 995", "RFC 2047"),
        ({"X-A": "v" * 996}, "1 to 995", "RFC 2047"),
        ({"X-A": 5}, "1 to 995", "RFC 2047"),
        ({"X A": "v"}, "name 'X A'", None),
        ({"X:": "v"}, "name 'X:'", None),
        ({"X\n": "v"}, "name 'X\\n'", None),
        ({"": "v"}, "name ''", None),
        ({5: "v"}, "name 5", None),
        ({"X-AAAA": "v" * 995}, "more than 996", None),
        ({"X-A": "1", "x-a": "2"}, "'x-a' is there twice", "case"),
        ({"x-a": "1", "X-A": "2"}, "'X-A' is there twice", "case"),
        ({f"X-{n}": "v" for n in range(16)}, "16 headers", None),
        ([("X-A", "v")], "a list", None),
    ],
)
def test_a_header_that_would_break_or_replace_another_is_refused(headers, said, hint):
    with pytest.raises(ResultError) as caught:
        checked(headers)
    error = caught.value
    assert error.code == "CC235"
    assert said in error.message
    assert "\n" not in error.message
    assert hint is None or hint in (error.hint or "")
