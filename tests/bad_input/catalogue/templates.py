"""Templates and subjects, as a run meets them: nothing is sent, and what was published comes to rest."""

from __future__ import annotations

from typing import Final

from tests.bad_input.row import Row
from tests.bad_input.ways.commands import command

_APP: Final = """
from cloud_cron import CloudCron
app = CloudCron("weather")

@app.schedule(topics=["a"])
def go(): return {"a": {"n": 1}}

@app.notifier("email", topics=["a"], recipients=["ada@example.org"]OPTIONS)
def mail(message): return {"n": 1, "lines": "one\\ntwo", "nothing": "", "long": "x" * 999}
"""


def _text(number: str, given: str, data: bytes, code: str, says: str, line: int, fix: str) -> Row:
    """A file that stands for the body."""
    way = command("invoke", "go", app=_APP.replace("OPTIONS", ""), files={"templates/mail.txt": data})
    return Row(number, given, way, code, f"notifier 'mail': {says}", f"templates/mail.txt:{line}", fix, exit=1)


def _option(number: str, given: str, options: str, code: str, says: str, fix: str) -> Row:
    way = command("invoke", "go", app=_APP.replace("OPTIONS", options))
    return Row(number, given, way, code, f"notifier 'mail': {says}", "app.py:8", fix, exit=1)


ROWS: Final = (
    _option(
        "59",
        "a template that is not there",
        ", template='absent'",
        "CC401",
        "template 'absent' of notifier 'mail' is not there: …",
        "create templates/absent.html",
    ),
    _text(
        "60",
        "a syntax error in a template",
        b"one\n{% if %}",
        "CC402",
        "template mail.txt: Expected an expression, …",
        2,
        "a value stands in {{ }}",
    ),
    _text(
        "61",
        "a name that the notifier did not return",
        b"one\n{{ absent }}",
        "CC403",
        "template mail.txt: 'absent' is undefined",
        2,
        "known: app, lines",
    ),
    _text(
        "62",
        "a template that reaches for Python",
        b"{{ ''.__class__ }}",
        "CC404",
        "template mail.txt: access to attribute '__class__'…",
        1,
        "do the work in the notifier",
    ),
    _text(
        "63",
        "a template of 10 MB",
        b"{{ 'x' * 10000000 }}",
        "CC405",
        "template mail.txt goes too far: a value of 10,000,000 characters or items",
        1,
        "do the work in the notifier",
    ),
    _text(
        "63b",
        "a template without an end",
        b"\n{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}",
        "CC405",
        "template mail.txt goes too far: more than 200,000 turns of loops and calls",
        2,
        "do the work in the notifier",
    ),
    _text(
        "63c",
        "a byte order mark",
        b"\xef\xbb\xbfhello",
        "CC402",
        "template mail.txt begins with a byte order mark, which would be sent",
        1,
        "save it as UTF-8 without BOM",
    ),
    _text(
        "63d",
        "a template in latin-1",
        b"one\ncaf\xe9",
        "CC402",
        "template mail.txt is not UTF-8: byte 0xE9 in column 4",
        2,
        "save it as UTF-8",
    ),
    _option(
        "64",
        "a subject of two lines",
        ", subject='{{ lines }}'",
        "CC410",
        "the subject from subject= has a line break or control character (U+000A)",
        "a subject is one line",
    ),
    _option(
        "64b",
        "a subject of 999 characters",
        ", subject='{{ long }}'",
        "CC410",
        "the subject from subject= has 999 characters, and 998 are allowed",
        "shorten it, such as with",
    ),
    _option(
        "65",
        "an empty subject",
        ", subject='{{ nothing }}'",
        "CC411",
        "the subject from subject= is empty",
        "leave subject out to get",
    ),
    _text(
        "65b", "an empty body", b" \n", "CC411", "the text from mail.txt is empty", 1, "write something, or return SKIP"
    ),
)
