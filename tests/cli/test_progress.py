"""How a deploy is watched: by lines, on a terminal, not at all."""

from __future__ import annotations

import io
import sys

import pytest

from cloud_cron_cli.deploy.stacks import Change, Event
from cloud_cron_cli.options import Choices
from cloud_cron_cli.output import Output
from cloud_cron_cli.progress import Lines, Rows, Silence, watched

STACK = "arn:aws:cloudformation:x:1:stack/shop-dev/1"
CHANGES = [Change("Add", "A", "AWS::SNS::Topic", ""), Change("Modify", "B", "AWS::SQS::Queue", "False")]


def happened(logical, status, reason=""):
    return Event(f"{logical}{status}", logical, "", "AWS::SNS::Topic", status, reason, "")


def play(display):
    display.say("begun")
    display.agree("Really?")
    display.begin("shop-dev", CHANGES)
    display.event("shop-dev", happened("A", "CREATE_IN_PROGRESS"))
    display.event("shop-dev", happened("A", "CREATE_COMPLETE"))
    display.event("shop-dev", happened("B", "UPDATE_FAILED", "no such \x1b[31mthing"))
    display.end("shop-dev", "UPDATE_ROLLBACK_COMPLETE")


class Screen(io.StringIO):
    """A terminal that keeps what was written."""

    def isatty(self):
        return True


def test_without_a_terminal_everything_is_a_line(capsys):
    play(Lines())

    assert capsys.readouterr().err.splitlines() == [
        "begun",
        "stack shop-dev: 1 to add, 1 to modify",
        "  CREATE_IN_PROGRESS  AWS::SNS::Topic  A",
        "  CREATE_COMPLETE  AWS::SNS::Topic  A",
        "  UPDATE_FAILED  AWS::SNS::Topic  B: no such \\x1b[31mthing",
        "stack shop-dev: UPDATE_ROLLBACK_COMPLETE",
    ]


def test_a_terminal_shows_a_row_for_each_resource_and_keeps_one_line_of_a_stack(monkeypatch):
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    rows = Rows(yes=True)

    play(rows)
    rows.close()

    assert "CREATE_COMPLETE" in screen.getvalue()
    assert "no such \\x1b[31mthing" in screen.getvalue()
    assert screen.getvalue().rstrip().endswith("shop-dev\x1b[0m") or "shop-dev" in screen.getvalue().splitlines()[-1]


@pytest.mark.parametrize(("quiet", "kind"), [(True, Silence), (False, Lines)])
def test_who_asked_for_quiet_is_told_nothing(quiet, kind, capsys):
    choices = Choices()
    choices.quiet = quiet

    with watched(Output(choices), yes=False) as display:
        play(display)

    assert isinstance(display, kind)
    assert bool(capsys.readouterr().err) is not quiet
