from __future__ import annotations

import io
import json

import pytest

from cloud_cron_cli.diagnostics import ERROR, Diagnostic, tell
from cloud_cron_cli.options import Choices
from cloud_cron_cli.output import Output, accent, bad, is_terminal, spelled, strong


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    encoding = "utf-8"

    def isatty(self):
        return True


class Ascii(io.StringIO):
    """A stream of a locale without UTF-8."""

    encoding = "ascii"


def output(stream, err=None):
    return Output(Choices(), stream, err or io.StringIO())


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_a_stream_that_is_not_there_is_no_terminal(monkeypatch):
    assert is_terminal(Terminal())
    assert not is_terminal(None)
    monkeypatch.setenv("TERM", "dumb")
    assert not is_terminal(Terminal())


ROWS = [[strong("morning"), "At 08:00 every day, Europe/Berlin"], ["x", "two\nlines"]]


def test_a_pipe_gets_plain_columns():
    stream = io.StringIO()
    output(stream).table(["TASK", "SCHEDULE"], ROWS)

    assert stream.getvalue() == (
        "TASK     SCHEDULE\nmorning  At 08:00 every day, Europe/Berlin\nx        two\n         lines\n"
    )


def test_a_terminal_gets_colours_and_wrapped_cells(monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    stream = Terminal()
    output(stream).table(["TASK", "SCHEDULE"], ROWS, wrapping=["SCHEDULE"])

    lines = stream.getvalue().splitlines()
    assert "\x1b[1mmorning" in lines[1]
    assert "Europe/Berlin" in lines[2]
    assert "At 08:00" not in lines[2]


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_declined(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    stream = Terminal()
    output(stream).say(bad("no"))
    output(stream).table(["A"], [[accent("b")]])

    assert "\x1b[3" not in stream.getvalue()
    assert stream.getvalue().startswith("no\n")


def test_what_a_stream_cannot_carry_is_spelled():
    stream = Ascii()
    output(stream).say("✓ a → b … │ ä")

    assert stream.getvalue() == "ok a -> b ... | \\xe4\n"


@pytest.mark.parametrize(("stream", "shown"), [(io.StringIO(), '"ä"'), (Ascii(), '"\\u00e4"')])
def test_json_is_valid_in_every_encoding(stream, shown):
    output(stream).data("ä")

    assert stream.getvalue() == f"{shown}\n"
    assert json.loads(stream.getvalue()) == "ä"


def test_half_a_character_is_escaped_in_json():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    output(stream).line({"message": "\ud800ö"})
    stream.seek(0)

    assert stream.read() == '{"message": "\\ud800ö"}\n'
    assert json.loads('"\\ud800"') == "\ud800"


def test_notes_go_to_stderr_and_quiet_stops_them():
    choices, out, err = Choices(), io.StringIO(), io.StringIO()
    Output(choices, out, err).note("one")
    choices.quiet = True
    Output(choices, out, err).note("two")
    Output(choices, out, err).remark(Diagnostic(ERROR, "CC1", "three"))

    assert (out.getvalue(), err.getvalue()) == ("", "one\n")


def test_styles_are_dropped_where_nobody_sees_them():
    assert spelled(strong("a"), io.StringIO()) == "a"
    assert spelled(strong("a"), Terminal()) == "\x1b[1ma\x1b[0m"


def test_a_diagnostic_is_wrapped_on_a_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    tell(Diagnostic(ERROR, "CC101", "a long message that does not fit into a line", "app.py:3", "do so"), stream)

    assert stream.getvalue() == (
        "error CC101 a long message that does not\n            fit into a line\n  at   app.py:3\n  hint do so\n"
    )


@pytest.mark.parametrize(
    ("where", "file", "line"),
    [
        ("app.py:12", "app.py", 12),
        ("cloud-cron.toml:3:14", "cloud-cron.toml", 3),
        ("templates/report.txt", "templates/report.txt", None),
        ("reports.rows[3].price", "reports.rows[3].price", None),
        (None, None, None),
    ],
)
def test_a_diagnostic_in_json(where, file, line):
    assert Diagnostic(ERROR, "CC101", "no", where, "yes").to_json() == {
        "code": "CC101",
        "severity": "error",
        "message": "no",
        "file": file,
        "line": line,
        "hint": "yes",
    }
